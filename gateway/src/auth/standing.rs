//! How long a token stands: until it expires, or is revoked.

use std::{future::pending, sync::Arc, time::Duration};

use convene_proto::error::ErrorCode;
use convene_runtime::clock::now_ms;
use parking_lot::Mutex;
use tokio::time::sleep;

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

/// Whose a connection is, by the token that was handed in last; nobody's at first. Clones are of the
/// same connection.
#[derive(Clone, Default)]
pub(crate) struct Holder(Arc<Mutex<Option<Arc<Caller>>>>);

impl Holder {
    pub(crate) fn set(&self, caller: Arc<Caller>) {
        *self.0.lock() = Some(caller);
    }

    pub(crate) fn get(&self) -> Option<Arc<Caller>> {
        self.0.lock().clone()
    }
}

impl From<Arc<Caller>> for Holder {
    fn from(caller: Arc<Caller>) -> Self {
        Self(Arc::new(Mutex::new(Some(caller))))
    }
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

    /// For how long the token still stands by itself; `None` where it stands no longer.
    pub(crate) fn standing(&self, holder: &Holder) -> Option<Duration> {
        let Some(caller) = holder.get() else {
            return Some(LOOK_EVERY);
        };
        self.check_standing(&caller).ok()?;
        let ms = caller.expires_at.saturating_mul(1000);
        let left = Duration::from_millis(ms.saturating_sub(now_ms()));
        Some(left.min(LOOK_EVERY))
    }

    /// Ends when the token stands no longer. One that replaces it meanwhile counts from the end of
    /// the old one on.
    pub(crate) async fn over(self, holder: Holder) {
        let mut news = self.revocations().news();
        loop {
            news.borrow_and_update();
            let Some(left) = self.standing(&holder) else {
                return;
            };
            tokio::select! {
                changed = news.changed() => if changed.is_err() {
                    pending::<()>().await;
                },
                () = sleep(left) => {}
            }
        }
    }
}
