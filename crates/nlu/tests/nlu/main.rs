//! The crate through its public door.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests say so when something is wrong"
)]

mod any_day;
mod both;
mod encoder;
mod entities;
mod evaluation;
#[expect(dead_code, reason = "other tests use more of it")]
#[path = "../../../training-data/tests/training_data/folder.rs"]
mod folder;
mod languages;
mod lessons;
mod letters;
mod marks;
mod moments;
mod public_data;
mod resplit;
mod shop;
mod small_projects;
mod thesaurus;
mod understanding;
mod word_for_word;
