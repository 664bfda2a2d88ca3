//! The worker's own inbox, to which others send `cancel`.

use std::{sync::Arc, time::Duration};

use convene_bus::{Arrival, Letters};
use convene_proto::bus::item::What;
use tokio::{sync::watch, time::sleep};

use crate::worker::Shared;

const PAUSE: Duration = Duration::from_secs(1);

/// Listens until the drain is over, so that a draining run can still be cancelled.
pub(crate) async fn listen(shared: Arc<Shared>, name: watch::Sender<String>) {
    let listening = async {
        loop {
            match shared.bus.open_inbox("worker").await {
                Ok(letters) => read(&shared, letters, &name).await,
                Err(error) => tracing::warn!(%error, "no inbox can be opened; trying again"),
            }
            shared.health.set_listening(false);
            sleep(PAUSE).await;
        }
    };
    let all = u32::from(shared.options.concurrency);
    let drained = async {
        shared.tasks.stopping().await;
        // An error means that there are no hands any more, which is as drained as can be.
        drop(shared.hands.acquire_many(all).await);
    };
    tokio::select! {
        () = listening => {}
        () = drained => {}
        () = shared.overdue.cancelled() => {}
    }
}

async fn read(shared: &Shared, mut letters: Box<dyn Letters>, name: &watch::Sender<String>) {
    while let Some(arrival) = letters.next().await {
        match arrival {
            Arrival::Opened(inbox) => {
                name.send_replace(inbox.to_string());
                shared.health.set_listening(true);
            }
            Arrival::Lost => shared.health.set_listening(false),
            Arrival::Letter(letter, _) => {
                for item in letter.items {
                    if let Some(What::Cancel(cancel)) = item.what {
                        shared.runs.cancel(&cancel.run);
                    }
                }
            }
        }
    }
}
