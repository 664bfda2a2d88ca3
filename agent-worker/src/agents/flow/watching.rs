//! Takes a project anew when its files have changed.

use std::{sync::Arc, time::Duration};

use parking_lot::RwLock;
use tokio::{task::spawn_blocking, time::sleep};

use super::loaded::Loaded;

/// How often it looks. Whoever writes the files sees what is wrong with them within this time.
const EVERY: Duration = Duration::from_secs(2);

/// Ends never.
pub(super) async fn watch(project: &RwLock<Arc<Loaded>>) {
    // Told once.
    let mut refused = None;
    loop {
        sleep(EVERY).await;
        let now = project.read().clone();
        let looked = spawn_blocking(move || now.changed()).await;
        match looked {
            Ok(Ok(None)) => refused = None,
            Ok(Ok(Some(loaded))) => {
                tracing::info!(folder = %loaded.folder().display(), "the project has changed and was taken anew");
                *project.write() = Arc::new(loaded);
                refused = None;
            }
            Ok(Err(error)) => {
                let error = error.to_string();
                if refused.as_ref() != Some(&error) {
                    tracing::error!(
                        error,
                        "the project has changed and has faults: it stays as it was"
                    );
                    refused = Some(error);
                }
            }
            Err(error) => tracing::error!(%error, "reading the project failed"),
        }
    }
}
