//! What the files of a project say, before names are looked up.

use std::collections::BTreeSet;

use convene_source::{At, Place};

use crate::{
    folder::{Assistant, Flow},
    name::{FlowName, Locale, TextKey},
};

#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) assistant: Option<Assistant>,
    /// Where each slot of the conversation stands.
    pub(super) shared_places: Vec<(String, Place)>,
    pub(super) flows: Vec<DrawnFlow>,
    pub(super) texts: Vec<DrawnText>,
}

/// A flow and where it stands.
#[derive(Debug)]
pub(super) struct DrawnFlow {
    pub(super) file: String,
    pub(super) place: Place,
    pub(super) name: FlowName,
    pub(super) flow: Flow,
    /// Where each of its own slots stands.
    pub(super) slot_places: Vec<(String, Place)>,
    /// Where each step stands, in the order of `flow.steps`.
    pub(super) step_places: Vec<Place>,
    /// The ids in steps that cannot be read: they are there all the same.
    pub(super) unread: BTreeSet<String>,
}

/// A text in a language.
#[derive(Debug)]
pub(super) struct DrawnText {
    pub(super) file: String,
    pub(super) locale: Locale,
    pub(super) key: At<TextKey>,
    pub(super) variants: Vec<At<String>>,
}
