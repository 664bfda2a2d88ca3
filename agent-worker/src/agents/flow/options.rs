//! Settings of an agent of the kind `flow`.

use std::{path::PathBuf, sync::Arc};

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{
    archive::Archive,
    encoder::{EncoderOptions, SentenceEncoder},
    files::{Home, Place},
    memory::Memory,
    model::Model,
};
use crate::agents::{InvalidOptions, llm};

/// What holds its conversations, and what it thinks with.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The project's folder. Absent: the example that ships, the support desk of a shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<PathBuf>,
    /// Where its former versions are kept, so that a flow that runs ends on the version that it began with
    /// also when its worker has started again; and what was learnt of its training data. Workers may share it.
    /// Absent: they are known to whoever has seen them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versions: Option<PathBuf>,
    /// Where the assistant is, such as `Europe/Berlin`: what "tomorrow" is to people whose clients tell no zone of theirs.
    #[serde(default = "utc")]
    pub timezone: String,
    /// A model for what the flows leave to one. Without it they do without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Box<llm::Options>>,
    /// A sentence encoder: with it, what is said in other words than the training data's is understood, too.
    /// Which kind it is, its keys say: whoever reads them reads it apart, so that each fault has its own.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub encoder: Option<EncoderOptions>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            project: None,
            versions: None,
            timezone: utc(),
            model: None,
            encoder: None,
        }
    }
}

impl Options {
    /// The project, for people.
    pub fn describe(&self) -> String {
        self.project.as_ref().map_or_else(
            || "the example that ships".to_owned(),
            |folder| folder.display().to_string(),
        )
    }

    /// Whether the settings make sense, as far as that can be told without reading the project.
    ///
    /// # Errors
    /// Which one does not.
    pub fn check(&self) -> Result<(), InvalidOptions> {
        self.zone()?;
        self.encoder()?;
        self.model().map(drop)
    }

    pub(super) fn home(&self) -> Result<Home, InvalidOptions> {
        Ok(Home {
            place: self.project.clone().map_or(Place::Example, Place::Folder),
            archive: Archive(self.versions.clone()),
            memory: Memory(self.versions.clone()),
            encoder: self.encoder()?.map(Arc::new),
        })
    }

    fn encoder(&self) -> Result<Option<SentenceEncoder>, InvalidOptions> {
        let encoder = self.encoder.as_ref().map(SentenceEncoder::new);
        encoder.transpose().map_err(|error| error.below("encoder"))
    }

    pub(super) fn zone(&self) -> Result<TimeZone, InvalidOptions> {
        TimeZone::get(&self.timezone).map_err(|_| {
            let reason = format!(
                "`{}` is no time zone; one is `Europe/Berlin`",
                self.timezone
            );
            InvalidOptions::new("timezone", reason)
        })
    }

    pub(super) fn model(&self) -> Result<Option<Model>, InvalidOptions> {
        self.model.as_deref().map(Model::of).transpose()
    }
}

fn utc() -> String {
    "UTC".to_owned()
}
