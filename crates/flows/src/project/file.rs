//! Pieces of one file: each that is wrong is told.

use convene_source::{
    At,
    yaml::{self, Kind, Misread, Node, read},
};

use crate::{
    fault::{Code, Faults, did_you_mean},
    name::is_identifier,
};

/// Reads pieces of one file.
pub(super) struct File<'a> {
    pub(super) path: &'a str,
    pub(super) faults: &'a mut Faults,
}

impl File<'_> {
    pub(super) fn parse(&mut self, text: &str) -> Option<Node> {
        yaml::parse(text)
            .map_err(|error| {
                let place = error.place.unwrap_or_default();
                let remedy = "mend the YAML: look at quotes, brackets and indentation around here";
                self.faults
                    .add(self.path, place, Code::NotYaml, error.message, remedy);
            })
            .ok()
    }

    pub(super) fn misread(&mut self, what: &str, error: Misread) {
        let (message, remedy) = explain(&error.message);
        let message = format!("{what}: {message}");
        let place = error.place.unwrap_or_default();
        self.faults
            .add(self.path, place, Code::WrongForm, message, remedy);
    }

    pub(super) fn piece<T: for<'de> serde::Deserialize<'de>>(
        &mut self,
        what: &str,
        node: &Node,
    ) -> Option<T> {
        read(node).map_err(|error| self.misread(what, error)).ok()
    }

    /// The entries of a map whose keys are names of ours.
    pub(super) fn named(&mut self, what: &str, node: Node) -> Vec<(At<String>, Node)> {
        let Kind::Map(entries) = node.kind else {
            if !node.is_null() {
                let error = Misread::new(node.place, "expected a map of names");
                self.misread(what, error);
            }
            return Vec::new();
        };
        let mut named = Vec::new();
        for (key, value) in entries {
            let name = key.text().unwrap_or_default().to_owned();
            let fault = if !is_identifier(&name) {
                Some((
                    format!("`{name}` is no name for a {what}"),
                    "use letters, digits and `_`, with no digit in front".to_owned(),
                ))
            } else if RESERVED.contains(&name.as_str()) {
                Some((
                    format!(
                        "`{name}` is no name for a {what}: it means something else in expressions and steps"
                    ),
                    format!(
                        "take another than {}",
                        RESERVED.map(|name| format!("`{name}`")).join(", ")
                    ),
                ))
            } else {
                None
            };
            match fault {
                None => named.push((At::new(name, key.place), value)),
                Some((message, remedy)) => {
                    self.faults
                        .add(self.path, key.place, Code::BadName, message, remedy);
                }
            }
        }
        named
    }
}

/// Names that mean something else in expressions and steps.
const RESERVED: [&str; 22] = [
    "and",
    "body",
    "else",
    "end",
    "false",
    "if",
    "in",
    "is",
    "language",
    "limit",
    "none",
    "not",
    "now",
    "or",
    "people",
    "status_code",
    "text",
    "today",
    "true",
    "value",
    "who",
    "loop",
];

/// serde's words, and what to do.
fn explain(message: &str) -> (String, String) {
    let ticks = |text: &str| -> Vec<String> {
        text.split('`')
            .skip(1)
            .step_by(2)
            .map(ToOwned::to_owned)
            .collect()
    };
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let words = ticks(message);
        if let Some((name, known)) = words.split_first() {
            let list = format!("it can be one of: {}", known.join(", "));
            let remedy = did_you_mean(name, known.iter().map(String::as_str), &list);
            return (format!("`{name}` is not known here"), remedy);
        }
    }
    if message.starts_with("missing field") {
        let name = ticks(message).join("");
        return (format!("`{name}` is missing"), format!("add `{name}:`"));
    }
    let remedy = "see the reference of the project folder for what can stand here";
    (message.to_owned(), remedy.to_owned())
}
