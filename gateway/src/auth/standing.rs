//! How long a token stands: until it expires, or is revoked.

use std::{future::pending, sync::Arc, time::Duration};

use convene_proto::error::ErrorCode;
use convene_runtime::clock::now_ms;
use tokio::{sync::watch, time::sleep};

use super::{Auth, Caller};
use crate::error::{Refusal, Result};

/// Timers are not set for longer.
const LOOK_EVERY: Duration = Duration::from_secs(3600);

/// For the last words to a client that takes them.
const LAST_WORDS: Duration = Duration::from_millis(400);

/// The end of a token, and then of the time in which its client is told.
pub(crate) async fn linger(over: impl Future<Output = ()>) {
    over.await;
    sleep(LAST_WORDS).await;
}

impl Auth {
    /// Refuses a token that was good once.
    pub(crate) fn check_standing(&self, caller: &Caller) -> Result<()> {
        let why = if caller.expires_at.saturating_mul(1000) <= now_ms() {
            "the token has expired: get a fresh one"
        } else if self.revocations().has(caller) {
            "the token was revoked: get a fresh one"
        } else {
            return Ok(());
        };
        Err(Refusal::new(ErrorCode::TokenExpired, why))
    }

    /// Ends when the token stands no longer that whoever is connected handed in last.
    pub(crate) async fn over(self, mut caller: watch::Receiver<Option<Arc<Caller>>>) {
        let mut news = self.revocations().news();
        let mut may_renew = true;
        loop {
            news.borrow_and_update();
            let current = caller.borrow_and_update().clone();
            let left = match &current {
                Some(current) if self.check_standing(current).is_err() => return,
                Some(current) => {
                    let ms = current.expires_at.saturating_mul(1000);
                    Duration::from_millis(ms.saturating_sub(now_ms()))
                }
                None => LOOK_EVERY,
            };
            tokio::select! {
                changed = caller.changed(), if may_renew => may_renew = changed.is_ok(),
                changed = news.changed() => if changed.is_err() {
                    pending::<()>().await;
                },
                () = sleep(left.min(LOOK_EVERY)) => {}
            }
        }
    }
}
