//! Bodies of events: JSON that is encoded once, and passed on without being looked into.

use std::fmt::Write as _;

use bytes::Bytes;

use super::Invalid;
use crate::{
    bus, context,
    event::EventBody,
    position::{Eid, Seq},
};

impl EventBody {
    /// The body as the log keeps it: JSON, encoded once.
    ///
    /// # Errors
    /// Never in practice: every body has a JSON form.
    pub fn encode(&self) -> Result<Bytes, Invalid> {
        serde_json::to_vec(self)
            .map(Bytes::from)
            .map_err(|error| Invalid::new("body", error.to_string()))
    }

    /// Reads a body back.
    ///
    /// # Errors
    /// Where the bytes are not the JSON of an event's body.
    pub fn decode(body: &[u8]) -> Result<Self, Invalid> {
        serde_json::from_slice(body).map_err(|error| Invalid::new("body", error.to_string()))
    }
}

/// The JSON of a public [`Event`](crate::event::Event), around a body that is not looked into.
///
/// # Errors
/// Where the body is no JSON object with something in it. Only its ends are looked at.
pub fn event_json(seq: Seq, eid: Eid, at: u64, body: &[u8]) -> Result<String, Invalid> {
    let mut json = String::with_capacity(body.len() + 80);
    push_event_json(&mut json, seq, eid, at, body)?;
    Ok(json)
}

/// Like [`event_json`], at the end of a text that is being made; on failure the text stays as it
/// was.
///
/// # Errors
/// See [`event_json`].
pub fn push_event_json(
    json: &mut String,
    seq: Seq,
    eid: Eid,
    at: u64,
    body: &[u8],
) -> Result<(), Invalid> {
    let body = std::str::from_utf8(body).map_err(|_| Invalid::new("body", "it is not UTF-8"))?;
    let fields = body
        .strip_prefix('{')
        .filter(|fields| fields.starts_with('"') && fields.ends_with('}'))
        .ok_or_else(|| Invalid::new("body", "it is not a JSON object with a type"))?;
    let end = json.len();
    if write!(json, r#"{{"seq":{seq},"eid":"{eid}","at":{at},{fields}"#).is_err() {
        json.truncate(end);
        return Err(Invalid::new("body", "it cannot be written"));
    }
    Ok(())
}

macro_rules! entry {
    ($entry:ty, $other:ty) => {
        impl $entry {
            /// The JSON of the public event; the body is not decoded.
            ///
            /// # Errors
            /// See [`event_json`].
            pub fn event_json(&self) -> Result<String, Invalid> {
                event_json(Seq(self.seq), Eid(self.eid), self.at, &self.body)
            }
        }

        impl From<$other> for $entry {
            fn from(entry: $other) -> Self {
                Self {
                    seq: entry.seq,
                    eid: entry.eid,
                    prev: entry.prev,
                    at: entry.at,
                    body: entry.body,
                }
            }
        }
    };
}

entry!(context::Entry, bus::Entry);
entry!(bus::Entry, context::Entry);
