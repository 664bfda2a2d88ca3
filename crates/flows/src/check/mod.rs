//! What can only be judged when all files were read: names, paths, and whether a conversation can get
//! stuck.

mod alike;
#[cfg(test)]
mod alone_tests;
#[cfg(test)]
mod blind_tests;
#[cfg(test)]
mod calls_tests;
mod comes_back;
mod comparisons;
mod depends;
mod fitting;
#[cfg(test)]
mod language_tests;
mod length;
#[cfg(test)]
mod length_tests;
mod lists;
#[cfg(test)]
mod lists_tests;
mod loops;
#[cfg(test)]
mod mistakes_tests;
mod names;
mod offers;
mod paths;
mod samples;
mod silent;
mod starts;
mod taught;
#[cfg(test)]
mod tests;
mod texts;
mod training;
mod undone;
#[cfg(test)]
mod undone_tests;
#[cfg(test)]
mod unheard_tests;
#[cfg(test)]
mod version_tests;
#[cfg(test)]
mod whole_tests;

use std::collections::BTreeSet;

use convene_source::Severity;

use crate::{
    fault::{Code, Faults},
    project::{FlowSpec, Project, Vocabulary},
};

/// Looks for every fault.
pub(crate) fn run(project: &Project, vocabulary: &Vocabulary, faults: &mut Faults) {
    let taught = taught::Taught::of(project);
    let slots = names::check(project, faults);
    starts::check(project, vocabulary, faults);
    let texts = texts::check(project, faults);
    offers::check(project, faults);
    fitting::check(project, faults);
    depends::check(project, faults);
    alike::check(project, faults);
    lists::check(project, faults);
    training::check(project, vocabulary, &taught, faults);
    let back = comes_back::all(project);
    for flow in project.flows() {
        // Where a name or a step is wrong, so is what follows from it.
        if !has_errors(project, flow, faults) {
            paths::check(project, flow, &back, faults);
            loops::check(project, flow, faults);
        }
    }
    loops::check_calls(project, faults);
    let good: BTreeSet<_> = project
        .flows()
        .filter(|flow| !has_errors(project, flow, faults))
        .map(|flow| flow.name.clone())
        .collect();
    length::check(project, |flow| good.contains(&flow.name), faults);
    if !faults.has_errors() {
        names::unused(project, &slots, faults);
        starts::unused(project, vocabulary, &taught, faults);
        texts::unused(project, &texts, faults);
        silent::check(project, &texts, faults);
        undone::check(project, faults);
    }
}

/// Takes out what is told to be missing and may stand in a file that cannot be read.
pub(crate) fn spare_followers(faults: &mut Faults) {
    let unread: BTreeSet<String> = faults
        .iter()
        .filter(|fault| matches!(fault.code, Code::NotYaml | Code::Unreadable))
        .filter_map(|fault| Some(fault.file.split_once('/')?.0.to_owned()))
        .collect();
    let is_follower = |code: Code| match code {
        Code::UnknownFlow => unread.contains("flows"),
        Code::UnknownText | Code::MissingTranslation => unread.contains("texts"),
        Code::UnknownIntent | Code::UnknownEntity => unread.contains("nlu"),
        _ => false,
    };
    faults.retain(|fault| !is_follower(fault.code));
}

/// Whether an error stands in a flow.
fn has_errors(project: &Project, flow: &FlowSpec, faults: &Faults) -> bool {
    let next = project
        .flows()
        .filter(|other| other.file == flow.file && other.place.line > flow.place.line)
        .map(|other| other.place.line)
        .min();
    let lines = flow.place.line..next.unwrap_or(u32::MAX);
    faults.iter().any(|fault| {
        fault.severity() == Severity::Error
            && fault.file == flow.file
            && lines.contains(&fault.line)
    })
}
