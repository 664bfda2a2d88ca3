//! YAML as a tree that knows where each of its nodes stands, and serde over such a tree. So the
//! types of the folder are read with places, and a file with several faults tells all of them: each
//! piece of it (a step, a slot, a text) is read by itself.

mod de;
mod node;
#[cfg(test)]
mod tests;

pub(crate) use self::{
    de::{Misread, read},
    node::{Kind, Node, parse},
};
