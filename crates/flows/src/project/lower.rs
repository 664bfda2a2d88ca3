//! Flows from how they were written to how they run: nested steps are laid out, ids are given, and names
//! of steps become indices.

use std::collections::BTreeSet;

use xxhash_rust::xxh3::xxh3_128;

use super::{
    Vocabulary,
    draft::DrawnFlow,
    flow::{CallSpec, ChoiceTarget, FlowSpec, Op, StepSpec, Target},
    slots,
};
use crate::{
    fault::{Code, Faults, did_you_mean},
    folder::{End, Span, Step, StepKind, Steps},
    name::{SlotName, StepId, Version, is_identifier},
    place::{At, Place},
};

/// How long a call may take by default.
const CALL_TIMEOUT: Span = Span::of_seconds(10);

pub(super) fn flow(drawn: &DrawnFlow, vocabulary: &Vocabulary, faults: &mut Faults) -> FlowSpec {
    let DrawnFlow { file, flow, .. } = drawn;
    let mut slots = slots::compile(file, &flow.slots, vocabulary, faults);
    for (name, place) in &drawn.slot_places {
        if let Some(slot) = slots.get_mut(name.as_str()) {
            slot.place = *place;
        }
    }
    let mut layout = Layout {
        file,
        faults,
        steps: Vec::new(),
        ids: BTreeSet::new(),
    };
    layout.list(&flow.steps, &drawn.step_places, Goal::Known(Target::End));
    let Layout { steps, .. } = layout;
    let ids: Vec<StepId> = steps.iter().map(|step| step.id.clone()).collect();
    let mut resolver = Resolver {
        file,
        faults,
        ids: &ids,
    };
    let on_cancel = flow
        .on_cancel
        .as_ref()
        .map(|id| resolver.target(&Goal::Named(id)));
    let steps = steps.iter().map(|laid| resolver.step(laid)).collect();
    FlowSpec {
        name: drawn.name.clone(),
        version: version(drawn),
        file: file.clone(),
        place: drawn.place,
        description: flow.description.clone(),
        title: flow.title.as_ref().map(convert),
        intents: flow.start.intents.iter().map(convert).collect(),
        events: flow.start.events.iter().map(convert).collect(),
        slots,
        on_cancel,
        steps,
    }
}

/// Names of one kind from words.
fn convert<T: for<'a> From<&'a str>>(at: &At<String>) -> At<T> {
    At::new(T::from(at.as_str()), at.place)
}

/// The hash of all that was written for a flow, wherever it stands.
fn version(drawn: &DrawnFlow) -> Version {
    // It came from a file, so that it can be written.
    let text = serde_json::to_string(&drawn.flow).unwrap_or_default();
    Version::from(format!("{:016x}", xxh3_128(text.as_bytes()) >> 64))
}

/// Where a step leads, before ids are looked up.
#[derive(Debug, Clone, Copy)]
enum Goal<'a> {
    Named(&'a At<String>),
    Known(Target),
}

/// A step in its place.
struct Laid<'a> {
    id: StepId,
    place: Place,
    step: &'a Step,
    next: Goal<'a>,
    /// Where its nested lists begin, in the order in which they stand.
    nested: Vec<Goal<'a>>,
}

struct Layout<'a, 'f> {
    file: &'a str,
    faults: &'f mut Faults,
    steps: Vec<Laid<'a>>,
    ids: BTreeSet<String>,
}

