//! From the texts of files to training data: which kind each is, what its name says, and which belong together.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Language, Split, TrainingData, bio, clinc, conll, csv,
    fault::{Code, Faults, Reading, place},
    rasa,
};

/// The files of a BIO folder.
const BIO: [&str; 3] = ["label", "seq.in", "seq.out"];

const EXTENSIONS: [&str; 7] = ["yml", "yaml", "json", "csv", "conll", "bio", "iob"];

/// A file's text.
pub(crate) struct Written {
    /// How it is called in faults.
    pub(crate) shown: String,
    pub(crate) text: String,
}

/// Reads the texts of files, by their paths with `/` between the names. Those that are no training data by
/// their names are passed over. What names say is said at [`crate::load`].
///
/// # Errors
/// All that is wrong in all of the files, each with its place and a remedy.
pub fn read<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<TrainingData, Faults> {
    let (data, mut faults) = survey(files);
    if faults.is_empty() && data.examples.is_empty() {
        nothing(&mut faults, ".");
    }
    if faults.is_empty() {
        Ok(data)
    } else {
        Err(faults)
    }
}

/// The same for whoever looks at data that may have faults: what is good of it, and what is wrong with the rest.
pub fn survey<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> (TrainingData, Faults) {
    let files = files.into_iter().map(|(path, text)| {
        let written = Written {
            shown: path.to_owned(),
            text: text.to_owned(),
        };
        (path.to_owned(), written)
    });
    let mut faults = Faults::default();
    let files: BTreeMap<_, _> = files.collect();
    let list = |path: &str| files.get(path).map(|file| file.text.clone());
    let data = read_all(&files, None, &list, &mut faults);
    (data, faults)
}

/// Reads files by their paths from the root of the training data. `language` is that of files that do not say
/// theirs; `list` reads a word list by its path from the root.
pub(crate) fn read_all(
    files: &BTreeMap<String, Written>,
    language: Option<&Language>,
    list: rasa::List<'_>,
    faults: &mut Faults,
) -> TrainingData {
    let mut data = TrainingData::default();
    let mut folders = BTreeSet::new();
    for (path, file) in files {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let told = folder.split('/').fold(
            Told {
                language: language.cloned(),
                ..Told::default()
            },
            Told::by,
        );
        let in_folder = BIO.map(|name| files.get(&join(folder, name)));
        if let [Some(labels), Some(words), Some(tags)] = in_folder {
            // The folder is one of these, and nothing else.
            if folders.insert(folder) {
                let mut reading = Reading {
                    file: &tags.shown,
                    faults,
                };
                let texts = [labels, words, tags].map(|file| file.text.as_str());
                data.extend(bio::read(texts, told.split, &mut reading));
            }
            continue;
        }
        let mut parts = name.rsplit('.');
        let extension = parts.next().unwrap_or_default().to_ascii_lowercase();
        let told = parts.fold(told, Told::by);
        let mut reading = Reading {
            file: &file.shown,
            faults,
        };
        let text = file.text.strip_prefix('\u{FEFF}').unwrap_or(&file.text);
        let mut read = match extension.as_str() {
            "yml" | "yaml" => {
                let list = |named: &str| places(folder, named).find_map(|path| list(&path));
                rasa::read(text, told.language, &list, &mut reading)
            }
            "json" => clinc::read(text, &mut reading),
            "csv" => csv::read(text, told.language.as_ref(), &mut reading),
            "conll" | "bio" | "iob" => conll::read(text, &mut reading),
            _ => continue,
        };
        for example in &mut read.examples {
            // What a file says itself counts more.
            if example.split == Split::Train {
                example.split = told.split;
            }
        }
        data.extend(read);
    }
    data
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// Where a word list may be that a file in a folder names: below that folder or one around it, by its whole path or
/// by the end of it, since a folder may have been moved since.
fn places(folder: &str, named: &str) -> impl Iterator<Item = String> {
    let names: Vec<_> = named
        .split(['/', '\\'])
        .filter(|name| !["", ".", ".."].contains(name))
        .collect();
    let around: Vec<_> = folder.split('/').filter(|name| !name.is_empty()).collect();
    (0..names.len()).flat_map(move |from| {
        let (names, around) = (names.clone(), around.clone());
        (0..=around.len()).rev().map(move |deep| {
            let path = around[..deep].iter().chain(&names[from..]);
            path.copied().collect::<Vec<_>>().join("/")
        })
    })
}

/// What the names of folders and files say of the sentences in them.
#[derive(Default)]
struct Told {
    language: Option<Language>,
    split: Split,
}

impl Told {
    /// What another name adds.
    fn by(self, name: &str) -> Self {
        Self {
            language: by_name(name).or(self.language),
            split: split_of(name).unwrap_or(self.split),
        }
    }
}

/// What a name says that sentences are for.
pub(crate) fn split_of(name: &str) -> Option<Split> {
    match name {
        "valid" | "validation" | "val" | "dev" => Some(Split::Validation),
        "test" => Some(Split::Test),
        _ => None,
    }
}

/// The language that a name says. Two letters are enough to be one.
fn by_name(name: &str) -> Option<Language> {
    let code = name.split(['-', '_']).next().unwrap_or_default();
    (code.len() == 2)
        .then(|| Language::new(code).ok())
        .flatten()
}

/// Whether a file is training data by its name; else why it is none.
pub(crate) fn check_name(path: &str) -> Result<(), String> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let (_, extension) = name.rsplit_once('.').unwrap_or_default();
    let is_one =
        EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str()) || BIO.contains(&name);
    if is_one {
        Ok(())
    } else {
        Err(format!("no training data is written as `.{extension}`"))
    }
}

pub(crate) fn nothing(faults: &mut Faults, file: &str) {
    faults.add(
        file,
        place(1, 1),
        Code::Empty,
        "there is no training data",
        "name Rasa's NLU YAML, CLINC150's JSON, CSV of text and intent, CoNLL's words with tags, or a folder with label, seq.in and seq.out",
    );
}
