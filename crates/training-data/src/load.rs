//! From a path to training data: a file, or all that is below a folder.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use convene_source::{is_rasa, yaml};

use crate::{
    Language, TrainingData,
    fault::{Code, Faults, place},
    files::{self, Written, check_name, read_all, split_of},
};

/// Loads a file, or all training data below a folder in the order of its names. Files and folders
/// whose names begin with a dot are passed over. Of a Rasa project's root that is what is in `data`, in the language
/// of `config.yml`.
///
/// A file's language is what it says (`language: de`), or else its name (`de.yml`, `nlu.de.yml`),
/// or else a folder's name (`de/`). What it is for is what it says, or else its name or a folder's: `test`, or
/// `valid`, `val`, `validation` and `dev`.
///
/// # Errors
/// All that is wrong in all of the files, each with its place and a remedy.
pub fn load(path: &Path) -> Result<TrainingData, Faults> {
    let mut loading = Loading::default();
    let mut language = None;
    let root = if !path.is_dir() {
        loading.named(path);
        path.parent().unwrap_or(path)
    } else if is_rasa(path) {
        language = loading.rasa(path);
        path
    } else {
        loading.folder(path, "");
        path
    };
    let Loading { files, mut faults } = loading;
    let list = |inside: &str| fs::read_to_string(root.join(inside)).ok();
    let data = read_all(&files, language.as_ref(), &list, &mut faults);
    if faults.is_empty() && data.examples.is_empty() {
        files::nothing(&mut faults, &path.display().to_string());
    }
    if faults.is_empty() {
        Ok(data)
    } else {
        Err(faults)
    }
}

#[derive(Default)]
struct Loading {
    files: BTreeMap<String, Written>,
    faults: Faults,
}

impl Loading {
    /// The root of a Rasa project, and the language that it says.
    fn rasa(&mut self, root: &Path) -> Option<Language> {
        // What is elsewhere is domains, tests, results, and halves of the same once more.
        let data = root.join("data");
        if data.is_dir() {
            self.folder(&data, "data/");
        } else {
            self.folder(root, "");
        }
        let config = ["config.yml", "config.yaml"];
        let config = config.map(|name| fs::read_to_string(root.join(name)).ok());
        let config = yaml::parse(&config.into_iter().flatten().next()?).ok()?;
        Language::new(config.get("language")?.text()?).ok()
    }

    fn folder(&mut self, path: &Path, inside: &str) {
        let entries = fs::read_dir(path).and_then(|entries| {
            let paths = entries.map(|entry| Ok(entry?.path()));
            paths.collect::<io::Result<Vec<PathBuf>>>()
        });
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                self.unreadable(path, &error);
                return;
            }
        };
        for entry in entries {
            let name = entry.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with('.') {
                continue;
            }
            if entry.is_dir() {
                self.folder(&entry, &format!("{inside}{name}/"));
            } else if check_name(&name).is_ok() {
                self.file(&entry, format!("{inside}{name}"));
            }
        }
    }

    /// A file that somebody has named, and means.
    fn named(&mut self, path: &Path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match check_name(&name) {
            Err(problem) if path.exists() => self.faults.add(
                &path.display().to_string(),
                place(1, 1),
                Code::UnknownFormat,
                problem,
                "use .yml (Rasa), .json (CLINC150), .csv (text,intent), .conll (words with tags), or a folder with label, seq.in and seq.out",
            ),
            _ => {
                // It is meant, even if it is called `test.csv`.
                let (stem, rest) = name.split_once('.').unwrap_or((&name, ""));
                let inside = match split_of(stem) {
                    Some(_) => format!("named.{rest}"),
                    None => name.clone().into_owned(),
                };
                self.file(path, inside);
            }
        }
    }

    fn file(&mut self, path: &Path, inside: String) {
        let shown = path.display().to_string();
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.unreadable(path, &error);
                return;
            }
        };
        match String::from_utf8(bytes) {
            Ok(text) => {
                self.files.insert(inside, Written { shown, text });
            }
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let lines = error.as_bytes()[..good].split(|byte| *byte == b'\n');
                self.faults.add(
                    &shown,
                    place(lines.count(), 1),
                    Code::Malformed,
                    "here is a letter that is not in UTF-8",
                    "save the file as UTF-8",
                );
            }
        }
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "it is not there".to_owned(),
            _ => format!("it cannot be read: {error}"),
        };
        self.faults.add(
            &path.display().to_string(),
            place(1, 1),
            Code::Unreadable,
            reason,
            "name a file or a folder that is there and may be read",
        );
    }
}
