//! The context service: it owns the log of every conversation, behind gRPC.
//!
//! [`store`] is the port to whatever keeps the data; the server puts it on the wire. It holds no
//! state of its own, so any number of servers can stand behind one address.

pub mod store;
