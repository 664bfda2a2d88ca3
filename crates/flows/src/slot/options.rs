//! What there is to choose: as the project says it, or from a list, as that is now.

use std::borrow::Cow;

use convene_source::At;
use jiff::civil::Date;

use super::SlotSpec;
use crate::{
    item::Item,
    name::{SlotName, TextKey},
    value::Value,
};

/// One of the values of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceSpec {
    /// The value.
    pub value: String,
    /// What its button says.
    pub label: Option<Label>,
    /// Other words for it.
    pub synonyms: Vec<String>,
}

/// What a button says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Label {
    /// A text of the project.
    Text(At<TextKey>),
    /// The words of an item of a list.
    Words(String),
}

impl ChoiceSpec {
    /// What people see of an item of a list.
    pub(crate) fn shown(&self) -> &str {
        match &self.label {
            Some(Label::Words(words)) => words,
            Some(Label::Text(_)) | None => &self.value,
        }
    }

    /// The text of its button, where that is one of the project.
    pub(crate) fn text(&self) -> Option<&At<TextKey>> {
        match &self.label {
            Some(Label::Text(key)) => Some(key),
            Some(Label::Words(_)) | None => None,
        }
    }
}

impl From<&Item> for ChoiceSpec {
    fn from(item: &Item) -> Self {
        Self {
            value: item.value.clone(),
            label: item.label.clone().map(Label::Words),
            synonyms: Vec::new(),
        }
    }
}

impl SlotSpec {
    /// The same with what there is to choose now, where that comes from a list, of which `value_of` tells what it has.
    pub(crate) fn offering<'v>(
        &self,
        value_of: impl FnOnce(&SlotName) -> Option<&'v Value>,
    ) -> Cow<'_, Self> {
        let Some(list) = &self.from else {
            return Cow::Borrowed(self);
        };
        let items = match value_of(list) {
            Some(Value::List(items)) => items.as_slice(),
            _ => &[],
        };
        let choices = items.iter().map(ChoiceSpec::from).collect();
        Cow::Owned(Self {
            choices,
            ..self.clone()
        })
    }

    /// The option that a value is.
    pub(crate) fn option(&self, value: &Value) -> Option<&ChoiceSpec> {
        let mut choices = self.choices.iter();
        choices.find(|choice| matches!(value, Value::Choice(own) if *own == choice.value))
    }

    /// Whether a value is none of what there is to choose now.
    pub(crate) fn no_longer_offers(&self, value: &Value) -> bool {
        self.from.is_some() && self.option(value).is_none()
    }

    /// A value that was said, where it is one, or may be one of what there is nothing of to choose from yet.
    pub(crate) fn may_take(&self, value: Value, today: Date) -> Option<Value> {
        if self.offers_nothing() {
            return Some(value);
        }
        self.accept(value, today).ok()
    }

    /// Whether there is nothing to choose now.
    pub(crate) fn offers_nothing(&self) -> bool {
        self.from.is_some() && self.choices.is_empty()
    }
}
