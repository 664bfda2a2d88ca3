//! How well a project understands: what a model takes held-out sentences for, against what they are.

mod judgement;
mod report;
mod spans;
mod threshold;

pub use self::{
    judgement::{Judgement, cross_validate, judge},
    report::{Confusion, Counts, Decisions, EntityReport, IntentReport, Report},
    threshold::{Chosen, PaperRule},
};
