//! Values that go from one slot into another: of another type, not each of them fits there, or none does.

use convene_source::{At, Place};

use super::samples;
use crate::{
    fault::{Code, Faults},
    folder::SlotType,
    name::{FlowName, SlotName},
    project::{FlowSpec, Op, Project},
    slot::SlotSpec,
    value::Value,
};

/// Whether what one slot holds is a value of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Always,
    Sometimes,
    Never,
}

pub(super) fn check(project: &Project, faults: &mut Faults) {
    for flow in project.flows() {
        for moved in moves(project, flow) {
            let Move { from, to, .. } = moved;
            let (message, code) = match fit(&moved) {
                Fit::Always => continue,
                Fit::Sometimes => (
                    format!("not all that `{}` may hold fits `{}`", from.name, to.name),
                    Code::LooseType,
                ),
                Fit::Never => (
                    format!("nothing that `{}` holds fits `{}`", from.name, to.name),
                    Code::WrongType,
                ),
            };
            let remedy = "give both the same `type`; where somebody is asked for the first one, what does not fit is then asked again";
            faults.add(&flow.file, moved.place, code, message, remedy);
        }
    }
    for (file, slot) in project.slots() {
        said_by_intents(project, (file, slot), faults);
    }
}

/// A value goes from one slot into another as it is.
struct Move<'p> {
    from: &'p SlotSpec,
    to: &'p SlotSpec,
    place: Place,
    /// Whether both choose from the same list.
    is_same_list: bool,
}

fn moves<'p>(project: &'p Project, flow: &'p FlowSpec) -> Vec<Move<'p>> {
    let mut moves = Vec::new();
    let here = |name: &str| project.slot(flow, name);
    for step in &flow.steps {
        match &step.op {
            Op::Set(values) => {
                for (slot, value) in values {
                    let named = value
                        .as_str()
                        .and_then(|text| text.strip_prefix('{')?.strip_suffix('}').map(str::trim));
                    if let (Some(from), Some(to)) = (named.and_then(here), here(slot.as_str())) {
                        moves.push(Move {
                            from,
                            to,
                            place: value.place,
                            is_same_list: from.from == to.from,
                        });
                    }
                }
            }
            Op::Flow { name, with, save } => {
                let other = |flow: &FlowName| project.flow(flow).map(AsRef::as_ref);
                let Some(other) = other(name) else { continue };
                // Whether what both choose from is given or taken back with it.
                let is_same = |mine: &SlotSpec, theirs: &SlotSpec| {
                    let (Some(mine), Some(theirs)) = (&mine.from, &theirs.from) else {
                        return false;
                    };
                    let is_given = |(slot, value): &(SlotName, At<String>)| {
                        *slot == theirs.value && value.trim() == mine.value.as_str()
                    };
                    let is_taken = |(slot, own): &(SlotName, At<SlotName>)| {
                        *slot == mine.value && own.value == theirs.value
                    };
                    let is_shared = !other.slots.contains_key(&theirs.value);
                    (is_shared && mine.value == theirs.value)
                        || with.iter().any(is_given)
                        || save.iter().any(is_taken)
                };
                for (slot, value) in with {
                    let to = other.slots.get(slot);
                    if let (Some(from), Some(to)) = (here(value.trim()), to) {
                        moves.push(Move {
                            from,
                            to,
                            place: value.place,
                            is_same_list: is_same(from, to),
                        });
                    }
                }
                for (slot, theirs) in save {
                    let from = other.slots.get(theirs.as_str());
                    if let (Some(from), Some(to)) = (from, here(slot.as_str())) {
                        moves.push(Move {
                            from,
                            to,
                            place: theirs.place,
                            is_same_list: is_same(to, from),
                        });
                    }
                }
            }
            _ => {}
        }
    }
    moves
}

fn fit(moved: &Move<'_>) -> Fit {
    let Move { from, to, .. } = *moved;
    let takes = |value: &Value| Value::from_json(to.kind, &value.to_json()).is_some();
    match (from.kind, to.kind) {
        // What will stand in a list is not known.
        (SlotType::Choice, SlotType::Text) if from.from.is_some() => Fit::Always,
        (SlotType::Choice, SlotType::Choice) if from.from.is_some() && moved.is_same_list => {
            Fit::Always
        }
        (SlotType::Choice | SlotType::Text, SlotType::Choice) if to.from.is_some() => {
            Fit::Sometimes
        }
        (SlotType::Choice, _) if from.from.is_some() => Fit::Sometimes,
        (SlotType::Choice, SlotType::Choice) => of(from, |value| {
            to.choices.iter().any(|choice| choice.value == value)
        }),
        (SlotType::Choice, _) => of(from, |value| takes(&Value::Choice(value.to_owned()))),
        (one, other) if one == other => Fit::Always,
        (_, SlotType::Text) if takes(&Value::sample(from.kind, None)) => Fit::Always,
        // Whoever wrote a pattern knows what it lets through.
        (SlotType::Text, _) if from.pattern.is_some() => Fit::Always,
        (SlotType::Text, _) => Fit::Sometimes,
        // Half of something is rare where it is counted.
        _ if takes(&Value::sample(from.kind, None)) || is_number(from) && is_number(to) => {
            Fit::Always
        }
        _ => Fit::Never,
    }
}

fn is_number(slot: &SlotSpec) -> bool {
    matches!(slot.kind, SlotType::Number | SlotType::Integer)
}

/// How many of a choice's values are taken.
fn of(from: &SlotSpec, takes: impl Fn(&str) -> bool) -> Fit {
    let taken = from.choices.iter().filter(|choice| takes(&choice.value));
    match taken.count() {
        0 => Fit::Never,
        all if all == from.choices.len() => Fit::Always,
        _ => Fit::Sometimes,
    }
}

/// What intents say for a slot is one of its values, too.
fn said_by_intents(project: &Project, (file, slot): (&str, &SlotSpec), faults: &mut Faults) {
    for (intent, value) in &slot.intents {
        if let Some(why) = samples::misfit(project, slot, &value.to_json()) {
            let message = format!(
                "what `{intent}` says is no value for the slot `{}`: {why}",
                slot.name
            );
            let remedy = "write a value that the slot takes";
            faults.add(file, value.place, Code::WrongType, message, remedy);
        }
    }
}
