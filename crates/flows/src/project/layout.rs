//! Steps in their places: nested ones are laid out behind the others, and every step has an id.

use std::collections::BTreeSet;

use convene_source::{At, Place};

use super::flow::Target;
use crate::{
    fault::{Code, Faults},
    folder::{Step, StepKind, Steps},
    name::{StepId, is_identifier},
};

/// Where a step leads, before ids are looked up.
#[derive(Debug, Clone, Copy)]
pub(super) enum Goal<'a> {
    Named(&'a At<String>),
    Known(Target),
}

/// A step in its place.
pub(super) struct Laid<'a> {
    pub(super) id: StepId,
    pub(super) place: Place,
    pub(super) step: &'a Step,
    pub(super) next: Goal<'a>,
    /// Where its nested lists begin, in the order in which they stand.
    pub(super) nested: Vec<Goal<'a>>,
}

pub(super) struct Layout<'a, 'f> {
    pub(super) file: &'a str,
    pub(super) faults: &'f mut Faults,
    pub(super) steps: Vec<Laid<'a>>,
    pub(super) ids: BTreeSet<String>,
}

impl<'a> Layout<'a, '_> {
    /// Lays out a list, whose last step leads to `after`. Where it begins.
    pub(super) fn list(&mut self, list: &'a [Step], places: &[Place], after: Goal<'a>) -> Goal<'a> {
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
    /// The lists or ids inside of it, in the order in which [`super::resolve::Resolver::step`] takes them.
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
            wait.event
                .as_ref()
                .or(wait.until.as_ref())
                .map_or("", |what| what.as_str()),
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
        Ok(StepKind::Wait(wait)) => wait
            .time
            .as_ref()
            .or(wait.until.as_ref())
            .or(wait.event.as_ref())
            .map(|at| at.place),
        Ok(StepKind::Handoff(handoff)) => {
            let named = handoff.to.as_ref().or(handoff.say.as_ref());
            named.or(handoff.reason.as_ref()).map(|at| at.place)
        }
        _ => None,
    };
    let id = step.id.as_ref().map(|id| id.place);
    id.or(known)
        .or(step.next.as_ref().map(|next| next.place))
        .unwrap_or_default()
}
