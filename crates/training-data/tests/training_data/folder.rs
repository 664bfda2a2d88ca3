//! Folders of training data; `convene-nlu` tests with them, too.

use std::path::PathBuf;

use convene_training_data::{TrainingData, load};
use tempfile::TempDir;

/// A folder with files in it.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// All training data in it.
    #[track_caller]
    pub(crate) fn load(&self) -> TrainingData {
        load(self.0.path()).unwrap_or_else(|faults| panic!("{faults}"))
    }

    /// What is wrong with it, with paths from the folder on.
    #[track_caller]
    pub(crate) fn faults(&self) -> Vec<String> {
        let faults = load(self.0.path()).expect_err("nothing is wrong");
        let root = format!("{}/", self.0.path().display());
        let lines = faults
            .iter()
            .map(|fault| fault.to_string().replace(&root, ""));
        lines.collect()
    }
}
