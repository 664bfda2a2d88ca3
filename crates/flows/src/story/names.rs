//! Names in stories that the project does not have.

use std::collections::BTreeSet;

use convene_source::Place;

use super::file::Story;
use crate::{
    fault::{Code, Fault, Faults, did_you_mean},
    name::SlotName,
    project::{Project, Vocabulary},
};

impl Story {
    /// What stories name and the project does not have: they cannot go as they are told.
    #[must_use]
    pub fn check(stories: &[Self], project: &Project, vocabulary: &Vocabulary) -> Vec<Fault> {
        let own = project.flows().flat_map(|flow| flow.slots.keys());
        let known = Known {
            intents: vocabulary.intents.iter().map(|one| one.as_str()).collect(),
            slots: own
                .chain(project.shared.keys())
                .map(SlotName::as_str)
                .collect(),
            flows: project.flows().map(|flow| flow.name.as_str()).collect(),
        };
        let mut faults = Faults::default();
        for story in stories {
            for (step, place) in story.steps.iter().zip(&story.places) {
                let mut named = |code, what, names: &BTreeSet<&str>, name: &str| {
                    if !names.is_empty() && !names.contains(name) {
                        let message = format!("there is no {what} `{name}`");
                        let remedy =
                            did_you_mean(name, names.iter().copied(), "name one that is there");
                        add(&mut faults, story, *place, (code, message, remedy));
                    }
                };
                let torn = step.torn.iter().flatten();
                let intents = step.intent.iter().chain(torn);
                for intent in intents.flat_map(|intent| intent.split('+')) {
                    named(Code::UnknownIntent, "intent", &known.intents, intent);
                }
                for slot in step.slot_was_set.iter().flat_map(|slots| slots.keys()) {
                    named(Code::UnknownSlot, "slot", &known.slots, slot);
                }
                let ended = step.ended.iter().flat_map(|ended| ended.keys());
                let on_top = step.flow.iter().filter(|flow| *flow != "none");
                for flow in on_top.chain(ended) {
                    named(Code::UnknownFlow, "flow", &known.flows, flow);
                }
            }
        }
        faults.into_sorted()
    }
}

struct Known<'a> {
    intents: BTreeSet<&'a str>,
    slots: BTreeSet<&'a str>,
    flows: BTreeSet<&'a str>,
}

fn add(faults: &mut Faults, story: &Story, place: Place, fault: (Code, String, String)) {
    let (code, message, remedy) = fault;
    faults.add(&story.file, place, code, message, remedy);
}
