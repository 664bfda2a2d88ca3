//! A project that was read, with its understanding.

use std::path::{Path, PathBuf};

use convene_agent::{Message, Run};
use convene_flows::{Input, LoadError, Project, Projects, Sources, State, Who};
use convene_nlu::{
    Context, Language, Settings, Understanding, Untrainable,
    training_data::{self, Faults, TrainingData},
};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::hearing;

/// Where the training data is, in a project's folder.
const TRAINING_DATA: &str = "nlu";

/// See the module.
pub(super) struct Loaded {
    folder: PathBuf,
    zone: TimeZone,
    projects: Projects,
    understanding: Option<Understanding>,
}

/// Why a project cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unloadable {
    #[error(transparent)]
    Project(#[from] LoadError),
    #[error("the training data has faults: {0}")]
    TrainingData(Faults),
    #[error("nothing can be learnt from the training data: {0}")]
    Untrainable(#[from] Untrainable),
    #[error("`{0}` is no language")]
    Language(String),
}

impl Loaded {
    pub(super) fn read(folder: &Path, zone: TimeZone) -> Result<Self, Unloadable> {
        let project = Project::load(folder)?;
        Ok(Self {
            understanding: understanding(folder, &project)?,
            projects: Projects::new(project),
            folder: folder.to_owned(),
            zone,
        })
    }

    /// The same project with its present files; none where they are the same.
    pub(super) fn changed(&self) -> Result<Option<Self>, Unloadable> {
        let sources = Sources::read(&self.folder).map_err(LoadError::from)?;
        if sources == *self.projects.current().sources() {
            return Ok(None);
        }
        let project = Project::from_sources(&sources)?;
        let understanding = understanding(&self.folder, &project)?;
        let mut projects = self.projects.clone();
        projects.reload(project);
        Ok(Some(Self {
            folder: self.folder.clone(),
            zone: self.zone.clone(),
            projects,
            understanding,
        }))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn projects(&self) -> &Projects {
        &self.projects
    }

    /// The time where the people are.
    pub(super) fn now(&self) -> DateTime {
        Timestamp::now()
            .to_zoned_datetime(self.zone.clone())
            .datetime()
    }

    /// What a message is to the flows: each press, each form, and what was said; nothing where it is not
    /// for the assistant.
    pub(super) fn inputs(&self, state: &State, message: &Message, run: &Run) -> Vec<Input> {
        let who = Who::from(message.author.to_string());
        let acts: Vec<_> = message
            .acts()
            .filter_map(|act| hearing::pressed(&who, act))
            .collect();
        if !acts.is_empty() {
            return acts;
        }
        let text = message.text();
        if text.trim().is_empty() || !hearing::is_for_us(&self.projects, state, message, run) {
            return Vec::new();
        }
        let Some(understanding) = &self.understanding else {
            return vec![hearing::not_understood(who, text)];
        };
        let context = Context {
            languages: self.languages(),
            last: state
                .language()
                .and_then(|locale| Language::new(locale.as_str()).ok()),
            zone: self.zone.clone(),
            now: Timestamp::now(),
        };
        let understood = understanding.understand(&text, &context);
        vec![hearing::heard(&self.projects, (who, text), &understood)]
    }

    fn languages(&self) -> Vec<Language> {
        let locales = self.projects.current().assistant().languages.iter();
        locales
            .filter_map(|locale| Language::new(locale.value.as_str()).ok())
            .collect()
    }
}

/// What is learnt from the project's training data; none where it has none.
fn understanding(folder: &Path, project: &Project) -> Result<Option<Understanding>, Unloadable> {
    let data = folder.join(TRAINING_DATA);
    if !data.exists() {
        return Ok(None);
    }
    let language = project.first_language();
    let language =
        Language::new(language.as_str()).map_err(|_| Unloadable::Language(language.to_string()))?;
    let thresholds = &project.assistant().thresholds;
    let settings = Settings {
        sure: thresholds.sure.map(|score| score as f32),
        lost: thresholds.lost.map(|score| score as f32),
        ..Settings::new(language)
    };
    let data: TrainingData = training_data::load(&data).map_err(Unloadable::TrainingData)?;
    Ok(Some(Understanding::train(&data, &settings)?))
}
