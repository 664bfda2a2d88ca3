//! Flows that never come back to whoever calls them: what follows behind such a call is led to by no path.

use std::collections::BTreeSet;

use super::paths::entries;
use crate::{
    folder::End,
    name::FlowName,
    project::{FlowSpec, Op, Project, StepSpec, Target},
};

/// The flows of which some path leads to their end, and not to that of everything or to a person.
pub(super) fn all(project: &Project) -> BTreeSet<FlowName> {
    let mut back = BTreeSet::new();
    loop {
        let is_new = |flow: &&FlowSpec| {
            let steps = reached(project, flow, &back).into_iter();
            let mut steps = steps.filter_map(|index| flow.steps.get(index));
            !back.contains(&flow.name) && steps.any(|step| ends(project, step, &back))
        };
        let new: Vec<_> = project.flows().filter(is_new).collect();
        if new.is_empty() {
            return back;
        }
        back.extend(new.into_iter().map(|flow| flow.name.clone()));
    }
}

/// The steps that paths lead to where these flows come back.
pub(super) fn reached(
    project: &Project,
    flow: &FlowSpec,
    back: &BTreeSet<FlowName>,
) -> BTreeSet<usize> {
    flow.reached_by(entries(flow), |_, step| {
        match leads_on(project, step, back) {
            true => step.followers().collect(),
            false => Vec::new(),
        }
    })
}

/// One that is not there is told elsewhere.
fn leads_on(project: &Project, step: &StepSpec, back: &BTreeSet<FlowName>) -> bool {
    let called = step.called().filter(|name| project.flow(name).is_some());
    called.is_none_or(|name| back.contains(name))
}

fn ends(project: &Project, step: &StepSpec, back: &BTreeSet<FlowName>) -> bool {
    let mut ways = step.ways().into_iter();
    matches!(step.op, Op::End(End::Flow))
        || leads_on(project, step, back) && ways.any(|(target, _)| target == Target::End)
}
