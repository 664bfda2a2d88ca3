//! What a turn wants done.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::{
    folder::{Layout, Method, SlotType},
    name::{SlotName, TextKey, Who},
    project::HeaderPiece,
};

/// Something to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Say this.
    Say(Saying),
    /// Feed [`super::Input::Timer`] when it is due. A later timer does not end an earlier one: those that are not waited
    /// for any more are nothing to the engine.
    SetTimer {
        /// Its number, unique in the conversation.
        timer: u64,
        /// When it rings.
        due: Due,
    },
    /// Ask for a person.
    HandOff {
        /// The team.
        to: String,
        /// What the person should know.
        reason: Option<String>,
    },
}

/// When a timer rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// So long after the turn.
    After(Duration),
    /// At this moment.
    At(Timestamp),
}

/// A text with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saying {
    /// The text's key; nothing for what a model wrote.
    pub key: Option<TextKey>,
    /// The text in the language of the conversation.
    pub text: String,
    /// A card under it, on which the answers are that are shown as buttons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Box<Card>>,
    /// Buttons under it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// How these are shown.
    #[serde(default, rename = "as", skip_serializing_if = "Layout::is_plain")]
    pub layout: Layout,
    /// A form under it, which answers more than the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// Who alone may press and submit; nobody in particular: anyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_for: Option<Who>,
}

/// A thing to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// What it is.
    pub title: String,
    /// What stands under the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// The address of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// What stands in it: Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Its lines: each a label and a value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(String, String)>,
    /// Buttons that open pages: each a label and an address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<(String, String)>,
}

/// Questions that can be answered together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// The question that it answers, with others.
    pub question: u64,
    /// What the button says that submits it.
    pub submit: String,
    /// In the order in which they are asked.
    pub fields: Vec<FormField>,
}

/// A question of a form: of a slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormField {
    /// The slot.
    pub slot: SlotName,
    /// The question.
    pub label: String,
    /// What kind of value it takes.
    pub kind: SlotType,
    /// Of a choice: its values, each with what it is called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<(String, String)>,
    /// What words must look like: a regular expression for the whole of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// What is said of an answer that does not fit, where the slot has a text of its own for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid: Option<String>,
    /// The least, as a project's files have it; a day is one of the calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// The most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What stands on it.
    pub label: String,
    /// The question that it answers.
    pub question: u64,
    /// The answer.
    pub value: String,
}

/// Something to do whose outcome the turn needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Call an HTTP endpoint: [`Answer::Http`] or [`Answer::NoAnswer`].
    Call(HttpCall),
    /// Let the model write, and say what it writes: [`Answer::Written`] with the whole of it, or [`Answer::NoAnswer`].
    Generate(Prompt),
}

/// A call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HttpCall {
    /// Names this call among those of an agent in a conversation, over all attempts: with both it makes an
    /// idempotency key.
    pub key: String,
    /// The method.
    pub method: Method,
    /// The address.
    pub url: String,
    /// The headers.
    pub headers: BTreeMap<String, Vec<HeaderPiece>>,
    /// The body.
    pub body: Option<Json>,
    /// How long to wait.
    pub timeout: Duration,
}

/// What a model is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// What it should write.
    pub prompt: String,
    /// All that it may rely on.
    pub facts: Vec<String>,
    /// The language to write in.
    pub language: String,
    /// What was asked, if the model answers in place of a flow.
    pub question: Option<String>,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// An HTTP answer.
    Http {
        /// Its status.
        status: u16,
        /// Its body; none where it is no JSON.
        body: Option<Json>,
    },
    /// What the model wrote, and has said.
    Written(String),
    /// There was none: no connection, no model, too late.
    NoAnswer(String),
}
