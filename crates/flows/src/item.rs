//! The items of a list: what can be chosen, as a call has answered it or as it was set.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::bounds::{LONGEST_ITEM, MOST_BUTTONS};

/// One of the things that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// As expressions and calls see it. Never empty.
    pub value: String,
    /// As people see it, where that is something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

impl Item {
    /// What people see.
    #[must_use]
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.value)
    }

    /// As a call's body has it: its value alone, or that and its label.
    fn to_json(&self) -> Json {
        match &self.label {
            None => json!(self.value),
            Some(label) => json!({ "value": self.value, "label": label }),
        }
    }

    /// Reads a text, a number, or an object with a `value` and perhaps a `label`.
    fn from_json(json: &Json) -> Option<Self> {
        let (value, label) = match json {
            Json::Object(parts) => {
                let is_none = |label: &Json| label.is_null() || label == "";
                let label = parts.get("label").filter(|label| !is_none(label));
                (word(parts.get("value")?)?, label.map(word))
            }
            json => (word(json)?, None),
        };
        let label = match label {
            Some(label) => Some(label?),
            None => None,
        };
        let is_short = |text: &String| text.chars().count() <= LONGEST_ITEM;
        let fits = is_short(&value) && label.as_ref().is_none_or(is_short);
        fits.then_some(Self { value, label })
    }
}

/// What can be told from others: a text that says something, or a number.
fn word(json: &Json) -> Option<String> {
    let word = match json {
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        _ => return None,
    };
    (!word.is_empty()).then_some(word)
}

/// The items of a list as JSON.
pub(crate) fn to_json(items: &[Item]) -> Json {
    items.iter().map(Item::to_json).collect()
}

/// Reads the items of a list: of two with the same value the first. None where something is no item, or where there are more than a
/// message has buttons for.
pub(crate) fn from_json(json: &Json) -> Option<Vec<Item>> {
    let mut items: Vec<Item> = Vec::new();
    for item in json.as_array()? {
        let item = Item::from_json(item)?;
        if !items.iter().any(|other| other.value == item.value) {
            items.push(item);
        }
    }
    (items.len() <= MOST_BUTTONS).then_some(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_texts_numbers_or_objects_and_go_back_as_they_came() {
        let mixed = json!(["09:00", {"value": "b7", "label": "half past ten"}]);
        let items = from_json(&mixed).unwrap();
        assert_eq!(to_json(&items), mixed);
        let labels: Vec<_> = items.iter().map(Item::label).collect();
        assert_eq!(labels, ["09:00", "half past ten"]);
        let numbers =
            json!([7, {"value": 8, "label": "eight", "else": true}, {"value": "9", "label": null}]);
        let read = json!(["7", {"value": "8", "label": "eight"}, "9"]);
        assert_eq!(to_json(&from_json(&numbers).unwrap()), read);
        assert_eq!(from_json(&json!([])), Some(Vec::new()));
        let twice = from_json(&json!([{"value": "a", "label": "first"}, "a"])).unwrap();
        assert_eq!(to_json(&twice), json!([{"value": "a", "label": "first"}]));
    }

    #[test]
    fn what_is_no_item_makes_no_list() {
        for wrong in [
            json!("a"),
            json!({"value": "a"}),
            json!([null]),
            json!([""]),
            json!([" "]),
            json!([true]),
            json!([["a"]]),
            json!([{"label": "a"}]),
            json!([{"value": {"id": 1}}]),
            json!([{"value": "a", "label": ["b"]}]),
            json!(["x".repeat(LONGEST_ITEM + 1)]),
            json!([{"value": "a", "label": "x".repeat(LONGEST_ITEM + 1)}]),
            (0..=MOST_BUTTONS).collect(),
        ] {
            assert_eq!(from_json(&wrong), None, "{wrong}");
        }
        let most: Json = (0..MOST_BUTTONS).collect();
        assert_eq!(
            from_json(&most).map(|items| items.len()),
            Some(MOST_BUTTONS)
        );
    }
}
