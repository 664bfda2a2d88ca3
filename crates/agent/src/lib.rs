//! The SDK for agents: implement [`Agent`], and write to a [`Run`].
//!
//! ```
//! use convene_agent::{Agent, Error, Run, async_trait};
//!
//! struct Echo;
//!
//! #[async_trait]
//! impl Agent for Echo {
//!     async fn run(&self, run: &mut Run) -> Result<(), Error> {
//!         let said = run.input_text();
//!         run.write(format!("You said: {said}")).await
//!     }
//! }
//! ```
//!
//! What is written streams to everyone in the conversation as it is written. The worker that
//! hosts the agent takes care of the rest: one writer at a time, the log before the screen,
//! cancelling, retrying, and healing what a crash left half said.
//!
//! [`testing`] runs an agent without any server. To host one beside Convene's services, see the
//! crate `convene-agent-worker`.

mod happened;
mod model;
mod run;
pub mod testing;

/// The project's README, whose example is compiled as this crate's.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

use std::{collections::BTreeMap, fmt, sync::Arc};

pub use async_trait::async_trait;
pub use convene_proto::{
    event::{Conversation, Happening, Message, Part, Participant, Role, Usage},
    id::{
        ActionId, AgentName, ConversationId, EventName, FieldName, MessageId, NoteName, OfferName,
        ParticipantId, RunId, TimerName,
    },
    note::Note,
    part,
    suggestion::Suggestion,
    timer::Rings,
};

pub use self::{
    happened::{Happened, PendingTimer, TimerChange},
    model::{
        ChatModel, ChatRequest, ChatRole, ChatTurn, FinishReason, ModelError, ModelEvent,
        ModelStream,
    },
    run::{MOST_CLOSED, Output, Run, RunContext},
};

/// Something that answers.
#[async_trait]
pub trait Agent: Send + Sync + 'static {
    /// Answers the run's input by writing to it: messages, or what [happened](Run::happened). Returning is the end of the run.
    ///
    /// When the run is cancelled or the lease is lost, the future is dropped where it stands, and
    /// with it every call that it has under way; what was written is kept or retracted for it. A
    /// failed attempt is made again, so anything done elsewhere should be keyed by
    /// [`Run::id`].
    ///
    /// # Errors
    /// [`Error::transient`] asks for another attempt, [`Error::permanent`] does not, and
    /// [`Error::from_the_future`] for another worker, and [`Error::busy`] for another time. A panic counts as transient.
    async fn run(&self, run: &mut Run) -> Result<(), Error>;

    /// Ends once it can answer, such as when it has learnt what it needs. What is for it waits until then, with the
    /// worker or in the queue, and uses up no attempts; it may be asked often, and dropped.
    async fn ready(&self) {}

    /// Whether its runs are told what it [noted](Run::note) before. Where the worker does not know, it
    /// reads the log for it, back to the last [base](Run::note_base).
    fn keeps_notes(&self) -> bool {
        false
    }

    /// What people see it called; none: the name that it is hosted under.
    fn title(&self) -> Option<String> {
        None
    }

    /// One line that tells people what the agent is for.
    fn description(&self) -> String {
        String::new()
    }

    /// What people are shown that they could say to it first, in its languages.
    fn suggestions(&self) -> Vec<Suggestion> {
        Vec::new()
    }

    /// What keeps it from answering, or from answering as it should, and what to do about it: for operators alone.
    fn trouble(&self) -> Option<String> {
        None
    }

    /// What it thinks with, such as a model's name.
    fn model(&self) -> Option<String> {
        None
    }
}

/// Why an attempt failed, in words that a user may see.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// A stable code, such as `model_unavailable`.
    pub code: &'static str,
    /// Never a secret, never a backtrace: everyone in the conversation reads it.
    pub message: String,
    /// What is to become of the run.
    pub kind: ErrorKind,
}

/// What is to become of a run whose attempt has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Another attempt may succeed.
    Transient,
    /// It would fail again.
    Permanent,
    /// It is about what only a newer version knows: it is left to a worker that has that.
    FromTheFuture,
    /// What it needs has no room now: it is put off, which is no attempt.
    Busy,
}

impl Error {
    /// Worth another attempt.
    pub fn transient(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            kind: ErrorKind::Transient,
        }
    }

    /// Would fail again: the run ends as failed, and its command is kept for an operator.
    pub fn permanent(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            kind: ErrorKind::Permanent,
        }
    }

    /// Left to a worker of a newer version, such as one that can read what is noted: nothing is said, and the attempt never was.
    pub fn from_the_future(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            kind: ErrorKind::FromTheFuture,
        }
    }

    /// Put off for a while, so that others get the worker's hand: what is said is taken back, what is noted is told to the next
    /// try, and the attempt never was. How often is the agent's to bound.
    pub fn busy(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            kind: ErrorKind::Busy,
        }
    }
}

/// The agents that a worker hosts, by name.
#[derive(Clone, Default)]
pub struct Agents {
    hosted: BTreeMap<AgentName, Arc<dyn Agent>>,
    titles: BTreeMap<AgentName, String>,
}

impl Agents {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an agent; one of the same name is replaced.
    #[must_use]
    pub fn with(mut self, name: AgentName, agent: impl Agent) -> Self {
        self.hosted.insert(name, Arc::new(agent));
        self
    }

    /// Has people see the agent of this name called so, whatever [it says itself](Agent::title).
    #[must_use]
    pub fn titled(mut self, name: AgentName, title: impl Into<String>) -> Self {
        self.titles.insert(name, title.into());
        self
    }

    /// What people see an agent called, where it is not its name.
    #[must_use]
    pub fn title(&self, name: &AgentName) -> Option<String> {
        let own = || self.hosted.get(name)?.title();
        self.titles.get(name).cloned().or_else(own)
    }

    #[must_use]
    pub fn get(&self, name: &AgentName) -> Option<Arc<dyn Agent>> {
        self.hosted.get(name).cloned()
    }

    /// In the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&AgentName, &Arc<dyn Agent>)> {
        self.hosted.iter()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hosted.is_empty()
    }
}

impl fmt::Debug for Agents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.hosted.keys()).finish()
    }
}
