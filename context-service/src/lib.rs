//! The context service: it owns the log of every conversation, behind gRPC.
//!
//! [`store`] is the port to whatever keeps the data; [`Service`] puts it on the wire. It holds no
//! state of its own, so any number of servers can stand behind one address.

mod server;
pub mod store;

pub use self::server::{Error, Options, Service};
