//! Reading sections out of the merged settings, past every fault to the last one.

use figment::{
    Figment, Metadata,
    error::{Error, Kind},
    value::{Dict, Value},
};
use serde::de::DeserializeOwned;

use super::{
    fault::{self, Fault},
    layers::is_text,
};

/// The merged settings, being read.
pub(super) struct Reader {
    figment: Figment,
    settings: Value,
    pub(super) faults: Vec<Fault>,
}

impl Reader {
    pub(super) fn new(figment: Figment) -> Self {
        let settings = figment
            .extract()
            .unwrap_or_else(|_| Value::from(Dict::new()));
        Self {
            figment,
            settings,
            faults: Vec::new(),
        }
    }

    /// Takes a section out. `None` where it cannot be read without something that is missing.
    pub(super) fn section<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let value = self.take(key)?;
        self.read(key, value)
    }

    /// Whether a setting has a source like this.
    pub(super) fn is_from(&self, key: &str, source: impl FnOnce(&Metadata) -> bool) -> bool {
        self.figment.find_metadata(key).is_some_and(source)
    }

    /// Takes a section out as it is.
    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        dict(&mut self.settings)?.remove(key)
    }

    /// Reads a value as `T`. What cannot be read is noted and left out, and the rest is read
    /// again, until all that is wrong has been found.
    pub(super) fn read<T: DeserializeOwned>(&mut self, key: &str, mut value: Value) -> Option<T> {
        let mut left_out = Vec::new();
        loop {
            let error = match value.deserialize::<T>() {
                Ok(read) => return Some(read),
                Err(error) => error,
            };
            let path = path(&error);
            let full = [&[key.to_owned()][..], &path].concat().join(".");
            if left_out.contains(&full) {
                // Missing because we left it out: that fault is noted.
                return None;
            }
            let metadata = self.figment.find_metadata(&full);
            if mend(&mut value, &path, &error, metadata) {
                continue;
            }
            let source = metadata
                .and_then(fault::name)
                .map(|name| format!("from {name}"));
            self.faults.push(Fault::unreadable(&full, &error, source));
            if !remove(&mut value, &path) {
                return None;
            }
            left_out.push(full);
        }
    }

    /// Notes what a service finds wrong with its own settings.
    pub(super) fn note(&mut self, sentences: Vec<String>) {
        let faults = sentences
            .iter()
            .map(|sentence| Fault::from_service(sentence, &self.figment));
        self.faults.extend(faults);
    }

    /// Notes the sections that nobody took.
    pub(super) fn finish(mut self, known: &[&str]) -> Vec<Fault> {
        let left: Vec<_> = dict(&mut self.settings)
            .map(std::mem::take)
            .into_iter()
            .flatten()
            .collect();
        for (key, value) in left {
            let source = self.figment.get_metadata(value.tag()).and_then(fault::name);
            let from = source
                .map(|name| format!(" (from {name})"))
                .unwrap_or_default();
            let known = known.join(", ");
            self.faults.push(Fault::new(
                key,
                format!("is no section; there are {known}{from}"),
            ));
        }
        self.faults
    }
}

fn dict(value: &mut Value) -> Option<&mut Dict> {
    match value {
        Value::Dict(_, dict) => Some(dict),
        _ => None,
    }
}

/// The keys that lead to the value at fault.
fn path(error: &Error) -> Vec<String> {
    let mut path = error.path.clone();
    let named = match &error.kind {
        Kind::UnknownField(name, _) => Some(name.as_str()),
        Kind::MissingField(name) => Some(name.as_ref()),
        _ => None,
    };
    if let Some(name) = named.filter(|name| path.last().is_none_or(|last| last != name)) {
        path.push(name.to_owned());
    }
    path
}

/// Flags and the environment bring text. Where a setting is of another type, the text is read as
/// that; false where there is no such text.
fn mend(value: &mut Value, path: &[String], error: &Error, metadata: Option<&Metadata>) -> bool {
    let Kind::InvalidType(_, expected) = &error.kind else {
        return false;
    };
    let Some(place) = find(value, path) else {
        return false;
    };
    let Value::String(tag, text) = place else {
        return false;
    };
    if !metadata.is_some_and(is_text) {
        return false;
    }
    let (tag, text) = (*tag, text.clone());
    let parsed = match text.parse::<Value>() {
        Ok(Value::String(..)) | Err(_) if expected.contains("sequence") => Value::from(
            text.split(',')
                .map(|item| item.trim().to_owned())
                .filter(|item| !item.is_empty())
                .collect::<Vec<_>>(),
        ),
        Ok(Value::String(..)) | Err(_) => return false,
        Ok(other) => other,
    };
    *place = match parsed {
        Value::Num(_, number) => Value::Num(tag, number),
        Value::Bool(_, flag) => Value::Bool(tag, flag),
        other => other,
    };
    true
}

fn find<'a>(value: &'a mut Value, path: &[String]) -> Option<&'a mut Value> {
    path.iter()
        .try_fold(value, |value, key| dict(value)?.get_mut(key))
}

/// Leaves a value out, or the list that it stands in.
fn remove(value: &mut Value, path: &[String]) -> bool {
    (1..=path.len()).rev().any(|length| {
        let (last, before) = (&path[length - 1], &path[..length - 1]);
        let parent = find(value, before).and_then(dict);
        parent.is_some_and(|parent| parent.remove(last).is_some())
    })
}
