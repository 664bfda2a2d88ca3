//! What every service stands on, and nothing that is about conversations.

pub mod clock;
pub mod grpc;
pub mod sse;
mod tasks;
pub mod trace;

pub use self::tasks::Tasks;
