//! Whether this process wants traffic.
//!
//! What it needs is asked again and again whether it is well; what has not been for too long is red.
//! So a part that hangs is noticed like one that fails, and asking costs nothing.
//!
//! Whether the process lives is not known here: one that answers does. A part that must not end
//! before the others takes the process with it (see [`Tasks::broken`]).

use std::{collections::BTreeMap, fmt, future::Future, sync::Arc, time::Duration};

use parking_lot::Mutex;
use serde::Serialize;
use tokio::time::{Instant, sleep, timeout};

use crate::Tasks;

/// The health of a process. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Health {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    components: BTreeMap<&'static str, Component>,
    remarks: BTreeMap<String, String>,
    draining: bool,
}

#[derive(Debug)]
struct Component {
    within: Duration,
    /// When it was last well; at first, when it was made.
    well_at: Instant,
    /// It has been well at least once.
    begun: bool,
    /// What it said last, if that was no good news.
    failure: Option<String>,
}

impl Component {
    fn illness(&self) -> Option<String> {
        let silent = self.well_at.elapsed();
        match &self.failure {
            Some(failure) => Some(failure.clone()),
            None if !self.begun => Some("not ready yet".into()),
            None if silent > self.within => {
                Some(format!("silent for {:.1} s", silent.as_secs_f32()))
            }
            None => None,
        }
    }
}

/// How often a part is checked, and how long it may be silent.
#[derive(Debug, Clone, Copy)]
pub struct Every {
    /// The pause between two checks.
    pub every: Duration,
    /// Red when the last success is longer ago than this. It is a check's deadline, too.
    pub within: Duration,
}

/// The pause after the first check of a part that has never been well; each further one doubles, up to
/// the usual one. At the start parts wait for each other, and most of them not for long.
const SOON: Duration = Duration::from_millis(5);

/// The pauses between checks: short at first, and the usual ones since the part was well.
#[derive(Debug, Clone, Copy)]
pub struct Pauses {
    next: Duration,
    every: Duration,
}

impl Pauses {
    #[must_use]
    pub fn new(every: Duration) -> Self {
        Self { next: SOON, every }
    }

    /// How long to wait after a check that found the part well, or not.
    pub fn after(&mut self, well: bool) -> Duration {
        if well {
            self.next = self.every;
        }
        let pause = self.next.min(self.every);
        self.next = 2 * pause;
        pause
    }
}

impl Default for Every {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(1),
            within: Duration::from_secs(4),
        }
    }
}

impl Health {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A part that must say that it is well within each such time. It is red until it first does.
    #[must_use]
    pub fn heartbeat(&self, name: &'static str, within: Duration) -> Heartbeat {
        let component = Component {
            within,
            well_at: Instant::now(),
            begun: false,
            failure: None,
        };
        self.state.lock().components.insert(name, component);
        Heartbeat {
            name,
            health: self.clone(),
        }
    }

    /// Checks something that readiness depends on, until shutdown. A failed check makes it red at
    /// once, a successful one green.
    pub fn watch<F, E>(
        &self,
        name: &'static str,
        every: Every,
        tasks: &Tasks,
        mut check: impl FnMut() -> F + Send + 'static,
    ) where
        F: Future<Output = Result<(), E>> + Send,
        E: fmt::Display + Send,
    {
        let heartbeat = self.heartbeat(name, every.within);
        let mut pauses = Pauses::new(every.every);
        tasks.spawn_until_stop(async move {
            loop {
                let found = timeout(every.within, check()).await;
                let well = matches!(found, Ok(Ok(())));
                match found {
                    Ok(Ok(())) => heartbeat.beat(),
                    Ok(Err(error)) => heartbeat.fail(error.to_string()),
                    Err(_) => heartbeat.fail(format!("no answer within {:?}", every.within)),
                }
                sleep(pauses.after(well)).await;
            }
        });
    }

    /// What whoever looks after the process should know of something in it, though it works: never a secret, since
    /// the report is public. `None`: nothing any more.
    pub fn remark(&self, about: &str, what: Option<&str>) {
        let mut state = self.state.lock();
        match what {
            Some(what) => state.remarks.insert(about.to_owned(), what.to_owned()),
            None => state.remarks.remove(about),
        };
    }

    /// From now on the process wants no more traffic.
    pub fn drain(&self) {
        self.state.lock().draining = true;
    }

    /// Whether the process wants traffic.
    #[must_use]
    pub fn ready(&self) -> Report {
        let state = self.state.lock();
        let components: BTreeMap<_, _> = state
            .components
            .iter()
            .map(|(name, component)| {
                let reason = component.illness();
                let status = if reason.is_some() {
                    Status::Red
                } else {
                    Status::Green
                };
                (*name, ComponentReport { status, reason })
            })
            .collect();
        let any_red = components.values().any(|one| one.status == Status::Red);
        Report {
            status: if any_red || state.draining {
                Status::Red
            } else {
                Status::Green
            },
            draining: state.draining,
            components,
            remarks: state.remarks.clone(),
        }
    }
}

