//! The agents that come with the worker.

pub mod llm;
