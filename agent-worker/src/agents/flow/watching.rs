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
    /// Its files have faults, and no version of it without is known.
    Faulty { home: Home, zone: TimeZone },
    /// Conversations can be held.
    Ready(Arc<Loaded>),
}

/// How a project fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Conversations are held as its files say, or will be as soon as all is learnt.
    Good,
    /// Its files have these faults: conversations are held as it was before.
    Behind(String),
    /// Its files have these faults, and no version of it without is known: whoever says something waits.
    Unusable(String),
}

impl Condition {
    /// What is wrong, and what to do about it.
    pub(super) fn trouble(&self) -> Option<String> {
        let (what, why) = match self {
            Self::Good => return None,
            Self::Behind(why) => ("it goes on as it was before", why),
            Self::Unusable(why) => ("nobody is answered until that is mended", why),
        };
        Some(format!("{why}\n{what}; run `convene check` for all of it"))
    }
}

impl Stage {
    /// The project as it was read last.
    pub(super) fn project(&self) -> Option<&Arc<Project>> {
        match self {
            Self::Read { draft, .. } => Some(&draft.project),
            Self::Faulty { .. } => None,
            Self::Ready(loaded) => Some(loaded.projects().current()),
        }
    }

    /// How it fares; `refused`: why its files are not taken as they are now.
    pub(super) fn condition(&self, refused: Option<&str>) -> Condition {
        let former = match self {
            Self::Faulty { .. } => None,
            Self::Read { draft, .. } => draft.faulty.as_deref(),
            Self::Ready(loaded) => loaded.faulty(),
        };
        match (self, refused, former) {
            (Self::Faulty { .. }, why, _) => {
                Condition::Unusable(why.unwrap_or_default().to_owned())
            }
            (Self::Read { .. }, Some(why), _) => Condition::Unusable(why.to_owned()),
            (Self::Ready(_), Some(why), _) | (_, None, Some(why)) => {
                Condition::Behind(why.to_owned())
            }
            (_, None, None) => Condition::Good,
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
            Self::Faulty { home, zone } => {
                let draft = home.read()?;
                Loaded::learn(&draft, home.clone(), zone.clone()).map(Looked::Changed)
            }
            Self::Ready(loaded) => loaded.look(),
        }
    }
}

/// Ends never.
pub(super) async fn watch(project: &watch::Sender<Stage>, condition: &watch::Sender<Condition>) {
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
                let name = loaded.projects().current().assistant().name.as_str();
                tracing::info!(name, "the project is ready as its files are now");
                project.send_replace(Stage::Ready(Arc::new(loaded)));
                refused = None;
            }
            Ok(Err(error)) => {
                let error = error.to_string();
                if refused.as_ref() != Some(&error) {
                    if matches!(&*project.borrow(), Stage::Ready(_)) {
                        tracing::error!(
                            error,
                            "the project has changed and has faults: it stays as it was"
                        );
                    } else {
                        tracing::error!(
                            error,
                            "the project has faults, and no version of it without is known: nobody is answered until they are mended; run `convene check` for all of them"
                        );
                    }
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
        let now = project.borrow().condition(refused.as_deref());
        condition.send_if_modified(|was| {
            let is_other = *was != now;
            *was = now;
            is_other
        });
        sleep(EVERY).await;
    }
}
