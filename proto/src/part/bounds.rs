//! How much an agent may offer in a message. The SDK checks it, and so does the context service.

use std::collections::BTreeSet;

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::{Action, Card, Field, Form, Input, Part, judge};
use crate::id::ActionId;

/// Most parts of a message beside its text.
pub const OFFERS: usize = 16;
/// Most actions of a message.
pub const ACTIONS: usize = 64;
/// Most fields of a form.
pub const FIELDS: usize = 32;
/// Most options of a field.
pub const OPTIONS: usize = 100;
/// Most people that something is for.
pub const PEOPLE: usize = 64;
/// Bytes of a label, a title, a hint, a value or an address.
pub const LABEL: usize = 1000;
/// Bytes of a card's text.
pub const TEXT: usize = 8 << 10;
/// Characters of the answer to a text field.
pub const ANSWER: u32 = 4000;
/// Bytes of a regular expression.
const PATTERN: usize = 500;
/// Bytes that it takes in memory.
const COMPILED: usize = 1 << 18;
/// Bytes as JSON of all that a message offers.
pub const JSON: usize = 64 << 10;

/// What is offered breaks a rule, which this names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unfit(String);

type Result = std::result::Result<(), Unfit>;

fn unfit(why: impl Into<String>) -> Unfit {
    Unfit(why.into())
}

/// Whether an agent may say these parts beside its text.
///
/// # Errors
/// Where there is too much, two actions share an id, or something cannot be shown or answered.
pub fn check(parts: &[Part]) -> Result {
    if parts.len() > OFFERS {
        let many = parts.len();
        return Err(unfit(format!(
            "A message offers at most {OFFERS} parts, and this one {many}"
        )));
    }
    let json = serde_json::to_vec(parts).map_err(|error| unfit(error.to_string()))?;
    if json.len() > JSON {
        let many = json.len();
        return Err(unfit(format!(
            "What a message offers has at most {JSON} bytes as JSON, and this has {many}"
        )));
    }
    let mut ids = BTreeSet::new();
    for part in parts {
        match part {
            Part::Actions(actions) if actions.actions.is_empty() => {
                return Err(unfit("There is no action to choose from"));
            }
            Part::Actions(actions) => all(&actions.actions, &mut ids)?,
            Part::Card(card) => check_card(card, &mut ids)?,
            Part::Form(form) => check_form(form, &mut ids)?,
            Part::Text { .. } => {
                return Err(unfit(
                    "Text is written, and stands in front of what is offered",
                ));
            }
            Part::Act(_) | Part::Unknown => {
                return Err(unfit("Agents offer actions, cards and forms"));
            }
        }
        let people = part.offer().and_then(|offer| offer.only_for.as_ref());
        if people.is_some_and(|people| people.is_empty() || people.len() > PEOPLE) {
            return Err(unfit(format!(
                "What is for some people alone is for 1 to {PEOPLE} of them"
            )));
        }
    }
    Ok(())
}

/// The regular expression of a field, which must match the whole text.
///
/// # Errors
/// Where it is none, or too large.
pub(super) fn pattern(pattern: &str) -> std::result::Result<Regex, Unfit> {
    let built = |pattern: &str| RegexBuilder::new(pattern).size_limit(COMPILED).build();
    // By itself first: one such as `a)|(?:b` would get out of what is put around it.
    let whole = built(pattern).and_then(|_| built(&format!("^(?:{pattern})$")));
    whole.map_err(|error| unfit(format!("The pattern {pattern:?} cannot be used: {error}")))
}

fn all<'a>(actions: &'a [Action], ids: &mut BTreeSet<&'a ActionId>) -> Result {
    actions.iter().try_for_each(|action| {
        fresh(&action.id, ids)?;
        short("an action's label", &action.label)?;
        let plain = |value: &Value| match value {
            Value::String(text) => text.len() <= LABEL,
            other => other.is_number() || other.is_boolean(),
        };
        if !action.value.as_ref().is_none_or(plain) {
            let id = &action.id;
            return Err(unfit(format!(
                "The value of the action {id} must be a text of at most {LABEL} bytes, a number, true or false"
            )));
        }
        address(action.url.as_deref(), &["https:", "http:", "mailto:", "tel:"])
    })
}

fn check_card<'a>(card: &'a Card, ids: &mut BTreeSet<&'a ActionId>) -> Result {
    short("a card's title", &card.title)?;
    brief("a card's subtitle", card.subtitle.as_deref(), LABEL)?;
    brief("a card's text", card.text.as_deref(), TEXT)?;
    address(card.image.as_deref(), &["https:"])?;
    few("fields of a card", card.fields.len(), FIELDS)?;
    for fact in &card.fields {
        short("the label of a card's field", &fact.label)?;
        brief("the value of a card's field", Some(&fact.value), LABEL)?;
    }
    all(&card.actions, ids)
}

