//! How much a flow does and says in one go, from where it is begun or goes on until somebody is waited for. A turn that does
//! more than the engine lets one do ends with words that something went wrong, whatever is said.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Add,
};

use super::{loops, paths};
use crate::{
    bounds::{MOST_SAID_IN_ONE_GO, MOST_STEPS_IN_ONE_GO},
    fault::{Code, Faults},
    folder::End,
    name::FlowName,
    project::{FlowSpec, Op, Project, StepSpec, Target},
};

/// How long a way is at most: the steps of the one that has the most, and the messages of the one that says the most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Length {
    steps: u64,
    said: u64,
}

impl Length {
    fn max(self, other: Self) -> Self {
        Self {
            steps: self.steps.max(other.steps),
            said: self.said.max(other.said),
        }
    }

    fn is_too_long(self) -> bool {
        self.steps > MOST_STEPS_IN_ONE_GO || self.said > MOST_SAID_IN_ONE_GO
    }
}

impl Add for Length {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            steps: self.steps.saturating_add(other.steps),
            said: self.said.saturating_add(other.said),
        }
    }
}

/// The longest ways from somewhere, if there are any.
#[derive(Debug, Clone, Copy, Default)]
struct Ways {
    /// To where somebody is waited for or all is over.
    stop: Length,
    /// To the end of the flow, from where whoever called it goes on.
    end: Option<Length>,
}

impl Ways {
    const OVER: Self = Self {
        stop: Length { steps: 0, said: 0 },
        end: Some(Length { steps: 0, said: 0 }),
    };

    fn or(self, other: Self) -> Self {
        let ends = self.end.into_iter().chain(other.end);
        Self {
            stop: self.stop.max(other.stop),
            end: ends.reduce(Length::max),
        }
    }

    /// The same behind so much more.
    fn behind(self, before: Length) -> Self {
        Self {
            stop: before + self.stop,
            end: self.end.map(|end| before + end),
        }
    }

    /// What is called, and then the rest.
    fn then(self, rest: Self) -> Self {
        let stopped = Self { end: None, ..self };
        match self.end {
            Some(end) => stopped.or(rest.behind(end)),
            None => stopped,
        }
    }
}

/// A flow from its beginning, and from where it goes on after somebody was waited for.
#[derive(Debug, Clone, Copy, Default)]
struct Called {
    begun: Ways,
    gone_on: Option<Ways>,
}

/// Flows without errors that do more in one go than they may.
pub(super) fn check(project: &Project, is_good: impl Fn(&FlowSpec) -> bool, faults: &mut Faults) {
    let mut counter = Counter {
        project,
        known: BTreeMap::new(),
        told: BTreeSet::new(),
        faults,
    };
    let mut rest: Vec<&FlowSpec> = project.flows().filter(|flow| is_good(flow)).collect();
    // Those that are called come first; what calls itself is another fault.
    loop {
        let (ready, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|flow| {
            let mut called = flow.steps.iter().filter_map(StepSpec::called);
            called.all(|name| counter.known.contains_key(name))
        });
        if ready.is_empty() {
            return;
        }
        for flow in ready {
            let called = counter.flow(flow);
            counter.known.insert(&flow.name, called);
        }
        rest = others;
    }
}

struct Counter<'a> {
    project: &'a Project,
    known: BTreeMap<&'a FlowName, Called>,
    told: BTreeSet<&'a FlowName>,
    faults: &'a mut Faults,
}

impl<'a> Counter<'a> {
    fn flow(&mut self, flow: &'a FlowSpec) -> Called {
        let waits = loops::waits(self.project, flow);
        let mut from = vec![None; flow.steps.len()];
        for index in last_first(self.project, flow, &waits) {
            let step = flow.steps.get(index);
            let ways = step.map(|step| self.step((flow, step), waits.contains(&index), &from));
            if let Some(from) = from.get_mut(index) {
                *from = ways;
            }
        }
        let at = |target: Target| on(&from, target);
        let mut begun = Ways::default();
        for entry in paths::entries(flow) {
            let ways = at(Target::Step(entry));
            self.tell(flow, entry, ways.stop);
            begun = begun.or(ways);
        }
        let mut gone_on: Option<Ways> = None;
        for (index, step) in flow.steps.iter().enumerate() {
            let behind = match &step.op {
                Op::Flow { name, .. } => {
                    let called = self.known.get(&name.value);
                    let called = called.and_then(|called| called.gone_on);
                    called.map(|called| called.then(at(step.next)))
                }
                Op::Ask { .. } | Op::Choose { .. } | Op::Wait { .. } => {
                    let ways = step.ways().into_iter().map(|(target, _)| at(target));
                    ways.reduce(Ways::or)
                }
                _ => None,
            };
            if let Some(behind) = behind {
                self.tell(flow, index, behind.stop);
                gone_on = Some(gone_on.map_or(behind, |others| others.or(behind)));
            }
        }
        Called { begun, gone_on }
    }

