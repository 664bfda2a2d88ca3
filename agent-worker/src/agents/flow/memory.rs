//! What was learnt of a project's training data: kept in a folder, so that a worker that starts again need not
//! learn it again, nor ask the encoder.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use convene_nlu::{Encoder, Fingerprint, Remembered, Understanding, Untrainable};

use super::{encoder::SentenceEncoder, files::Lessons};

/// So many of the last models are kept.
const MOST: usize = 5;
const ENDING: &str = ".model";
/// What the encoder has said.
const VECTORS: &str = "sentences.vectors";

/// See the module. Nothing is kept where there is no folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory(pub(super) Option<PathBuf>);

impl Memory {
    /// What some lessons teach: as it is known or kept, else learnt now. With an encoder that is away they are
    /// learnt without.
    pub(super) fn recall_or_learn(
        &self,
        lessons: &Lessons,
        encoder: Option<&SentenceEncoder>,
        known: Option<&Arc<Understanding>>,
    ) -> Result<Arc<Understanding>, Untrainable> {
        let Some(encoder) = encoder else {
            return self.of(lessons, None, known);
        };
        match self.of(lessons, Some(encoder), known) {
            Err(Untrainable::Encoder(error)) => {
                tracing::debug!(%error, "the project is learnt without the sentence encoder");
                self.of(lessons, None, known)
            }
            learnt => learnt,
        }
    }

    fn of(
        &self,
        lessons: &Lessons,
        encoder: Option<&dyn Encoder>,
        known: Option<&Arc<Understanding>>,
    ) -> Result<Arc<Understanding>, Untrainable> {
        let fingerprint = lessons.fingerprint(encoder);
        if let Some(known) = known.filter(|known| known.fingerprint() == fingerprint) {
            return Ok(known.clone());
        }
        let file = self.file(fingerprint);
        if let Some(file) = &file
            && let Some(kept) = recall(file, fingerprint)
        {
            return Ok(Arc::new(kept));
        }
        let learnt = match encoder {
            Some(encoder) => self.learn_with(lessons, encoder),
            None => lessons.learn(None),
        }?;
        if let Some(file) = &file
            && let Err(error) = keep(&learnt, file)
        {
            let file = file.display();
            tracing::warn!(error, %file, "what was learnt cannot be kept: it is learnt again at the next start");
        }
        Ok(Arc::new(learnt))
    }

    /// Asks the encoder for what it has not said before, and keeps what it says, also where it fails half-way.
    fn learn_with(
        &self,
        lessons: &Lessons,
        encoder: &dyn Encoder,
    ) -> Result<Understanding, Untrainable> {
        let Some(folder) = &self.0 else {
            return lessons.learn(Some(encoder));
        };
        let file = folder.join(VECTORS);
        let remembered = Remembered::open(encoder, &file);
        let learnt = lessons.learn(Some(&remembered));
        let kept =
            fs::create_dir_all(folder).and_then(|()| remembered.save(&file, lessons.sentences()));
        if let Err(error) = kept {
            let file = file.display();
            tracing::warn!(%error, %file, "what the encoder has said cannot be kept: it is asked again at the next start");
        }
        learnt
    }

    fn file(&self, fingerprint: Fingerprint) -> Option<PathBuf> {
        let folder = self.0.as_ref()?;
        Some(folder.join(format!("{fingerprint}{ENDING}")))
    }
}

/// None where there is no such model, or it cannot be used.
fn recall(file: &Path, fingerprint: Fingerprint) -> Option<Understanding> {
    if !file.exists() {
        return None;
    }
    match Understanding::load(file) {
        Ok(known) if known.fingerprint() == fingerprint => Some(known),
        Ok(_) => None,
        Err(error) => {
            tracing::warn!(%error, "what was learnt before is learnt again");
            None
        }
    }
}

fn keep(learnt: &Understanding, file: &Path) -> Result<(), String> {
    let told = |error: io::Error| error.to_string();
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(told)?;
    learnt.save(file).map_err(|error| error.to_string())?;
    forget(folder).map_err(told)
}

fn forget(folder: &Path) -> io::Result<()> {
    let mut models: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().ends_with(ENDING) {
            models.push((entry.metadata()?.modified()?, entry.path()));
        }
    }
    models.sort_by(|one, other| other.cmp(one));
    for (_, path) in models.into_iter().skip(MOST) {
        fs::remove_file(path)?;
    }
    Ok(())
}
