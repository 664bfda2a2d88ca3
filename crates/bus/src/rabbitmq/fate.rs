//! Whether a session lives, told to everything that stands on it.

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

/// The fate of one session. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Fate(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    lost: CancellationToken,
    why: OnceLock<String>,
}

impl Fate {
    /// Gives the session up; the supervisor makes another. The first reason stays.
    pub(super) fn give_up(&self, why: impl ToString) {
        self.0.why.get_or_init(|| why.to_string());
        self.0.lost.cancel();
    }

    pub(super) fn is_lost(&self) -> bool {
        self.0.lost.is_cancelled()
    }

    /// Ends when the session is given up, with the reason.
    pub(super) async fn lost(&self) -> &str {
        self.0.lost.cancelled().await;
        self.why()
    }

    pub(super) fn why(&self) -> &str {
        self.0
            .why
            .get()
            .map_or("the connection is gone", String::as_str)
    }
}
