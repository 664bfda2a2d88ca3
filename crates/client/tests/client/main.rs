//! The client against a server that a test plays, frame by frame.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may panic"
)]

mod connection;
mod cursor;
mod frames;
mod outbox;
mod rest;
mod server;
mod subscription;
mod view;
