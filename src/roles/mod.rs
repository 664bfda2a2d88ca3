//! Which service runs over which adapters: one file a role, and the embedded one that puts them
//! all into one process.

pub(crate) mod agent_worker;
mod backends;
pub(crate) mod context_service;
pub(crate) mod embedded;
pub(crate) mod gateway;
pub(crate) mod listen;
mod shutdown;
