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

mod model;
mod run;

use std::{fmt, sync::Arc};

pub use async_trait::async_trait;

pub use self::{
    model::{ChatModel, ChatRequest, ChatRole, ChatTurn, FinishReason, ModelError, ModelEvent, ModelStream},
    run::{Output, Run, RunContext},
};

/// Something that answers.
#[async_trait]
pub trait Agent: Send + Sync + 'static {
    /// Answers the run's input by writing to it. Returning is the end of the run.
    ///
    /// When the run is cancelled or the lease is lost, the future is dropped where it stands, and
    /// with it every call that it has under way; what was written is kept or retracted for it. A
    /// failed attempt is made again, so anything done elsewhere should be keyed by
    /// [`Run::id`].
    async fn run(&self, run: &mut Run) -> Result<(), Error>;

    /// One line that tells people what the agent is for.
    fn description(&self) -> String {
        String::new()
    }

    /// What it thinks with, such as a model's name.
    fn model(&self) -> Option<String> {
        None
    }
}

/// Why an attempt failed, in words that a user may see.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// A stable code, such as `model_unavailable`.
    pub code: &'static str,
    pub message: String,
    /// Whether another attempt may succeed.
    pub transient: bool,
}

impl Error {
    /// Worth another attempt.
    pub fn transient(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), transient: true }
    }

    /// Would fail again: the run ends as failed, and its command is kept for an operator.
    pub fn permanent(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), transient: false }
    }
}

/// The agents that a worker hosts, by name.
#[derive(Clone, Default)]
pub struct Agents(std::collections::BTreeMap<convene_proto::id::AgentName, Arc<dyn Agent>>);

impl Agents {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an agent; one of the same name is replaced.
    #[must_use]
    pub fn with(mut self, name: convene_proto::id::AgentName, agent: impl Agent) -> Self {
        self.0.insert(name, Arc::new(agent));
        self
    }

    #[must_use]
    pub fn get(&self, name: &convene_proto::id::AgentName) -> Option<Arc<dyn Agent>> {
        self.0.get(name).cloned()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&convene_proto::id::AgentName, &Arc<dyn Agent>)> {
        self.0.iter()
    }
}

impl fmt::Debug for Agents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
