//! Pieces of one file: each that is wrong is told.

use convene_source::{
    At,
    yaml::{self, Kind, Misread, Node, read},
};

use crate::{
    fault::{Code, Faults},
    folder::Text,
    misread::explain,
    name::{RESERVED, is_identifier},
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
                let remedy = yaml::remedy(text, &error);
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

    /// A text, or a group of them.
    pub(super) fn text(&mut self, name: &str, node: &Node) -> Option<At<Text>> {
        let is_placeholder = |node: &Node| match &node.kind {
            Kind::Map(entries) => entries.iter().any(|(_, value)| value.is_null()),
            _ => false,
        };
        if is_placeholder(node) {
            let message = format!("the text `{name}` is a map that says nothing");
            let remedy = "where it begins with a placeholder, put it in quotes: \"{order_number}\"";
            let (place, code) = (node.place, Code::WrongForm);
            self.faults.add(self.path, place, code, message, remedy);
            return None;
        }
        self.piece(&format!("the text `{name}`"), node)
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
