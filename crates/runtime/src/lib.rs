//! What every service stands on, and nothing that is about conversations.

pub mod clock;
mod tasks;
pub mod trace;

pub use self::tasks::Tasks;
