//! For each rule a small history that breaks it, and that it is told by its name.

#![expect(clippy::unwrap_used, reason = "tests say so when something is wrong")]

mod histories;
mod logs;
mod readers;
mod story;
mod woken;
