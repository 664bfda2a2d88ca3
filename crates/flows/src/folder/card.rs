//! Cards: things to look at, under what is said.

use convene_source::At;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A card, where the person's client shows cards: a thing to look at, such as an order. What must be known stands in the
/// text that is said with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The text that is its title. Where that is empty, there is no card.
    pub title: At<String>,
    /// The text under the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<At<String>>,
    /// The address of a picture, with placeholders, which are escaped: `https://…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<At<String>>,
    /// The text in it: Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<At<String>>,
    /// Its lines: each a label and what stands beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<CardField>,
    /// Buttons that open pages. The assistant is not told of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<CardLink>,
}

/// A line of a card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardField {
    /// The text of its label.
    pub label: At<String>,
    /// The text beside it. Where that is empty, there is no line.
    pub value: At<String>,
}

/// A button of a card that opens a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardLink {
    /// The text of the button.
    pub label: At<String>,
    /// The page, with placeholders, which are escaped: `https://…`, `mailto:…` or `tel:…`.
    pub url: At<String>,
}
