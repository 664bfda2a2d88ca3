//! What one person was shown, over all connections, and whether it was the log.

use std::collections::BTreeMap;

use convene_proto::{
    event::{Event, EventBody},
    frame::ServerFrame,
    id::{ConversationId, MessageId},
    position::{Position, Seq},
};

use super::Loss;
use crate::{
    Broken, Cursor,
    Invariant::{HonestResume, LogFirst, NoWindow},
    Violation,
};

/// What a reset told to forget.
#[derive(Debug, Clone)]
struct Forgotten {
    events: BTreeMap<Seq, Event>,
    /// Where the person stood, and where the log did.
    shown: Option<Position>,
    log: Position,
}

impl Forgotten {
    /// Whether the log had less than what was shown.
    fn was_ahead(&self) -> bool {
        let shown = self.shown.as_ref();
        shown.is_some_and(|shown| is_less(&self.log, shown))
    }

    /// Whether what was shown is gone from this log, or was when the reset came.
    fn is_due(&self, logged: &BTreeMap<Seq, &Event>) -> bool {
        let Some(shown) = &self.shown else {
            return false;
        };
        let stands = logged
            .get(&shown.seq)
            .is_some_and(|event| event.eid == shown.eid);
        self.log.epoch == shown.epoch && (self.was_ahead() || !stands)
    }
}

/// What one person was shown. It takes frames in the order in which they came.
#[derive(Debug, Clone)]
pub struct View {
    name: String,
    cursor: Cursor,
    events: BTreeMap<Seq, Event>,
    /// What a reset told them to forget, reset by reset.
    forgotten: Vec<Forgotten>,
    violations: Vec<Violation>,
    reads_to_the_end: bool,
}

impl View {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            cursor: Cursor::default(),
            events: BTreeMap::new(),
            forgotten: Vec::new(),
            violations: Vec::new(),
            reads_to_the_end: false,
        }
    }

    /// What to give as `after`.
    #[must_use]
    pub fn position(&self) -> Option<&Position> {
        self.cursor.position()
    }

    /// How often the log was said to be another one.
    #[must_use]
    pub fn resets(&self) -> usize {
        self.forgotten.len()
    }

    /// The connection is gone.
    pub fn detach(&mut self) {
        self.cursor.detach();
    }

    /// The person stays to the end, and must see all of it.
    pub fn reads_to_the_end(&mut self) {
        self.reads_to_the_end = true;
    }

    /// The number of the last event that was shown.
    #[must_use]
    pub fn head(&self) -> Seq {
        self.cursor
            .position()
            .map_or(Seq(0), |position| position.seq)
    }

    /// Takes a frame in.
    ///
    /// # Errors
    /// If it breaks the server's word. That is noted; the next frames are to follow a new
    /// `resumed`, `snapshot` or `reset`.
    pub fn take(&mut self, frame: &ServerFrame) -> Result<(), Violation> {
        let before = self.cursor.position().cloned();
        if let Err(violation) = self.cursor.take(frame) {
            self.breaks(violation.clone());
            return Err(violation);
        }
        let events = match frame {
            ServerFrame::Event { event, .. } => std::slice::from_ref(event),
            ServerFrame::Snapshot { state, .. } => &state.events,
            ServerFrame::Reset {
                position, state, ..
            } => {
                self.forgotten.push(Forgotten {
                    events: std::mem::take(&mut self.events),
                    shown: before,
                    log: position.clone(),
                });
                &state.events
            }
            _ => return Ok(()),
        };
        for event in events {
            self.events.insert(event.seq, event.clone());
        }
        Ok(())
    }

    /// Notes a violation that somebody else found.
    pub fn breaks(&mut self, violation: Violation) {
        self.cursor.detach();
        self.violations.push(violation);
    }

    /// Whether they saw the end of a run that answered this message, whatever came of it.
    #[must_use]
    pub fn saw_end_of(&self, message: &MessageId) -> bool {
        self.forgotten
            .iter()
            .map(|forgotten| &forgotten.events)
            .chain([&self.events])
            .any(|events| ended(events, message))
    }

    pub(super) fn judge(
        &self,
        conversation: &ConversationId,
        log: &[Event],
        loss: Loss,
    ) -> Vec<Broken> {
        let name = &self.name;
        let mut broken: Vec<_> = self
            .violations
            .iter()
            .map(|violation| {
                let what = format!("{name} was shown: {violation}");
                Broken::new(violation.invariant(), conversation, what)
            })
            .collect();
        let logged: BTreeMap<_, _> = log.iter().map(|event| (event.seq, event)).collect();
        for reset in &self.forgotten {
            let (invariant, what) = match (loss, reset.was_ahead()) {
                (Loss::Tail { .. }, _) if reset.is_due(&logged) => continue,
                (Loss::Nothing, true) => (LogFirst, "was shown what the log did not have yet"),
                _ => (
                    HonestResume,
                    "was told of a reset, and the log had lost nothing of what they saw",
                ),
            };
            broken.push(Broken::new(
                invariant,
                conversation,
                format!("{name} {what}"),
            ));
        }
        let is_logged = |seen: &Event| match logged.get(&seen.seq) {
            // What is restored in its old place keeps its tag, and gets the time of its return.
            Some(event) if loss.meets(seen.at, seen.at) => {
                event.eid == seen.eid && event.body == seen.body
            }
            event => event.is_some_and(|event| *event == seen),
        };
        let other = self.events.values().find(|seen| !is_logged(seen));
        if let Some(other) = other {
            let what = format!(
                "{name} saw event {} {} otherwise than the log",
                other.seq, other.eid
            );
            broken.push(Broken::new(LogFirst, conversation, what));
        }
        let head = log.last().map_or(Seq(0), |last| last.seq);
        if self.reads_to_the_end && self.head() < head {
            let what = format!(
                "{name} saw nothing beyond {}, and the log ends at {head}",
                self.head()
            );
            broken.push(Broken::new(NoWindow, conversation, what));
        }
        broken
    }
}

/// Whether a log that stands at `log` is the one that stood at `shown`, without its end.
fn is_less(log: &Position, shown: &Position) -> bool {
    let length = |at: &Position| {
        let text = at.text.as_ref();
        text.map(|text| (text.message.clone(), text.part, text.offset))
    };
    let shorter_text = match (length(log), length(shown)) {
        (Some((message, part, offset)), Some(shown)) => {
            (message, part) == (shown.0, shown.1) && offset < shown.2
        }
        (None, Some(shown)) => shown.2 > 0,
        _ => false,
    };
    log.epoch == shown.epoch
        && (log.seq < shown.seq || (log.seq, log.eid) == (shown.seq, shown.eid) && shorter_text)
}

fn ended(events: &BTreeMap<Seq, Event>, message: &MessageId) -> bool {
    let input = events.values().find_map(|event| match &event.body {
        EventBody::MessageCreated { message: said } if said.id == *message => Some(event.seq),
        _ => None,
    });
    let Some(input) = input else { return false };
    let runs: Vec<_> = events
        .values()
        .filter_map(|event| match &event.body {
            EventBody::RunStarted { run, inputs, .. } if inputs.contains(&input) => Some(run),
            _ => None,
        })
        .collect();
    events.values().any(|event| match &event.body {
        EventBody::RunFinished { run, .. } => runs.contains(&run),
        _ => false,
    })
}
