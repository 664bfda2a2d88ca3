//! What was seen of a text, without keeping it: a hash that is compared with the whole.

use convene_proto::id::MessageId;

use super::frame::Event;

/// What was seen of the part under way.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) message: MessageId,
    pub(super) part: u16,
    start: u64,
    end: u64,
    hash: Hash,
}

impl Seen {
    pub(super) fn begin(message: MessageId, part: u16, start: u64) -> Self {
        Self {
            message,
            part,
            start,
            end: start,
            hash: Hash::default(),
        }
    }

    pub(super) fn take(&mut self, text: &str) {
        self.hash.take(text.as_bytes());
        self.end += text.len() as u64;
    }

    /// Whether the whole message has what was seen of it. One that is taken back has nothing.
    pub(super) fn is_held_by(&self, event: &Event<'_>) -> bool {
        let Some(whole) = event.whole() else {
            return true;
        };
        let part = whole.part(self.part).as_bytes();
        let range = usize::try_from(self.start)
            .ok()
            .zip(usize::try_from(self.end).ok());
        let seen = range.and_then(|(start, end)| part.get(start..end));
        seen.is_some_and(|seen| {
            let mut hash = Hash::default();
            hash.take(seen);
            hash == self.hash
        })
    }
}

/// FNV-1a: it can be fed in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hash(u64);

impl Default for Hash {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hash {
    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
