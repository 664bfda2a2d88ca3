//! Where a project is read from, and whether that has changed.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use convene_flows::{LoadError, Project, ReadError, Sources};
use convene_nlu::{
    Encoder, EntityRules, Fingerprint, Language, Settings, Understanding, Untrainable,
    training_data::{self, Faults, Split, TrainingData},
};

use super::{archive::Archive, encoder::SentenceEncoder, example::Example, memory::Memory};

/// Where the training data is, in a project's folder.
const TRAINING_DATA: &str = "nlu";
/// What else a project is, in its folder; the conversations of its tests are for its authors alone.
const REST: [&str; 3] = ["assistant.yaml", "flows", "texts"];
/// Folders in folders: links may go round.
const DEEPEST: usize = 16;

/// Where a project is.
#[derive(Debug, Clone)]
pub(super) enum Place {
    Folder(PathBuf),
    /// The example that ships.
    Example,
}

/// Where a project is, what it was before, and what helps it understand.
#[derive(Clone)]
pub(super) struct Home {
    pub(super) place: Place,
    pub(super) archive: Archive,
    pub(super) memory: Memory,
    pub(super) encoder: Option<Arc<SentenceEncoder>>,
}

/// A project as it was read; what its training data teaches is not learnt yet.
pub(super) struct Draft {
    pub(super) project: Arc<Project>,
    /// None where it has no training data.
    pub(super) lessons: Option<Lessons>,
    pub(super) stamp: Stamp,
    /// What is wrong with its files, where this is what they were before.
    pub(super) faulty: Option<Arc<str>>,
}

/// What is to be learnt, and how.
pub struct Lessons {
    /// The sentences.
    pub data: TrainingData,
    /// The first of its languages, and its thresholds.
    pub settings: Settings,
    /// The languages that are spoken.
    pub languages: Vec<Language>,
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

/// The files of a folder as they were at a time: while it is the same, so are they.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stamp(BTreeMap<PathBuf, (u64, Option<SystemTime>)>);

impl Home {
    /// The project as its files are; where they have faults, as it was last without, if that was kept. So a mistake in a file
    /// stops nobody who starts again.
    ///
    /// # Errors
    /// Where it cannot be used, and never could.
    pub(super) fn read(&self) -> Result<Draft, Unloadable> {
        let faulty = match self.place.read() {
            Ok(draft) => return Ok(draft),
            Err(faulty) => faulty,
        };
        // A folder that is not there is another mistake.
        let is_there = matches!(&self.place, Place::Folder(folder) if folder.is_dir());
        let Some(project) = self.archive.newest().filter(|_| is_there) else {
            return Err(faulty);
        };
        let error = faulty.to_string();
        tracing::error!(
            error,
            "the project has faults: conversations are held as it was before; run `convene check` for all of them"
        );
        Ok(Draft {
            lessons: Lessons::of(&project)?,
            project,
            stamp: self.place.stamp()?,
            faulty: Some(error.into()),
        })
    }

    /// What a project teaches; that which is known already, if there is nothing else to learn.
    pub(super) fn learn(
        &self,
        draft: &Draft,
        known: Option<&Arc<Understanding>>,
    ) -> Result<Option<Arc<Understanding>>, Unloadable> {
        let Some(lessons) = &draft.lessons else {
            return Ok(None);
        };
        let encoder = self.encoder.as_deref();
        let learnt = self.memory.recall_or_learn(lessons, encoder, known)?;
        Ok(Some(learnt))
    }

    /// Whether the encoder was away when the project was learnt, and may be back.
    pub(super) fn awaits_encoder(&self, known: Option<&Understanding>) -> bool {
        let is_ready = self
            .encoder
            .as_ref()
            .is_some_and(|encoder| !encoder.is_resting());
        is_ready && known.is_some_and(|known| !known.is_encoded())
    }
}

impl Place {
    pub(super) fn read(&self) -> Result<Draft, Unloadable> {
        // What changes while they are read is noticed the next time.
        let stamp = self.stamp()?;
        let sources = self.sources()?;
        let project = Project::from_sources(&sources)?;
        Ok(Draft {
            lessons: Lessons::of(&project)?,
            project,
            stamp,
            faulty: None,
        })
    }

