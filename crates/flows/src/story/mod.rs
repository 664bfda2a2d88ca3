//! Stories: conversations written as files, run against a project like tests.

mod annotated;
mod file;
mod judge;
mod report;
mod run;
mod teller;
#[cfg(test)]
pub(crate) mod tests;

pub use self::{
    annotated::annotated,
    file::{CallStub, EventStep, Returns, Story, StoryFile, StoryStep},
    report::{Failure, Report, Told},
    run::{Utterance, run},
};
