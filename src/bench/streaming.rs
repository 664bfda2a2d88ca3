//! The pace of a text under way: gaps between its pieces, its tokens, and how late each came.

use std::time::{Duration, UNIX_EPOCH};

use tokio::time::Instant;

use super::{
    frame::{Event, Frame},
    tally::{Latency, Tally},
};

/// The text under way, as far as its pace matters.
#[derive(Debug, Default)]
pub(super) struct Streaming {
    message: String,
    last: Option<Instant>,
    /// When the first token was to be written.
    begun: Option<Instant>,
    tokens: u32,
}

impl Streaming {
    /// Takes in a piece; says how many tokens end in it.
    pub(super) fn take(&mut self, frame: &Frame<'_>, tally: &Tally) -> u32 {
        let now = Instant::now();
        let is_next = self.message == *frame.message;
        if let (true, Some(last)) = (is_next, self.last) {
            tally.latency(Latency::Gap, last, now - last);
        }
        let mut text = &*frame.text;
        if !is_next {
            self.begin(&frame.message);
            if frame.offset == 0
                && tally.timed().is_some()
                && let Some((begun, rest)) = stamped(text)
            {
                self.begun = since(begun, now);
                text = rest;
            }
        }
        self.last = Some(now);
        self.came(tokens(text), now, tally)
    }

    /// Takes in the whole; says how many tokens came with it that no piece had brought.
    pub(super) fn complete(&mut self, event: &Event<'_>, tally: &Tally) -> u32 {
        if event.kind != "message.completed" {
            return 0;
        }
        let Some(whole) = event.whole() else {
            return 0;
        };
        let now = Instant::now();
        let is_new = self.message != *whole.id;
        if is_new {
            self.begin(&whole.id);
        }
        let mut text = whole.part(0);
        if let Some((begun, rest)) = stamped(text) {
            if is_new {
                self.begun = since(begun, now);
            }
            text = rest;
        }
        self.came(tokens(text).saturating_sub(self.tokens), now, tally)
    }

    fn begin(&mut self, message: &str) {
        message.clone_into(&mut self.message);
        self.tokens = 0;
        self.begun = None;
        self.last = None;
    }

    /// So many more tokens are here.
    fn came(&mut self, more: u32, now: Instant, tally: &Tally) -> u32 {
        if let (Some(begun), Some(rate)) = (self.begun, tally.timed()) {
            for token in self.tokens..self.tokens + more {
                let due = begun + Duration::from_secs(1) * token / rate;
                tally.latency(Latency::Delay, due, now.saturating_duration_since(due));
            }
        }
        self.tokens += more;
        more
    }
}

/// When the first token was to be written, where the text says so, since 1970; and the rest of it.
fn stamped(text: &str) -> Option<(Duration, &str)> {
    let (first, rest) = text.split_once('\n')?;
    Some((Duration::from_micros(first.parse().ok()?), rest))
}

/// That time, on the clock of `now`.
fn since(begun: Duration, now: Instant) -> Option<Instant> {
    now.checked_sub(
        UNIX_EPOCH
            .elapsed()
            .unwrap_or_default()
            .saturating_sub(begun),
    )
}

/// How many tokens end in a text.
fn tokens(text: &str) -> u32 {
    let ended = text.bytes().filter(u8::is_ascii_whitespace).count();
    u32::try_from(ended).unwrap_or(u32::MAX)
}
