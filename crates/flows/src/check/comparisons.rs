//! Comparisons that come out the same whatever was said, and members that values do not have.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::json;

use crate::{
    folder::SlotType,
    phrase::operands,
    project::{FlowSpec, Project},
    slot::SlotSpec,
    value::Value,
};

/// A name with what is written out behind it, and the other way round.
static COMPARISONS: LazyLock<Option<(Regex, Regex)>> = LazyLock::new(|| {
    let literal = r#"'([^']*)'|"([^"]*)"|(-?[0-9]+(?:\.[0-9]+)?)"#;
    let name = r"([A-Za-z_]\w*)";
    let comparison = r"\s*(==|!=|<=|>=|<|>)\s*";
    let forwards = Regex::new(&format!("^{name}{comparison}(?:{literal})$")).ok()?;
    let backwards = Regex::new(&format!("^(?:{literal}){comparison}{name}$")).ok()?;
    Some((forwards, backwards))
});

/// What is written out in an expression.
#[derive(Debug, Clone, Copy)]
enum Literal<'e> {
    Word(&'e str),
    Number(&'e str),
}

/// Why a comparison in an expression can come out in one way alone, if one can.
pub(super) fn impossible(project: &Project, flow: &FlowSpec, expression: &str) -> Option<String> {
    let (forwards, backwards) = COMPARISONS.as_ref()?;
    operands(expression).into_iter().find_map(|part| {
        let (found, name, sign, first) = match forwards.captures(part) {
            Some(found) => (found, 1, 2, 3),
            None => (backwards.captures(part)?, 5, 4, 1),
        };
        let slot = project.slot(flow, found.get(name)?.as_str())?;
        let is_order = !matches!(found.get(sign)?.as_str(), "==" | "!=");
        let word = found.get(first).or_else(|| found.get(first + 1));
        let literal = match word {
            Some(word) => Literal::Word(word.as_str()),
            None => Literal::Number(found.get(first + 2)?.as_str()),
        };
        of_slot(slot, literal, is_order)
    })
}

fn of_slot(slot: &SlotSpec, literal: Literal<'_>, is_order: bool) -> Option<String> {
    let name = &slot.name;
    match (slot.kind, literal) {
        (SlotType::List, _) => Some(format!(
            "`{name}` is a list, which equals nothing that is written so: compare `{name} | length`"
        )),
        (SlotType::Choice, Literal::Word(word)) if !is_order && slot.from.is_none() => {
            let values = slot.choices.iter().map(|choice| choice.value.as_str());
            let values: Vec<_> = values.collect();
            (!values.contains(&word)).then(|| {
                let values = values.join(", ");
                format!("`{word}` is none of the values of `{name}`: {values}")
            })
        }
        (SlotType::Money, _) => Some(format!(
            "`{name}` is an amount in a currency, which equals nothing that is written so: compare `{name}.amount`"
        )),
        (SlotType::Number | SlotType::Integer, Literal::Word(word)) => {
            Some(format!("`{name}` is never a word, and \"{word}\" is one"))
        }
        (SlotType::Boolean, Literal::Word(word)) => Some(format!(
            "`{name}` is never a word, and \"{word}\" is one: write `{name}` or `not {name}`"
        )),
        (SlotType::Date | SlotType::Time, Literal::Word(word)) => {
            let read = Value::from_json(slot.kind, &json!(word)).map(|value| value.to_string());
            let example = Value::sample(slot.kind, None);
            match read {
                Some(read) if read == word => None,
                Some(read) => Some(format!("`{name}` is never `{word}`: write '{read}'")),
                None => Some(format!(
                    "`{name}` is never `{word}`: it is written such as '{example}'"
                )),
            }
        }
        (
            SlotType::Choice
            | SlotType::Text
            | SlotType::Email
            | SlotType::Phone
            | SlotType::Date
            | SlotType::Time,
            Literal::Number(number),
        ) => Some(format!(
            "`{name}` is never a number, and {number} is one: what is compared with it stands in quotes"
        )),
        _ => None,
    }
}

/// A member of a slot that its values do not have, such as `day.month`: it is always empty.
pub(super) fn no_member(slot: &SlotSpec, path: &[&str], is_said: bool) -> Option<String> {
    let has = match (slot.kind, path) {
        (_, []) => true,
        // Numbers are said as they are, and have no value beside themselves.
        (SlotType::Number | SlotType::Integer, _) => false,
        (_, ["value"]) => is_said,
        (SlotType::Money, ["amount" | "currency"]) => true,
        (SlotType::Money, ["value", "amount" | "currency"]) => is_said,
        _ => false,
    };
    if has {
        return None;
    }
    let name = &slot.name;
    Some(format!("`{name}.{}` is always empty", path.join(".")))
}
