//! What a log must be by itself, event by event: numbers without a hole, one writer, every attempt
//! taken back before the next, every input answered by one run.

mod runs;
mod timers;

use std::collections::{BTreeMap, HashMap};

use convene_proto::{
    event::{Event, EventBody, Happening, Message},
    id::{ConversationId, MessageId, ParticipantId, TimerName},
    position::{Eid, Seq},
};

pub use self::{runs::RunRecord, timers::SetTimer};
use self::{runs::Runs, timers::Timers};
use crate::{Broken, Invariant};

/// In which order a conversation's inputs are answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// As they stand in the log.
    #[default]
    AsSaid,
    /// Some may go first: policy `interrupt`.
    Any,
}

/// What an agent is woken by that nobody said.
#[derive(Debug, Clone, PartialEq)]
pub enum Woke {
    /// A timer of its own rang.
    Timer(TimerName),
    /// Something happened outside.
    Event(Happening),
}

/// A conversation's log as far as it was read, from its first event on.
#[derive(Debug, Clone)]
pub struct Ledger {
    conversation: ConversationId,
    head: Seq,
    eids: HashMap<Eid, Seq>,
    said: BTreeMap<MessageId, (Seq, Message)>,
    /// By the part that was pressed, of which one press counts.
    pressed: BTreeMap<(MessageId, u16), Seq>,
    /// By what name.
    members: BTreeMap<ParticipantId, String>,
    runs: Runs,
    timers: Timers,
    /// What is answered that nobody said.
    woken: BTreeMap<Seq, Woke>,
    /// Events from outside.
    told: BTreeMap<MessageId, Seq>,
    broken: Vec<Broken>,
}

impl Ledger {
    /// An empty log.
    #[must_use]
    pub fn new(conversation: &ConversationId, order: Order) -> Self {
        Self {
            conversation: conversation.clone(),
            head: Seq(0),
            eids: HashMap::new(),
            said: BTreeMap::new(),
            pressed: BTreeMap::new(),
            members: BTreeMap::new(),
            runs: Runs::new(order),
            timers: Timers::default(),
            woken: BTreeMap::new(),
            told: BTreeMap::new(),
            broken: Vec::new(),
        }
    }

    /// A whole log.
    #[must_use]
    pub fn of(conversation: &ConversationId, order: Order, events: &[Event]) -> Self {
        let mut ledger = Self::new(conversation, order);
        for event in events {
            ledger.take(event);
        }
        ledger
    }

    /// The next event.
    pub fn take(&mut self, event: &Event) {
        self.number(event);
        match &event.body {
            EventBody::ConversationCreated { .. } if event.seq != Seq(1) => {
                self.breaks(
                    Invariant::AcceptedIsDurable,
                    format!("event {} creates the conversation once more", event.seq),
                );
            }
            EventBody::MessageCreated { message } => self.says(event.seq, message),
            EventBody::EventHappened { event: told } => {
                self.woken.insert(event.seq, Woke::Event(told.clone()));
                if let Some(before) = self.told.insert(told.id.clone(), event.seq) {
                    let what = format!("event {} stands at {before} and at {}", told.id, event.seq);
                    self.breaks(Invariant::AcceptedIsDurable, what);
                }
            }
            EventBody::TimerFired { agent, run, name } => {
                self.woken.insert(event.seq, Woke::Timer(name.clone()));
                let stands = (event.seq, event.at);
                if let Some(what) = self.timers.fires(stands, agent, run, name) {
                    self.breaks(Invariant::NoLostWakeUp, what);
                }
            }
            EventBody::ConversationCreated { participants, .. } => {
                let ids = participants
                    .iter()
                    .map(|one| (one.id.clone(), one.name.clone()));
                self.members.extend(ids);
            }
            EventBody::ParticipantJoined { participant } => {
                let name = participant.name.clone();
                let is_new = self.members.insert(participant.id.clone(), name).is_none();
                self.moves(event.seq, &participant.id, "joins", is_new);
            }
            EventBody::ParticipantLeft { participant } => {
                let was_there = self.members.remove(participant).is_some();
                self.moves(event.seq, participant, "leaves", was_there);
            }
            body => {
                self.timers.take(event);
                let (said, woken) = (&self.said, &self.woken);
                let is_input =
                    |seq: Seq| woken.contains_key(&seq) || said.values().any(|(at, _)| *at == seq);
                for (invariant, what) in self.runs.take(event.seq, body, is_input) {
                    self.breaks(invariant, what);
                }
            }
        }
    }

