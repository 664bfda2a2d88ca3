//! Reads the files piece by piece, so that each piece that is wrong is told.

use std::collections::{BTreeMap, BTreeSet};

use convene_source::{
    At, Place, Sources,
    yaml::{Kind, Misread, Node, Style},
};

use super::{
    draft::{Draft, DrawnFlow, DrawnText},
    file::File,
};
use crate::{
    fault::{Code, Faults},
    folder::{Assistant, Flow, Slot, Text},
    name::{FlowName, Locale, TextKey},
    phrase::{Tongue, built_in},
};

impl Draft {
    pub(super) fn read(sources: &Sources, faults: &mut Faults) -> Self {
        let mut draft = Self::default();
        for (path, place, reason) in sources.unread() {
            let remedy = match path {
                "assistant.yaml" => "mend this first: all else depends on it",
                _ => "mend the file, or take it away; what is in it counts as there",
            };
            let message = format!("the file cannot be read: {reason}");
            faults.add(path, place, Code::Unreadable, message, remedy);
        }
        let is_there = sources.unread().any(|(path, ..)| path == "assistant.yaml");
        match sources.get("assistant.yaml") {
            None if is_there => {}
            Some(text) => draft.read_assistant(&mut File { path: "assistant.yaml", faults }, text),
            None => faults.add(
                "assistant.yaml",
                Place::default(),
                Code::Unreadable,
                "there is no assistant.yaml",
                "run `convene new` for a project that works, or write one with `name` and `languages`",
            ),
        }
        let mut seen = BTreeMap::new();
        for (path, text) in sources.inside("flows") {
            draft.read_flows(&mut File { path, faults }, text, &mut seen);
        }
        for (path, text) in sources.inside("texts") {
            draft.read_texts(&mut File { path, faults }, text);
        }
        draft
    }

    fn read_assistant(&mut self, file: &mut File<'_>, text: &str) {
        let Some(mut node) = file.parse(text) else {
            return;
        };
        let slots = node.take("slots");
        let Some(mut assistant) = file.piece::<Assistant>("assistant.yaml", &node) else {
            return;
        };
        if assistant.languages.is_empty() {
            let remedy = "write `languages: [en]`";
            file.faults.add(
                file.path,
                node.place,
                Code::WrongForm,
                "`languages` names none",
                remedy,
            );
            return;
        }
        for locale in &mut assistant.languages {
            if !Tongue::is_tag(locale.as_str()) {
                let message = format!("`{}` is no language's code", locale.value);
                let code = Tongue::code_of(locale.as_str());
                let remedy = code.map_or_else(
                    || "use a code such as `en` or `de-CH`".to_owned(),
                    |code| format!("write `{code}`, here and in the names of files"),
                );
                file.faults
                    .add(file.path, locale.place, Code::WrongForm, message, remedy);
                // What follows is judged by what was meant.
                if let Some(code) = code {
                    locale.value = Locale::from(code);
                }
            }
        }
        if let Some(slots) = slots {
            (assistant.slots, self.shared_places) = read_slots(file, slots);
        }
        self.assistant = Some(assistant);
    }

    fn read_flows(&mut self, file: &mut File<'_>, text: &str, seen: &mut BTreeMap<String, String>) {
        let Some(mut node) = file.parse(text) else {
            return;
        };
        let flows = node.take("flows");
        if let Kind::Map(rest) = &node.kind
            && let Some((key, _)) = rest.first()
        {
            let name = key.text().unwrap_or_default();
            let error = Misread::new(
                key.place,
                format!("unknown field `{name}`, expected `flows`"),
            );
            file.misread("the file", error);
        }
        let Some(flows) = flows else {
            if node.is_null() || matches!(&node.kind, Kind::Map(rest) if rest.is_empty()) {
                return;
            }
            file.misread(
                "the file",
                Misread::new(node.place, "missing field `flows`"),
            );
            return;
        };
        for (name, node) in file.named("flow", flows) {
            if let Some(other) = seen.insert(name.value.clone(), file.path.to_owned()) {
                let message = format!("the flow `{}` is in {other}, too", name.value);
                file.faults.add(
                    file.path,
                    name.place,
                    Code::Duplicate,
                    message,
                    "call one of them otherwise",
                );
            }
            self.flows.extend(read_flow(file, name, node));
        }
    }

