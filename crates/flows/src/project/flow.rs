//! A flow as the engine runs it: steps that know their followers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use convene_source::{At, Place};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::{
    folder::{End, Layout, Method, Span},
    name::{EnvironmentName, EventName, FlowName, IntentName, SlotName, StepId, TextKey, Version},
    slot::SlotSpec,
};

/// A flow.
#[derive(Debug)]
pub struct FlowSpec {
    /// What it is called.
    pub name: FlowName,
    /// The hash of what it says, with the slots of the conversation that it uses.
    pub version: Version,
    /// The file in which it stands.
    pub file: String,
    /// Where it begins there.
    pub place: Place,
    /// What it is for.
    pub description: String,
    /// The text that names it in a button.
    pub title: Option<At<TextKey>>,
    /// The intents that start it.
    pub intents: Vec<At<IntentName>>,
    /// The events that start it.
    pub events: Vec<At<EventName>>,
    /// Its own slots.
    pub slots: BTreeMap<SlotName, SlotSpec>,
    /// Where it goes when it is cancelled.
    pub on_cancel: Option<Target>,
    /// Its steps. The first one is where it begins.
    pub steps: Vec<StepSpec>,
}

/// A step.
#[derive(Debug)]
pub struct StepSpec {
    /// Its id, unique in the flow.
    pub id: StepId,
    /// Where it stands.
    pub place: Place,
    /// What it does.
    pub op: Op,
    /// What follows.
    pub next: Target,
}

/// Where a step leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// To the step of this index.
    Step(usize),
    /// To the end of the flow.
    End,
}

/// What a step does.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "the fields are those of the folder's types, which say it"
)]
pub enum Op {
    Say {
        text: At<TextKey>,
        card: Option<Box<CardSpec>>,
    },
    Ask {
        slot: At<SlotName>,
        again: bool,
        tries: Option<u32>,
        otherwise: Option<Target>,
        confirm: Option<At<TextKey>>,
        form: Vec<At<SlotName>>,
        layout: Option<At<Layout>>,
    },
    Choose {
        text: At<TextKey>,
        layout: Option<At<Layout>>,
        card: Option<Box<CardSpec>>,
        options: Vec<ChoiceTarget>,
        tries: Option<u32>,
        otherwise: Option<Target>,
    },
    Branch {
        arms: Vec<(At<String>, Target)>,
        otherwise: Target,
    },
    Set(Vec<(SlotName, At<Json>)>),
    Call(Box<CallSpec>),
    Generate {
        prompt: At<String>,
        facts: Vec<At<String>>,
        otherwise: At<TextKey>,
        save: Option<At<SlotName>>,
    },
    Flow {
        name: At<FlowName>,
        with: Vec<(SlotName, At<String>)>,
        save: Vec<(SlotName, At<SlotName>)>,
    },
    Wait {
        time: Option<WaitTime>,
        event: Option<At<EventName>>,
        otherwise: Target,
    },
    Handoff {
        to: Option<At<String>>,
        say: Option<At<TextKey>>,
        reason: Option<At<String>>,
    },
    End(End),
}

/// How long a step waits at most.
#[derive(Debug, Clone, PartialEq)]
pub enum WaitTime {
    /// So long.
    For(Span),
    /// Until a moment.
    Until {
        /// The slot that is its day; where that is an hour, the next time that it is.
        slot: At<SlotName>,
        /// The slot that is the hour of the day.
        hour: Option<At<SlotName>>,
    },
}

/// A button of `choose`.
#[derive(Debug)]
pub struct ChoiceTarget {
    /// Its text.
    pub label: At<TextKey>,
    /// Intents that choose it.
    pub intents: Vec<At<IntentName>>,
    /// Where it leads.
    pub then: Target,
}

/// A card.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "the fields are those of `folder::Card`, which says it"
)]
pub struct CardSpec {
    pub title: At<TextKey>,
    pub subtitle: Option<At<TextKey>>,
    pub image: Option<At<String>>,
    pub text: Option<At<TextKey>>,
    /// Each a label and a value.
    pub fields: Vec<(At<TextKey>, At<TextKey>)>,
    /// Each a label and an address.
    pub links: Vec<(At<TextKey>, At<String>)>,
}

impl CardSpec {
    /// All its texts.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &At<TextKey>> {
        let head = [
            Some(&self.title),
            self.subtitle.as_ref(),
            self.text.as_ref(),
        ];
        let fields = self.fields.iter().flat_map(|(label, value)| [label, value]);
        let links = self.links.iter().map(|(label, _)| label);
        head.into_iter().flatten().chain(fields).chain(links)
    }

    /// All its addresses.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &At<String>> {
        self.image
            .iter()
            .chain(self.links.iter().map(|(_, url)| url))
    }
}

