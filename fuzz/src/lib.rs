//! What parses input, fed with what is none. Each target is a function that takes any bytes and
//! returns; where a promise does not hold it panics. Its corpus is in `corpus/<target>/`: samples to
//! begin from, and whatever made it panic once.
//!
//! `cargo test` replays the corpora, and some thousand mutations of them; `cargo xtask fuzz TARGET
//! --seconds N` goes on with other mutations for as long as is wished.

#![expect(
    clippy::unwrap_used,
    reason = "a target says so when a promise does not hold"
)]

mod mutate;
mod rest;
mod settings;
mod targets;

use std::{fs, path::PathBuf};

pub use self::{mutate::Mutations, targets::TARGETS};

/// A target: its name, and what it does with any bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Where a target's samples are.
#[must_use]
pub fn folder(target: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus")).join(target)
}

/// A target's samples, in the order of their names.
///
/// # Errors
/// Where there are none.
pub fn corpus(target: &str) -> std::io::Result<Vec<Vec<u8>>> {
    let mut files: Vec<_> = fs::read_dir(folder(target))?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()?;
    files.sort();
    files.iter().map(fs::read).collect()
}
