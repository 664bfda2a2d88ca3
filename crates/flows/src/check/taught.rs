//! What the training data says, and which file says it.

use std::collections::{BTreeMap, btree_map::Entry};

use convene_source::Place;
use convene_training_data::{Example, OUT_OF_SCOPE, Split, TrainingData, survey};

use crate::{
    fault::{Code, Faults},
    project::Project,
    slot::folded,
};

/// The training data of a project.
pub(super) struct Taught<'p> {
    /// All of it.
    pub(super) data: TrainingData,
    /// Whether all of it could be read.
    pub(super) is_whole: bool,
    /// The sentences with the files that they stand in.
    pub(super) sentences: Vec<(&'p str, Example)>,
    /// Where there is none, the file that is there.
    first: &'p str,
}

impl<'p> Taught<'p> {
    pub(super) fn of(project: &'p Project) -> Self {
        let files = || project.sources().inside("nlu");
        let (data, faults) = survey(files());
        let mut sentences = Vec::new();
        for (file, text) in files() {
            let (folder, name) = file.rsplit_once('/').unwrap_or_default();
            let (one, _) = match name {
                // A sentence stands in three files, in the same line of each.
                "label" => survey(files().filter(|(path, _)| path.starts_with(folder))),
                _ => survey([(file, text)]),
            };
            let own = one.examples.into_iter().map(|example| (file, example));
            sentences.extend(own);
        }
        Self {
            data,
            is_whole: faults.is_empty(),
            sentences,
            first: files().next().map_or("nlu/en.yaml", |(path, _)| path),
        }
    }

    /// Where the first sentence stands of which this is true.
    pub(super) fn first(&self, is_one: impl Fn(&Example) -> bool) -> (&'p str, Place) {
        let mut sentences = self.sentences.iter();
        let found = sentences.find(|(_, example)| is_one(example));
        found.map_or((self.first, Place::default()), |(file, example)| {
            (file, example.place)
        })
    }

    /// Where the first example of an intent stands.
    pub(super) fn first_of(&self, intent: &str) -> (&'p str, Place) {
        self.first(|example| intent_of(example) == intent)
    }

    /// Sentences that teach two intents: whoever says them is understood by chance.
    pub(super) fn twice(&self, faults: &mut Faults) {
        let mut first: BTreeMap<_, (&str, &Example)> = BTreeMap::new();
        for (file, example) in &self.sentences {
            if example.split != Split::Train {
                continue;
            }
            let said = (folded(&example.text), &example.language);
            let (other, at) = match first.entry(said) {
                Entry::Vacant(entry) => {
                    entry.insert((file, example));
                    continue;
                }
                Entry::Occupied(entry) => *entry.get(),
            };
            let (one, two) = (intent_of(at), intent_of(example));
            if one != two {
                let message = format!(
                    "`{}` is an example of `{two}`, and of `{one}` in {other}:{}",
                    example.text, at.place.line
                );
                let remedy = "take it out of one of them: which was meant is not told by what is said for both";
                faults.add(file, example.place, Code::TaughtTwice, message, remedy);
            }
        }
    }
}

fn intent_of(example: &Example) -> &str {
    let intent = example.intent.as_ref();
    intent.map_or(OUT_OF_SCOPE, |intent| intent.as_str())
}
