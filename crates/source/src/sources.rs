//! A project's files, from wherever they come: a folder, the binary, a test.

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::{Deserialize, Serialize};

/// A larger file is not one that a person wrote.
const LARGEST_FILE: u64 = 4 << 20;
/// The folders of a project that hold files of ours.
const FOLDERS: [&str; 4] = ["flows", "nlu", "tests", "texts"];

/// The texts of files by their paths in the project's folder, with `/` between the names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources(BTreeMap<String, String>);

/// A file or folder that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {path}: {source}")]
pub struct ReadError {
    /// Which.
    pub path: String,
    /// Why not.
    pub source: io::Error,
}

impl Sources {
    /// Reads `assistant.yaml`, the YAML files in `flows`, `tests` and `texts`, and what may be training data in `nlu`;
    /// folders in them too. What begins with a dot is passed over.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read, is no UTF-8, or is larger than 4 MiB.
    pub fn read(folder: &Path) -> Result<Self, ReadError> {
        let mut sources = Self::default();
        sources.read_file(folder, "assistant.yaml")?;
        for name in FOLDERS {
            if folder.join(name).is_dir() {
                sources.read_folder(folder, name)?;
            }
        }
        Ok(sources)
    }

    fn read_folder(&mut self, root: &Path, inside: &str) -> Result<(), ReadError> {
        let error = |source| ReadError {
            path: root.join(inside).display().to_string(),
            source,
        };
        for entry in fs::read_dir(root.join(inside)).map_err(error)? {
            let entry = entry.map_err(error)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let path = format!("{inside}/{name}");
            // Not through links: they may go round.
            let kind = entry.file_type().map_err(error)?;
            if kind.is_dir() {
                self.read_folder(root, &path)?;
            } else if is_ours(&path) {
                self.read_file(root, &path)?;
            }
        }
        Ok(())
    }

    fn read_file(&mut self, root: &Path, path: &str) -> Result<(), ReadError> {
        let whole = root.join(path);
        let read = || {
            if fs::metadata(&whole)?.len() > LARGEST_FILE {
                return Err(io::Error::new(
                    io::ErrorKind::FileTooLarge,
                    "it is larger than 4 MiB",
                ));
            }
            fs::read_to_string(&whole)
        };
        let text = read().map_err(|source| ReadError {
            path: whole.display().to_string(),
            source,
        })?;
        self.0.insert(path.to_owned(), text);
        Ok(())
    }

    /// The text of a file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// The files in a folder, in the order of their names.
    pub fn inside<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.iter().filter(move |(path, _)| {
            path.strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
        })
    }

    /// All files, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }
}

/// Whether a file is one that a project is made of.
fn is_ours(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let (_, extension) = name.rsplit_once('.').unwrap_or_default();
    let is_data = matches!(name, "label" | "seq.in" | "seq.out")
        || ["csv", "json"].contains(&extension.to_ascii_lowercase().as_str());
    ["yaml", "yml"].contains(&extension.to_ascii_lowercase().as_str())
        || is_data && path.starts_with("nlu/")
}

impl<P: Into<String>, T: Into<String>> FromIterator<(P, T)> for Sources {
    fn from_iter<I: IntoIterator<Item = (P, T)>>(files: I) -> Self {
        let files = files.into_iter();
        Self(
            files
                .map(|(path, text)| (path.into(), text.into()))
                .collect(),
        )
    }
}
