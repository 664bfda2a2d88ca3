//! A project's files, from wherever they come: a folder, the binary, a test.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read as _},
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::{
    place::Place,
    rasa::{RASA, is_rasa},
};

/// A larger file is not one that a person wrote.
const LARGEST_FILE: u64 = 4 << 20;
/// The folders of a project that hold files of ours.
const FOLDERS: [&str; 4] = ["flows", "nlu", "tests", "texts"];

/// The texts of files by their paths in the project's folder, with `/` between the names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sources {
    files: BTreeMap<String, String>,
    /// Why others could not be read.
    #[serde(skip)]
    unread: BTreeMap<String, (Place, String)>,
}

/// A file or folder that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {path}: {reason}")]
pub struct ReadError {
    /// Which.
    pub path: String,
    /// Why not.
    pub reason: io::Error,
}

impl ReadError {
    /// Where a folder has no project, what it has instead.
    fn of_project(self, folder: &Path) -> Self {
        if self.reason.kind() != io::ErrorKind::NotFound || !is_rasa(folder) {
            return self;
        }
        Self {
            path: folder.display().to_string(),
            reason: io::Error::new(io::ErrorKind::NotFound, RASA),
        }
    }
}

impl Sources {
    /// Reads `assistant.yaml`, the YAML files in `flows`, `tests` and `texts`, and what may be training data in `nlu`;
    /// folders in them too. What begins with a dot is passed over.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read, is no file, no UTF-8, or larger than 4 MiB, and when a link leads to a folder.
    pub fn read(folder: &Path) -> Result<Self, ReadError> {
        let sources = Self::survey(folder)?;
        if let Some((path, _, reason)) = sources.unread().next() {
            return Err(ReadError {
                path: folder.join(path).display().to_string(),
                reason: io::Error::new(io::ErrorKind::InvalidData, reason),
            });
        }
        Ok(sources)
    }

    /// The same, but a file that cannot be read is one of [`unread`](Self::unread), beside the others.
    ///
    /// # Errors
    ///
    /// When there is no `assistant.yaml`, or a folder cannot be read.
    pub fn survey(folder: &Path) -> Result<Self, ReadError> {
        let mut sources = Self::default();
        let assistant = sources.read_file(folder, "assistant.yaml");
        assistant.map_err(|error| error.of_project(folder))?;
        for name in FOLDERS {
            if folder.join(name).is_dir() {
                sources.read_folder(folder, name)?;
            }
        }
        Ok(sources)
    }

    fn read_folder(&mut self, root: &Path, inside: &str) -> Result<(), ReadError> {
        let error = |reason| ReadError {
            path: root.join(inside).display().to_string(),
            reason,
        };
        for entry in fs::read_dir(root.join(inside)).map_err(error)? {
            let entry = entry.map_err(error)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let path = format!("{inside}/{name}");
            let kind = entry.file_type().map_err(error)?;
            if kind.is_dir() {
                self.read_folder(root, &path)?;
            } else if kind.is_symlink() && root.join(&path).is_dir() {
                return Err(ReadError {
                    path: root.join(&path).display().to_string(),
                    reason: io::Error::new(
                        io::ErrorKind::NotADirectory,
                        "it is a link to a folder, which may go round: put the folder itself here",
                    ),
                });
            } else if is_ours(&path) {
                self.read_file(root, &path)?;
            }
        }
        Ok(())
    }