    fn step(
        &self,
        (flow, step): (&FlowSpec, &StepSpec),
        waits: bool,
        from: &[Option<Ways>],
    ) -> Ways {
        let says = matches!(
            step.op,
            Op::Say { .. } | Op::Generate { .. } | Op::Handoff { .. } | Op::Choose { .. }
        );
        let own = Length {
            steps: 1,
            said: u64::from(says),
        };
        let stopped = Ways {
            stop: own,
            end: None,
        };
        if waits {
            let unasked = loops::unasked(self.project, flow, step);
            let passed = unasked.map(|target| on(from, target).behind(own));
            return passed.map_or(stopped, |passed| stopped.or(passed));
        }
        match &step.op {
            Op::End(End::Flow) => Ways::OVER.behind(own),
            Op::Flow { name, .. } => {
                let called = self.known.get(&name.value).copied().unwrap_or_default();
                called.begun.then(on(from, step.next)).behind(own)
            }
            _ => {
                let next = loops::unwaited(self.project, flow, step).into_iter();
                let ways = next.map(|target| on(from, target)).reduce(Ways::or);
                ways.map_or(stopped, |ways| ways.behind(own))
            }
        }
    }

    /// Once for each flow, and not for those that call it.
    fn tell(&mut self, flow: &'a FlowSpec, index: usize, length: Length) {
        let mut called = self.project.with_called([flow.name.clone()]);
        let Some(step) = flow.steps.get(index).filter(|_| length.is_too_long()) else {
            return;
        };
        if called.any(|other| self.told.contains(&other.name)) {
            return;
        }
        self.told.insert(&flow.name);
        let (many, most) = match length.steps > MOST_STEPS_IN_ONE_GO {
            true => (format!("{} steps", length.steps), MOST_STEPS_IN_ONE_GO),
            false => (format!("{} messages", length.said), MOST_SAID_IN_ONE_GO),
        };
        let message = format!(
            "from the step `{}` on it is up to {many} until anybody is waited for, and {most} are the most",
            step.id
        );
        let remedy = "ask or wait for something on the way, call fewer flows, or leave to an endpoint what takes so many steps";
        let (place, code) = (step.place, Code::TooLong);
        self.faults.add(&flow.file, place, code, message, remedy);
    }
}

fn on(from: &[Option<Ways>], target: Target) -> Ways {
    match target {
        Target::End => Ways::OVER,
        Target::Step(index) => from.get(index).copied().flatten().unwrap_or_default(),
    }
}

/// The steps, each behind all those that it leads to without anybody being waited for.
fn last_first(project: &Project, flow: &FlowSpec, waits: &BTreeSet<usize>) -> Vec<usize> {
    let next = |index: usize| -> Vec<usize> {
        let step = flow.steps.get(index);
        let next = step.map(|step| loops::next(project, flow, (index, step), waits));
        next.unwrap_or_default()
    };
    let mut seen = BTreeSet::new();
    let mut order = Vec::new();
    for start in 0..flow.steps.len() {
        let mut path: Vec<(usize, Vec<usize>)> = Vec::new();
        if seen.insert(start) {
            path.push((start, next(start)));
        }
        while let Some((index, rest)) = path.last_mut() {
            match rest.pop() {
                Some(follower) if seen.insert(follower) => path.push((follower, next(follower))),
                Some(_) => {}
                None => {
                    order.push(*index);
                    path.pop();
                }
            }
        }
    }
    order
}
