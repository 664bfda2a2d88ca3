//! What can only be judged when all files were read: names, paths, and whether a conversation can get
//! stuck.

mod loops;
mod names;
mod paths;
mod samples;
mod starts;
#[cfg(test)]
mod tests;
mod texts;
mod uses;

use crate::{
    fault::Faults,
    project::{Project, Vocabulary},
};

/// Looks for every fault.
pub(crate) fn run(project: &Project, vocabulary: &Vocabulary, faults: &mut Faults) {
    names::check(project, faults);
    starts::check(project, vocabulary, faults);
    texts::check(project, faults);
    for flow in project.flows() {
        paths::check(project, flow, faults);
        loops::check(flow, faults);
    }
    loops::check_calls(project, faults);
}
