//! The items of a list from objects of other fields than `value` and `label`.

use serde_json::{Map, Value as Json};

use super::Project;
use crate::{folder::ItemParts, phrase::jinja};

impl Project {
    /// Items from objects, each by its fields; what is one already stays as it is. None where that is no array, or an expression
    /// cannot be read over the fields of an object.
    pub(crate) fn items(&self, parts: &ItemParts, json: &Json) -> Option<Json> {
        let items = json.as_array()?.iter().map(|item| match item {
            Json::Object(fields) if !is_item(fields) => self.item(parts, fields),
            item => Some(item.clone()),
        });
        items.collect()
    }

    fn item(&self, parts: &ItemParts, fields: &Map<String, Json>) -> Option<Json> {
        let names = fields.iter();
        let names = names
            .map(|(name, json)| (name.clone(), jinja(json)))
            .collect();
        let part = |text: &str| self.speech.templates.evaluate(text, &names).ok();
        let mut item = Map::new();
        item.insert("value".into(), part(&parts.value)?);
        if let Some(label) = &parts.label {
            item.insert("label".into(), part(label)?);
        }
        Some(Json::Object(item))
    }
}

/// Whether an object is an item as lists have it.
fn is_item(fields: &Map<String, Json>) -> bool {
    fields.contains_key("value") && fields.keys().all(|key| key == "value" || key == "label")
}
