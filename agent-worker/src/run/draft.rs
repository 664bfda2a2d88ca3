//! A message that the agent is writing, and how long one may be.

use bytes::Bytes;
use convene_agent::Error;
use convene_proto::{
    context::{Effect, Text},
    event::Part,
    id::MessageId,
};

/// Bytes of one message: the log takes no longer texts.
const LONGEST_MESSAGE: usize = 512 << 10;

/// Bytes of one message as JSON, in which some characters take more room: so that its event fits
/// into the log, with what stands around the text.
const LONGEST_JSON: usize = (1 << 20) - (4 << 10);

/// A message that the agent is writing.
pub(super) struct Draft {
    pub(super) id: MessageId,
    text: String,
    /// Bytes of the text as JSON.
    json: usize,
    /// Bytes of the text that the log has.
    pub(super) logged: usize,
    /// What it offers beside its text.
    offers: Vec<Part>,
}

impl Draft {
    pub(super) fn new() -> Self {
        Self {
            id: MessageId::of_agent(),
            text: String::new(),
            json: 0,
            logged: 0,
            offers: Vec::new(),
        }
    }

    /// Adds to its text; an error where it would be longer than one may be.
    pub(super) fn add(&mut self, text: &str) -> Result<(), Error> {
        self.json += json_len(text);
        if self.text.len() + text.len() > LONGEST_MESSAGE || self.json > LONGEST_JSON {
            return Err(too_long());
        }
        self.text.push_str(text);
        Ok(())
    }

    /// What stands under its text, which is so many bytes as JSON.
    pub(super) fn offer(&mut self, parts: Vec<Part>, json: usize) -> Result<(), Error> {
        if self.json + json > LONGEST_JSON {
            return Err(too_long());
        }
        self.offers = parts;
        Ok(())
    }

    /// What its end is to the log.
    pub(super) fn effect(&self) -> Effect {
        if self.offers.is_empty() {
            Effect::Complete
        } else {
            Effect::Offer
        }
    }

    /// Its id and all of its parts.
    pub(super) fn into_parts(self) -> (MessageId, Vec<Part>) {
        let mut parts = self.offers;
        if parts.is_empty() || !self.text.is_empty() {
            parts.insert(0, Part::Text { text: self.text });
        }
        (self.id, parts)
    }

    /// The text that the log does not have, which it is about to get.
    pub(super) fn rest(&mut self) -> Option<Text> {
        let rest = &self.text[self.logged..];
        if rest.is_empty() {
            return None;
        }
        let text = Text {
            message: self.id.to_string(),
            part: 0,
            offset: self.logged as u64,
            text: Bytes::copy_from_slice(rest.as_bytes()),
        };
        self.logged = self.text.len();
        Some(text)
    }
}

fn too_long() -> Error {
    let excess = format!("The answer is longer than {LONGEST_MESSAGE} bytes");
    Error::permanent("answer_too_long", excess)
}

/// How long a text is inside a JSON string.
fn json_len(text: &str) -> usize {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
        0..0x20 => 6,
        _ => 1,
    };
    text.bytes().map(escaped).sum()
}
