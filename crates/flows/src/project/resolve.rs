//! Steps whose followers are found: names become indices.

use std::collections::BTreeSet;

use convene_source::{At, Place};

use super::{
    call::{self, Caller},
    flow::{CardSpec, ChoiceTarget, Op, StepSpec, Target, WaitTime},
    layout::{Goal, Laid},
    lower::convert,
};
use crate::{
    fault::{Code, Faults, did_you_mean},
    folder::{Arm, Card, End, StepKind, Wait},
    name::{SlotName, StepId},
};

/// Where pictures of cards are, and what their links open.
const IMAGES: [&str; 1] = ["https://"];
const PAGES: [&str; 4] = ["https://", "http://", "mailto:", "tel:"];

pub(super) struct Resolver<'a> {
    pub(super) file: &'a str,
    pub(super) faults: &'a mut Faults,
    pub(super) ids: &'a [StepId],
    pub(super) unread: &'a BTreeSet<String>,
}

impl Resolver<'_> {
    pub(super) fn target(&mut self, goal: &Goal<'_>) -> Target {
        let id = match goal {
            Goal::Known(target) => return *target,
            Goal::Named(id) if id.value == "end" => return Target::End,
            Goal::Named(id) => id,
        };
        match self.ids.iter().position(|other| other.as_str() == id.value) {
            Some(index) => Target::Step(index),
            None if self.unread.contains(&id.value) => Target::End,
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

    pub(super) fn step(&mut self, laid: &Laid<'_>) -> StepSpec {
        StepSpec {
            id: laid.id.clone(),
            place: laid.place,
            next: self.target(&laid.next),
            op: self.op(laid),
        }
    }

    fn card(&mut self, card: Option<&Card>) -> Option<Box<CardSpec>> {
        let card = card?;
        let mut address = |url: &At<String>, schemes: &[&str]| {
            let is_one = schemes.iter().any(|scheme| url.starts_with(scheme));
            if !is_one {
                let message = format!("no card can lead to `{}`", url.value);
                let remedy = format!("begin the address with {}", schemes.join(" or "));
                self.faults
                    .add(self.file, url.place, Code::WrongForm, message, remedy);
            } else if url.contains("://") && call::has_open_host(url) {
                call::open_host(self.file, url, self.faults);
            }
            url.clone()
        };
        Some(Box::new(CardSpec {
            title: convert(&card.title),
            subtitle: card.subtitle.as_ref().map(convert),
            image: card.image.as_ref().map(|url| address(url, &IMAGES)),
            text: card.text.as_ref().map(convert),
            fields: card
                .fields
                .iter()
                .map(|field| (convert(&field.label), convert(&field.value)))
                .collect(),
            links: card
                .links
                .iter()
                .map(|link| (convert(&link.label), address(&link.url, &PAGES)))
                .collect(),
        }))
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
                card: self.card(say.card.as_ref()),
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
                    form: ask.form.iter().map(convert).collect(),
                    layout: ask.layout,
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
                    layout: choose.layout,
                    card: self.card(choose.card.as_ref()),
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
                let on_error = call.on_error.as_ref().map(|_| on_error);
                let mut caller = Caller {
                    file: self.file,
                    faults: self.faults,
                };
                Op::Call(Box::new(caller.spec(laid.place, call, on_error)))
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
                Op::Wait {
                    time: self.wait_time(laid.place, wait),
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

    fn wait_time(&mut self, place: Place, wait: &Wait) -> Option<WaitTime> {
        let mut fault = |place: Place, message: String, remedy: &str| {
            self.faults
                .add(self.file, place, Code::WrongForm, message, remedy);
        };
        if let (Some(_), Some(until)) = (&wait.time, &wait.until) {
            let message = "this waits for a length of time and until a moment".to_owned();
            fault(until.place, message, "leave `for` or `until` away");
        }
        if let (None, Some(at)) = (&wait.until, &wait.at) {
            let message = "this waits for an hour of no day".to_owned();
            fault(at.place, message, "write `until` with the slot of the day");
        }
        if let Some(until) = &wait.until {
            let hour = wait.at.as_ref().map(convert);
            let slot = convert(until);
            return Some(WaitTime::Until { slot, hour });
        }
        if wait.time.is_none() && wait.at.is_none() && wait.event.is_none() {
            let remedy = "write `wait: 10m`, `wait: {until: day}` or `wait: {event: paid}`";
            fault(place, "this waits for nothing".to_owned(), remedy);
        }
        let time = wait.time.as_ref()?;
        let remedy = "write a length of time, `wait: {until: …}` for a moment, or `wait: {event: …}` for an event";
        match time.parse() {
            Ok(time) => Some(WaitTime::For(time)),
            Err(why) => {
                fault(time.place, why, remedy);
                None
            }
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
    fn arms(&mut self, place: Place, arms: &[Arm]) {
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