    fn read_file(&mut self, root: &Path, path: &str) -> Result<(), ReadError> {
        let whole = root.join(path);
        let read = || {
            // A pipe that nobody writes to is never read to its end.
            if !fs::metadata(&whole).map_err(whole_file)?.is_file() {
                let message = "it is no regular file";
                let kind = io::ErrorKind::InvalidInput;
                return Err(whole_file(io::Error::new(kind, message)));
            }
            let mut text = Vec::new();
            let file = fs::File::open(&whole).map_err(whole_file)?;
            let mut file = file.take(LARGEST_FILE + 1);
            file.read_to_end(&mut text).map_err(whole_file)?;
            if text.len() as u64 > LARGEST_FILE {
                let message = "it is larger than 4 MiB";
                let kind = io::ErrorKind::FileTooLarge;
                return Err(whole_file(io::Error::new(kind, message)));
            }
            String::from_utf8(text).map_err(|error| {
                let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
                let message = format!("it is no UTF-8 from line {line} on: save it as UTF-8");
                let place = Place {
                    line: u32::try_from(line).unwrap_or(u32::MAX),
                    column: 1,
                };
                (place, io::Error::new(io::ErrorKind::InvalidData, message))
            })
        };
        match read() {
            Ok(text) => drop(self.files.insert(path.to_owned(), text)),
            Err((_, reason)) if reason.kind() == io::ErrorKind::NotFound => {
                return Err(ReadError {
                    path: whole.display().to_string(),
                    reason,
                });
            }
            Err((place, reason)) => {
                let unread = (place, reason.to_string());
                self.unread.insert(path.to_owned(), unread);
            }
        }
        Ok(())
    }

    /// The files that could not be read, in the order of their names, each with the place from which on, and the reason.
    pub fn unread(&self) -> impl Iterator<Item = (&str, Place, &str)> {
        let unread = self.unread.iter();
        unread.map(|(path, (place, reason))| (path.as_str(), *place, reason.as_str()))
    }

    /// The text of a file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
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
        self.files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }
}

/// A reason for which nothing of a file can be read.
fn whole_file(reason: io::Error) -> (Place, io::Error) {
    (Place::default(), reason)
}

/// Whether a file is one that a project is made of.
fn is_ours(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let (_, extension) = name.rsplit_once('.').unwrap_or_default();
    let is_data = matches!(name, "label" | "seq.in" | "seq.out")
        || ["csv", "json", "txt"].contains(&extension.to_ascii_lowercase().as_str());
    ["yaml", "yml"].contains(&extension.to_ascii_lowercase().as_str())
        || is_data && path.starts_with("nlu/")
}

impl<P: Into<String>, T: Into<String>> FromIterator<(P, T)> for Sources {
    fn from_iter<I: IntoIterator<Item = (P, T)>>(files: I) -> Self {
        let files = files.into_iter();
        Self {
            files: files
                .map(|(path, text)| (path.into(), text.into()))
                .collect(),
            unread: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::symlink, process::Command};

    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("assistant.yaml"), "name: Test\n").unwrap();
        fs::create_dir(folder.path().join("flows")).unwrap();
        folder
    }

    fn refusal(folder: &Path) -> String {
        Sources::read(folder).unwrap_err().to_string()
    }

    #[test]
    fn what_has_no_end_is_not_read() {
        for (program, arguments) in [("mkfifo", vec![]), ("ln", vec!["-s", "/dev/zero"])] {
            let folder = folder();
            let path = folder.path().join("flows/main.yaml");
            let made = Command::new(program).args(arguments).arg(&path).status();
            assert!(made.unwrap().success());
            let refusal = refusal(folder.path());
            assert!(
                refusal.ends_with("flows/main.yaml: it is no regular file"),
                "{refusal}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_with_what_to_do() {
        let folder = folder();
        let path = folder.path().join("flows/main.yaml");
        fs::write(&path, b"a\nb\n\xe4\n").unwrap();
        assert!(refusal(folder.path()).contains("from line 3 on: save it as UTF-8"));
        fs::write(&path, "x".repeat(5 << 20)).unwrap();
        assert!(refusal(folder.path()).contains("larger than 4 MiB"));
        fs::remove_file(&path).unwrap();
        symlink(folder.path(), folder.path().join("flows/again")).unwrap();
        assert!(refusal(folder.path()).contains("put the folder itself here"));
    }

    #[test]
    fn links_to_files_are_read_as_kubernetes_mounts_them() {
        let folder = folder();
        fs::create_dir(folder.path().join("flows/..data")).unwrap();
        fs::write(folder.path().join("flows/..data/main.yaml"), "flows:\n").unwrap();
        symlink("..data/main.yaml", folder.path().join("flows/main.yaml")).unwrap();
        let sources = Sources::read(folder.path()).unwrap();
        assert_eq!(sources.get("flows/main.yaml"), Some("flows:\n"));
        assert_eq!(sources.iter().count(), 2);
    }
}