impl<'a> Layout<'a, '_> {
    /// Lays out a list, whose last step leads to `after`. Where it begins.
    fn list(&mut self, list: &'a [Step], places: &[Place], after: Goal<'a>) -> Goal<'a> {
        let start = self.steps.len();
        for (index, step) in list.iter().enumerate() {
            let below = if index + 1 < list.len() {
                Goal::Known(Target::Step(start + index + 1))
            } else {
                after
            };
            let place = places.get(index).copied().unwrap_or_else(|| place_of(step));
            let id = self.id(step, place);
            self.steps.push(Laid {
                id,
                place,
                step,
                next: step.next.as_ref().map_or(below, Goal::Named),
                nested: Vec::new(),
            });
        }
        for (index, step) in list.iter().enumerate() {
            let next = self.steps[start + index].next;
            let nested = step.nested().into_iter().map(|steps| match steps {
                Some(Steps::Step(id)) => Goal::Named(id),
                Some(Steps::These(steps)) => self.list(steps, &[], next),
                None => next,
            });
            let nested = nested.collect();
            self.steps[start + index].nested = nested;
        }
        if list.is_empty() {
            after
        } else {
            Goal::Known(Target::Step(start))
        }
    }

    fn id(&mut self, step: &Step, place: Place) -> StepId {
        if let Err(count) = step.kind() {
            let (message, remedy) = if count == 0 {
                (
                    "this step does nothing".to_owned(),
                    format!("say what it does with one of: {}", Step::kinds()),
                )
            } else {
                (
                    format!("this step does {count} things"),
                    "make a step of each: each begins with `-`".to_owned(),
                )
            };
            self.faults
                .add(self.file, place, Code::WrongForm, message, remedy);
        }
        if let Some(id) = &step.id {
            if !is_identifier(id) || id.value == "end" {
                let message = format!("`{}` is no id for a step", id.value);
                let remedy = "use letters, digits and `_`, with no digit in front, and not `end`";
                self.faults
                    .add(self.file, id.place, Code::BadName, message, remedy);
            }
            if !self.ids.insert(id.value.clone()) {
                let message = format!("the id `{}` is given twice", id.value);
                self.faults.add(
                    self.file,
                    id.place,
                    Code::Duplicate,
                    message,
                    "call one of them otherwise",
                );
            }
            return id.as_str().into();
        }
        let name = given_name(step);
        let mut id = name.clone();
        let mut count = 1;
        while !self.ids.insert(id.clone()) {
            count += 1;
            id = format!("{name}_{count}");
        }
        id.into()
    }
}

impl Step {
    /// The lists or ids inside of it, in the order in which [`Resolver::step`] takes them.
    fn nested(&self) -> Vec<Option<&Steps>> {
        match self.kind() {
            Ok(StepKind::Ask(ask)) => vec![ask.otherwise.as_ref()],
            Ok(StepKind::Choose(choose)) => {
                let options = choose.options.iter().map(|option| Some(&option.then));
                options.chain([choose.otherwise.as_ref()]).collect()
            }
            Ok(StepKind::Branch(arms)) => {
                let last = arms.last().and_then(|arm| arm.otherwise.as_ref());
                let conditions = arms.iter().filter(|arm| arm.condition.is_some());
                conditions
                    .map(|arm| arm.then.as_ref())
                    .chain([last])
                    .collect()
            }
            Ok(StepKind::Call(call)) => vec![call.on_error.as_ref()],
            Ok(StepKind::Wait(wait)) => vec![wait.otherwise.as_ref()],
            _ => Vec::new(),
        }
    }
}

/// A name made of what a step does: `say_hello`.
fn given_name(step: &Step) -> String {
    let (kind, about) = match step.kind() {
        Ok(StepKind::Say(say)) => ("say", say.text.as_str()),
        Ok(StepKind::Ask(ask)) => ("ask", ask.slot.as_str()),
        Ok(StepKind::Choose(choose)) => ("choose", choose.text.as_str()),
        Ok(StepKind::Branch(_)) => ("branch", ""),
        Ok(StepKind::Set(set)) => ("set", set.keys().next().map_or("", String::as_str)),
        Ok(StepKind::Call(_)) => ("call", ""),
        Ok(StepKind::Generate(generate)) => ("generate", generate.otherwise.as_str()),
        Ok(StepKind::Flow(flow)) => ("flow", flow.name.as_str()),
        Ok(StepKind::Wait(wait)) => (
            "wait",
            wait.event.as_ref().map_or("", |event| event.as_str()),
        ),
        Ok(StepKind::Handoff(_)) => ("handoff", ""),
        Ok(StepKind::End(_)) | Err(_) => ("end", "flow"),
    };
    let about = about.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    if about.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind}_{about}")
    }
}

