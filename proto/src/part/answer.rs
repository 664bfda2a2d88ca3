//! Whether a value is what an action or a form asked for, and how it reads.

use serde_json::{Map, Value};

use super::{Action, FaultCode, FieldFault, Form, Offer, Part, judge::judge};
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

/// Faults that are told of fields which a form does not have, and in a sentence: both travel in gRPC's
/// trailers, whose size is bounded.
const UNKNOWN: usize = 8;
const NAMED: usize = 8;
/// Bytes, of all faults together, of what fields have to say themselves.
const OWN: usize = 1024;

fn named(faults: &[FieldFault]) -> String {
    let each = faults.iter().take(NAMED).map(|fault| {
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
    let mut room = OWN;
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
                Err((code, message)) => {
                    let own = field.invalid.clone().filter(|own| own.len() <= room);
                    room -= own.as_ref().map_or(0, String::len);
                    fault(code, own.unwrap_or(message));
                }
                Ok(text) => {
                    lines.push(format!("{} {text}", lead(&field.label)));
                    answers.insert(field.name.to_string(), value);
                }
            },
        }
    }
    let unknown = values.keys().filter_map(|name| name.parse().ok());
    faults.extend(unknown.take(UNKNOWN).map(|field| FieldFault {
        field,
        code: FaultCode::UnknownField,
        message: "the form has no such field".to_owned(),
    }));
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

/// A question has an end of its own: no colon follows it.
fn lead(label: &str) -> String {
    let ends = label.ends_with(['?', '!', '.', ':', '\u{ff1f}', '\u{61f}', '\u{2026}']);
    let colon = if ends { "" } else { ":" };
    format!("{label}{colon}")
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