    fn read_texts(&mut self, file: &mut File<'_>, text: &str) {
        let Some(node) = file.parse(text) else {
            return;
        };
        if node.is_null() {
            return;
        }
        // `texts/en.yaml`, or `texts/en/orders.yaml`.
        let name = file.path.split('/').nth(1).unwrap_or_default();
        let locale = Locale::from(name.trim_end_matches(".yaml").trim_end_matches(".yml"));
        let Kind::Map(entries) = node.kind else {
            file.misread(
                "the file",
                Misread::new(node.place, "expected a map of texts"),
            );
            return;
        };
        let mut found = Vec::new();
        for (key, value) in entries {
            let name = key.text().unwrap_or_default().to_owned();
            let text = file.text(&name, &value);
            // One that is wrong is there all the same.
            let text = text.unwrap_or_else(|| At::new(Text::One(String::new()), value.place));
            flatten(name, key.place, text, &mut found);
        }
        let mut keys = BTreeSet::new();
        for (key, variants) in found {
            if !keys.insert(key.value.clone()) {
                let message = format!("the text `{}` stands here twice", key.value);
                file.faults.add(
                    file.path,
                    key.place,
                    Code::Duplicate,
                    message,
                    "take one of them away",
                );
            }
            self.texts.push(DrawnText {
                file: file.path.to_owned(),
                locale: locale.clone(),
                key,
                variants,
            });
        }
    }
}

/// The engine's own texts in a language, as far as there are some.
pub(super) fn built_in_texts(locale: &Locale) -> Vec<(TextKey, Vec<String>)> {
    let text = built_in(locale.as_str()).unwrap_or_default();
    let mut faults = Faults::default();
    let mut draft = Draft::default();
    draft.read_texts(
        &mut File {
            path: "texts/built-in.yaml",
            faults: &mut faults,
        },
        text,
    );
    let texts = draft.texts.into_iter().map(|text| {
        let variants = text
            .variants
            .into_iter()
            .map(|variant| variant.value)
            .collect();
        (text.key.value, variants)
    });
    texts.collect()
}

fn flatten(
    name: String,
    place: Place,
    text: At<Text>,
    found: &mut Vec<(At<TextKey>, Vec<At<String>>)>,
) {
    let key = || At::new(TextKey::from(name.as_str()), place);
    match text.value {
        Text::One(one) => found.push((key(), vec![At::new(one, text.place)])),
        Text::Variants(variants) => found.push((key(), variants)),
        Text::Group(group) => {
            for (inner, text) in group {
                let place = text.place;
                flatten(format!("{name}.{inner}"), place, text, found);
            }
        }
    }
}

fn read_slots(file: &mut File<'_>, node: Node) -> (BTreeMap<String, Slot>, Vec<(String, Place)>) {
    let mut slots = BTreeMap::new();
    let mut places = Vec::new();
    for (name, node) in file.named("slot", node) {
        places.push((name.value.clone(), name.place));
        let slot = if node.is_null() {
            Some(Slot::default())
        } else {
            file.piece(&format!("the slot `{}`", name.value), &node)
        };
        // One that is wrong is there all the same: its uses are no further faults.
        slots.insert(name.value, slot.unwrap_or_default());
    }
    (slots, places)
}

fn read_flow(file: &mut File<'_>, name: At<String>, mut node: Node) -> Option<DrawnFlow> {
    let what = format!("the flow `{}`", name.value);
    let slots = node.take("slots");
    let steps = node.take("steps");
    if let Kind::Map(entries) = &mut node.kind {
        // Required, and read by themselves below.
        let empty = Node {
            place: node.place,
            kind: Kind::List(Vec::new()),
        };
        let key = Node {
            place: node.place,
            kind: Kind::Scalar {
                text: "steps".into(),
                style: Style::Plain,
            },
        };
        entries.push((key, empty));
    }
    let mut flow: Flow = file.piece(&what, &node).unwrap_or_default();
    let mut slot_places = Vec::new();
    if let Some(slots) = slots {
        (flow.slots, slot_places) = read_slots(file, slots);
    }
    let mut step_places = Vec::new();
    let mut unread = BTreeSet::new();
    match steps.map(|steps| (steps.place, steps.kind)) {
        Some((_, Kind::List(steps))) if !steps.is_empty() => {
            for node in steps {
                if let Some(step) = file.piece(&format!("a step of {what}"), &node) {
                    flow.steps.push(step);
                    step_places.push(node.place);
                } else {
                    ids(&node, &mut unread);
                }
            }
        }
        other => {
            let place = other.map_or(name.place, |(place, _)| place);
            let message = format!("{what} has no steps");
            file.faults.add(
                file.path,
                place,
                Code::WrongForm,
                message,
                "add `steps:` with a list of steps",
            );
        }
    }
    Some(DrawnFlow {
        file: file.path.to_owned(),
        place: name.place,
        name: FlowName::from(name.value),
        flow,
        slot_places,
        step_places,
        unread,
    })
}

/// The ids of a step and of those in it.
fn ids(node: &Node, found: &mut BTreeSet<String>) {
    found.extend(node.get("id").and_then(Node::text).map(ToOwned::to_owned));
    match &node.kind {
        Kind::Scalar { .. } => {}
        Kind::List(items) => items.iter().for_each(|item| ids(item, found)),
        Kind::Map(entries) => entries.iter().for_each(|(_, value)| ids(value, found)),
    }
}
