//! The names of intents and entities that there are training data for.

use std::collections::BTreeSet;

use crate::{
    name::{EntityName, IntentName},
    source::Sources,
    yaml::{self, Kind, Node},
};

/// The entities that are found without training data.
const BUILT_IN: [&str; 9] = [
    "amount-of-money",
    "duration",
    "email",
    "number",
    "order-number",
    "ordinal",
    "phone-number",
    "time",
    "url",
];

/// What can be understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// The intents.
    pub intents: BTreeSet<IntentName>,
    /// The entities, the built-in ones too.
    pub entities: BTreeSet<EntityName>,
}

impl Vocabulary {
    /// The names in the training data of a project (`nlu/`, in Rasa's format). This looks for names alone: whether the
    /// data are good is for whoever learns from them to say.
    #[must_use]
    pub fn of(sources: &Sources) -> Self {
        let mut vocabulary = Self::default();
        vocabulary.entities.extend(BUILT_IN.map(EntityName::from));
        for (_, text) in sources.inside("nlu") {
            let items = yaml::parse(text).ok().and_then(|mut file| file.take("nlu"));
            if let Some(Kind::List(items)) = items.map(|items| items.kind) {
                for item in items {
                    vocabulary.learn(item);
                }
            }
        }
        vocabulary
    }

    fn learn(&mut self, mut item: Node) {
        if let Some(intent) = item.take("intent") {
            self.intents.extend(intent.text().map(IntentName::from));
        }
        for kind in ["lookup", "regex"] {
            if let Some(entity) = item.take(kind) {
                self.entities.extend(entity.text().map(EntityName::from));
            }
        }
        if let Some(examples) = item.take("examples") {
            self.annotated(&examples);
        }
    }

    /// `[Berlin](city)` and `[Berlin]{"entity": "city", "role": "from"}`.
    fn annotated(&mut self, examples: &Node) {
        match &examples.kind {
            Kind::Scalar { text, .. } => {
                for (open, close) in [("](", ')'), ("]{", '}')] {
                    for rest in text.split(open).skip(1) {
                        let inside = rest.split(close).next().unwrap_or_default();
                        let name = if close == ')' {
                            Some(inside.split(':').next().unwrap_or_default().to_owned())
                        } else {
                            let object = serde_json::from_str(&format!("{{{inside}}}"));
                            object.ok().and_then(|object: serde_json::Value| {
                                Some(object.get("entity")?.as_str()?.to_owned())
                            })
                        };
                        self.entities.extend(name.map(EntityName::from));
                    }
                }
            }
            Kind::List(items) => items.iter().for_each(|item| self.annotated(item)),
            Kind::Map(entries) => {
                let texts = entries.iter().filter(|(key, _)| key.text() == Some("text"));
                texts.for_each(|(_, text)| self.annotated(text));
            }
        }
    }
}