    fn sources(&self) -> Result<Sources, LoadError> {
        match self {
            Self::Folder(folder) => Ok(Sources::read(folder)?),
            Self::Example => Ok(Example::iter()
                .filter_map(|path| {
                    let text = String::from_utf8(Example::get(&path)?.data.into_owned()).ok()?;
                    Some((path.into_owned(), text))
                })
                .collect()),
        }
    }

    /// The files that matter.
    pub(super) fn stamp(&self) -> Result<Stamp, LoadError> {
        let mut stamp = Stamp::default();
        if let Self::Folder(folder) = self {
            for name in REST.into_iter().chain([TRAINING_DATA]) {
                let path = folder.join(name);
                stamp.take(&path, DEEPEST).map_err(|reason| ReadError {
                    path: path.display().to_string(),
                    reason,
                })?;
            }
        }
        Ok(stamp)
    }
}

impl Stamp {
    fn take(&mut self, path: &Path, deepest: usize) -> io::Result<()> {
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            // Nothing is there, or a link leads nowhere.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        if !metadata.is_dir() {
            let state = (metadata.len(), metadata.modified().ok());
            self.0.insert(path.to_owned(), state);
        } else if deepest > 0 {
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                if !entry.file_name().to_string_lossy().starts_with('.') {
                    self.take(&entry.path(), deepest - 1)?;
                }
            }
        }
        Ok(())
    }
}

impl Lessons {
    /// Those of a project; none where it has no training data.
    ///
    /// # Errors
    /// Where the training data has faults, or nothing can be learnt from it.
    pub fn of(project: &Project) -> Result<Option<Self>, Unloadable> {
        let files = || project.sources().inside(TRAINING_DATA);
        let data = files().next().map(|_| training_data::read(files()));
        let data = data.transpose().map_err(Unloadable::TrainingData)?;
        data.map(|data| Self::new(data, project)).transpose()
    }

    fn new(data: TrainingData, project: &Project) -> Result<Self, Unloadable> {
        let teaches = data
            .of(Split::Train)
            .any(|sentence| sentence.intent.is_some());
        if !teaches {
            return Err(Untrainable::NoExamples.into());
        }
        let language = project.first_language();
        let language = Language::new(language.as_str())
            .map_err(|_| Unloadable::Language(language.to_string()))?;
        let thresholds = &project.assistant().thresholds;
        let settings = Settings {
            sure: thresholds.sure.map(|confidence| *confidence as f32),
            lost: thresholds.lost.map(|confidence| *confidence as f32),
            ..Settings::new(language)
        };
        let locales = project.assistant().languages.iter();
        let languages = locales.filter_map(|locale| Language::new(locale.value.as_str()).ok());
        Ok(Self {
            data,
            settings,
            languages: languages.collect(),
        })
    }

    pub(super) fn fingerprint(&self, encoder: Option<&dyn Encoder>) -> Fingerprint {
        Fingerprint::of(&self.data, &self.settings, encoder)
    }

    /// What is learnt from.
    pub(super) fn sentences(&self) -> impl Iterator<Item = &str> {
        let examples = self.data.of(Split::Train);
        examples.map(|example| example.text.as_str())
    }

    /// What is found without learning, in the project's languages.
    pub(super) fn rules(&self) -> EntityRules {
        EntityRules::of(&self.data, &self.settings, self.languages.iter().cloned())
    }

    /// Takes seconds where there is much.
    pub(super) fn learn(
        &self,
        encoder: Option<&dyn Encoder>,
    ) -> Result<Understanding, Untrainable> {
        Understanding::train(&self.data, &self.settings, encoder)
    }
}
