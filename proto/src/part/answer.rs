//! Whether a value is what an action or a form asked for, and how it reads.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use time::{Date, Month};

use super::{
    Action, FaultCode, Field, FieldFault, Form, Input, Offer, Part,
    bounds::{ANSWER, pattern},
};
use crate::id::ActionId;

/// Something that a message offers.
#[derive(Debug, Clone, Copy)]
pub struct Offered<'a> {
    /// Which part of the message, from 0.
    pub part: u16,
    /// To whom, and how often.
    pub offer: &'a Offer,
    what: What<'a>,
}

#[derive(Debug, Clone, Copy)]
enum What<'a> {
    Action(&'a Action),
    Form(&'a Form),
}

/// A value as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub value: Option<Value>,
    /// How it reads.
    pub label: String,
}

/// Why a value is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Of an action.
    #[error("{0}")]
    Value(String),
    /// Of some fields of a form.
    #[error("some fields are not answered as they should be: {}", named(.0))]
    Fields(Vec<FieldFault>),
}

fn named(faults: &[FieldFault]) -> String {
    let each = faults.iter().map(|fault| {
        let FieldFault { field, message, .. } = fault;
        format!("{field}: {message}")
    });
    each.collect::<Vec<_>>().join("; ")
}

/// What these parts offer under this id, if anything: links do not count, nobody is told of them.
#[must_use]
pub fn find<'a>(parts: &'a [Part], action: &ActionId) -> Option<Offered<'a>> {
    (0..).zip(parts).find_map(|(part, piece)| {
        let among = |actions: &'a [Action]| {
            let found = actions.iter().find(|one| one.id == *action)?;
            found.url.is_none().then_some(What::Action(found))
        };
        let what = match piece {
            Part::Actions(actions) => among(&actions.actions)?,
            Part::Card(card) => among(&card.actions)?,
            Part::Form(form) if form.id == *action => What::Form(form),
            _ => return None,
        };
        let offer = piece.offer()?;
        Some(Offered { part, offer, what })
    })
}

impl Offered<'_> {
    /// The answer that this value is.
    ///
    /// # Errors
    /// Where it is not what was asked for: for a form, each fault.
    pub fn answer(&self, value: Option<Value>) -> Result<Answer, Wrong> {
        match self.what {
            What::Action(action) if is_own(value.as_ref(), action.value.as_ref()) => Ok(Answer {
                value: action.value.clone(),
                label: action.label.clone(),
            }),
            What::Action(action) => Err(Wrong::Value(format!(
                "the action {} has another value; leave it out",
                action.id
            ))),
            What::Form(form) => fill(form, value.unwrap_or_else(|| Map::new().into())),
        }
    }
}

/// Whether this is the action's own value, if any is given. JavaScript writes 1.0 as 1.
fn is_own(value: Option<&Value>, own: Option<&Value>) -> bool {
    match (value, own) {
        (None, _) => true,
        (Some(Value::Number(given)), Some(Value::Number(own))) => given.as_f64() == own.as_f64(),
        (given, own) => given == own,
    }
}

fn fill(form: &Form, value: Value) -> Result<Answer, Wrong> {
    let Value::Object(mut values) = value else {
        return Err(Wrong::Value(
            "a form is answered by an object with a member for each field".to_owned(),
        ));
    };
    let mut faults = Vec::new();
    let (mut answers, mut lines) = (Map::new(), Vec::new());
    for field in &form.fields {
        let mut fault = |code, message| {
            faults.push(FieldFault {
                field: field.name.clone(),
                code,
                message,
            });
        };
        match values
            .remove(field.name.as_str())
            .filter(|value| !is_empty(value))
        {
            None if field.required => {
                fault(FaultCode::Required, "this must be answered".to_owned());
            }
            None => {}
            Some(value) => match judge(field, &value) {
                Err((code, message)) => fault(code, message),
                Ok(text) => {
                    lines.push(format!("{}: {text}", field.label));
                    answers.insert(field.name.to_string(), value);
                }
            },
        }
    }
    for name in values.keys().filter_map(|name| name.parse().ok()) {
        faults.push(FieldFault {
            field: name,
            code: FaultCode::UnknownField,
            message: "the form has no such field".to_owned(),
        });
    }
    if !faults.is_empty() {
        return Err(Wrong::Fields(faults));
    }
    if lines.is_empty() {
        lines.push(form.submit.clone());
    }
    Ok(Answer {
        value: Some(answers.into()),
        label: lines.join("\n"),
    })
}

/// As good as not answered.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

type Judged = Result<String, (FaultCode, String)>;

fn wrong(code: FaultCode, message: impl Into<String>) -> Judged {
    Err((code, message.into()))
}