/// Where a nested step stands: where the first thing in it does that knows.
fn place_of(step: &Step) -> Place {
    let known = match step.kind() {
        Ok(StepKind::Say(say)) => Some(say.text.place),
        Ok(StepKind::Ask(ask)) => Some(ask.slot.place),
        Ok(StepKind::Choose(choose)) => Some(choose.text.place),
        Ok(StepKind::Branch(arms)) => arms
            .first()
            .and_then(|arm| Some(arm.condition.as_ref()?.place)),
        Ok(StepKind::Set(set)) => set.values().next().map(|value| value.place),
        Ok(StepKind::Call(call)) => Some(call.url.place),
        Ok(StepKind::Generate(generate)) => Some(generate.prompt.place),
        Ok(StepKind::Flow(flow)) => Some(flow.name.place),
        _ => None,
    };
    let id = step.id.as_ref().map(|id| id.place);
    id.or(known)
        .or(step.next.as_ref().map(|next| next.place))
        .unwrap_or_default()
}

struct Resolver<'a> {
    file: &'a str,
    faults: &'a mut Faults,
    ids: &'a [StepId],
}

impl Resolver<'_> {
    fn target(&mut self, goal: &Goal<'_>) -> Target {
        let id = match goal {
            Goal::Known(target) => return *target,
            Goal::Named(id) if id.value == "end" => return Target::End,
            Goal::Named(id) => id,
        };
        match self.ids.iter().position(|other| other.as_str() == id.value) {
            Some(index) => Target::Step(index),
            None => {
                let known = self.ids.iter().map(StepId::as_str);
                let remedy = did_you_mean(id, known, "give a step this `id`, or lead to `end`");
                let message = format!("there is no step `{}` in this flow", id.value);
                self.faults
                    .add(self.file, id.place, Code::UnknownStep, message, remedy);
                Target::End
            }
        }
    }

    fn step(&mut self, laid: &Laid<'_>) -> StepSpec {
        StepSpec {
            id: laid.id.clone(),
            place: laid.place,
            next: self.target(&laid.next),
            op: self.op(laid),
        }
    }

    fn op(&mut self, laid: &Laid<'_>) -> Op {
        let mut nested = laid
            .nested
            .iter()
            .map(|goal| self.target(goal))
            .collect::<Vec<_>>()
            .into_iter();
        let mut next = || nested.next().unwrap_or(Target::End);
        match laid.step.kind() {
            Ok(StepKind::Say(say)) => Op::Say {
                text: convert(&say.text),
            },
            Ok(StepKind::Ask(ask)) => {
                let otherwise = next();
                self.tries(laid.place, ask.tries);
                Op::Ask {
                    slot: convert(&ask.slot),
                    again: ask.again,
                    tries: ask.tries,
                    otherwise: ask.otherwise.as_ref().map(|_| otherwise),
                    confirm: ask.confirm.as_ref().map(convert),
                }
            }
            Ok(StepKind::Choose(choose)) => {
                let options = choose.options.iter().map(|option| ChoiceTarget {
                    label: convert(&option.label),
                    intents: option.intents.iter().map(convert).collect(),
                    then: next(),
                });
                let options: Vec<_> = options.collect();
                let otherwise = next();
                self.tries(laid.place, choose.tries);
                if options.is_empty() {
                    let remedy = "add an option with `label` and `then`";
                    self.faults.add(
                        self.file,
                        laid.place,
                        Code::WrongForm,
                        "there is nothing to choose",
                        remedy,
                    );
                }
                Op::Choose {
                    text: convert(&choose.text),
                    options,
                    tries: choose.tries,
                    otherwise: choose.otherwise.as_ref().map(|_| otherwise),
                }
            }
            Ok(StepKind::Branch(arms)) => {
                let conditions = arms.iter().filter_map(|arm| arm.condition.as_ref());
                let arms_with = conditions
                    .map(|condition| (condition.clone(), next()))
                    .collect();
                let otherwise = next();
                self.arms(laid.place, arms);
                Op::Branch {
                    arms: arms_with,
                    otherwise,
                }
            }
            Ok(StepKind::Set(set)) => {
                let values = set
                    .iter()
                    .map(|(slot, value)| (SlotName::from(slot.as_str()), value.clone()));
                Op::Set(values.collect())
            }
            Ok(StepKind::Call(call)) => {
                let on_error = next();
                let save = call
                    .save
                    .iter()
                    .map(|(slot, path)| (SlotName::from(slot.as_str()), path.clone()));
                Op::Call(Box::new(CallSpec {
                    method: call.method,
                    url: call.url.clone(),
                    headers: call.headers.clone(),
                    body: call.body.clone(),
                    save: save.collect(),
                    accept: call.accept.clone(),
                    timeout: call.timeout.unwrap_or(CALL_TIMEOUT),
                    on_error: call.on_error.as_ref().map(|_| on_error),
                }))
            }
            Ok(StepKind::Generate(generate)) => Op::Generate {
                prompt: generate.prompt.clone(),
                facts: generate.facts.clone(),
                otherwise: convert(&generate.otherwise),
                save: generate.save.as_ref().map(convert),
            },
            Ok(StepKind::Flow(flow)) => Op::Flow {
                name: convert(&flow.name),
                with: flow
                    .with
                    .iter()
                    .map(|(slot, value)| (SlotName::from(slot.as_str()), value.clone()))
                    .collect(),
                save: flow
                    .save
                    .iter()
                    .map(|(slot, theirs)| (SlotName::from(slot.as_str()), convert(theirs)))
                    .collect(),
            },
            Ok(StepKind::Wait(wait)) => {
                let otherwise = next();
                let time = wait.time.as_ref().and_then(|time| {
                    let read = time.parse();
                    let what = |why: String| {
                        let remedy = "write a length of time, or `wait: {event: …}` for an event";
                        self.faults
                            .add(self.file, time.place, Code::WrongForm, why, remedy);
                    };
                    read.map_err(what).ok()
                });
                if wait.time.is_none() && wait.event.is_none() {
                    let remedy = "write `wait: 10m`, or `wait: {event: paid}`";
                    self.faults.add(
                        self.file,
                        laid.place,
                        Code::WrongForm,
                        "this waits for nothing",
                        remedy,
                    );
                }
                Op::Wait {
                    time,
                    event: wait.event.as_ref().map(convert),
                    otherwise,
                }
            }
            Ok(StepKind::Handoff(handoff)) => Op::Handoff {
                to: handoff.to.clone(),
                say: handoff.say.as_ref().map(convert),
                reason: handoff.reason.clone(),
            },
            Ok(StepKind::End(end)) => Op::End(end),
            Err(_) => Op::End(End::Flow),
        }
    }

    fn tries(&mut self, place: Place, tries: Option<u32>) {
        if tries == Some(0) {
            let remedy = "write 1 or more, or leave it out";
            self.faults.add(
                self.file,
                place,
                Code::WrongForm,
                "`tries` is 0: nothing would be asked",
                remedy,
            );
        }
    }

    /// An arm has `if` with `then`; `else` stands in the last one.
    fn arms(&mut self, place: Place, arms: &[crate::folder::Arm]) {
        let last = arms.len().saturating_sub(1);
        let is_good = arms.iter().enumerate().all(|(index, arm)| {
            let pair = arm.condition.is_some() == arm.then.is_some();
            let is_else = arm.otherwise.is_some();
            pair && (arm.condition.is_some() || is_else) && (!is_else || index == last)
        });
        if !is_good || arms.is_empty() {
            let message = "an arm of this branch is not whole";
            let remedy = "each arm has `if` and `then`; `else` stands in the last one";
            self.faults
                .add(self.file, place, Code::WrongForm, message, remedy);
        }
    }
}
