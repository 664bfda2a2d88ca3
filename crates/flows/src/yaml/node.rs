//! The tree of a YAML document.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span};

use super::Misread;
use crate::place::Place;

/// More than this many nodes is no file that a person wrote, or one whose aliases multiply.
const MOST_NODES: usize = 200_000;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// What was written, and whether without quotes: only then may it be a number or null.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

impl Node {
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, plain: true } if is_null(text))
    }

    /// Takes the value of a key out of a map.
    pub(crate) fn take(&mut self, key: &str) -> Option<Node> {
        let Kind::Map(entries) = &mut self.kind else {
            return None;
        };
        let index = entries
            .iter()
            .position(|(name, _)| name.text() == Some(key))?;
        Some(entries.remove(index).1)
    }
}

pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn place(span: Span) -> Place {
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Place {
        line: narrow(span.start.line()),
        column: narrow(span.start.col() + 1),
    }
}

/// Reads one document. An empty one is null.
pub(crate) fn parse(text: &str) -> Result<Node, Misread> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let marker = error.marker();
            Misread::new(
                Place {
                    line: u32::try_from(marker.line()).unwrap_or(u32::MAX),
                    column: u32::try_from(marker.col() + 1).unwrap_or(u32::MAX),
                },
                error.info(),
            )
        })?;
        builder.take(event, place(span))?;
    }
    Ok(builder.root.unwrap_or(Node {
        place: Place { line: 1, column: 1 },
        kind: Kind::Scalar {
            text: String::new(),
            plain: true,
        },
    }))
}

/// A list or map that is not yet closed.
struct Open {
    node: Node,
    anchor: usize,
    key: Option<Node>,
}

#[derive(Default)]
struct Builder {
    root: Option<Node>,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, place: Place) -> Result<(), Misread> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let kind = Kind::Scalar {
                    text: text.into_owned(),
                    plain: matches!(style, ScalarStyle::Plain),
                };
                self.add(Node { place, kind }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.begin(place, Kind::List(Vec::new()), anchor);
                Ok(())
            }
            Event::MappingStart(_, anchor, _) => {
                self.begin(place, Kind::Map(Vec::new()), anchor);
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(open) => self.add(open.node, open.anchor),
                None => Ok(()),
            },
            Event::Alias(id) => match self.anchors.get(&id) {
                Some(node) => {
                    let copy = Node {
                        place,
                        kind: node.kind.clone(),
                    };
                    self.nodes += size(&copy);
                    self.add(copy, 0)
                }
                None => Err(Misread::new(
                    place,
                    "this alias stands inside of its anchor",
                )),
            },
            Event::DocumentStart(..) if self.root.is_some() => Err(Misread::new(
                place,
                "a second document begins here: one file is one document",
            )),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, place: Place, kind: Kind, anchor: usize) {
        self.open.push(Open {
            node: Node { place, kind },
            anchor,
            key: None,
        });
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Misread> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            let message = format!("the file has more than {MOST_NODES} nodes");
            return Err(Misread::new(node.place, message));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.node.kind {
            Kind::List(items) => items.push(node),
            Kind::Map(entries) => match open.key.take() {
                None => open.key = Some(node),
                Some(key) => {
                    let twice = entries
                        .iter()
                        .any(|(other, _)| key.text().is_some() && other.text() == key.text());
                    if twice {
                        let name = key.text().unwrap_or_default();
                        let message = format!("the key `{name}` stands here twice");
                        return Err(Misread::new(key.place, message));
                    }
                    entries.push((key, node));
                }
            },
            Kind::Scalar { .. } => {}
        }
        Ok(())
    }
}

fn size(node: &Node) -> usize {
    match &node.kind {
        Kind::Scalar { .. } => 1,
        Kind::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Kind::Map(entries) => {
            let inside = entries.iter().map(|(key, value)| size(key) + size(value));
            1 + inside.sum::<usize>()
        }
    }
}
