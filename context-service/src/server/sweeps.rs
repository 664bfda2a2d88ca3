//! Sweeping: every worker asks each second, and the store is looked through no more often for many
//! workers than for one.

use std::time::Duration;

use convene_proto::context::*;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::{check, refusal::Result};
use crate::store::Store;

/// After a sweep that found less than was asked for there is nothing to be found for so long.
const REST: Duration = Duration::from_millis(500);

/// When the store was last swept.
#[derive(Debug, Default)]
pub(super) struct Sweeps(Mutex<Option<Instant>>);

impl Sweeps {
    pub(super) async fn sweep(
        &self,
        store: &dyn Store,
        request: SweepRequest,
    ) -> Result<SweepReply> {
        let limit = check::page("limit", request.limit)?;
        if !self.begins() {
            return Ok(SweepReply::default());
        }
        let swept = store.sweep(limit).await;
        if !matches!(&swept, Ok(due) if due.len() < limit) {
            *self.0.lock() = None;
        }
        let due = swept?.into_iter().map(|due| Due {
            conversation: due.conversation.into(),
            pool: due.pool.into(),
            timer: due.timer,
        });
        Ok(SweepReply { due: due.collect() })
    }

    fn begins(&self) -> bool {
        let mut last = self.0.lock();
        let rests = last.is_some_and(|last| last.elapsed() < REST);
        if !rests {
            *last = Some(Instant::now());
        }
        !rests
    }
}
