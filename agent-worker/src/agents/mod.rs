//! The agents that come with Convene.

pub mod guide;
pub mod llm;
