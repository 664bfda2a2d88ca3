//! What developers' commands are made of: programs that are stopped again however we end, and
//! private RabbitMQ, Redis and HAProxy servers on free loopback ports.
//!
//! The end-to-end tests use the same servers, so that there is one recipe for each.

mod guard;
pub mod haproxy;
pub mod ports;
pub mod process;
pub mod rabbitmq;
pub mod redis;
pub mod server;
pub mod tls;
pub mod wait;

/// Why a command failed, in words for the person who ran it.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Result of a developers' command.
pub type Result<T> = std::result::Result<T, Error>;
