//! A word where only the main thing is said, or a map where more is.

use std::{borrow::Cow, fmt, marker::PhantomData, ops::Deref};

use convene_source::{AT, At, Place};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

/// `say: hello` is short for `say: {text: hello}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Short<T>(pub T);

impl<T> Deref for Short<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Serialize> Serialize for Short<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: JsonSchema> JsonSchema for Short<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Short{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let long = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [{ "type": "string" }, long] })
    }
}

impl<'de, T: Deserialize<'de> + From<At<String>>> Deserialize<'de> for Short<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The place is asked for so that a short word has one, too.
        deserializer.deserialize_newtype_struct(AT, Placed(PhantomData))
    }
}

struct Placed<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + From<At<String>>> Visitor<'de> for Placed<T> {
    type Value = Short<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word or a map")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        inside: D,
    ) -> Result<Self::Value, D::Error> {
        WordOrMap::deserialize(inside).map(|read| read.at(Place::default()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let short = || de::Error::custom("a place is a line and a column");
        let line = seq.next_element()?.ok_or_else(short)?;
        let column = seq.next_element()?.ok_or_else(short)?;
        let read: WordOrMap<T> = seq.next_element()?.ok_or_else(short)?;
        Ok(read.at(Place { line, column }))
    }
}

enum WordOrMap<T> {
    Word(String),
    Map(T),
}

impl<T: From<At<String>>> WordOrMap<T> {
    fn at(self, place: Place) -> Short<T> {
        Short(match self {
            Self::Word(word) => T::from(At::new(word, place)),
            Self::Map(map) => map,
        })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for WordOrMap<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = WordOrMap<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word or a map")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Self::Value, E> {
                Ok(WordOrMap::Word(word.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(WordOrMap::Map)
            }
        }

        deserializer.deserialize_any(Either(PhantomData))
    }
}
