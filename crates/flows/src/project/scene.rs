//! What names stand for at some moment of a conversation.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use minijinja::Value as Jinja;
use serde_json::Value as Json;

use super::{FlowSpec, Project};
use crate::{
    item::Item,
    name::{Locale, SlotName, Who},
    phrase::{Names, Said, SaidList, jinja},
    slot::{Label, SlotSpec},
    value::Value,
};

/// The names that every expression and text may use, beside slots.
pub(crate) const GLOBALS: [&str; 5] = ["language", "now", "today", "waiting", "who"];

/// A moment of a conversation.
#[derive(Debug, Clone)]
pub(crate) struct Scene<'a> {
    pub(crate) locale: &'a Locale,
    pub(crate) now: DateTime,
    pub(crate) who: Option<&'a Who>,
    /// What they are called.
    pub(crate) name: Option<&'a str>,
    /// How many other flows of the same person wait.
    pub(crate) waiting: usize,
}

impl Scene<'_> {
    fn globals(&self) -> Names {
        let who = self
            .who
            .map_or(Jinja::from(()), |who| Jinja::from(who.as_str()));
        [
            ("language", Jinja::from(self.locale.as_str())),
            (
                "now",
                Jinja::from(self.now.strftime("%Y-%m-%dT%H:%M").to_string()),
            ),
            ("today", Jinja::from(self.now.date().to_string())),
            ("waiting", Jinja::from(self.waiting)),
            ("who", who),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Names for conditions, calls and other machines: plain values, nothing where a slot is empty.
    pub(crate) fn plain<'v>(
        &self,
        project: &Project,
        flow: Option<&FlowSpec>,
        value: impl Fn(&SlotSpec) -> Option<&'v Value>,
    ) -> Names {
        let mut names = self.globals();
        for slot in visible(project, flow) {
            let json = value(slot).map_or(Json::Null, Value::to_json);
            names.insert(slot.name.to_string(), jinja(&json));
        }
        names
    }

    /// Names for texts: values as the language says them, choices by their labels.
    pub(crate) fn spoken<'v>(
        &self,
        project: &Project,
        flow: Option<&FlowSpec>,
        value_of: impl Fn(&SlotSpec) -> Option<&'v Value>,
    ) -> Names {
        let mut names = self.globals();
        let tongue = project.speech.tongue(self.locale);
        names.insert("today".into(), Jinja::from(tongue.date(self.now.date())));
        if let Some(who) = self.who {
            let called = Said {
                plain: who.as_str().into(),
                spoken: self.name.unwrap_or(who.as_str()).to_owned(),
            };
            names.insert("who".into(), Jinja::from_object(called));
        }
        for slot in visible(project, flow) {
            let said = match value_of(slot) {
                None => Jinja::from(()),
                Some(Value::Integer(number)) => Jinja::from(*number),
                Some(Value::Number(number)) => Jinja::from(*number),
                Some(Value::List(items)) => Jinja::from_object(SaidList {
                    spoken: tongue.list(items.iter().map(Item::label)),
                    items: items.clone(),
                }),
                Some(value) => {
                    let list = |list: &SlotName| project.slot_of(flow, list.as_str());
                    let slot = slot.offering(|name| list(name).and_then(&value_of));
                    Jinja::from_object(Said {
                        plain: value.to_json(),
                        spoken: project.spoken(self.locale, &slot, value),
                    })
                }
            };
            names.insert(slot.name.to_string(), said);
        }
        names
    }
}

/// The slots that a flow sees: its own, and those of the conversation.
fn visible<'a>(
    project: &'a Project,
    flow: Option<&'a FlowSpec>,
) -> impl Iterator<Item = &'a SlotSpec> {
    let own = flow.into_iter().flat_map(|flow| flow.slots.values());
    project.shared.values().chain(own)
}

impl Project {
    /// The keys of the engine's own texts.
    pub(crate) fn built_in_keys(&self) -> BTreeSet<String> {
        let texts = super::read::built_in_texts(&"en".into());
        texts.into_iter().map(|(key, _)| key.to_string()).collect()
    }

    /// A value as a language says it.
    pub(crate) fn spoken(&self, locale: &Locale, slot: &SlotSpec, value: &Value) -> String {
        match value {
            Value::Choice(chosen) => {
                let choice = slot.option(value);
                match choice.and_then(|choice| choice.label.as_ref()) {
                    Some(Label::Text(key)) => {
                        self.speech.say(locale, key.as_str(), 0, &Names::new())
                    }
                    Some(Label::Words(words)) => words.clone(),
                    None => chosen.clone(),
                }
            }
            Value::Boolean(flag) => {
                let key = if *flag { "convene.yes" } else { "convene.no" };
                self.speech.say(locale, key, 0, &Names::new())
            }
            value => self.speech.tongue(locale).value(value),
        }
    }
}
