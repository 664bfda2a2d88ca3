//! Annotated texts, as in training data: `where is [AB1234](order_number)`.

use serde_json::Value as Json;

use crate::{engine::Entity, name::EntityName};

/// The text without annotations, and its entities. What is no annotation stays as it is.
#[must_use]
pub fn annotated(text: &str) -> (String, Vec<Entity>) {
    let mut plain = String::new();
    let mut entities = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        plain += &rest[..open];
        let inside = &rest[open + 1..];
        match one(inside) {
            Some((words, entity, after)) => {
                plain += words;
                entities.push(entity);
                rest = after;
            }
            None => {
                plain.push('[');
                rest = inside;
            }
        }
    }
    plain += rest;
    (plain, entities)
}

/// `words](name)`, `words](name:value)` or `words]{"entity": "name", …}`.
fn one(inside: &str) -> Option<(&str, Entity, &str)> {
    let (words, after) = inside.split_once(']')?;
    if let Some(after) = after.strip_prefix('(') {
        let (name, after) = after.split_once(')')?;
        let (name, value) = name.split_once(':').unwrap_or((name, words));
        let entity = Entity {
            name: EntityName::from(name),
            value: Json::from(value),
            role: None,
        };
        return Some((words, entity, after));
    }
    // The first closing brace with which it is JSON.
    let ends = after.match_indices('}').map(|(index, _)| index + 1);
    let (json, end) = ends
        .filter_map(|end| Some((serde_json::from_str::<Json>(&after[..end]).ok()?, end)))
        .next()?;
    let word = |key: &str| json.get(key).and_then(Json::as_str).map(ToOwned::to_owned);
    let entity = Entity {
        name: EntityName::from(word("entity")?),
        value: json
            .get("value")
            .cloned()
            .unwrap_or_else(|| Json::from(words)),
        role: word("role").or_else(|| word("group")),
    };
    Some((words, entity, &after[end..]))
}
