//! What the assistant can say.

use std::collections::{BTreeMap, BTreeSet};

use convene_source::{At, Place};

use super::{draft::DrawnText, read::built_in_texts};
use crate::{
    fault::{Code, Faults},
    folder::Assistant,
    name::{Locale, TextKey},
    phrase::{BadTemplate, Names, Templates, Tongue},
    slot::{AgainWords, NodWords, SmallWords, bare, phrases},
};

/// The key of the text that something went wrong.
pub(crate) const FAILED: &str = "convene.failed";

/// A text in a language.
#[derive(Debug)]
pub(crate) struct Phrase {
    /// Where it stands; nowhere, if it is built in.
    pub(crate) written: Option<(String, Place)>,
    pub(crate) variants: Vec<At<String>>,
    /// The names in it.
    pub(crate) names: BTreeSet<String>,
    /// The words of its first variant, where it has no name that stands for others.
    words: Option<Vec<String>>,
}

/// All texts, in all languages of the project.
#[derive(Debug)]
pub(crate) struct Speech {
    pub(crate) templates: Templates,
    texts: BTreeMap<Locale, BTreeMap<TextKey, Phrase>>,
    tongues: BTreeMap<Locale, Tongue>,
    first: Locale,
    /// Words of all languages: for yes and no, and those around a value.
    pub(crate) nods: NodWords,
    pub(crate) small: SmallWords,
    /// What is said to hear a question once more.
    pub(crate) repeat: Vec<String>,
    /// What is said to have something once more.
    pub(crate) again: AgainWords,
}

impl Speech {
    pub(super) fn new(
        assistant: &Assistant,
        drawn: Vec<DrawnText>,
        faults: &mut Faults,
    ) -> Option<Self> {
        let first = assistant.languages.first()?.value.clone();
        let mut speech = Self {
            templates: Templates::new().ok()?,
            texts: BTreeMap::new(),
            tongues: BTreeMap::new(),
            first,
            nods: NodWords::default(),
            small: SmallWords::default(),
            repeat: Vec::new(),
            again: AgainWords::default(),
        };
        for locale in &assistant.languages {
            let built_in = built_in_texts(locale).into_iter().map(|(key, variants)| {
                let phrase = Phrase {
                    written: None,
                    variants: variants
                        .into_iter()
                        .map(|text| At::new(text, Place::default()))
                        .collect(),
                    names: BTreeSet::new(),
                    words: None,
                };
                (key, phrase)
            });
            speech
                .texts
                .insert(locale.value.clone(), built_in.collect());
            speech
                .tongues
                .insert(locale.value.clone(), Tongue::new(locale.as_str()));
        }
        for text in drawn {
            speech.add(text, faults);
        }
        speech.nods = NodWords::new(
            speech.words("convene.yes_words"),
            speech.words("convene.no_words"),
            speech.words("convene.unsure_words"),
        );
        speech.repeat = speech.words("convene.repeat_words");
        speech.again = AgainWords::new(
            speech.words("convene.again_words"),
            speech.words("convene.same_words"),
        );
        speech.small = SmallWords {
            courtesy: speech.words("convene.courtesy_words"),
            negations: speech.words("convene.negation_words"),
            denials: speech.words("convene.denial_words"),
            contrasts: speech.words("convene.contrast_words"),
            joining: speech.words("convene.joining_words"),
            names: speech.words("convene.name_words"),
            ordinals: speech.places("convene.ordinal_words"),
            last: speech.words("convene.last_words"),
            any: speech.words("convene.any_words"),
            alternatives: speech.words("convene.alternative_words"),
            changes: speech.words("convene.change_words"),
            turns: speech.words("convene.turning_words"),
            unwished: phrases(&speech.words("convene.unwished_words")),
            forbids: phrases(&speech.words("convene.forbidding_words")),
            becoming: speech.words("convene.becoming_words"),
            meaning: speech.words("convene.meaning_words"),
            more: speech.words("convene.more_words"),
            less: speech.words("convene.less_words"),
        };
        Some(speech)
    }

    fn add(&mut self, text: DrawnText, faults: &mut Faults) {
        let Some(texts) = self.texts.get_mut(&text.locale) else {
            let message = format!(
                "`languages` of assistant.yaml does not name `{}`",
                text.locale
            );
            let remedy = match Tongue::code_of(text.locale.as_str()) {
                Some(code) => format!("name the file after the language's code: {code}.yaml"),
                None => "add it there, or name the file after one of the languages".to_owned(),
            };
            let (file, place) = (&text.file, Place::default());
            faults.add(file, place, Code::UnknownLanguage, message, remedy);
            return;
        };
        let mut names = BTreeSet::new();
        for variant in &text.variants {
            match self.templates.names_in_text(variant) {
                Ok(found) => names.extend(found),
                Err(error) => faults.add(
                    &text.file,
                    variant.place,
                    Code::BadExpression,
                    format!("the text `{}` cannot be read: {error}", text.key.value),
                    "placeholders are slots in single braces, such as {order_number}; a brace itself is {\"{\"}",
                ),
            }
        }
        let plain = text.variants.first().filter(|_| names.is_empty());
        let plain = plain.and_then(|text| self.templates.label(text, &Names::new()).ok());
        let phrase = Phrase {
            words: plain.map(|text| bare_words(&text)),
            written: Some((text.file.clone(), text.key.place)),
            variants: text.variants,
            names,
        };
        let old = texts.insert(text.key.value.clone(), phrase);
        if let Some((other, _)) = old.and_then(|old| old.written) {
            faults.add(
                &text.file,
                text.key.place,
                Code::Duplicate,
                format!("the text `{}` is in {other}, too", text.key.value),
                "take one of them away",
            );
        }
    }