/// A call.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "the fields are those of `folder::Call`, which says it"
)]
pub struct CallSpec {
    pub method: Method,
    pub url: At<String>,
    pub headers: BTreeMap<String, At<Vec<HeaderPiece>>>,
    pub body: Option<At<Json>>,
    pub save: Vec<(SlotName, At<String>)>,
    pub accept: Vec<u16>,
    pub timeout: Span,
    pub on_error: Option<Target>,
}

/// A piece of a header's value. What the environment says is known to the worker that calls, and to nobody else: no note,
/// no log and no trace has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderPiece {
    /// A text: in a project's files with placeholders, in a call what they stand for.
    Text(String),
    /// What this variable of the worker's environment says.
    Environment(EnvironmentName),
}

impl FlowSpec {
    /// The step of an id.
    #[must_use]
    pub fn index_of(&self, step: &StepId) -> Option<usize> {
        self.steps.iter().position(|other| other.id == *step)
    }

    /// The steps that paths from these lead to, and these themselves; paths through `but` do not count.
    pub(crate) fn reached(
        &self,
        from: impl IntoIterator<Item = usize>,
        but: Option<usize>,
    ) -> BTreeSet<usize> {
        let is_free = |index: &usize| Some(*index) != but;
        let next = |_, step: &StepSpec| step.followers().filter(is_free).collect();
        self.reached_by(from.into_iter().filter(is_free), next)
    }

    /// The same, where each step, at its place, leads to those that `next` says.
    pub(crate) fn reached_by(
        &self,
        from: impl Iterator<Item = usize>,
        next: impl Fn(usize, &StepSpec) -> Vec<usize>,
    ) -> BTreeSet<usize> {
        let mut reached: BTreeSet<usize> = from.collect();
        let mut queue: VecDeque<usize> = reached.iter().copied().collect();
        while let Some(index) = queue.pop_front() {
            let step = self.steps.get(index);
            let next = step.map(|step| next(index, step)).unwrap_or_default();
            queue.extend(next.into_iter().filter(|next| reached.insert(*next)));
        }
        reached
    }
}

impl StepSpec {
    /// Everywhere it can lead, with what leads there: nothing, if it is just what follows.
    pub(crate) fn ways(&self) -> Vec<(Target, Option<String>)> {
        let plain = || (self.next, None);
        match &self.op {
            Op::Say { .. } | Op::Set(_) | Op::Generate { .. } | Op::Flow { .. } => vec![plain()],
            Op::Ask { otherwise, .. } => {
                let way_out = otherwise.map(|target| (target, Some("otherwise".to_owned())));
                std::iter::once(plain()).chain(way_out).collect()
            }
            Op::Choose {
                options, otherwise, ..
            } => {
                let ways = options
                    .iter()
                    .map(|option| (option.then, Some(option.label.to_string())));
                let way_out = otherwise.map(|target| (target, Some("otherwise".to_owned())));
                ways.chain(way_out).collect()
            }
            Op::Branch { arms, otherwise } => {
                let ways = arms
                    .iter()
                    .map(|(condition, target)| (*target, Some(condition.value.clone())));
                ways.chain([(*otherwise, Some("else".to_owned()))])
                    .collect()
            }
            Op::Call(call) => {
                let error = call
                    .on_error
                    .map(|target| (target, Some("on_error".to_owned())));
                std::iter::once(plain()).chain(error).collect()
            }
            Op::Wait {
                time,
                event,
                otherwise,
            } => match (time, event) {
                (Some(_), Some(_)) => vec![plain(), (*otherwise, Some("otherwise".to_owned()))],
                _ => vec![plain()],
            },
            Op::Handoff { .. } | Op::End(_) => Vec::new(),
        }
    }

    /// The steps that it can lead to.
    pub(crate) fn followers(&self) -> impl Iterator<Item = usize> {
        let ways = self.ways().into_iter();
        ways.filter_map(|(target, _)| match target {
            Target::Step(index) => Some(index),
            Target::End => None,
        })
    }

    /// The flow that it calls.
    pub(crate) const fn called(&self) -> Option<&FlowName> {
        match &self.op {
            Op::Flow { name, .. } => Some(&name.value),
            _ => None,
        }
    }

    /// The word for what it does.
    pub(crate) const fn kind(&self) -> &'static str {
        match &self.op {
            Op::Say { .. } => "say",
            Op::Ask { .. } => "ask",
            Op::Choose { .. } => "choose",
            Op::Branch { .. } => "branch",
            Op::Set(_) => "set",
            Op::Call(_) => "call",
            Op::Generate { .. } => "generate",
            Op::Flow { .. } => "flow",
            Op::Wait { .. } => "wait",
            Op::Handoff { .. } => "handoff",
            Op::End(_) => "end",
        }
    }
}
