//! Texts: what the assistant says, in each language.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use convene_source::At;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, MapAccess, SeqAccess, Visitor},
};

/// A file in `texts/`, named after its language (`texts/en.yaml`): texts by their keys. A map in it is a
/// group, whose name stands in front of the keys: `ask.order_number`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Texts(pub BTreeMap<String, Text>);

/// A text: a template, a list of templates of which each is said in its turn, or a group of texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Text {
    /// A template, such as `Your order {order_number} is {status}.`
    One(String),
    /// Several, said in turn.
    Variants(Vec<At<String>>),
    /// A group.
    Group(BTreeMap<String, At<Text>>),
}

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let text = generator.subschema_for::<Self>();
        json_schema!({
            "description": "A template, a list of templates of which each is said in its turn, or a group of texts.",
            "anyOf": [
                { "type": "string" },
                { "type": "array", "items": { "type": "string" }, "minItems": 1 },
                { "type": "object", "additionalProperties": text },
            ]
        })
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a list of texts, or a group of texts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text::One(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text, A::Error> {
                let mut variants = Vec::new();
                while let Some(variant) = seq.next_element()? {
                    variants.push(variant);
                }
                if variants.is_empty() {
                    return Err(de::Error::custom("the list has no text"));
                }
                Ok(Text::Variants(variants))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
                let mut group = BTreeMap::new();
                while let Some((key, text)) = map.next_entry()? {
                    group.insert(key, text);
                }
                Ok(Text::Group(group))
            }
        }

        deserializer.deserialize_any(Any)
    }
}
