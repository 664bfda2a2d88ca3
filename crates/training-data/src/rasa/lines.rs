//! The lines below `examples`, each with its place in the file.

use convene_source::{
    Place,
    yaml::{Kind, Node, Style},
};

use super::File;
use crate::fault::{Code, place};

/// One line of `examples`, with the place of its first letter.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) place: Place,
}

impl File<'_, '_> {
    /// The words of a list that has a file of its own: one a line.
    pub(super) fn listed_in(&mut self, file: &str, place: Place) -> Vec<Line> {
        let Some(text) = (self.list)(file) else {
            self.reading.fault(
                place,
                Code::Unreadable,
                format!("the word list `{file}` is not there"),
                "put it beside this file, or in the folder that it names from here or from the root, with a word a line",
            );
            return Vec::new();
        };
        let words = text.lines().map(str::trim).filter(|word| !word.is_empty());
        words
            .map(|word| Line {
                text: word.strip_prefix("- ").unwrap_or(word).to_owned(),
                place,
            })
            .collect()
    }

    /// `examples: |` with a line `- ...` for each, or a list of texts, or of maps with `text`.
    pub(super) fn examples(&mut self, node: &Node) -> Vec<Line> {
        match &node.kind {
            Kind::Scalar { text, style } => self.block(text, *style == Style::Block, node.place),
            Kind::List(items) => items.iter().filter_map(|item| self.listed(item)).collect(),
            Kind::Map(_) => {
                self.reading.fault(
                    node.place,
                    Code::WrongType,
                    "`examples` is a map",
                    "write `examples: |` and below it a line `- ...` for each",
                );
                Vec::new()
            }
        }
    }

    fn listed(&mut self, item: &Node) -> Option<Line> {
        let said = item.get("text").unwrap_or(item);
        let Some(text) = said.text().map(str::trim).filter(|text| !text.is_empty()) else {
            self.reading.fault(
                item.place,
                Code::Missing,
                "this example has no text",
                "write `- text: ...`",
            );
            return None;
        };
        let text = text.strip_prefix("- ").unwrap_or(text);
        let place = self.find(text, said.place);
        Some(Line {
            text: text.to_owned(),
            place,
        })
    }

    fn block(&mut self, block: &str, is_block: bool, from: Place) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut place = from;
        for line in block.lines() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if is_block {
                place = self.find(line, place);
            }
            let text = line.strip_prefix('-').map(str::trim_start);
            match text {
                Some(text) if !text.is_empty() => {
                    let skipped = line.chars().count() - text.chars().count();
                    lines.push(Line {
                        text: text.to_owned(),
                        place: right(place, skipped),
                    });
                }
                Some(_) => self.reading.fault(
                    place,
                    Code::Empty,
                    "this example is empty",
                    "write something behind `-`, or delete the line",
                ),
                None => self.reading.fault(
                    place,
                    Code::Malformed,
                    format!("`{line}` does not begin with `- `"),
                    "begin each example with `- `",
                ),
            }
            if is_block {
                place = Place {
                    line: place.line + 1,
                    column: 1,
                };
            }
        }
        lines
    }

    /// Where a line's text stands in the file, from a place on.
    fn find(&self, text: &str, from: Place) -> Place {
        let before = from.line.saturating_sub(1) as usize;
        for (number, line) in self.lines.iter().enumerate().skip(before) {
            if let Some(at) = line.find(text) {
                return place(number + 1, line[..at].chars().count() + 1);
            }
        }
        from
    }
}

pub(super) fn right(from: Place, letters: usize) -> Place {
    place(from.line as usize, from.column as usize + letters)
}
