//! serde over the tree: every error has the place of the node that it is about.

use std::fmt;

use serde::{
    Deserialize,
    de::{
        self, DeserializeSeed, EnumAccess, IntoDeserializer as _, MapAccess, SeqAccess,
        VariantAccess, Visitor,
    },
    forward_to_deserialize_any,
};

use super::node::{Kind, Node, Style, is_null};
use crate::place::{AT, Place};

/// Why a piece of a file is not what it should be, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Misread {
    /// Where; nowhere in particular, if it is of the whole.
    pub place: Option<Place>,
    /// What is wrong.
    pub message: String,
}

impl Misread {
    /// What is wrong at a place.
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Self {
            place: Some(place),
            message: message.into(),
        }
    }

    /// The innermost place counts.
    fn at(mut self, place: Place) -> Self {
        self.place.get_or_insert(place);
        self
    }
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Misread {}

impl de::Error for Misread {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            place: None,
            message: message.to_string(),
        }
    }
}

/// Reads a type from a node.
///
/// # Errors
/// Where the node is not what the type asks for, with the innermost place that is known.
pub fn read<'de, T: Deserialize<'de>>(node: &'de Node) -> Result<T, Misread> {
    T::deserialize(node).map_err(|error| error.at(node.place))
}

type Result<T, E = Misread> = std::result::Result<T, E>;

impl<'de> Node {
    fn visit<V: Visitor<'de>>(&'de self, visitor: V) -> Result<V::Value> {
        let value = match &self.kind {
            Kind::List(items) => visitor.visit_seq(Items(items.iter())),
            Kind::Map(entries) => visitor.visit_map(Entries {
                rest: entries.iter(),
                value: None,
            }),
            Kind::Scalar {
                text,
                style: Style::Plain,
            } => {
                if is_null(text) {
                    visitor.visit_unit()
                } else if let Ok(flag) = text.parse() {
                    visitor.visit_bool(flag)
                } else if let Ok(number) = text.parse() {
                    visitor.visit_i64(number)
                } else if let Some(number) = decimal(text) {
                    visitor.visit_f64(number)
                } else {
                    visitor.visit_borrowed_str(text)
                }
            }
            Kind::Scalar { text, .. } => visitor.visit_borrowed_str(text),
        };
        value.map_err(|error| error.at(self.place))
    }
}

/// `.5`, `1e3`; not `inf` and `nan`, which are words.
fn decimal(text: &str) -> Option<f64> {
    text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        .then(|| text.parse().ok())
        .flatten()
}

impl<'de> de::Deserializer<'de> for &'de Node {
    type Error = Misread;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.visit(visitor)
    }

    // What should be text is what was written, `007` and `no` too.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match &self.kind {
            Kind::Scalar { text, .. } if !self.is_null() => visitor
                .visit_borrowed_str(text)
                .map_err(|error: Misread| error.at(self.place)),
            _ => self.visit(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.is_null() {
            visitor.visit_none()
        } else {
            visitor
                .visit_some(self)
                .map_err(|error: Misread| error.at(self.place))
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        if name == AT {
            visitor.visit_seq(Placed {
                node: self,
                next: 0,
            })
        } else {
            visitor.visit_newtype_struct(self)
        }
        .map_err(|error: Misread| error.at(self.place))
    }

    // Serde would take a list for the entries in their order, which nobody means.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match &self.kind {
            Kind::List(_) => Err(Misread::new(
                self.place,
                "expected a map, and this is a list",
            )),
            _ => self.visit(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let tagged = match &self.kind {
            Kind::Scalar { .. } => visitor.visit_enum(Tagged {
                tag: self,
                inside: None,
            }),
            Kind::Map(entries) if entries.len() == 1 => visitor.visit_enum(Tagged {
                tag: &entries[0].0,
                inside: Some(&entries[0].1),
            }),
            _ => Err(de::Error::custom(
                "expected one word, or one key with its value",
            )),
        };
        tagged.map_err(|error| error.at(self.place))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct
        seq tuple tuple_struct map identifier ignored_any
    }
}

struct Items<'de>(std::slice::Iter<'de, Node>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Misread;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(node) = self.0.next() else {
            return Ok(None);
        };
        let value = seed
            .deserialize(node)
            .map_err(|error| error.at(node.place))?;
        Ok(Some(value))
    }
}

struct Entries<'de> {
    rest: std::slice::Iter<'de, (Node, Node)>,
    value: Option<&'de Node>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Misread;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some((key, value)) = self.rest.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        // A key is a word, also if it looks like a number.
        let word = key
            .text()
            .ok_or_else(|| Misread::new(key.place, "a key must be a word"))?;
        let key_of = seed.deserialize(word.into_deserializer());
        key_of
            .map(Some)
            .map_err(|error: Misread| error.at(key.place))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let node = self
            .value
            .take()
            .ok_or_else(|| de::Error::custom("a value before its key"))?;
        seed.deserialize(node).map_err(|error| error.at(node.place))
    }
}

/// Line, column and node, for [`crate::place::At`].
struct Placed<'de> {
    node: &'de Node,
    next: u8,
}

impl<'de> SeqAccess<'de> for Placed<'de> {
    type Error = Misread;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        self.next += 1;
        let Place { line, column } = self.node.place;
        match self.next {
            1 => seed.deserialize(line.into_deserializer()).map(Some),
            2 => seed.deserialize(column.into_deserializer()).map(Some),
            3 => seed.deserialize(self.node).map(Some),
            _ => Ok(None),
        }
    }
}

struct Tagged<'de> {
    tag: &'de Node,
    inside: Option<&'de Node>,
}

impl<'de> EnumAccess<'de> for Tagged<'de> {
    type Error = Misread;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let word = self.tag.text().unwrap_or_default();
        let variant = seed
            .deserialize(word.into_deserializer())
            .map_err(|error: Misread| error.at(self.tag.place))?;
        Ok((variant, self))
    }
}

impl<'de> Tagged<'de> {
    fn inside(self) -> Result<&'de Node> {
        let place = self.tag.place;
        self.inside
            .ok_or_else(|| Misread::new(place, "this word needs a value: `word: value`"))
    }
}

impl<'de> VariantAccess<'de> for Tagged<'de> {
    type Error = Misread;

    fn unit_variant(self) -> Result<()> {
        match self.inside {
            Some(node) if !node.is_null() => {
                Err(Misread::new(node.place, "this word takes no value"))
            }
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        let node = self.inside()?;
        seed.deserialize(node).map_err(|error| error.at(node.place))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value> {
        self.inside()?.visit(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.inside()?.visit(visitor)
    }
}
