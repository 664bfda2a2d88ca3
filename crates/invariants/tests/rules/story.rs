//! Small logs, event by event.

use std::collections::BTreeMap;

use convene_invariants::{Answer, Fate, History, Loss, Order, Said, View, Woken};
use convene_proto::{
    event::{
        Conversation, Event, EventBody, Failure, Happening, Message, Outcome, Part, Participant,
        Role, TurnPolicy,
    },
    frame::{ServerFrame, State},
    id::{ConversationId, MessageId, RunId},
    part::Act,
    position::{Eid, Epoch, Position, Seq},
    timer::Rings,
};

pub(crate) fn conversation() -> ConversationId {
    "c".parse().unwrap()
}

pub(crate) fn id(text: &str) -> MessageId {
    text.parse().unwrap()
}

fn run(text: &str) -> RunId {
    text.parse().unwrap()
}

/// A log that grows.
#[derive(Clone, Default)]
pub(crate) struct Story(pub(crate) Vec<Event>);

impl Story {
    /// It is created, `q` is asked and answered by run `r`.
    pub(crate) fn of_one_answer() -> Self {
        let begun = Self::begun().said("q").starts("r", 1, &[2]);
        begun.writes("r", "a").completes("r", "a").finishes("r")
    }

    pub(crate) fn begun() -> Self {
        Self::default().and(EventBody::ConversationCreated {
            by: "user:ada".parse().unwrap(),
            title: None,
            participants: vec![Participant {
                id: "user:ada".parse().unwrap(),
                name: "Ada".into(),
                role: Role::Owner,
            }],
        })
    }

    pub(crate) fn and(mut self, body: EventBody) -> Self {
        let seq = self.0.len() as u64 + 1;
        self.0.push(Event {
            seq: Seq(seq),
            eid: Eid(seq * 1000),
            at: seq * 10,
            body,
        });
        self
    }

    pub(crate) fn said(self, message: &str) -> Self {
        self.and(EventBody::MessageCreated {
            message: words(message, "user:ada"),
        })
    }

    pub(crate) fn joins(self, who: &str) -> Self {
        self.and(EventBody::ParticipantJoined {
            participant: Participant {
                id: who.parse().unwrap(),
                name: who.into(),
                role: Role::Member,
            },
        })
    }

    pub(crate) fn leaves(self, who: &str) -> Self {
        let participant = who.parse().unwrap();
        self.and(EventBody::ParticipantLeft { participant })
    }

    pub(crate) fn starts(self, name: &str, attempt: u32, inputs: &[u64]) -> Self {
        self.and(EventBody::RunStarted {
            run: run(name),
            agent: "guide".parse().unwrap(),
            attempt,
            inputs: inputs.iter().copied().map(Seq).collect(),
        })
    }

    pub(crate) fn writes(self, name: &str, message: &str) -> Self {
        self.and(EventBody::MessageStarted {
            message: id(message),
            author: "agent:guide".parse().unwrap(),
            run: run(name),
        })
    }

    /// Its text is its id.
    pub(crate) fn completes(self, name: &str, message: &str) -> Self {
        self.and(EventBody::MessageCompleted {
            message: words(message, "agent:guide"),
            run: run(name),
            whole: true,
        })
    }

    pub(crate) fn retracts(self, name: &str, message: &str) -> Self {
        self.and(EventBody::MessageRetracted {
            message: id(message),
            run: run(name),
        })
    }

    pub(crate) fn retries(self, name: &str, attempt: u32) -> Self {
        self.and(EventBody::RunRetrying {
            run: run(name),
            attempt,
            error: failure(),
            delay_ms: 1,
        })
    }

    /// Somebody presses what only one may.
    pub(crate) fn presses(self, message: &str, offering: &str, part: u16) -> Self {
        let mut message = words(message, "user:ada");
        message.parts = vec![Part::Act(Act {
            seq: Seq(2),
            message: id(offering),
            part,
            action: "yes".parse().unwrap(),
            value: None,
            label: "Yes".into(),
            once: true,
        })];
        self.and(EventBody::MessageCreated { message })
    }

    pub(crate) fn sets(self, name: &str, timer: &str) -> Self {
        self.and(EventBody::TimerSet {
            agent: "guide".parse().unwrap(),
            run: run(name),
            name: timer.parse().unwrap(),
            rings: Some(Rings::AfterMs(20)),
        })
    }

