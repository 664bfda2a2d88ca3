//! Mutations of samples, the same for the same seed.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

/// Bytes of a mutation, at most.
const MOST: usize = 16 * 1024;

/// What parsers stumble over.
const WORDS: [&[u8]; 26] = [
    b"null",
    b"true",
    b"-1",
    b"0",
    b"1e400",
    b"18446744073709551616",
    b"9007199254740993",
    b"\"",
    b"\\",
    b"\\ud800",
    b"\\u0000",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\r\n",
    b"\n\n",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xf0\x9f\x9a\x80",
    b"\0",
    b"data:",
    b"id:",
    b"retry:",
];

/// See the module.
pub struct Mutations<'a> {
    samples: &'a [Vec<u8>],
    random: StdRng,
}

impl<'a> Mutations<'a> {
    /// Of these samples, from this seed on.
    #[must_use]
    pub fn new(samples: &'a [Vec<u8>], seed: u64) -> Self {
        Self {
            samples,
            random: StdRng::seed_from_u64(seed),
        }
    }

    fn sample(&mut self) -> &'a [u8] {
        match self.samples {
            [] => &[],
            samples => &samples[self.random.random_range(0..samples.len())],
        }
    }

    fn place(&mut self, bytes: &[u8]) -> usize {
        self.random.random_range(0..=bytes.len())
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.place(bytes);
        match self.random.random_range(0..8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.random.random_range(0..8),
            1 if at < bytes.len() => bytes[at] = self.random.random(),
            2 => bytes.truncate(at),
            3 => {
                let end = self.place(bytes);
                bytes.drain(at.min(end)..at.max(end));
            }
            4 => {
                let word = WORDS[self.random.random_range(0..WORDS.len())];
                bytes.splice(at..at, word.iter().copied());
            }
            5 => {
                let end = self.place(bytes);
                let piece = bytes[at.min(end)..at.max(end)].to_vec();
                bytes.splice(at..at, piece);
            }
            6 => {
                let other = self.sample();
                let from = self.random.random_range(0..=other.len());
                bytes.splice(at.., other[from..].iter().copied());
            }
            _ => bytes.insert(at, self.random.random()),
        }
        bytes.truncate(MOST);
    }
}

impl Iterator for Mutations<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut bytes = self.sample().to_vec();
        for _ in 0..self.random.random_range(1..=6) {
            self.change(&mut bytes);
        }
        Some(bytes)
    }
}
