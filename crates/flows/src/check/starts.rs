//! What starts flows, and the names of intents and flows in `assistant.yaml`.

use std::collections::BTreeSet;

use convene_source::{At, Place};
use convene_training_data::Language;

use super::{samples, taught::Taught};
use crate::{
    fault::{Code, Faults, did_you_mean},
    folder::Groups,
    name::{FlowName, IntentName, Locale},
    project::{FlowSpec, Op, Project, Vocabulary},
};

/// What the rule of `groups` may speak of.
const RULE: [&str; 4] = ["addressed", "people", "text", "who"];

pub(super) fn check(project: &Project, vocabulary: &Vocabulary, faults: &mut Faults) {
    for (file, intent) in named(project) {
        known_intent(file, intent.as_str(), intent.place, vocabulary, faults);
    }
    let assistant = project.assistant();
    if let Some(fallback) = &assistant.fallback {
        known_flow(project, fallback, faults);
    }
    if let Groups::Rule(rule) = &assistant.groups {
        rule_of(project, rule, faults);
    }
    numbers(project, faults);
    spoken(project, faults);
    events(project, faults);
    commands(project, faults);
    both_at_once(project, faults);
    if assistant.name.trim().is_empty() {
        let remedy = "write what people call it";
        let message = "the assistant has no name";
        let place = assistant.name.place;
        faults.add("assistant.yaml", place, Code::WrongForm, message, remedy);
    }
}

/// Intents that say two things, of which one is never heard.
fn commands(project: &Project, faults: &mut Faults) {
    let commands = &project.assistant().commands;
    for intent in &commands.deny {
        if commands
            .affirm
            .iter()
            .any(|other| other.value == intent.value)
        {
            let message = format!("`{}` says yes and no", intent.value);
            let remedy = "take it out of `affirm` or of `deny`";
            let code = Code::Duplicate;
            faults.add("assistant.yaml", intent.place, code, message, remedy);
        }
    }
    for flow in project.flows() {
        for intent in &flow.intents {
            let mut human = commands.human.iter();
            if human.any(|other| other.value == intent.as_str()) {
                let message = format!(
                    "`{}` asks for a person, so nothing starts with it",
                    intent.value
                );
                let remedy = "take it out of `start`, or out of `commands.human` of assistant.yaml and let this flow ask for a person with `handoff`";
                let (place, code) = (intent.place, Code::NeverStarted);
                faults.add(&flow.file, place, code, message, remedy);
            }
        }
    }
}

/// Whoever says two things at once wants each of them.
fn both_at_once(project: &Project, faults: &mut Faults) {
    for flow in project.flows() {
        for intent in flow
            .intents
            .iter()
            .filter(|intent| intent.as_str().contains('+'))
        {
            let message = format!(
                "nothing starts with `{}`: who says both wants each of them",
                intent.value
            );
            let remedy = "start with one of them";
            let (place, code) = (intent.place, Code::NeverStarted);
            faults.add(&flow.file, place, code, message, remedy);
        }
    }
}

/// The intents that steps, starts and commands name, with the files that they do it in.
pub(super) fn named(project: &Project) -> Vec<(&str, At<IntentName>)> {
    let mut named = Vec::new();
    for flow in project.flows() {
        let chosen = flow.steps.iter().flat_map(|step| match &step.op {
            Op::Choose { options, .. } => options.as_slice(),
            _ => &[],
        });
        let chosen = chosen.flat_map(|option| &option.intents);
        let all = flow.intents.iter().chain(chosen);
        named.extend(all.map(|intent| (flow.file.as_str(), intent.clone())));
    }
    let commands = &project.assistant().commands;
    let lists = [
        &commands.cancel,
        &commands.correct,
        &commands.affirm,
        &commands.deny,
        &commands.human,
        &commands.repeat,
    ];
    for intent in lists.into_iter().flatten() {
        let name = At::new(IntentName::from(intent.as_str()), intent.place);
        named.push(("assistant.yaml", name));
    }
    named
}

/// Intents and flows that nothing uses.
pub(super) fn unused(
    project: &Project,
    vocabulary: &Vocabulary,
    taught: &Taught<'_>,
    faults: &mut Faults,
) {
    let named = named(project).into_iter().map(|(_, intent)| intent.value);
    let used: BTreeSet<IntentName> = named
        .chain(
            project
                .slots()
                .flat_map(|(_, slot)| slot.intents.keys().cloned()),
        )
        .collect();
    for intent in &vocabulary.intents {
        let is_used = intent.as_str().split('+').all(|part| used.contains(part));
        if !is_used && !used.contains(intent) {
            let message = format!("nothing starts with the intent `{intent}`");
            let remedy = match intent.as_str() {
                // What other frameworks call it.
                "out_of_scope" => {
                    "call it `oos`: that is what nothing is meant to be understood as"
                }
                "inform" => {
                    "take it away: a value that is asked for is an answer without an intent, and this one takes what is meant for others"
                }
                _ => "let a flow start with it, or take its examples away",
            };
            let (file, place) = taught.first_of(intent.as_str());
            faults.add(file, place, Code::UnusedIntent, message, remedy);
        }
    }
    for flow in project.flows() {
        if !is_started(project, flow) {
            let message = format!("nothing starts the flow `{}`", flow.name);
            let remedy = "add `start: {intents: […]}`, or start it from another flow";
            faults.add(&flow.file, flow.place, Code::NeverStarted, message, remedy);
        }
    }
}