fn check_form<'a>(form: &'a Form, ids: &mut BTreeSet<&'a ActionId>) -> Result {
    fresh(&form.id, ids)?;
    short("the button of a form", &form.submit)?;
    brief("a form's title", form.title.as_deref(), LABEL)?;
    if form.fields.is_empty() {
        return Err(unfit("A form has a field at least"));
    }
    few("fields of a form", form.fields.len(), FIELDS)?;
    let mut names = BTreeSet::new();
    for field in &form.fields {
        if !names.insert(&field.name) {
            let name = &field.name;
            return Err(unfit(format!("Two fields of a form are called {name}")));
        }
        check_field(field)?;
    }
    Ok(())
}

fn check_field(field: &Field) -> Result {
    let name = &field.name;
    short("a field's label", &field.label)?;
    brief("a field's hint", field.hint.as_deref(), LABEL)?;
    brief(
        "what is said of a field's answer",
        field.invalid.as_deref(),
        LABEL,
    )?;
    let crossed = match &field.input {
        Input::Text {
            min_length,
            max_length,
            pattern: expression,
            ..
        } => {
            if let Some(expression) = expression {
                brief("a pattern", Some(expression), PATTERN)?;
                pattern(expression)?;
            }
            let most = max_length.unwrap_or(ANSWER);
            if most > ANSWER {
                return Err(unfit(format!(
                    "The field {name} takes at most {ANSWER} characters"
                )));
            }
            min_length.unwrap_or(0) > most
        }
        Input::Number { min, max } => matches!((min, max), (Some(min), Some(max)) if min > max),
        Input::Integer { min, max } => matches!((min, max), (Some(min), Some(max)) if min > max),
        Input::Date { min, max } => {
            for date in [min, max].into_iter().flatten() {
                if !judge::is_date(date) {
                    return Err(unfit(format!(
                        "{date:?} of the field {name} is no date, such as 2026-01-31"
                    )));
                }
            }
            matches!((min, max), (Some(min), Some(max)) if min > max)
        }
        Input::Time { min, max } => {
            for time in [min, max].into_iter().flatten() {
                if !judge::is_time(time) {
                    return Err(unfit(format!(
                        "{time:?} of the field {name} is no time, such as 14:30"
                    )));
                }
            }
            matches!((min, max), (Some(min), Some(max)) if min > max)
        }
        Input::Choice { options, .. } => {
            if options.is_empty() {
                return Err(unfit(format!(
                    "The field {name} has no option to choose from"
                )));
            }
            few("options of a field", options.len(), OPTIONS)?;
            let mut values = BTreeSet::new();
            for option in options {
                short("an option's label", &option.label)?;
                brief("an option's value", Some(&option.value), LABEL)?;
                if !values.insert(&option.value) {
                    let value = &option.value;
                    return Err(unfit(format!(
                        "Two options of the field {name} have the value {value:?}"
                    )));
                }
            }
            false
        }
        Input::Email | Input::Phone | Input::Boolean => false,
    };
    if crossed {
        return Err(unfit(format!(
            "No answer is enough and not too much for the field {name}"
        )));
    }
    match &field.value {
        None => Ok(()),
        Some(value) => judge::judge(field, value).map(drop).map_err(|(_, why)| {
            unfit(format!(
                "What stands in the field {name} at first is no answer to it: {why}"
            ))
        }),
    }
}

fn fresh<'a>(id: &'a ActionId, ids: &mut BTreeSet<&'a ActionId>) -> Result {
    if !ids.insert(id) {
        return Err(unfit(format!("Two actions of a message have the id {id}")));
    }
    few("actions of a message", ids.len(), ACTIONS)
}

fn few(what: &str, many: usize, most: usize) -> Result {
    if many > most {
        return Err(unfit(format!("There are at most {most} {what}")));
    }
    Ok(())
}

fn short(what: &str, text: &str) -> Result {
    if text.trim().is_empty() {
        return Err(unfit(format!("It is missing what {what} says")));
    }
    brief(what, Some(text), LABEL)
}

fn brief(what: &str, text: Option<&str>, most: usize) -> Result {
    let many = text.map_or(0, str::len);
    if many > most {
        return Err(unfit(format!(
            "It is at most {most} bytes that {what} has, and here it has {many}"
        )));
    }
    Ok(())
}

fn address(url: Option<&str>, schemes: &[&str]) -> Result {
    brief("an address", url, LABEL)?;
    let fits = |url: &str| {
        let lower = url.to_ascii_lowercase();
        let is_clean = !url.contains(|one: char| one.is_control() || one.is_whitespace());
        is_clean && schemes.iter().any(|scheme| lower.starts_with(scheme))
    };
    if url.is_none_or(fits) {
        return Ok(());
    }
    let schemes = schemes.join(" or ");
    Err(unfit(format!("An address begins with {schemes} here")))
}
