//! The items of a list from objects of other fields than `value` and `label`.

use serde_json::{Map, Value as Json};

use super::{FlowSpec, Project};
use crate::{
    folder::{ItemParts, SlotType},
    name::SlotName,
    phrase::{Names, jinja},
};

impl Project {
    /// Items from objects, each by its fields and what else is known; what is one already stays as it is. None where that is no array, or an expression
    /// has no value over the fields of an object.
    pub(crate) fn items(&self, parts: &ItemParts, json: &Json, known: &Names) -> Option<Json> {
        let items = json.as_array()?.iter().map(|item| match item {
            Json::Object(fields) => {
                let made = self.item(parts, fields, known);
                made.or_else(|| is_item(fields).then(|| item.clone()))
            }
            item => Some(item.clone()),
        });
        items.collect()
    }

    /// These, with the lists before what may be chosen from them.
    pub(crate) fn lists_first<T>(
        &self,
        flow: &FlowSpec,
        slots: impl IntoIterator<Item = T>,
        name: impl Fn(&T) -> &SlotName,
    ) -> Vec<T> {
        let mut slots: Vec<T> = slots.into_iter().collect();
        slots.sort_by_key(|one| {
            let spec = self.slot(flow, name(one).as_str());
            spec.is_none_or(|spec| spec.kind != SlotType::List)
        });
        slots
    }

    fn item(&self, parts: &ItemParts, fields: &Map<String, Json>, known: &Names) -> Option<Json> {
        let mut names = known.clone();
        names.extend(
            fields
                .iter()
                .map(|(name, json)| (name.clone(), jinja(json))),
        );
        let part = |text: &str| {
            let value = self.speech.templates.evaluate(text, &names).ok();
            value.filter(|value| !value.is_null())
        };
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
