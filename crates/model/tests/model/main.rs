//! The protocol's models: every state of them, and what each rule is there for.
#![expect(
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests are tests, though clippy sees only functions marked so"
)]

mod audience;
mod looks;
mod work;
