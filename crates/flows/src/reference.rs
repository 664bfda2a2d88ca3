//! The reference of the project folder, made of the schemas: the types' documentation is its text.

use convene_source::Severity;
use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::{fault::Code, name::RESERVED, schema::schemas};

const HEAD: &str = "# The project folder

What can stand in the files of an assistant's project. This page is made of the same types that read the
files; [flows.md](flows.md) explains them. `convene new` makes a project, `convene check` finds all that
is wrong with one, and `convene flows schemas` writes the JSON Schemas with which an editor completes
and checks the files.

| file | what it is |
| --- | --- |
| `assistant.yaml` | what holds for all flows |
| `flows/*.yaml` | flows |
| `texts/<language>.yaml` | what is said, in each language |
| `nlu/*.yaml` | training data, in Rasa's format |
| `tests/*.yaml` | conversations that must go as they are told |

Flows, slots and steps are called by names of letters, digits and `_`, with no digit in front. These mean something else in
expressions and steps, and are no names: ";

/// The reference, in Markdown.
#[must_use]
pub fn reference() -> String {
    let reserved = RESERVED.map(|name| format!("`{name}`")).join(", ");
    let mut out = format!("{HEAD}{reserved}.\n\nKeys in **bold** are required.\n");
    // Some belong to several files.
    let mut told = BTreeSet::new();
    for file in schemas() {
        out += &format!("\n## {}\n", file.files);
        section(&mut out, &file.schema);
        let defined = file.schema.get("$defs").and_then(Json::as_object);
        for (name, schema) in defined.into_iter().flatten() {
            if !told.insert(name.clone()) {
                continue;
            }
            out += &format!("\n### {name}\n");
            section(&mut out, schema);
        }
    }
    out += "\n## Faults\n\nWhat `convene check` finds. The words stay what they are.\n\n| code | | meaning |\n| --- | --- | --- |\n";
    for code in Code::ALL {
        let severity = match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        out += &format!(
            "| `{}` | {severity} | {} |\n",
            code.as_str(),
            code.meaning().trim()
        );
    }
    out
}

fn section(out: &mut String, schema: &Json) {
    if let Some(text) = description(schema) {
        *out += &format!("\n{text}\n");
    }
    if let Some(properties) = schema.get("properties").and_then(Json::as_object) {
        fields(out, schema, properties);
    }
    let variants = schema
        .get("oneOf")
        .and_then(Json::as_array)
        .into_iter()
        .flatten();
    let variants: Vec<_> = variants.filter_map(variant).collect();
    if !variants.is_empty() {
        *out += "\n| value | meaning |\n| --- | --- |\n";
        variants.iter().for_each(|line| *out += line);
    }
}

fn fields(out: &mut String, schema: &Json, properties: &Map<String, Json>) {
    let required: Vec<&str> = list(schema, "required").filter_map(Json::as_str).collect();
    *out += "\n| key | value | meaning |\n| --- | --- | --- |\n";
    for (key, field) in properties {
        let key = if required.contains(&key.as_str()) {
            format!("**`{key}`**")
        } else {
            format!("`{key}`")
        };
        let text = description(field).unwrap_or_default().replace('\n', " ");
        *out += &format!("| {key} | {} | {} |\n", cell(&kind(field)), cell(&text));
    }
}

/// A value of a choice, whose schema is a constant or an object of one key.
fn variant(schema: &Json) -> Option<String> {
    let text = description(schema)?.replace('\n', " ");
    let word = match schema.get("const").and_then(Json::as_str) {
        Some(word) => format!("`{word}`"),
        None => {
            let (key, inside) = schema.get("properties")?.as_object()?.iter().next()?;
            format!("`{key}:` {}", kind(inside))
        }
    };
    Some(format!("| {} | {} |\n", cell(&word), cell(&text)))
}

fn description(schema: &Json) -> Option<String> {
    Some(schema.get("description")?.as_str()?.trim().to_owned())
}

fn list<'a>(schema: &'a Json, key: &str) -> impl Iterator<Item = &'a Json> {
    schema
        .get(key)
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
}

/// What a schema takes, in words.
fn kind(schema: &Json) -> String {
    if let Some(name) = schema.get("$ref").and_then(Json::as_str) {
        let name = name.rsplit('/').next().unwrap_or_default();
        return format!("[{name}](#{})", name.to_lowercase());
    }
    let is_null = |one: &&Json| one.get("type").and_then(Json::as_str) == Some("null");
    let some: Vec<String> = list(schema, "anyOf")
        .filter(|one| !is_null(one))
        .map(kind)
        .collect();
    if !some.is_empty() {
        return some.join(" or ");
    }
    let consts: Vec<String> = list(schema, "oneOf")
        .filter_map(|one| Some(format!("`{}`", one.get("const")?.as_str()?)))
        .collect();
    if !consts.is_empty() {
        return consts.join(", ");
    }
    let types: Vec<&str> = match schema.get("type") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(all)) => all.iter().filter_map(Json::as_str).collect(),
        _ => vec![],
    };
    let words = types
        .into_iter()
        .filter(|kind| *kind != "null")
        .map(|kind| match kind {
            "array" => format!(
                "list of {}",
                schema
                    .get("items")
                    .map_or_else(|| "anything".into(), self::kind)
            ),
            "object" => match schema.get("additionalProperties") {
                Some(inside @ Json::Object(_)) => format!("map of {}", self::kind(inside)),
                _ => "map".into(),
            },
            "string" => "text".into(),
            "integer" => "whole number".into(),
            "boolean" => "`true` or `false`".into(),
            other => other.into(),
        });
    let words: Vec<String> = words.collect();
    if words.is_empty() {
        "anything".into()
    } else {
        words.join(" or ")
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
