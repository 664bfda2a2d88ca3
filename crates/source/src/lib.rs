//! Files that people write, and what is said of them.
//!
//! * [`Sources`] are the texts of a folder, from wherever they come.
//! * A [`Place`] is a line and a column; [`At`] is a value that knows where it was written.
//! * A [`Fault`] is one thing that is wrong, with its place, a code that stays and a remedy.
//! * [`is_rasa`] knows a folder that is another framework's project.
//! * [`yaml`] reads YAML as a tree with places, and types from such a tree.

mod fault;
mod place;
mod rasa;
mod sources;
pub mod yaml;

pub use self::{
    fault::{Fault, FaultCode, Faults, Severity},
    place::{AT, At, Place},
    rasa::{RASA, is_rasa},
    sources::{ReadError, Sources},
};
