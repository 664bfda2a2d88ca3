//! Where a step leads: a name, or steps of its own.

use std::{borrow::Cow, fmt};

use convene_source::{AT, At, Place};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, SeqAccess, Visitor},
};

use super::Step;

/// The id of a step, `end`, or steps of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Steps {
    /// The id of a step, or `end`.
    Step(At<String>),
    /// Steps that are done here; then the flow goes on below.
    These(Vec<Step>),
}

impl JsonSchema for Steps {
    fn schema_name() -> Cow<'static, str> {
        "Steps".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let step = generator.subschema_for::<Step>();
        json_schema!({
            "description": "The id of a step, `end`, or steps of its own.",
            "anyOf": [{ "type": "string" }, { "type": "array", "items": step }]
        })
    }
}

impl<'de> Deserialize<'de> for Steps {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let At { value, place } = deserializer.deserialize_newtype_struct(AT, PlacedSteps)?;
        Ok(match value {
            Self::Step(id) => Self::Step(At::new(id.value, place)),
            these @ Self::These(_) => these,
        })
    }
}

/// Steps without the place of the word.
struct Bare(Steps);

impl<'de> Deserialize<'de> for Bare {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BareSteps).map(Bare)
    }
}

struct PlacedSteps;

impl<'de> Visitor<'de> for PlacedSteps {
    type Value = At<Steps>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the id of a step, or a list of steps")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inside: D) -> Result<At<Steps>, D::Error> {
        Bare::deserialize(inside).map(|Bare(steps)| At::new(steps, Place::default()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<At<Steps>, A::Error> {
        let short = || de::Error::custom("a place is a line and a column");
        let line = seq.next_element()?.ok_or_else(short)?;
        let column = seq.next_element()?.ok_or_else(short)?;
        let Bare(steps) = seq.next_element()?.ok_or_else(short)?;
        Ok(At::new(steps, Place { line, column }))
    }
}

struct BareSteps;

impl<'de> Visitor<'de> for BareSteps {
    type Value = Steps;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the id of a step, or a list of steps")
    }

    fn visit_str<E: de::Error>(self, id: &str) -> Result<Steps, E> {
        Ok(Steps::Step(At::new(id.to_owned(), Place::default())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Steps, A::Error> {
        let mut steps = Vec::new();
        while let Some(step) = seq.next_element()? {
            steps.push(step);
        }
        Ok(Steps::These(steps))
    }
}