    /// The languages.
    pub(crate) fn locales(&self) -> impl Iterator<Item = &Locale> {
        self.texts.keys()
    }

    /// A text in a language.
    pub(crate) fn phrase(&self, locale: &Locale, key: &str) -> Option<&Phrase> {
        self.texts.get(locale)?.get(key)
    }

    /// Whether some language has a text.
    pub(crate) fn knows(&self, key: &str) -> bool {
        self.texts.values().any(|texts| texts.contains_key(key))
    }

    /// All texts that were written for this project.
    pub(crate) fn written(&self) -> impl Iterator<Item = (&TextKey, &Phrase, &str, Place)> {
        self.texts.values().flatten().filter_map(|(key, phrase)| {
            let (file, place) = phrase.written.as_ref()?;
            Some((key, phrase, file.as_str(), *place))
        })
    }

    /// Whether the project has texts of its own in a language.
    pub(crate) fn is_written_in(&self, locale: &Locale) -> bool {
        let mut texts = self
            .texts
            .get(locale)
            .into_iter()
            .flat_map(BTreeMap::values);
        texts.any(|phrase| phrase.written.is_some())
    }

    /// The keys of a language.
    pub(crate) fn keys(&self) -> BTreeSet<&str> {
        self.texts
            .values()
            .flat_map(BTreeMap::keys)
            .map(TextKey::as_str)
            .collect()
    }

    /// Those of one language that were written for this project.
    pub(crate) fn keys_of(&self, locale: &Locale) -> impl Iterator<Item = &str> {
        let texts = self.texts.get(locale).into_iter().flatten();
        let written = texts.filter(|(_, phrase)| phrase.written.is_some());
        written.map(|(key, _)| key.as_str())
    }

    pub(crate) fn tongue(&self, locale: &Locale) -> Tongue {
        let tongue = self
            .tongues
            .get(locale)
            .or_else(|| self.tongues.get(&self.first));
        tongue
            .cloned()
            .unwrap_or_else(|| Tongue::new(self.first.as_str()))
    }

    /// A text as it is said, in Markdown. Its variants take turns: `turn` counts.
    ///
    /// # Errors
    /// Where an expression in it cannot be evaluated: what was tried when the project was read may still meet a value that it
    /// cannot take.
    pub(crate) fn fill(
        &self,
        locale: &Locale,
        key: &str,
        turn: u64,
        names: &Names,
    ) -> Result<String, BadTemplate> {
        match self.variant(locale, key, turn) {
            Some(text) => self.templates.say(text, names),
            None => Ok(key.to_owned()),
        }
    }

    /// A text that is shown as it stands, such as a label; where a value in it cannot be said, its key.
    pub(crate) fn say(&self, locale: &Locale, key: &str, turn: u64, names: &Names) -> String {
        let text = self.variant(locale, key, turn);
        let text = text.and_then(|text| self.templates.label(text, names).ok());
        text.unwrap_or_else(|| key.to_owned())
    }

    /// The words of a text in all languages; `names` are asked for where some stand for others.
    pub(crate) fn words_of(&self, key: &str, names: impl Fn() -> Names) -> Vec<String> {
        let words = self.locales().map(|locale| {
            let read = self.phrase_said(locale, key);
            let read = read.and_then(|phrase| phrase.words.clone());
            read.unwrap_or_else(|| bare_words(&self.say(locale, key, 0, &names())))
        });
        words.flatten().collect()
    }

    /// The phrase that is said in a language: its own, or that of the first one.
    fn phrase_said(&self, locale: &Locale, key: &str) -> Option<&Phrase> {
        let own = self.phrase(locale, key);
        own.or_else(|| self.phrase(&self.first, key))
    }

    fn variant(&self, locale: &Locale, key: &str, turn: u64) -> Option<&str> {
        let phrase = self.phrase_said(locale, key);
        let variants = phrase.map_or(&[][..], |phrase| &phrase.variants);
        let count = variants.len().max(1) as u64;
        let index = usize::try_from(turn % count).unwrap_or_default();
        variants.get(index).map(|text| text.value.as_str())
    }

    /// That something went wrong: by the project's own text, or by the built-in one where that has failed itself.
    pub(crate) fn failed(&self, locale: &Locale) -> String {
        let own = self.fill(locale, FAILED, 0, &Names::new());
        own.unwrap_or_else(|_| {
            let of = |locale: &Locale| {
                let texts = built_in_texts(locale).into_iter();
                let mut failed = texts.filter(|(key, _)| key.as_str() == FAILED);
                failed.next().and_then(|(_, text)| text.into_iter().next())
            };
            let english = || of(&Locale::from("en"));
            of(locale).or_else(english).unwrap_or_default()
        })
    }

    /// The words of lists of all languages, each with its place in its own.
    fn places(&self, key: &str) -> Vec<(String, usize)> {
        let phrases = self.locales().filter_map(|locale| self.phrase(locale, key));
        let words = phrases.flat_map(|phrase| phrase.variants.iter().enumerate());
        words
            .map(|(place, word)| (word.value.clone(), place))
            .collect()
    }

    /// The words of a list, such as those for yes, of all languages.
    fn words(&self, key: &str) -> Vec<String> {
        let phrases = self.locales().filter_map(|locale| self.phrase(locale, key));
        let words = phrases.flat_map(|phrase| &phrase.variants);
        words.map(|word| word.value.clone()).collect()
    }
}

fn bare_words(text: &str) -> Vec<String> {
    text.split_whitespace().map(bare).collect()
}