/// How the answer to a field reads, or what is wrong with it.
pub(super) fn judge(field: &Field, value: &Value) -> Judged {
    use FaultCode::{TooLarge, TooSmall, WrongType};
    match (&field.input, value) {
        (
            Input::Text {
                min_length,
                max_length,
                pattern,
                multiline,
            },
            Value::String(text),
        ) => {
            if !multiline && text.contains(['\n', '\r']) {
                return wrong(FaultCode::Pattern, "one line is asked for");
            }
            judge_text(text, (*min_length, *max_length), pattern.as_deref())
        }
        (Input::Email, Value::String(text)) if is_email(text) => Ok(text.clone()),
        (Input::Email, Value::String(_)) => wrong(
            FaultCode::Pattern,
            "this is no e-mail address, such as ada@example.org",
        ),
        (Input::Phone, Value::String(text)) if is_phone(text) => Ok(text.clone()),
        (Input::Phone, Value::String(_)) => wrong(
            FaultCode::Pattern,
            "this is no telephone number, such as +1 555 0100",
        ),
        (Input::Number { min, max }, Value::Number(number)) => match number.as_f64() {
            Some(given) if min.is_some_and(|min| given < min) => wrong(
                TooSmall,
                format!("at least {} is asked for", min.unwrap_or(given)),
            ),
            Some(given) if max.is_some_and(|max| given > max) => wrong(
                TooLarge,
                format!("at most {} is asked for", max.unwrap_or(given)),
            ),
            _ => Ok(number.to_string()),
        },
        (Input::Integer { min, max }, Value::Number(number)) => match number.as_i64() {
            None => wrong(WrongType, "a whole number is asked for"),
            Some(given) if min.is_some_and(|min| given < min) => wrong(
                TooSmall,
                format!("at least {} is asked for", min.unwrap_or(given)),
            ),
            Some(given) if max.is_some_and(|max| given > max) => wrong(
                TooLarge,
                format!("at most {} is asked for", max.unwrap_or(given)),
            ),
            Some(given) => Ok(given.to_string()),
        },
        (Input::Boolean, Value::Bool(yes)) => Ok(yes.to_string()),
        (Input::Date { min, max }, Value::String(date)) if is_date(date) => match (min, max) {
            (Some(min), _) if date < min => {
                wrong(TooSmall, format!("no day before {min} is asked for"))
            }
            (_, Some(max)) if date > max => {
                wrong(TooLarge, format!("no day after {max} is asked for"))
            }
            _ => Ok(date.clone()),
        },
        (
            Input::Choice {
                options,
                multiple: false,
            },
            value,
        ) => {
            let found = options.iter().find(|option| *value == option.value);
            match found {
                Some(option) => Ok(option.label.clone()),
                None => wrong(FaultCode::NotAnOption, "this is none of the options"),
            }
        }
        (Input::Choice { options, .. }, Value::Array(list)) => {
            let mut chosen = BTreeMap::new();
            for value in list {
                let found = (0..)
                    .zip(options)
                    .find(|(_, option)| *value == option.value);
                let Some((place, option)) = found else {
                    return wrong(FaultCode::NotAnOption, "not all of these are options");
                };
                let place: usize = place;
                if chosen.insert(place, option.label.as_str()).is_some() {
                    return wrong(FaultCode::NotAnOption, "each option is chosen once");
                }
            }
            Ok(chosen.into_values().collect::<Vec<_>>().join(", "))
        }
        (input, _) => wrong(WrongType, asked_for(input)),
    }
}

fn judge_text(
    text: &str,
    (least, most): (Option<u32>, Option<u32>),
    expression: Option<&str>,
) -> Judged {
    let (least, most) = (least.unwrap_or(0), most.unwrap_or(ANSWER));
    let length = text.chars().count();
    let is_more = |bound: u32| length > usize::try_from(bound).unwrap_or(usize::MAX);
    if is_more(most) {
        return wrong(
            FaultCode::TooLong,
            format!("at most {most} characters are asked for"),
        );
    }
    if least > 0 && !is_more(least - 1) {
        return wrong(
            FaultCode::TooShort,
            format!("at least {least} characters are asked for"),
        );
    }
    // One that cannot be read was refused when it was offered.
    let matches = expression
        .map(pattern)
        .is_none_or(|regex| regex.is_ok_and(|regex| regex.is_match(text)));
    if !matches {
        return wrong(
            FaultCode::Pattern,
            "this has not the form that is asked for",
        );
    }
    Ok(text.to_owned())
}

fn asked_for(input: &Input) -> &'static str {
    match input {
        Input::Text { .. } | Input::Email | Input::Phone => "a text is asked for",
        Input::Number { .. } => "a number is asked for",
        Input::Integer { .. } => "a whole number is asked for",
        Input::Boolean => "true or false is asked for",
        Input::Date { .. } => "a day is asked for, such as 2026-01-31",
        Input::Choice { .. } => "a list of options is asked for",
    }
}

/// Whether this is a day of the calendar, as ISO 8601 writes it.
pub(super) fn is_date(text: &str) -> bool {
    let is_digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let read = || {
        let mut parts = text.split('-');
        let year = parts
            .next()
            .filter(|part| part.len() == 4)
            .filter(is_digits)?;
        let month = parts
            .next()
            .filter(|part| part.len() == 2)
            .filter(is_digits)?;
        let day = parts
            .next()
            .filter(|part| part.len() == 2)
            .filter(is_digits)?;
        let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
        let date = Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()?;
        parts.next().is_none().then_some(date)
    };
    read().is_some()
}

/// What mail can be sent to, as far as its form tells.
fn is_email(text: &str) -> bool {
    let is_visible = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'@')
    };
    text.len() <= 254
        && text.split_once('@').is_some_and(|(local, domain)| {
            let mut labels = domain.split('.');
            !local.is_empty()
                && local.len() <= 64
                && is_visible(local)
                && domain.contains('.')
                && labels.all(|label| !label.is_empty() && label.bytes().all(is_of_host))
        })
}

fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// E.164 has at most 15 digits.
fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let rest = text.strip_prefix('+').unwrap_or(text);
    let is_written = |one: char| one.is_ascii_digit() || " ()-./".contains(one);
    text.len() <= 40 && (5..=15).contains(&digits) && rest.chars().all(is_written)
}
