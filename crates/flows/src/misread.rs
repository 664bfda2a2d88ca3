//! What serde says of a piece of a file, in words for whoever has written it, and what to do.

use crate::{fault::did_you_mean, folder::Step};

/// What is wrong, and what to do.
pub(crate) fn explain(message: &str) -> (String, String) {
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let words = ticks(message);
        if let Some((name, known)) = words.split_first() {
            let list = format!("it can be one of: {}", known.join(", "));
            let remedy = did_you_mean(name, known.iter().copied(), &list);
            return (format!("`{name}` is not known here"), remedy);
        }
    }
    if message.starts_with("missing field") {
        let name = ticks(message).concat();
        return (format!("`{name}` is missing"), format!("add `{name}:`"));
    }
    let reference = "see the reference of the project folder for what can stand here";
    let kinds = message.strip_prefix("invalid type: ");
    let kinds = kinds.or_else(|| message.strip_prefix("invalid value: "));
    let Some((found, expected)) = kinds.and_then(|kinds| kinds.split_once(", expected ")) else {
        return (message.to_owned(), reference.to_owned());
    };
    let remedy = match expected {
        "struct Step" => step(found),
        "a sequence" if !matches!(found, "map" | "unit value") => {
            let found = of_value(found);
            format!(
                "write it as a list, of one: `[{}]`",
                found.trim_matches('`')
            )
        }
        _ => reference.to_owned(),
    };
    let (found, expected) = (of_value(found), of_kind(expected));
    (format!("{found} stands where {expected} belongs"), remedy)
}

fn ticks(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// How a step is written; that one, where it says what it does: `ask guest`.
fn step(found: &str) -> String {
    let said = found
        .strip_prefix("string \"")
        .and_then(|said| said.strip_suffix('"'));
    let (kind, about) = said.unwrap_or_default().split_once(' ').unwrap_or_default();
    let kind = kind.trim_end_matches(':');
    if Step::is_kind(kind) && !about.trim().is_empty() {
        format!("write `- {kind}: {}`", about.trim())
    } else {
        "a step is a map of what it does: `- say: hello`".to_owned()
    }
}

fn of_value(found: &str) -> String {
    match found {
        "unit value" => "nothing".to_owned(),
        "sequence" => "a list".to_owned(),
        "map" => "a map".to_owned(),
        _ => {
            let text = found
                .strip_prefix("string ")
                .map(|text| text.trim_matches('"'));
            let value = text.or_else(|| ticks(found).first().copied());
            value.map_or_else(|| found.to_owned(), |value| format!("`{value}`"))
        }
    }
}

fn of_kind(expected: &str) -> &str {
    match expected {
        "a string" => "a text",
        "a sequence" => "a list",
        "a boolean" => "`true` or `false`",
        "f32" | "f64" => "a number",
        "i64" => "a whole number",
        "u8" | "u16" | "u32" | "u64" => "a whole number that is not less than 0",
        _ if expected.starts_with("struct ") => "a map of keys and values",
        _ => expected,
    }
}
