//! The agents that come with Convene.

pub mod flow;
pub mod guide;
pub mod llm;
mod local_encoder;

use std::borrow::Cow;

pub use self::local_encoder::{LocalEncoder, LocalEncoderOptions};

/// A setting of an agent that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {reason}")]
pub struct InvalidOptions {
    /// The setting's name, below the agent's.
    pub setting: Cow<'static, str>,
    /// What is wrong, and what to do about it.
    pub reason: String,
}

impl InvalidOptions {
    fn new(setting: impl Into<Cow<'static, str>>, reason: impl Into<String>) -> Self {
        Self {
            setting: setting.into(),
            reason: reason.into(),
        }
    }

    /// The same, of a table in the settings.
    fn below(self, table: &str) -> Self {
        Self::new(format!("{table}.{}", self.setting), self.reason)
    }
}
