//! The whole of it: from training data to a model, and from a message to what it means.

mod both;
mod clauses;
mod context;
mod file;
mod letter;
mod manners;
mod model;
mod rules;
mod settings;
mod understood;

pub use self::{
    context::Context,
    file::{FileError, Fingerprint},
    model::{Understanding, Untrainable},
    rules::EntityRules,
    settings::Settings,
    understood::{Clause, Decision, Enough, Explanation, Limit, Ranked, Understood},
};