/// The voice of one part.
#[derive(Debug, Clone)]
pub struct Heartbeat {
    name: &'static str,
    health: Health,
}

impl Heartbeat {
    /// All is well.
    pub fn beat(&self) {
        self.update(|component| {
            if component.failure.take().is_some() && component.begun {
                tracing::info!(component = self.name, "well again");
            }
            component.well_at = Instant::now();
            component.begun = true;
        });
    }

    /// All is not well, and this is why: never a secret, since the report is public.
    pub fn fail(&self, reason: impl Into<String>) {
        let reason = reason.into();
        self.update(|component| {
            match (component.begun, &component.failure) {
                (true, None) => tracing::warn!(component = self.name, reason, "not well"),
                // Nothing is well yet in the first moments, and nobody need be told.
                (false, None) => tracing::debug!(component = self.name, reason, "not well yet"),
                (_, Some(_)) => {}
            }
            component.failure = Some(reason);
        });
    }

    fn update(&self, change: impl FnOnce(&mut Component)) {
        if let Some(component) = self.health.state.lock().components.get_mut(self.name) {
            change(component);
        }
    }
}

/// Green or red.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Green,
    Red,
}

/// What a probe is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub status: Status,
    /// Shutdown has begun.
    pub draining: bool,
    pub components: BTreeMap<&'static str, ComponentReport>,
    /// What should be seen to, though it keeps nobody from working, and about what.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub remarks: BTreeMap<String, String>,
}

/// How one part is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComponentReport {
    pub status: Status,
    /// Why it is red.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Report {
    #[must_use]
    pub fn is_green(&self) -> bool {
        self.status == Status::Green
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    fn reason(health: &Health, name: &str) -> Option<String> {
        health.ready().components[name].reason.clone()
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_illness_and_a_beat_heals_it() {
        let health = Health::new();
        let hub = health.heartbeat("hub", Duration::from_secs(5));
        assert_eq!(reason(&health, "hub").as_deref(), Some("not ready yet"));
        hub.beat();
        assert!(health.ready().is_green());
        tokio::time::advance(Duration::from_secs(6)).await;
        assert_eq!(reason(&health, "hub").as_deref(), Some("silent for 6.0 s"));
        assert!(!health.ready().is_green());
        hub.beat();
        assert!(health.ready().is_green());
        hub.fail("the queue is full");
        assert_eq!(reason(&health, "hub").as_deref(), Some("the queue is full"));
    }

    #[test]
    fn a_remark_leaves_a_process_ready() {
        let health = Health::new();
        health.remark("agents.desk", Some("it is behind"));
        let report = health.ready();
        assert!(report.is_green());
        assert_eq!(report.remarks["agents.desk"], "it is behind");
        health.remark("agents.desk", None);
        assert!(health.ready().remarks.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_need_that_is_away_takes_readiness() {
        let (health, tasks) = (Health::new(), Tasks::new());
        let up = Arc::new(AtomicBool::new(true));
        let own = up.clone();
        health.watch("store", Every::default(), &tasks, move || {
            let up = own.load(Ordering::SeqCst);
            async move {
                if up {
                    Ok(())
                } else {
                    Err("connection refused")
                }
            }
        });
        health.watch(
            "broker",
            Every::default(),
            &tasks,
            std::future::pending::<Result<(), String>>,
        );
        sleep(Duration::from_millis(1)).await;
        assert_eq!(reason(&health, "store"), None);
        up.store(false, Ordering::SeqCst);
        sleep(Duration::from_secs(2)).await;
        assert_eq!(
            reason(&health, "store").as_deref(),
            Some("connection refused")
        );
        up.store(true, Ordering::SeqCst);
        sleep(Duration::from_secs(4)).await;
        assert_eq!(reason(&health, "store"), None);
        assert_eq!(
            reason(&health, "broker").as_deref(),
            Some("no answer within 4s")
        );
        assert!(!health.ready().is_green());
    }

    #[test]
    fn what_was_never_well_is_asked_soon_and_then_less_and_less_often() {
        let every = Duration::from_secs(1);
        let mut pauses = Pauses::new(every);
        let asked: Vec<_> = (0..10).map(|_| pauses.after(false)).collect();
        assert_eq!(asked[..3], [SOON, 2 * SOON, 4 * SOON]);
        assert_eq!(asked[8..], [every; 2]);
        let mut pauses = Pauses::new(every);
        for well in [true, false, true] {
            assert_eq!(pauses.after(well), every);
        }
    }

    #[tokio::test]
    async fn who_drains_is_not_ready() {
        let health = Health::new();
        assert!(health.ready().is_green());
        health.drain();
        assert!(!health.ready().is_green());
    }
}
