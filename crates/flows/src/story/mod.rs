//! Stories: conversations written as files, run against a project like tests.

mod expected;
mod file;
mod judge;
mod names;
mod report;
mod run;
mod said;
mod teller;
#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
mod zone_tests;

pub use self::{
    file::{CallStub, CardShown, EventStep, Returns, Story, StoryFile, StoryStep},
    report::{Failure, Report, Told},
    run::{Find, Hearing, Utterance, run},
};
