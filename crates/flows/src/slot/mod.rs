//! A slot as the engine has it: its bounds and patterns are read, its names are found.

mod again;
mod answer;
mod answerable;
mod choice;
mod folded;
mod hour;
mod limit;
mod mistyped;
mod moments;
mod nod;
mod options;
mod refused;
mod spelled_apart;
mod step;
#[cfg(test)]
mod tests;
mod words;
mod written;

use std::collections::BTreeMap;

use convene_source::{At, Place};
use jiff::civil::Date;
use regex::{Regex, RegexBuilder};

pub(crate) use self::again::AgainWords;
use self::answer::has_form;
pub(crate) use self::answer::{Asking, bare, is_all, read};
pub(crate) use self::choice::{FEW_BEFORE, called};
pub(crate) use self::folded::folded;
pub use self::limit::Limit;
pub(crate) use self::mistyped::meant_by;
pub(crate) use self::nod::{Nod, NodWords, Said};
pub use self::options::{ChoiceSpec, Label};
pub(crate) use self::refused::phrases;
pub(crate) use self::step::Step;
pub(crate) use self::words::{SmallWords, mentions};
pub(crate) use self::written::written;
use crate::{
    bounds::LONGEST_TEXT,
    folder::{ItemParts, LetterCase, SlotType},
    name::{EntityName, IntentName, SlotName, TextKey},
    value::Value,
};

/// A slot.
#[derive(Debug, Clone)]
pub struct SlotSpec {
    /// What it is called.
    pub name: SlotName,
    /// Where it stands.
    pub place: Place,
    /// What kind of value it holds.
    pub kind: SlotType,
    /// The values of a choice; of one from a list, what that has where it is asked for.
    pub choices: Vec<ChoiceSpec>,
    /// The list that they come from.
    pub from: Option<At<SlotName>>,
    /// What the items of a list are made of.
    pub(crate) item: Option<ItemParts>,
    /// The entities that fill it at any time.
    pub entities: Vec<EntityName>,
    /// The role or group that an entity must have.
    pub role: Option<String>,
    /// Intents that say a value.
    pub intents: BTreeMap<IntentName, At<Value>>,
    /// The text of the question.
    pub ask: At<TextKey>,
    /// The text that names it in a form.
    pub label: Option<At<TextKey>>,
    /// The text that is said before it is asked again.
    pub invalid: Option<At<TextKey>>,
    /// What it depends on.
    pub depends_on: Vec<At<SlotName>>,
    /// Whether one value of it is everybody's; of a flow's slots none is.
    pub is_everybodys: bool,
    /// In which letters a text is kept.
    pub(crate) case: Option<LetterCase>,
    /// The signs that are left out of a text.
    pub(crate) without: String,
    pub(crate) pattern: Option<Pattern>,
    pub(crate) min: Option<Limit>,
    pub(crate) max: Option<Limit>,
}

/// What there is, if it is one and no more.
fn only<T>(all: impl IntoIterator<Item = T>) -> Option<T> {
    let mut all = all.into_iter();
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

/// What words must look like.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    whole: Regex,
    inside: Regex,
}

impl Pattern {
    /// A larger pattern is not one that a person wrote.
    const LARGEST: usize = 1 << 20;

    pub(crate) fn new(pattern: &str, in_any_case: bool) -> Result<Self, regex::Error> {
        let build = |pattern: String| {
            RegexBuilder::new(&pattern)
                .case_insensitive(in_any_case)
                .size_limit(Self::LARGEST)
                .build()
        };
        Ok(Self {
            whole: build(format!("^(?:{pattern})$"))?,
            inside: build(format!(r"\b(?:{pattern})\b"))?,
        })
    }

    fn is_match(&self, text: &str) -> bool {
        self.whole.is_match(text)
    }

    /// The regular expression for the whole of a text.
    pub(crate) fn whole(&self) -> &str {
        self.whole.as_str()
    }

    /// A text without all that looks like this.
    pub(crate) fn without(&self, text: &str) -> String {
        self.inside.replace_all(text, " ").into_owned()
    }

    /// Whether a part of a text looks like this.
    fn is_in(&self, text: &str) -> bool {
        self.inside.is_match(text)
    }

    /// The only part of a text that looks like this: where it stands in `it is AB1234`.
    pub(crate) fn find(&self, text: &str) -> Option<std::ops::Range<usize>> {
        only(self.inside.find_iter(text)).map(|found| found.range())
    }
}

/// Why an answer does not fit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Misfit {
    /// It is not of the slot's type.
    Type,
    /// It is less than this.
    Below(String),
    /// It is more than this.
    Above(String),
    /// It does not match the pattern.
    Pattern,
    /// It is none of the choices.
    NotOffered,
    /// It is a longer text than any slot holds.
    TooLong,
}

impl SlotSpec {
    /// The key of the text that asks for a slot, where it names no other.
    pub(crate) fn default_ask(name: &str) -> TextKey {
        format!("ask.{name}").into()
    }

