//! What a run may be about when nobody said anything: a timer of the agent's, or an event outside.

use convene_proto::{
    event::Happening,
    id::{AgentName, TimerName},
    timer::Rings,
};

/// What a run is about that is no message.
#[derive(Debug, Clone, PartialEq)]
pub enum Happened {
    /// A [timer](crate::Run::set_timer) of the agent's rings.
    Timer(TimerName),
    /// Something happened outside.
    Event(Happening),
}

/// A timer that is set in the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingTimer {
    pub agent: AgentName,
    pub name: TimerName,
    /// When it rings, in milliseconds since 1970 (UTC).
    pub at: u64,
}

/// What a run does about a timer of its agent's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerChange {
    /// It is set, from now on.
    Set(Rings),
    /// It is taken back.
    Clear,
    /// What the run did about it is undone.
    Undo,
}
