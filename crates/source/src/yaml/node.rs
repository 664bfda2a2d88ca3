//! The tree of a YAML document.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Parser, ScalarStyle, Span};

use super::Misread;
use crate::place::Place;

/// More than this many nodes is no file that a person wrote, or one whose aliases multiply.
const MOST_NODES: usize = 200_000;

/// More than this many bytes of text are no file that a person wrote, or one whose aliases multiply.
const MOST_TEXT: usize = 16 << 20;

/// Nothing that people write is deeper.
const DEEPEST: usize = 64;

/// A piece of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it begins.
    pub place: Place,
    /// What it is.
    pub kind: Kind,
}

/// What a piece of a document is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// What was written, and how.
    Scalar {
        /// What was written.
        text: String,
        /// How.
        style: Style,
    },
    /// A list.
    List(Vec<Node>),
    /// A map, in the order in which it was written. Each key stands in it once.
    Map(Vec<(Node, Node)>),
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: only then may it be a number or null.
    Plain,
    /// In quotes, or folded behind `>`.
    Quoted,
    /// Line by line, behind `|`.
    Block,
}

impl Node {
    /// The text of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether nothing stands here.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, style: Style::Plain } if is_null(text))
    }

    /// What stands under a key of a map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        let Kind::Map(entries) = &self.kind else {
            return None;
        };
        let found = entries.iter().find(|(name, _)| name.text() == Some(key));
        found.map(|(_, value)| value)
    }

    /// Takes the value of a key out of a map.
    pub fn take(&mut self, key: &str) -> Option<Node> {
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
        line: narrow(span.start.line().max(1)),
        column: narrow(span.start.col() + 1),
    }
}

/// Reads one document. An empty one is null.
///
/// # Errors
/// Where the text is no YAML, has a second document or a key twice, or is larger or deeper than what people write.
pub fn parse(text: &str) -> Result<Node, Misread> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let marker = error.marker();
            Misread::new(
                Place {
                    line: u32::try_from(marker.line().max(1)).unwrap_or(u32::MAX),
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
            style: Style::Plain,
        },
    }))
}

/// A list or map that is not yet closed.
struct Open {
    node: Node,
    anchor: usize,
    key: Option<Node>,
    keys: HashSet<String>,
}

#[derive(Default)]
struct Builder {
    root: Option<Node>,
    open: Vec<Open>,
    /// What aliases stand for, and how large that is.
    anchors: HashMap<usize, (Node, Size)>,
    size: Size,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, place: Place) -> Result<(), Misread> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let kind = Kind::Scalar {
                    text: text.into_owned(),
                    style: match style {
                        ScalarStyle::Plain => Style::Plain,
                        ScalarStyle::Literal => Style::Block,
                        _ => Style::Quoted,
                    },
                };
                self.add(Node { place, kind }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => self.begin(place, Kind::List(Vec::new()), anchor),
            Event::MappingStart(_, anchor, _) => self.begin(place, Kind::Map(Vec::new()), anchor),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(open) => self.add(open.node, open.anchor),
                None => Ok(()),
            },
            Event::Alias(id) => match self.anchors.get(&id) {
                Some((node, size)) => {
                    self.size.grow(*size, place)?;
                    let copy = Node {
                        place,
                        kind: node.kind.clone(),
                    };
                    self.put(copy)
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

    fn begin(&mut self, place: Place, kind: Kind, anchor: usize) -> Result<(), Misread> {
        if self.open.len() == DEEPEST {
            let message = format!("this is nested more than {DEEPEST} deep");
            return Err(Misread::new(place, message));
        }
        self.open.push(Open {
            node: Node { place, kind },
            anchor,
            key: None,
            keys: HashSet::new(),
        });
        Ok(())
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Misread> {
        // What is in it was counted before.
        let text = node.text().map_or(0, str::len);
        self.size.grow(Size { nodes: 1, text }, node.place)?;
        if anchor > 0 {
            let size = Size::of(&node);
            self.size.grow(size, node.place)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        self.put(node)
    }

    fn put(&mut self, node: Node) -> Result<(), Misread> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.node.kind {
            Kind::List(items) => items.push(node),
            Kind::Map(entries) => match open.key.take() {
                None => open.key = Some(node),
                Some(key) => {
                    let name = key.text();
                    if let Some(name) = name.filter(|name| !open.keys.insert((*name).to_owned())) {
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

/// How much a piece of a document takes, with all copies that aliases and anchors make.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    nodes: usize,
    text: usize,
}

impl Size {
    fn of(node: &Node) -> Self {
        let mut size = Self {
            nodes: 1,
            text: node.text().map_or(0, str::len),
        };
        let mut add = |inside: &Node| {
            let Self { nodes, text } = Self::of(inside);
            size.nodes += nodes;
            size.text += text;
        };
        match &node.kind {
            Kind::Scalar { .. } => {}
            Kind::List(items) => items.iter().for_each(add),
            Kind::Map(entries) => {
                for (key, value) in entries {
                    add(key);
                    add(value);
                }
            }
        }
        size
    }

    fn grow(&mut self, more: Self, place: Place) -> Result<(), Misread> {
        self.nodes += more.nodes;
        self.text += more.text;
        let message = if self.nodes > MOST_NODES {
            format!("the file has more than {MOST_NODES} nodes, with what aliases repeat")
        } else if self.text > MOST_TEXT {
            "the file has more than 16 MiB of text, with what aliases repeat".to_owned()
        } else {
            return Ok(());
        };
        Err(Misread::new(place, message))
    }
}
