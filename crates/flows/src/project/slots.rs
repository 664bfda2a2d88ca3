//! Slots from how they were written to how they are used.

use std::collections::BTreeMap;

use convene_source::{At, Place};

use super::Vocabulary;
use crate::{
    fault::{Code, Faults, did_you_mean},
    folder::{Slot, SlotOf, SlotType},
    name::{EntityName, IntentName, SlotName, TextKey},
    slot::{ChoiceSpec, Label, Limit, Pattern, SlotSpec},
    value::Value,
};

pub(super) fn compile(
    file: &str,
    slots: &BTreeMap<String, Slot>,
    places: &[(String, Place)],
    vocabulary: &Vocabulary,
    faults: &mut Faults,
) -> BTreeMap<SlotName, SlotSpec> {
    let specs = slots.iter().map(|(name, slot)| {
        let place = places.iter().find(|(other, _)| other == name);
        let mut writer = Writer {
            file,
            place: place.map(|(_, place)| *place).unwrap_or_default(),
            name,
            slot,
            vocabulary,
            faults,
        };
        (SlotName::from(name.as_str()), writer.spec())
    });
    specs.collect()
}

struct Writer<'a> {
    file: &'a str,
    place: Place,
    name: &'a str,
    slot: &'a Slot,
    vocabulary: &'a Vocabulary,
    faults: &'a mut Faults,
}

fn text_key(at: &At<String>) -> At<TextKey> {
    At::new(TextKey::from(at.as_str()), at.place)
}

/// The built-in entity that others call so.
fn built_in_for(entity: &str) -> Option<&'static str> {
    Some(match entity.to_lowercase().as_str() {
        "date" | "datetime" | "day" | "hour" | "timestamp" => "time",
        "integer" | "int" | "float" | "cardinal" | "quantity" => "number",
        "money" | "amount" | "price" | "currency" => "amount-of-money",
        "mail" | "e-mail" | "email-address" | "email_address" => "email",
        "phone" | "telephone" | "phone_number" | "tel" => "phone-number",
        "link" | "website" => "url",
        _ => return None,
    })
}

