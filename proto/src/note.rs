//! Notes: what agents put down in the log beside what they say, so that what they know survives a
//! crash, can be looked into, and is the log's and nobody else's.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::id::NoteName;

/// Bytes of a note's value as JSON.
pub const LARGEST_NOTE: usize = 64 << 10;

/// Something that an agent has noted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Note {
    pub name: NoteName,
    /// Any JSON. Absent for those who may not look into what agents do.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub value: Value,
    /// What the agent has noted before its run is contained in this, and can be forgotten.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub base: bool,
}