    /// Whether the text that asks for it is the one of its name.
    pub(crate) fn asks_by_default(&self) -> bool {
        self.ask.value == Self::default_ask(self.name.as_str())
    }

    /// The slots on whose values this one depends, its list among them.
    pub(crate) fn rests_on(&self) -> impl Iterator<Item = &At<SlotName>> {
        self.depends_on.iter().chain(&self.from)
    }

    /// Whether any words are a value of it.
    pub(crate) fn takes_any_words(&self) -> bool {
        self.kind == SlotType::Text && self.pattern.is_none()
    }

    /// The built-in entity that fills it while it is asked for.
    pub(crate) fn built_in(&self) -> Option<&'static str> {
        match self.kind {
            SlotType::Number | SlotType::Integer => Some("number"),
            SlotType::Date | SlotType::Time => Some("time"),
            SlotType::Money => Some("amount-of-money"),
            SlotType::Email => Some("email"),
            SlotType::Phone => Some("phone-number"),
            SlotType::Text | SlotType::Boolean | SlotType::Choice | SlotType::List => None,
        }
    }

    /// What becomes of a value that was right for an earlier declaration of the slot: nothing, where it is right for this
    /// one, too; else what it can be read as by this one, if it can. A bound of `today` was that of another day.
    pub(crate) fn outdates(&self, value: &Value) -> Option<Option<Value>> {
        let accepted = |value: Value| {
            let today = match value {
                Value::Date(day) => day,
                _ => Date::default(),
            };
            self.accept(value, today).ok()
        };
        // A list is as full as it was: what was chosen from it stays chosen.
        if self.from.is_some() && value.is_of(self.kind) {
            return None;
        }
        if value.is_of(self.kind) && accepted(value.clone()).as_ref() == Some(value) {
            return None;
        }
        let read = Value::from_json(self.kind, &value.to_json());
        Some(read.and_then(accepted))
    }

    /// Whether nobody can answer, since no text of a length that it takes has the form of its pattern.
    pub(crate) fn takes_no_text(&self) -> bool {
        let Some(pattern) = &self.pattern else {
            return false;
        };
        let Some(fits) = answerable::length(pattern.whole(), &self.without) else {
            return true;
        };
        let length = |limit: &Option<Limit>| match limit {
            Some(Limit::Length(length)) => Some(*length),
            _ => None,
        };
        // What says nothing is no answer.
        let least = length(&self.min).unwrap_or_default().max(1);
        let most = length(&self.max).unwrap_or(LONGEST_TEXT);
        fits.least > most || fits.most.is_some_and(|longest| longest < least)
    }

    /// The choice of a value, or of what somebody calls it.
    fn chosen(&self, called: &str) -> Option<&ChoiceSpec> {
        let named = bare(called);
        let exact = self.choices.iter().find(|choice| choice.value == called);
        exact.or_else(|| {
            self.choices.iter().find(|choice| {
                let mut names = std::iter::once(&choice.value).chain(&choice.synonyms);
                names.any(|name| bare(name) == named)
            })
        })
    }

    /// A text as it is kept.
    fn spelled(&self, mut text: String) -> String {
        text.retain(|sign| !self.without.contains(sign));
        match self.case {
            Some(LetterCase::Upper) => text.to_uppercase(),
            Some(LetterCase::Lower) => text.to_lowercase(),
            None => text,
        }
    }

    /// Whether a value of its type is one that it may hold; a choice comes out as it is offered, and a text as it is kept.
    pub(crate) fn accept(&self, value: Value, today: Date) -> Result<Value, Misfit> {
        if let Value::Text(text) = &value
            && text.chars().count() > LONGEST_TEXT
        {
            return Err(Misfit::TooLong);
        }
        let value = match value {
            Value::Text(text) => Value::Text(self.spelled(text)),
            Value::Choice(chosen) if self.kind == SlotType::Choice => {
                let choice = self.chosen(&chosen).ok_or(Misfit::NotOffered)?;
                Value::Choice(choice.value.clone())
            }
            other => other,
        };
        // Of what was said, nothing is left.
        if !self.without.is_empty() && matches!(&value, Value::Text(text) if text.is_empty()) {
            return Err(Misfit::Type);
        }
        if matches!(&value, Value::Text(text) if !has_form(self.kind, text)) {
            return Err(Misfit::Type);
        }
        if let (Some(pattern), Value::Text(text)) = (&self.pattern, &value)
            && !pattern.is_match(text)
        {
            return Err(Misfit::Pattern);
        }
        if let Some(min) = self.min.as_ref().filter(|min| min.is_above(&value, today)) {
            return Err(Misfit::Below(min.to_string()));
        }
        if let Some(max) = self.max.as_ref().filter(|max| max.is_below(&value, today)) {
            return Err(Misfit::Above(max.to_string()));
        }
        Ok(value)
    }
}
