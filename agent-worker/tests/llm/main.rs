//! The agent `llm` over a scripted provider.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "tests may panic")]

mod agent;
mod conformance;
mod provider;
mod real;
