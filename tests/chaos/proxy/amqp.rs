//! As much AMQP 0-9-1 as it takes to lose letters: deliveries to inboxes are dropped whole, those of
//! doorbells never. An inbox is what is consumed exclusively.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

const METHOD: u8 = 1;
const HEADER: u8 = 2;
const BODY: u8 = 3;
/// Type, channel, size; and an octet behind the payload.
const HEAD: usize = 7;

const BASIC_CONSUME: &[u8] = &[0, 60, 0, 20];
const BASIC_DELIVER: &[u8] = &[0, 60, 0, 60];
const EXCLUSIVE: u8 = 4;

/// The channels of a connection on which an inbox is read: each consumer of ours has its own.
#[derive(Default)]
pub(super) struct Consumers(Mutex<HashSet<u16>>);

/// What the client asks for.
pub(super) struct Asked {
    consumers: Arc<Consumers>,
    frames: Frames,
    /// The protocol's name, which comes before any frame.
    greeting: usize,
}

impl Asked {
    pub(super) fn new(consumers: Arc<Consumers>) -> Self {
        Self {
            consumers,
            frames: Frames::default(),
            greeting: 8,
        }
    }

    pub(super) fn look(&mut self, bytes: &[u8]) {
        let skipped = self.greeting.min(bytes.len());
        self.greeting -= skipped;
        self.frames.take(&bytes[skipped..]);
        while let Some(frame) = self.frames.next() {
            if frame[0] == METHOD && frame[HEAD..].starts_with(BASIC_CONSUME) {
                let mut channels = self.consumers.0.lock().unwrap();
                if is_exclusive(&frame[HEAD + 4..]) {
                    channels.insert(channel(&frame));
                } else {
                    channels.remove(&channel(&frame));
                }
            }
        }
    }
}

/// What the broker tells.
pub(super) struct Told {
    consumers: Arc<Consumers>,
    frames: Frames,
    /// The channels in whose delivery we are that is dropped, and how much of its body is to come;
    /// `None`: its header is.
    dropping: HashMap<u16, Option<u64>>,
}

impl Told {
    pub(super) fn new(consumers: Arc<Consumers>) -> Self {
        Self {
            consumers,
            frames: Frames::default(),
            dropping: HashMap::new(),
        }
    }

    /// What of it reaches the client. `loses` is asked for each letter.
    pub(super) fn pass(&mut self, bytes: &[u8], mut loses: impl FnMut() -> bool) -> Vec<u8> {
        self.frames.take(bytes);
        let mut passed = Vec::with_capacity(bytes.len());
        while let Some(frame) = self.frames.next() {
            if !self.drops(&frame, &mut loses) {
                passed.extend(frame);
            }
        }
        passed
    }

    fn drops(&mut self, frame: &[u8], loses: &mut impl FnMut() -> bool) -> bool {
        let channel = channel(frame);
        let payload = &frame[HEAD..frame.len() - 1];
        match (frame[0], self.dropping.get(&channel).copied()) {
            (METHOD, _) if payload.starts_with(BASIC_DELIVER) => {
                let is_letter = self.consumers.0.lock().unwrap().contains(&channel);
                let drops = is_letter && loses();
                if drops {
                    self.dropping.insert(channel, None);
                }
                drops
            }
            (HEADER, Some(None)) => {
                let size = payload[4..12].try_into().map_or(0, u64::from_be_bytes);
                self.left(channel, size);
                true
            }
            (BODY, Some(Some(left))) => {
                self.left(channel, left.saturating_sub(payload.len() as u64));
                true
            }
            _ => false,
        }
    }

    fn left(&mut self, channel: u16, left: u64) {
        if left == 0 {
            self.dropping.remove(&channel);
        } else {
            self.dropping.insert(channel, Some(left));
        }
    }
}

/// Bytes, frame by frame.
#[derive(Default)]
struct Frames(Vec<u8>);

impl Frames {
    fn take(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn next(&mut self) -> Option<Vec<u8>> {
        let size = self.0.get(3..HEAD)?.try_into().map(u32::from_be_bytes);
        let end = HEAD + usize::try_from(size.ok()?).ok()? + 1;
        (self.0.len() >= end).then(|| self.0.drain(..end).collect())
    }
}

fn channel(frame: &[u8]) -> u16 {
    u16::from_be_bytes([frame[1], frame[2]])
}

/// Behind a reserved number stand the queue's and the consumer's names, then the flags.
fn is_exclusive(arguments: &[u8]) -> bool {
    let behind = |at: usize| arguments.get(at).map(|len| at + 1 + usize::from(*len));
    let flags = behind(2).and_then(behind).and_then(|at| arguments.get(at));
    flags.is_some_and(|flags| flags & EXCLUSIVE != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, channel: u8, payload: &[u8]) -> Vec<u8> {
        let size = u8::try_from(payload.len()).unwrap();
        let mut frame = vec![kind, 0, channel, 0, 0, 0, size];
        frame.extend_from_slice(payload);
        frame.push(0xce);
        frame
    }

    fn consume(channel: u8, flags: u8) -> Vec<u8> {
        let mut payload = BASIC_CONSUME.to_vec();
        payload.extend([0, 0, 1, b'q', 0, flags, 0, 0, 0, 0]);
        frame(METHOD, channel, &payload)
    }

    fn delivery(channel: u8, body: &[u8]) -> Vec<u8> {
        let mut header = vec![0, 60, 0, 0];
        header.extend((body.len() as u64).to_be_bytes());
        let (one, other) = body.split_at(body.len() / 2);
        [
            frame(METHOD, channel, BASIC_DELIVER),
            frame(HEADER, channel, &header),
            frame(BODY, channel, one),
            frame(BODY, channel, other),
        ]
        .concat()
    }

    #[test]
    fn letters_are_lost_whole_and_doorbells_never_however_the_bytes_are_cut() {
        let asked = [
            b"AMQP\x00\x00\x09\x01".to_vec(),
            consume(1, EXCLUSIVE),
            consume(2, 0),
        ];
        let (asked, letter, doorbell) =
            (asked.concat(), delivery(1, b"hello"), delivery(2, b"ring"));
        let told = [letter.clone(), doorbell.clone(), letter.clone()].concat();
        for size in 1..told.len() {
            let consumers = Arc::new(Consumers::default());
            let mut asking = Asked::new(consumers.clone());
            asked.chunks(size).for_each(|bytes| asking.look(bytes));
            let mut telling = Told::new(consumers);
            let mut letters = 0;
            let mut first = || {
                letters += 1;
                letters == 1
            };
            let pieces = told.chunks(size);
            let passed: Vec<_> = pieces
                .flat_map(|bytes| telling.pass(bytes, &mut first))
                .collect();
            assert_eq!(passed, [doorbell.clone(), letter.clone()].concat());
        }
    }
}
