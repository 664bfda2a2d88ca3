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
            self.message = frame.message.clone().into_owned();
            self.tokens = 0;
            self.begun = None;
            if frame.offset == 0
                && tally.timed().is_some()
                && let Some((first, rest)) = text.split_once('\n')
                && let Ok(begun) = first.parse::<u64>()
            {
                let age = UNIX_EPOCH
                    .elapsed()
                    .unwrap_or_default()
                    .saturating_sub(Duration::from_micros(begun));
                self.begun = now.checked_sub(age);
                text = rest;
            }
        }
        self.last = Some(now);
        let ended = tokens(text);
        if let (Some(begun), Some(rate)) = (self.begun, tally.timed()) {
            for token in self.tokens..self.tokens + ended {
                let due = begun + Duration::from_secs(1) * token / rate;
                tally.latency(Latency::Delay, due, now.saturating_duration_since(due));
            }
        }
        self.tokens += ended;
        ended
    }

    /// Takes in the whole; says how many tokens came with it that no piece had brought.
    pub(super) fn complete(&mut self, event: &Event<'_>) -> u32 {
        if event.kind != "message.completed" {
            return 0;
        }
        let Some(whole) = event.whole() else {
            return 0;
        };
        let seen = if self.message == *whole.id {
            self.tokens
        } else {
            0
        };
        let mut text = whole.part(0);
        if let Some((first, rest)) = text.split_once('\n')
            && first.parse::<u64>().is_ok()
        {
            text = rest;
        }
        tokens(text).saturating_sub(seen)
    }
}

/// How many tokens end in a text.
fn tokens(text: &str) -> u32 {
    let ended = text.bytes().filter(u8::is_ascii_whitespace).count();
    u32::try_from(ended).unwrap_or(u32::MAX)
}