    pub(crate) fn clears(self, name: &str, timer: &str) -> Self {
        self.and(EventBody::TimerCleared {
            agent: "guide".parse().unwrap(),
            run: run(name),
            name: timer.parse().unwrap(),
        })
    }

    /// The timer that this run has set.
    pub(crate) fn rings(self, name: &str, timer: &str) -> Self {
        self.and(EventBody::TimerFired {
            agent: "guide".parse().unwrap(),
            run: run(name),
            name: timer.parse().unwrap(),
        })
    }

    pub(crate) fn happens(self, event: &str) -> Self {
        self.and(EventBody::EventHappened {
            event: Happening {
                id: id(event),
                name: "paid".parse().unwrap(),
                by: "user:shop".parse().unwrap(),
                data: Default::default(),
            },
        })
    }

    pub(crate) fn finishes(self, name: &str) -> Self {
        self.ends(name, Outcome::Completed)
    }

    pub(crate) fn ends(self, name: &str, outcome: Outcome) -> Self {
        self.closes(name, outcome, &[])
    }

    /// It ends, and these of its agent's offers are closed.
    pub(crate) fn closes(self, name: &str, outcome: Outcome, offers: &[&str]) -> Self {
        self.and(EventBody::RunFinished {
            run: run(name),
            outcome,
            usage: None,
            closes: offers.iter().map(|offer| offer.parse().unwrap()).collect(),
        })
    }
}

pub(crate) fn failure() -> Failure {
    Failure {
        code: "failed".into(),
        message: "it failed".into(),
    }
}

fn words(message: &str, author: &str) -> Message {
    Message {
        id: id(message),
        author: author.parse().unwrap(),
        parts: vec![Part::Text {
            text: message.into(),
        }],
        to: None,
        timezone: None,
    }
}

/// `message` was said and accepted at `seq`, and is to be answered by `answer`.
pub(crate) fn said(message: &str, seq: u64, answer: Option<&str>) -> Said {
    Said {
        message: id(message),
        text: message.into(),
        answer: answer.map_or(Answer::None, |text| Answer::Text(text.into())),
        has_effect: false,
        interrupts: false,
        asked: seq * 10,
        settled: seq * 10 + 1,
        fate: Fate::Accepted(Seq(seq)),
    }
}

/// What [`Story::of_one_answer`] is the log of.
pub(crate) fn history() -> History {
    let log = Story::of_one_answer().0;
    let mut view = View::new("bob");
    view.take(&snapshot(&log[..1])).unwrap();
    for event in &log[1..] {
        view.take(&shown(event)).unwrap();
    }
    view.reads_to_the_end();
    History {
        conversation: conversation(),
        order: Order::AsSaid,
        loss: Loss::Nothing,
        log,
        said: vec![said("q", 2, Some("a"))],
        stops: Vec::new(),
        effects: Vec::new(),
        ended: BTreeMap::new(),
        woken: Woken::default(),
        views: vec![view],
    }
}

fn behind(event: &Event) -> Position {
    Position {
        epoch: Epoch(7),
        seq: event.seq,
        eid: event.eid,
        text: None,
    }
}

pub(crate) fn shown(event: &Event) -> ServerFrame {
    ServerFrame::Event {
        conversation: conversation(),
        position: behind(event),
        event: event.clone(),
    }
}

pub(crate) fn snapshot(events: &[Event]) -> ServerFrame {
    ServerFrame::Snapshot {
        request: None,
        conversation: conversation(),
        position: behind(events.last().unwrap()),
        state: state(events),
    }
}

pub(crate) fn reset(events: &[Event]) -> ServerFrame {
    ServerFrame::Reset {
        request: None,
        conversation: conversation(),
        position: behind(events.last().unwrap()),
        state: state(events),
    }
}

fn state(events: &[Event]) -> State {
    State {
        conversation: Conversation {
            id: conversation(),
            title: None,
            agent: None,
            policy: TurnPolicy::Enqueue,
            participants: Vec::new(),
            created_at: 0,
            updated_at: 0,
            head: events.last().unwrap().seq,
            first: Seq(1),
        },
        events: events.to_vec(),
        streaming: None,
        here: Vec::new(),
    }
}