/// Languages of the same code: what people write is in the first of them.
fn spoken(project: &Project, faults: &mut Faults) {
    let languages = &project.assistant().languages;
    let code = |locale: &Locale| Language::new(locale.as_str()).ok();
    for (index, locale) in languages.iter().enumerate() {
        let mut before = languages.iter().take(index);
        let first = before.find(|other| code(other).is_some() && code(other) == code(locale));
        if let Some(first) = first {
            let message = format!(
                "nobody is answered in `{}`: what is written so is taken for `{}`",
                locale.value, first.value
            );
            let remedy = "name one of them alone";
            let (place, code) = (locale.place, Code::NeverSpoken);
            faults.add("assistant.yaml", place, code, message, remedy);
        }
    }
}

/// Names of events that nobody can send.
fn events(project: &Project, faults: &mut Faults) {
    for flow in project.flows() {
        let waited = flow.steps.iter().filter_map(|step| match &step.op {
            Op::Wait { event, .. } => event.as_ref(),
            _ => None,
        });
        for event in flow.events.iter().chain(waited) {
            if !event.can_be_sent() {
                let message = format!("no event is called `{}`", event.value);
                let remedy = "use up to 64 of the letters A to Z, digits, `-`, `_` and `.`, such as `payment.received`";
                faults.add(&flow.file, event.place, Code::BadName, message, remedy);
            }
        }
    }
}

/// Numbers of assistant.yaml that the schema bounds.
fn numbers(project: &Project, faults: &mut Faults) {
    let mut add = |place: Place, message: &str, remedy: &str| {
        faults.add("assistant.yaml", place, Code::WrongForm, message, remedy);
    };
    let assistant = project.assistant();
    let tries = assistant.ask.tries;
    if !(1..=20).contains(&tries.value) {
        let remedy = "write a number from 1 to 20";
        add(tries.place, "`ask.tries` is out of bounds", remedy);
    }
    let (sure, lost) = (assistant.thresholds.sure, assistant.thresholds.lost);
    for score in [sure, lost].into_iter().flatten() {
        if !(0.0..=1.0).contains(&score.value) {
            let message = "`thresholds` has a confidence that is none";
            add(
                score.place,
                message,
                "write confidences from 0 to 1: 0.8 for 80 %",
            );
        }
    }
    if let (Some(sure), Some(lost)) = (sure, lost)
        && lost.value > sure.value
    {
        let message = "`thresholds.lost` is above `thresholds.sure`";
        add(lost.place, message, "swap them");
    }
}

fn known_intent(
    file: &str,
    intent: &str,
    place: Place,
    vocabulary: &Vocabulary,
    faults: &mut Faults,
) {
    // Without training data there is nothing to hold it against.
    if vocabulary.intents.is_empty() || vocabulary.intents.contains(intent) {
        return;
    }
    let known = vocabulary.intents.iter().map(IntentName::as_str);
    let remedy = did_you_mean(intent, known, "write examples for it in nlu/");
    faults.add(
        file,
        place,
        Code::UnknownIntent,
        format!("there is no intent `{intent}`"),
        remedy,
    );
}

fn known_flow(project: &Project, name: &At<String>, faults: &mut Faults) {
    if project.flow(&FlowName::from(name.as_str())).is_none() {
        let known = project.flows.keys().map(FlowName::as_str);
        let remedy = did_you_mean(name, known, "write that flow, or take this away");
        let message = format!("there is no flow `{}`", name.value);
        faults.add(
            "assistant.yaml",
            name.place,
            Code::UnknownFlow,
            message,
            remedy,
        );
    }
}

fn rule_of(project: &Project, rule: &At<String>, faults: &mut Faults) {
    let (message, code) = match project.speech.templates.names_in_expression(rule) {
        Err(error) => (
            format!("the rule cannot be read: {error}"),
            Code::BadExpression,
        ),
        Ok(names) => match names.iter().find(|name| !RULE.contains(&name.as_str())) {
            Some(name) => (
                format!("the rule cannot speak of `{name}`"),
                Code::UnknownPlaceholder,
            ),
            None => match samples::try_rule(project, rule) {
                Ok(()) => return,
                Err(error) => (
                    format!("the rule fails on a message: {error}"),
                    Code::BadExpression,
                ),
            },
        },
    };
    let remedy = "it is an expression over `addressed`, `people`, `text` and `who`: `addressed or people < 3`";
    faults.add("assistant.yaml", rule.place, code, message, remedy);
}

fn is_started(project: &Project, flow: &FlowSpec) -> bool {
    let fallback = project.assistant().fallback.as_ref();
    let is_called = project
        .flows()
        .flat_map(|other| &other.steps)
        .any(|step| match &step.op {
            Op::Flow { name, .. } => name.value == flow.name,
            _ => false,
        });
    let is_fallback = fallback.is_some_and(|name| name.value == flow.name.as_str());
    is_called || is_fallback || !flow.intents.is_empty() || !flow.events.is_empty()
}
