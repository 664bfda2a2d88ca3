//! YAML as a tree that knows where each of its nodes stands, and serde over such a tree. So types are
//! read with places, and a file with several faults tells all of them: each piece of it is read by itself.
//!
//! Scalars are what was written: a name `yes` is no truth value, and a number `007` keeps its zeros.

mod de;
mod node;
mod remedy;
#[cfg(test)]
mod tests;

pub use self::{
    de::{Misread, read},
    node::{Kind, Node, Style, parse},
    remedy::remedy,
};
