//! Steps: what a flow does, one after the other.

use std::{collections::BTreeMap, fmt};

use convene_source::At;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Card, Layout, Short, Span, Steps};

/// A step. It has one key that says what it does, and may have an `id` and a `next`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("oneOf" = one_of()))]
pub struct Step {
    /// What other steps call it. Without it: a name made of what it does, such as `say_hello`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<At<String>>,
    /// The step that follows. Without it: the one below. `end` ends the flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<At<String>>,
    /// Says a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub say: Option<Short<Say>>,
    /// Asks for a slot, unless it is known already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<Short<AskStep>>,
    /// Offers buttons that lead to steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choose: Option<Choose>,
    /// Goes where the first condition that holds leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<Vec<Arm>>,
    /// Sets slots: to a value, to the value of an expression in braces (`"{total * 2}"`), to a text with
    /// placeholders; `null` empties them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<BTreeMap<String, At<Json>>>,
    /// Calls an HTTP endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
    /// Lets a model write what is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generate: Option<Generate>,
    /// Starts another flow and comes back when it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<Short<StartFlow>>,
    /// Waits for a length of time, until a moment, or for an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<Short<Wait>>,
    /// Asks for a person and ends all flows of whoever the flow is; those that others have begun go on when it is given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handoff: Option<Short<HandoffStep>>,
    /// Ends this flow, or all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StepKind<'a> {
    /// `say`
    Say(&'a Say),
    /// `ask`
    Ask(&'a AskStep),
    /// `choose`
    Choose(&'a Choose),
    /// `branch`
    Branch(&'a [Arm]),
    /// `set`
    Set(&'a BTreeMap<String, At<Json>>),
    /// `call`
    Call(&'a Call),
    /// `generate`
    Generate(&'a Generate),
    /// `flow`
    Flow(&'a StartFlow),
    /// `wait`
    Wait(&'a Wait),
    /// `handoff`
    Handoff(&'a HandoffStep),
    /// `end`
    End(End),
}

const KINDS: [&str; 11] = [
    "say", "ask", "choose", "branch", "set", "call", "generate", "flow", "wait", "handoff", "end",
];

fn one_of() -> Json {
    KINDS
        .iter()
        .map(|kind| serde_json::json!({ "required": [kind] }))
        .collect()
}

impl Step {
    /// Whether a step does something of this name.
    pub(crate) fn is_kind(name: &str) -> bool {
        KINDS.contains(&name)
    }

    /// What it does, if it says one thing; else how many things it says.
    pub(crate) fn kind(&self) -> Result<StepKind<'_>, usize> {
        let kinds = [
            self.say.as_ref().map(|say| StepKind::Say(say)),
            self.ask.as_ref().map(|ask| StepKind::Ask(ask)),
            self.choose.as_ref().map(StepKind::Choose),
            self.branch.as_deref().map(StepKind::Branch),
            self.set.as_ref().map(StepKind::Set),
            self.call.as_ref().map(StepKind::Call),
            self.generate.as_ref().map(StepKind::Generate),
            self.flow.as_ref().map(|flow| StepKind::Flow(flow)),
            self.wait.as_ref().map(|wait| StepKind::Wait(wait)),
            self.handoff
                .as_ref()
                .map(|handoff| StepKind::Handoff(handoff)),
            self.end.map(StepKind::End),
        ];
        let mut found = kinds.into_iter().flatten();
        match (found.next(), found.count()) {
            (Some(kind), 0) => Ok(kind),
            (None, _) => Err(0),
            (Some(_), more) => Err(1 + more),
        }
    }

    /// The words for what a step can do.
    pub(crate) fn kinds() -> String {
        KINDS.join(", ")
    }
}

/// Says a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Say {
    /// The text's key.
    pub text: At<String>,
    /// A card under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
}

/// Asks for a slot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskStep {
    /// The slot.
    pub slot: At<String>,
    /// Ask also if the slot has a value already.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
    /// How often it is asked before the way out. Without it: `ask.tries` of `assistant.yaml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries: Option<u32>,
    /// The way out: where to go after so many answers that fit not. Without it: `ask.way_out` of
    /// `assistant.yaml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Steps>,
    /// The text that asks whether the value is right, with the slot in it. The value is taken when the
    /// answer is yes. Without it: no such question, unless `ask.confirm` of `assistant.yaml` says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm: Option<At<String>>,
    /// Other slots that can be answered with it, in a form, where the person's client shows forms. Each
    /// must be asked for by a step of its own, too: for whoever answers in words, one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<At<String>>,
    /// How the answers of a choice, or yes and no, are shown. Without it: `buttons`, and more than eight as `choices`.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub layout: Option<At<Layout>>,
}

/// Offers answers that lead to steps, to be pressed or said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choose {
    /// The text above the buttons.
    pub text: At<String>,
    /// How the options are shown. Without it: as `buttons`, and more than eight as `choices`.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub layout: Option<At<Layout>>,
    /// A card, on which the options are, where they are buttons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// What can be chosen.
    pub options: Vec<ThenChoice>,
    /// How often it is asked before the way out, as for `ask`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries: Option<u32>,
    /// The way out, as for `ask`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Steps>,
}

/// One of the buttons of `choose`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThenChoice {
    /// The text of the button. Whoever says it in words has chosen it, too.
    pub label: At<String>,
    /// Intents that choose it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intents: Vec<At<String>>,
    /// Where it leads.
    pub then: Steps,
}

/// An arm of a branch: `if` with `then`, and in the last one perhaps `else`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Arm {
    /// The condition: an expression over slots, such as `total > 100 and not express`.
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    pub condition: Option<At<String>>,
    /// Where to go if it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then: Option<Steps>,
    /// Where to go if none held. Without it: to the step below.
    #[serde(rename = "else", skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Steps>,
}

/// How an HTTP endpoint is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Asks for something.
    #[default]
    Get,
    /// Makes something.
    Post,
    /// Puts something in its place.
    Put,
    /// Changes something.
    Patch,
    /// Takes something away.
    Delete,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        })
    }
}