    /// The number of its last event.
    #[must_use]
    pub fn head(&self) -> Seq {
        self.head
    }

    /// What people said, and where it stands.
    #[must_use]
    pub fn said(&self, message: &MessageId) -> Option<(Seq, &Message)> {
        self.said.get(message).map(|(seq, said)| (*seq, said))
    }

    /// What somebody said there.
    #[must_use]
    pub fn said_at(&self, seq: Seq) -> Option<&Message> {
        let mut said = self.said.values();
        said.find_map(|(at, message)| (*at == seq).then_some(message))
    }

    /// What woke an agent there without that anybody said anything.
    #[must_use]
    pub fn woke_at(&self, seq: Seq) -> Option<&Woke> {
        self.woken.get(&seq)
    }

    /// Everything that woke an agent without that anybody said anything, in order.
    pub fn everything_that_woke(&self) -> impl Iterator<Item = (Seq, &Woke)> {
        self.woken.iter().map(|(seq, woke)| (*seq, woke))
    }

    /// An event from outside, where it stands.
    #[must_use]
    pub fn told(&self, event: &MessageId) -> Option<(Seq, &Happening)> {
        let seq = *self.told.get(event)?;
        match self.woken.get(&seq)? {
            Woke::Event(told) => Some((seq, told)),
            Woke::Timer(_) => None,
        }
    }

    /// The timers that are set and have not rung.
    pub fn timers(&self) -> impl Iterator<Item = &SetTimer> {
        self.timers.set()
    }

    /// What they are called, or their id where they have left.
    #[must_use]
    pub fn name_of(&self, who: &ParticipantId) -> String {
        let name = self.members.get(who);
        name.map_or_else(|| who.to_string(), String::clone)
    }

    /// Everything that people said.
    pub fn everything_said(&self) -> impl Iterator<Item = (Seq, &Message)> {
        self.said.values().map(|(seq, said)| (*seq, said))
    }

    /// The runs, in the order in which they began.
    #[must_use]
    pub fn runs(&self) -> &[RunRecord] {
        self.runs.all()
    }

    /// The run that answers this input.
    #[must_use]
    pub fn run_for(&self, input: Seq) -> Option<&RunRecord> {
        self.runs().iter().find(|run| run.inputs.contains(&input))
    }

    /// What is wrong with it so far.
    #[must_use]
    pub fn broken(&self) -> &[Broken] {
        &self.broken
    }

    fn number(&mut self, event: &Event) {
        let expected = self.head.next();
        if event.seq != expected {
            self.breaks(
                Invariant::AcceptedIsDurable,
                format!("event {} stands where {expected} is next", event.seq),
            );
        }
        self.head = event.seq;
        if let Some(before) = self.eids.insert(event.eid, event.seq) {
            self.breaks(
                Invariant::HonestResume,
                format!("events {before} and {} have one tag", event.seq),
            );
        }
        let creates = matches!(event.body, EventBody::ConversationCreated { .. });
        if event.seq == Seq(1) && !creates {
            self.breaks(
                Invariant::AcceptedIsDurable,
                "the first event does not create it",
            );
        }
    }

    fn moves(&mut self, seq: Seq, who: &ParticipantId, does: &str, may: bool) {
        if !may {
            let what = format!("{who} {does} once more at {seq}");
            self.breaks(Invariant::AcceptedIsDurable, what);
        }
    }

    fn says(&mut self, seq: Seq, message: &Message) {
        for act in message.acts().filter(|act| act.once) {
            let what = (act.message.clone(), act.part);
            if let Some(before) = self.pressed.insert(what, seq) {
                let (message, action) = (&act.message, &act.action);
                self.breaks(
                    Invariant::AcceptedIsDurable,
                    format!("{seq} presses {action} of {message} once more, as {before} did"),
                );
            }
        }
        let entry = (seq, message.clone());
        if let Some((before, _)) = self.said.insert(message.id.clone(), entry) {
            let id = &message.id;
            self.breaks(
                Invariant::AcceptedIsDurable,
                format!("message {id} stands at {before} and at {seq}"),
            );
        }
    }

    fn breaks(&mut self, invariant: Invariant, what: impl Into<String>) {
        self.broken
            .push(Broken::new(invariant, &self.conversation, what));
    }
}
