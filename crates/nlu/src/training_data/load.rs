//! From a path to training data: which kind it is, and the files below a folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    Split, TrainingData, bio, clinc, csv,
    fault::{Code, Faults, Reading},
    rasa,
};
use crate::language::Language;

/// The files of a BIO folder.
const BIO: [&str; 3] = ["label", "seq.in", "seq.out"];

/// Loads a file, or all training data below a folder in the order of its names. Files and folders
/// whose names begin with a dot are passed over.
///
/// A file's language is what it says (`language: de`), or else its name (`de.yml`, `nlu.de.yml`),
/// or else a folder's name (`de/`).
///
/// # Errors
/// All that is wrong in all of the files, each with its place and a remedy.
pub fn load(path: &Path) -> Result<TrainingData, Faults> {
    let mut loading = Loading::default();
    loading.visit(path, true, None, Split::Train);
    if loading.faults.is_empty() && loading.data.examples.is_empty() {
        let mut reading = Reading::of(path);
        reading.fault(
            (1, 1),
            Code::Empty,
            "there is no training data",
            "name Rasa's NLU YAML, CLINC150's JSON, CSV of text and intent, or a folder with label, seq.in and seq.out",
        );
        loading.faults = reading.faults;
    }
    if loading.faults.is_empty() {
        Ok(loading.data)
    } else {
        Err(Faults(loading.faults))
    }
}

#[derive(Default)]
struct Loading {
    data: TrainingData,
    faults: Vec<super::Fault>,
}

impl Loading {
    fn visit(&mut self, path: &Path, is_named: bool, language: Option<&Language>, split: Split) {
        if path.is_dir() {
            if BIO.iter().all(|name| path.join(name).is_file()) {
                self.bio(path, split);
            } else {
                self.folder(path, language);
            }
            return;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut parts = name.rsplit('.');
        let extension = parts.next().unwrap_or_default().to_ascii_lowercase();
        let named = parts.next().and_then(by_name);
        let language = named.as_ref().or(language);
        let mut reading = Reading::of(path);
        let data = match extension.as_str() {
            "yml" | "yaml" => text(path, &mut reading)
                .map(|text| rasa::read(&text, language.cloned(), &mut reading)),
            "json" => text(path, &mut reading).map(|text| clinc::read(&text, &mut reading)),
            "csv" => text(path, &mut reading).map(|text| csv::read(&text, language, &mut reading)),
            _ if is_named && path.exists() => {
                reading.fault(
                    (1, 1),
                    Code::UnknownFormat,
                    format!("no training data is written as `.{extension}`"),
                    "use .yml (Rasa), .json (CLINC150), .csv (text,intent), or a folder with label, seq.in and seq.out",
                );
                None
            }
            _ if is_named => text(path, &mut reading).map(|_| TrainingData::default()),
            _ => None,
        };
        self.data.extend(data.unwrap_or_default());
        self.faults.extend(reading.faults);
    }

    fn folder(&mut self, path: &Path, language: Option<&Language>) {
        let entries = fs::read_dir(path).and_then(|entries| {
            let paths = entries.map(|entry| Ok(entry?.path()));
            paths.collect::<io::Result<Vec<PathBuf>>>()
        });
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                let mut reading = Reading::of(path);
                unreadable(&error, &mut reading);
                self.faults.extend(reading.faults);
                return;
            }
        };
        entries.sort();
        for entry in entries {
            let name = entry.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with('.') {
                continue;
            }
            let split = match name.as_ref() {
                "valid" | "validation" | "val" | "dev" => Split::Validation,
                "test" => Split::Test,
                _ => Split::Train,
            };
            let named = entry.is_dir().then(|| by_name(&name)).flatten();
            self.visit(&entry, false, named.as_ref().or(language), split);
        }
    }

    fn bio(&mut self, folder: &Path, split: Split) {
        let mut texts = [const { String::new() }; 3];
        for (name, into) in BIO.iter().zip(&mut texts) {
            let mut reading = Reading::of(&folder.join(name));
            *into = text(&folder.join(name), &mut reading).unwrap_or_default();
            self.faults.extend(reading.faults);
        }
        let mut reading = Reading::of(&folder.join("seq.out"));
        let [labels, words, tags] = &texts;
        self.data
            .extend(bio::read(labels, words, tags, split, &mut reading));
        self.faults.extend(reading.faults);
    }
}

/// The language that a name says. Two letters are enough to be one.
fn by_name(name: &str) -> Option<Language> {
    let code = name.split(['-', '_']).next().unwrap_or_default();
    (code.len() == 2)
        .then(|| Language::new(code).ok())
        .flatten()
}

fn text(path: &Path, reading: &mut Reading) -> Option<String> {
    match fs::read(path) {
        Err(error) => {
            unreadable(&error, reading);
            None
        }
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Some(
                text.strip_prefix('\u{FEFF}')
                    .map(str::to_owned)
                    .unwrap_or(text),
            ),
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let lines = error.as_bytes()[..good].split(|byte| *byte == b'\n');
                reading.fault(
                    (lines.count(), 1),
                    Code::Malformed,
                    "here is a letter that is not in UTF-8",
                    "save the file as UTF-8",
                );
                None
            }
        },
    }
}

fn unreadable(error: &io::Error, reading: &mut Reading) {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "it is not there".to_owned(),
        _ => format!("it cannot be read: {error}"),
    };
    reading.fault(
        (1, 1),
        Code::Unreadable,
        reason,
        "name a file or a folder that is there and may be read",
    );
}
