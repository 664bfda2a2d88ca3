//! What goes into the store and comes out of it.

mod agent;
mod conversation;
mod entry;
mod input;
mod lease;
mod reader;
mod revocation;
mod write;

pub use self::{
    agent::*, conversation::*, entry::*, input::*, lease::*, reader::*, revocation::*, write::*,
};
