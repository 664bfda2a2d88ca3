//! What every socket must hear of: that the gateway drains, or that tokens were revoked. One task waits
//! for it in place of each of them, and has them look up.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use convene_runtime::Tasks;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::hub::Wake;

/// See the module. Clones share their listeners.
#[derive(Clone, Default)]
pub(crate) struct Alarms(Arc<Listeners>);

#[derive(Default)]
struct Listeners {
    wakes: Mutex<HashMap<u64, Arc<Wake>>>,
    /// Listeners so far: each has its number.
    count: AtomicU64,
}

/// A socket hears alarms until this is dropped.
pub(crate) struct Listening {
    listeners: Arc<Listeners>,
    number: u64,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.listeners.wakes.lock().remove(&self.number);
    }
}

impl Alarms {
    /// Has `wake` alarmed, now for the first time.
    pub(crate) fn listen(&self, wake: &Arc<Wake>) -> Listening {
        let number = self.0.count.fetch_add(1, Ordering::Relaxed);
        self.0.wakes.lock().insert(number, wake.clone());
        // What happened before is heard of as well.
        wake.alarm();
        Listening {
            listeners: self.0.clone(),
            number,
        }
    }

    /// Alarms all whenever there is news of revoked tokens, and when shutdown begins, with which it
    /// ends.
    pub(crate) async fn ring(self, mut revoked: watch::Receiver<bool>, tasks: Tasks) {
        loop {
            let is_over = tokio::select! {
                () = tasks.stopping() => true,
                changed = revoked.changed() => changed.is_err(),
            };
            for wake in self.0.wakes.lock().values() {
                wake.alarm();
            }
            if is_over {
                return;
            }
        }
    }
}
