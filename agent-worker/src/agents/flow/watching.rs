//! Learns what a project teaches, beside all else, and takes it anew when its files have changed.

use std::{sync::Arc, time::Duration};

use convene_flows::Project;
use jiff::tz::TimeZone;
use tokio::{sync::watch, task::spawn_blocking, time::sleep};

use super::{
    files::{Draft, Home, Unloadable},
    loaded::{Loaded, Looked},
};

/// How often it looks. Whoever writes the files sees what is wrong with them within this time.
const EVERY: Duration = Duration::from_secs(2);

/// How far a project is.
#[derive(Clone)]
pub(super) enum Stage {
    /// It was read, and what it teaches is still being learnt.
    Read {
        draft: Arc<Draft>,
        home: Home,
        zone: TimeZone,
    },
    /// Conversations can be held.
    Ready(Arc<Loaded>),
}

impl Stage {
    /// The project as it was read last.
    pub(super) fn project(&self) -> &Arc<Project> {
        match self {
            Self::Read { draft, .. } => &draft.project,
            Self::Ready(loaded) => loaded.projects().current(),
        }
    }

    /// Whether it is what the project was before its files had faults.
    pub(super) fn is_former(&self) -> bool {
        match self {
            Self::Read { draft, .. } => draft.is_former,
            Self::Ready(loaded) => loaded.is_former(),
        }
    }

    pub(super) fn look(&self) -> Result<Looked, Unloadable> {
        match self {
            Self::Read { draft, home, zone } => {
                // What could not be learnt may have been mended meanwhile.
                let again = (home.place.stamp()? != draft.stamp).then(|| home.place.read());
                let again = again.transpose()?;
                let draft = again.as_ref().unwrap_or(draft);
                Loaded::learn(draft, home.clone(), zone.clone()).map(Looked::Changed)
            }
            Self::Ready(loaded) => loaded.look(),
        }
    }
}

/// Ends never. `is_behind`: the files have faults, and conversations are held as they were before.
pub(super) async fn watch(project: &watch::Sender<Stage>, is_behind: &watch::Sender<bool>) {
    // Told once.
    let mut refused = None;
    loop {
        let now = project.borrow().clone();
        match spawn_blocking(move || now.look()).await {
            Ok(Ok(Looked::Same)) => refused = None,
            Ok(Ok(Looked::Touched(loaded))) => {
                project.send_replace(Stage::Ready(Arc::new(loaded)));
                refused = None;
            }
            Ok(Ok(Looked::Changed(loaded))) => {
                let loaded = Stage::Ready(Arc::new(loaded));
                let name = &loaded.project().assistant().name;
                tracing::info!(name, "the project is ready as its files are now");
                project.send_replace(loaded);
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
            Err(error) => {
                let error = error.to_string();
                if refused.as_ref() != Some(&error) {
                    tracing::error!(error, "reading the project failed: it stays as it was");
                    refused = Some(error);
                }
            }
        }
        let behind = refused.is_some() || project.borrow().is_former();
        is_behind.send_if_modified(|was| std::mem::replace(was, behind) != behind);
        sleep(EVERY).await;
    }
}
