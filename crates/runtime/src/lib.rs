//! What every service stands on, and nothing that is about conversations.

pub mod bounds;
pub mod clock;
pub mod grpc;
pub mod health;
pub mod http;
pub mod lies;
pub mod metrics;
pub mod sse;
mod tasks;
pub mod telemetry;
pub mod tls;
pub mod trace;

pub use self::tasks::Tasks;
