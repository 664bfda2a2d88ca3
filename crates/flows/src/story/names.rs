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
        let built_in = project.built_in_keys();
        let texts = project.speech.keys().into_iter();
        let known = Known {
            texts: texts.chain(built_in.iter().map(String::as_str)).collect(),
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
                if step
                    .bot
                    .as_deref()
                    .is_some_and(|said| said.trim().is_empty())
                {
                    let message = "a `bot` that says nothing".to_owned();
                    let remedy = "write what is said; where nothing is, take the step away: what no `bot` names must not be said";
                    let fault = (Code::WrongForm, message, remedy.to_owned());
                    add(&mut faults, story, *place, fault);
                }
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
                if let Some(said) = step
                    .bot
                    .as_ref()
                    .filter(|said| is_like_a_key(said, &known.texts))
                {
                    named(Code::UnknownText, "text", &known.texts, said);
                }
            }
        }
        faults.into_sorted()
    }
}

/// Whether it is the name of a text in one of the groups that are there, rather than a text.
fn is_like_a_key(said: &str, texts: &BTreeSet<&str>) -> bool {
    let is_name = |name: &str| {
        let mut signs = name.chars();
        !name.is_empty() && signs.all(|sign| sign.is_ascii_lowercase() || sign == '_')
    };
    let group = said.rsplit_once('.');
    group.is_some_and(|(group, name)| {
        let is_there = |text: &&str| text.rsplit_once('.').is_some_and(|(own, _)| own == group);
        is_name(name) && texts.iter().any(is_there)
    })
}

struct Known<'a> {
    texts: BTreeSet<&'a str>,
    intents: BTreeSet<&'a str>,
    slots: BTreeSet<&'a str>,
    flows: BTreeSet<&'a str>,
}

fn add(faults: &mut Faults, story: &Story, place: Place, fault: (Code, String, String)) {
    let (code, message, remedy) = fault;
    faults.add(&story.file, place, code, message, remedy);
}