impl Writer<'_> {
    fn fault(&mut self, place: Place, code: Code, message: String, remedy: &str) {
        let message = format!("the slot `{}`: {message}", self.name);
        self.faults.add(self.file, place, code, message, remedy);
    }

    fn spec(&mut self) -> SlotSpec {
        let choices = self.choices();
        let slot = self.slot;
        let (min, max) = self.limits();
        let spec = SlotSpec {
            name: self.name.into(),
            place: self.place,
            kind: slot.kind,
            choices,
            from: slot
                .from
                .as_ref()
                .map(|from| At::new(SlotName::from(from.as_str()), from.place)),
            item: slot.item.as_ref().map(|item| item.value.clone()),
            entities: self.entities(),
            role: slot.role.clone(),
            intents: self.intents(),
            ask: slot.ask.as_ref().map_or_else(
                || At::new(SlotSpec::default_ask(self.name), self.place),
                text_key,
            ),
            label: slot.label.as_ref().map(text_key),
            invalid: slot.invalid.as_ref().map(text_key),
            depends_on: slot
                .depends_on
                .iter()
                .map(|other| At::new(SlotName::from(other.as_str()), other.place))
                .collect(),
            is_everybodys: slot
                .of
                .as_ref()
                .is_some_and(|of| of.value == SlotOf::Conversation),
            case: self.slot.case.as_ref().map(|case| case.value),
            without: self
                .slot
                .without
                .as_ref()
                .map_or_else(String::new, |signs| signs.value.clone()),
            pattern: self.pattern(),
            min,
            max,
        };
        if let Some(pattern) = slot.pattern.as_ref().filter(|_| spec.takes_no_text()) {
            let message = "nobody can answer: no text that its `min`, `max` and `without` let through matches its `pattern`";
            let remedy = "write a pattern of what is left without the signs of `without`, and of at least one character";
            let code = Code::WrongType;
            self.fault(pattern.place, code, message.into(), remedy);
        }
        spec
    }

    /// The least and the most that it takes.
    fn limits(&mut self) -> (Option<Limit>, Option<Limit>) {
        let slot = self.slot;
        let min = slot.min.as_ref();
        let min = self.limit(min.map(|min| (min.place, min.value.0.as_str())));
        let most = slot.max.as_ref();
        let max = self.limit(most.map(|max| (max.place, max.value.0.as_str())));
        if let (Some(least), Some(limit), Some(most)) = (&min, &max, most)
            && least.excludes(limit)
        {
            let message =
                format!("nobody can answer: its `min`, {least}, is more than its `max`, {limit}");
            self.fault(most.place, Code::WrongType, message, "swap them");
        }
        (min, max)
    }

    /// What can be chosen is written, or comes from a list, and only a choice has it.
    fn has_one_source(&mut self) {
        let slot = self.slot;
        let values = slot.values.first().map(|first| first.value.place);
        let from = slot.from.as_ref().map(|from| from.place);
        let is_choice = slot.kind == SlotType::Choice;
        let (place, message, remedy) = match (is_choice, values, from) {
            (true, None, None) => (
                self.place,
                "a choice has `values`, or the list that they come `from`",
                "add `values:` with what can be chosen, or `from:` with a slot of `type: list`",
            ),
            (true, Some(_), Some(place)) => (
                place,
                "a choice has either `values` or the list that they come `from`",
                "take one of them away",
            ),
            (false, Some(place), _) => (
                place,
                "only a choice has `values`",
                "add `type: choice`, or take the values away",
            ),
            (false, None, Some(place)) => (
                place,
                "only a choice comes `from` a list",
                "add `type: choice`, or take `from` away",
            ),
            _ => return,
        };
        self.fault(place, Code::WrongType, message.into(), remedy);
    }

    fn choices(&mut self) -> Vec<ChoiceSpec> {
        self.has_one_source();
        let mut choices: Vec<ChoiceSpec> = Vec::new();
        for choice in &self.slot.values {
            if choices
                .iter()
                .any(|other| other.value == *choice.value.value)
            {
                let message = format!("the value `{}` stands there twice", choice.value.value);
                self.fault(
                    choice.value.place,
                    Code::Duplicate,
                    message,
                    "take one of them away",
                );
            }
            choices.push(ChoiceSpec {
                value: choice.value.value.clone(),
                label: choice.label.as_ref().map(text_key).map(Label::Text),
                synonyms: choice.synonyms.clone(),
            });
        }
        choices
    }

    fn entities(&mut self) -> Vec<EntityName> {
        let Some(named) = &self.slot.entities else {
            // The entity that is called like the slot, if there is one.
            return self
                .vocabulary
                .entities
                .get(self.name)
                .cloned()
                .into_iter()
                .collect();
        };
        for entity in named {
            if !self.vocabulary.entities.contains(entity.as_str()) {
                let known = self.vocabulary.entities.iter().map(EntityName::as_str);
                let remedy = match built_in_for(entity) {
                    Some(built_in) => format!("did you mean `{built_in}`, which is built in?"),
                    None => did_you_mean(
                        entity,
                        known,
                        "annotate it in nlu/, or add a lookup or a regex for it",
                    ),
                };
                let message = format!("there is no entity `{}`", entity.value);
                self.fault(entity.place, Code::UnknownEntity, message, &remedy);
            }
        }
        named
            .iter()
            .map(|entity| EntityName::from(entity.as_str()))
            .collect()
    }

    fn intents(&mut self) -> BTreeMap<IntentName, At<Value>> {
        let mut intents = BTreeMap::new();
        for (intent, written) in &self.slot.intents {
            if !self.vocabulary.intents.is_empty() && !self.vocabulary.intents.contains(intent) {
                let known = self.vocabulary.intents.iter().map(IntentName::as_str);
                let remedy = did_you_mean(intent.as_str(), known, "write examples for it in nlu/");
                self.fault(
                    written.place,
                    Code::UnknownIntent,
                    format!("there is no intent `{intent}`"),
                    &remedy,
                );
            }
            let json = serde_json::Value::String(written.value.clone());
            match Value::from_json(self.slot.kind, &json) {
                Some(value) => {
                    intents.insert(intent.clone(), At::new(value, written.place));
                }
                None => {
                    let message = format!("`{}` is no value of its type", written.value);
                    self.fault(
                        written.place,
                        Code::WrongType,
                        message,
                        "write a value of the slot's type, or change the type",
                    );
                }
            }
        }
        intents
    }

    fn pattern(&mut self) -> Option<Pattern> {
        let slot = self.slot;
        self.is_for_words("case", slot.case.as_ref().map(|case| case.place));
        self.is_for_words("without", slot.without.as_ref().map(|signs| signs.place));
        let pattern = slot.pattern.as_ref()?;
        self.is_for_words("pattern", Some(pattern.place));
        match Pattern::new(pattern, slot.case.is_some()) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().to_owned();
                let message = format!("its pattern cannot be read: {reason}");
                let remedy = match ["look-around", "backreferences"]
                    .iter()
                    .any(|what| reason.contains(what))
                {
                    true => {
                        "those are for a `regex` in nlu/ alone: say it without `(?=`, `(?!`, `(?<` and `\\1`, or look at the value with a `branch` behind the question"
                    }
                    false => "write a regular expression in single quotes",
                };
                self.fault(pattern.place, Code::BadExpression, message, remedy);
                None
            }
        }
    }

    /// Only words have a key of this name.
    fn is_for_words(&mut self, key: &str, place: Option<Place>) {
        let are_words = matches!(
            self.slot.kind,
            SlotType::Text | SlotType::Email | SlotType::Phone
        );
        if let Some(place) = place.filter(|_| !are_words) {
            let message = format!("only words have a `{key}`");
            let remedy = format!("take the {key} away, or make the slot a text");
            self.fault(place, Code::WrongType, message, &remedy);
        }
    }

    fn limit(&mut self, bound: Option<(Place, &str)>) -> Option<Limit> {
        let (place, text) = bound?;
        match Limit::read(self.slot.kind, text) {
            Ok(limit) => Some(limit),
            Err(what) => {
                let message = format!("the bound `{text}` does not fit its type");
                self.fault(
                    place,
                    Code::WrongType,
                    message,
                    &format!("it must be {what}"),
                );
                None
            }
        }
    }
}