/// Calls an HTTP endpoint. An answer with a status of 200 to 299 is good, and so are those in `accept`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The method. Without it: `GET`.
    #[serde(default)]
    pub method: Method,
    /// The address, with placeholders in its path and query: what they stand for is escaped.
    pub url: At<String>,
    /// Headers, with placeholders. `${FLOW_SHOP_KEY}` is what the variable `FLOW_SHOP_KEY` of the worker's environment says.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, At<String>>,
    /// The body, sent as JSON. Texts in it may have placeholders; one that is nothing but a placeholder
    /// keeps its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<At<Json>>,
    /// Slots that are filled from the answer: an expression over `body` and `status` for each. Where the answer lacks it, the call
    /// has failed, unless the expression ends in `or none`: then the slot is left empty.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub save: BTreeMap<String, At<String>>,
    /// Further statuses that are good.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<u16>,
    /// How long to wait for the answer: `5m` at most. Without it: `10s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
    /// Where to go when no good answer came. Without it: the flow says that something went wrong and
    /// ends as failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_error: Option<Steps>,
}

/// Lets a model write what is said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Generate {
    /// What the model should write, with placeholders. For a text that somebody said its slot's name is filled in, and the
    /// text is a fact.
    pub prompt: At<String>,
    /// The facts that it may use, with placeholders. It is told to use nothing else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<At<String>>,
    /// The text that is said where there is no model, or its answer is not whole.
    pub otherwise: At<String>,
    /// The slot in which what it wrote is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub save: Option<At<String>>,
}

/// Starts another flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartFlow {
    /// The flow.
    pub name: At<String>,
    /// Slots of that flow that are given: an expression over this flow's slots for each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub with: BTreeMap<String, At<String>>,
    /// Slots of this flow that are filled from slots of that one when it has ended.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub save: BTreeMap<String, At<String>>,
}

/// Waits: for a length of time or until a moment, for an event, or for whichever comes first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Wait {
    /// How long at most.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub time: Option<At<String>>,
    /// Until when, instead of `for`: a slot that is a day, or the next time that it is the hour of a slot. It is in the zone of
    /// the person whose wish the flow was, and at most 8784h off. A moment that is past is not waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<At<String>>,
    /// Beside `until`, where that is a day: a slot that is its hour. Without it: when the day begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<At<String>>,
    /// The event's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<At<String>>,
    /// Where to go when the time was over before the event came. Without it: to the step below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Steps>,
}

/// Asks for a person.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HandoffStep {
    /// The team. Without it: `handoff.to` of `assistant.yaml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<At<String>>,
    /// What is said. Without it: `handoff.say` of `assistant.yaml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub say: Option<At<String>>,
    /// What the person is told who takes over, with placeholders: it stands in the notes. At most 8000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<At<String>>,
}

/// What ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// This flow: whoever started it goes on.
    Flow,
    /// All flows that run.
    All,
}

impl From<At<String>> for Say {
    fn from(text: At<String>) -> Self {
        Self { text, card: None }
    }
}

impl From<At<String>> for AskStep {
    fn from(slot: At<String>) -> Self {
        Self {
            slot,
            again: false,
            tries: None,
            otherwise: None,
            confirm: None,
            form: Vec::new(),
            layout: None,
        }
    }
}

impl From<At<String>> for StartFlow {
    fn from(name: At<String>) -> Self {
        Self {
            name,
            with: BTreeMap::new(),
            save: BTreeMap::new(),
        }
    }
}

impl From<At<String>> for Wait {
    fn from(time: At<String>) -> Self {
        Self {
            time: Some(time),
            ..Self::default()
        }
    }
}

impl From<At<String>> for HandoffStep {
    fn from(to: At<String>) -> Self {
        Self {
            to: Some(to),
            ..Self::default()
        }
    }
}
