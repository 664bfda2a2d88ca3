//! YAML as a tree in which everything knows its place and scalars are what was written: an intent
//! `yes` is no truth value, and an order number `007` keeps its zeros.

use granit_parser::{Event, Parser, ScalarStyle, Span};

use super::fault::{Code, Reading};

/// Nothing that people write is deeper.
const DEEPEST: usize = 32;

#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Line and column, from one.
    pub(super) place: (usize, usize),
    pub(super) value: Value,
}

#[derive(Debug, Clone)]
pub(super) enum Value {
    Scalar { text: String, is_block: bool },
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

impl Node {
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// What stands under a key of a map.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        let Value::Map(entries) = &self.value else {
            return None;
        };
        let found = entries.iter().find(|(name, _)| name.text() == Some(key));
        found.map(|(_, value)| value)
    }
}

/// A container whose end has not come yet.
struct Open {
    place: (usize, usize),
    is_map: bool,
    children: Vec<Node>,
}

impl Open {
    fn close(self) -> Node {
        let mut children = self.children;
        let value = if self.is_map {
            let mut entries = Vec::with_capacity(children.len() / 2);
            let mut rest = children.into_iter();
            while let (Some(key), Some(value)) = (rest.next(), rest.next()) {
                entries.push((key, value));
            }
            Value::Map(entries)
        } else {
            children.shrink_to_fit();
            Value::List(children)
        };
        Node {
            place: self.place,
            value,
        }
    }
}

/// The first document of a text; nothing if it is empty or, with a fault, if it is no YAML.
pub(super) fn parse(text: &str, reading: &mut Reading) -> Option<Node> {
    let mut open = Vec::<Open>::new();
    for next in Parser::new_from_str(text) {
        let (event, span) = match next {
            Ok(next) => next,
            Err(error) => {
                let marker = error.marker();
                reading.fault(
                    (marker.line().max(1), marker.col() + 1),
                    Code::Malformed,
                    format!("this is no YAML: {}", error.info()),
                    "mend the indentation, the quotes or the brackets here",
                );
                return None;
            }
        };
        let place = begin(span);
        let done = match event {
            Event::Scalar(text, style, ..) => Some(Node {
                place,
                value: Value::Scalar {
                    text: text.into_owned(),
                    is_block: matches!(style, ScalarStyle::Literal),
                },
            }),
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() == DEEPEST {
                    reading.fault(
                        place,
                        Code::Malformed,
                        format!("this is nested more than {DEEPEST} deep"),
                        "make it flatter",
                    );
                    return None;
                }
                open.push(Open {
                    place,
                    is_map: matches!(event, Event::MappingStart(..)),
                    children: Vec::new(),
                });
                None
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().map(Open::close),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                reading.fault(
                    place,
                    Code::Malformed,
                    "references (`*name`) are not followed in training data",
                    "write out what it refers to",
                );
                return None;
            }
            Event::DocumentEnd => return None,
            _ => None,
        };
        match (done, open.last_mut()) {
            (Some(node), Some(container)) => container.children.push(node),
            (Some(node), None) => return Some(node),
            (None, _) => {}
        }
    }
    None
}

fn begin(span: Span) -> (usize, usize) {
    (span.start.line().max(1), span.start.col() + 1)
}
