//! Where nothing is said: texts without a word, and flows that answer a wish with silence.

use std::collections::BTreeSet;

use crate::{
    fault::{Code, Faults},
    folder::End,
    project::{FlowSpec, Op, Project},
};

/// The group of the engine's own texts: with nothing in one, it is not said.
const BUILT_IN: &str = "convene.";

/// `said`: the keys of texts that are shown.
pub(super) fn check(project: &Project, said: &BTreeSet<String>, faults: &mut Faults) {
    for (key, phrase, file, place) in project.speech.written() {
        let is_empty = phrase.variants.iter().any(|text| text.trim().is_empty());
        if is_empty && said.contains(key.as_str()) && !key.as_str().starts_with(BUILT_IN) {
            let message = format!("the text `{key}` says nothing");
            let remedy = "write what is said, or take the step or the label away; buttons without a label are not shown, nor those beside them";
            faults.add(file, place, Code::SaysNothing, message, remedy);
        }
    }
    for flow in project.flows().filter(|flow| !flow.intents.is_empty()) {
        let mut all = project.with_called([flow.name.clone()]);
        if !all.any(speaks) {
            let message = format!(
                "whoever wants `{}` gets no answer: none of its steps says anything",
                flow.name
            );
            let remedy = "add `say:` with a text that tells what was done";
            let (file, place) = (&flow.file, flow.place);
            faults.add(file, place, Code::SaysNothing, message, remedy);
        }
    }
}

/// Whether it says something, or ends all that is going on: whoever writes that wants nothing more to be said.
fn speaks(flow: &FlowSpec) -> bool {
    flow.steps.iter().any(|step| {
        !matches!(
            step.op,
            Op::Set(_)
                | Op::Branch { .. }
                | Op::Call(_)
                | Op::Flow { .. }
                | Op::Wait { .. }
                | Op::End(End::Flow)
        )
    })
}
