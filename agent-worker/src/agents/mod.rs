//! The agents that come with Convene.

pub mod flow;
pub mod guide;
pub mod llm;
