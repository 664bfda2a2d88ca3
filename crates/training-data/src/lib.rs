//! What an assistant is taught by: sentences with their intents and entities, and word lists.
//!
//! [`load`] reads Rasa's NLU YAML, CLINC150's JSON, CSV of text and intent, folders of BIO files
//! (`label`, `seq.in`, `seq.out`), and folders of all of these; it tells them apart by themselves.
//! [`read`] does the same with texts that were read already.

mod bio;
mod clinc;
mod conll;
mod csv;
mod expression;
mod fault;
mod files;
mod language;
mod load;
mod marks;
mod names;
mod rasa;

pub use convene_source::Place;

pub use self::{
    expression::{Expression, Malformed, TooManySteps},
    fault::{Code, Fault, Faults},
    files::{read, survey},
    language::{Language, NoLanguage},
    load::load,
    marks::Unreadable,
    names::{BuiltIn, EntityKind, Intent},
};

/// The intent of sentences that belong to none of the project's, in every format.
pub const OUT_OF_SCOPE: &str = "oos";

/// All that was loaded.
#[derive(Debug, Clone, Default)]
pub struct TrainingData {
    pub examples: Vec<Example>,
    pub synonyms: Vec<Synonym>,
    pub lookups: Vec<Lookup>,
    pub patterns: Vec<Pattern>,
    /// Files of a Rasa project that are about something else, such as its stories.
    pub passed_over: Vec<String>,
}

/// A sentence and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    pub text: String,
    /// None: it belongs to no intent of the project ([`OUT_OF_SCOPE`]).
    pub intent: Option<Intent>,
    /// In order of their starts.
    pub annotations: Vec<Annotation>,
    /// None: its file does not say; it is the project's first language.
    pub language: Option<Language>,
    pub split: Split,
    /// In its file.
    pub place: Place,
}

/// What an example is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Split {
    #[default]
    Train,
    Validation,
    Test,
}

/// A piece of a sentence that names something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// In bytes.
    pub start: usize,
    /// In bytes, behind its last letter.
    pub end: usize,
    pub entity: EntityKind,
    /// Which part it plays, such as `departure` and `destination` of two cities.
    pub role: Option<String>,
    /// Which of several things it belongs to, such as the first of two pizzas.
    pub group: Option<String>,
    /// What it stands for, if that is not what is written.
    pub value: Option<String>,
}

/// Other words for a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Synonym {
    pub value: String,
    pub words: String,
    pub language: Option<Language>,
}

/// Words that name an entity of a kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    pub entity: EntityKind,
    pub words: Vec<String>,
    pub language: Option<Language>,
}

/// A regular expression that names an entity of a kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    pub entity: EntityKind,
    pub pattern: String,
    pub language: Option<Language>,
}

impl TrainingData {
    /// Adds what another source has.
    pub fn extend(&mut self, other: Self) {
        self.examples.extend(other.examples);
        self.synonyms.extend(other.synonyms);
        self.lookups.extend(other.lookups);
        self.patterns.extend(other.patterns);
        self.passed_over.extend(other.passed_over);
    }

    /// The examples of a split.
    pub fn of(&self, split: Split) -> impl Iterator<Item = &Example> {
        self.examples
            .iter()
            .filter(move |example| example.split == split)
    }

    /// The languages that its files name, in order of their names.
    pub fn languages(&self) -> Vec<Language> {
        let named = self
            .examples
            .iter()
            .filter_map(|example| example.language.clone());
        named
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect()
    }
}

impl Example {
    /// The sentence with its entities marked as Rasa writes them.
    pub fn marked(&self) -> String {
        marks::write(&self.text, &self.annotations)
    }

    /// Reads a marked sentence: `to [Paris](city)`.
    ///
    /// # Errors
    /// Where a mark has no end, no words or no entity.
    pub fn unmark(marked: &str) -> Result<(String, Vec<Annotation>), Unreadable> {
        marks::read(marked)
    }
}

fn intent(name: &str) -> Option<Intent> {
    (name != OUT_OF_SCOPE).then(|| Intent::new(name))
}
