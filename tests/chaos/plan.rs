//! A seed's plan: who says what when, and which faults strike. It is a value made of the seed alone.

mod audits;
mod course;
mod guide;
mod strikes;

use std::fmt;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

pub(crate) use self::{
    audits::Audits,
    course::{Act, Course, Line, Protocol, To},
    guide::guides_answer,
    strikes::{Fault, Strike, Target, Tier, Way},
};
use crate::{desk, orders::Orders, teller};

/// People and faults are at it for so long.
pub(crate) const ACTIVITY_MS: u64 = 7_000;

#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) audits: Audits,
    /// Who answers in each conversation.
    pub(crate) talks: Vec<Agent>,
    pub(crate) people: Vec<Course>,
    pub(crate) strikes: Vec<Strike>,
    /// When the desk's files change.
    pub(crate) changes: Vec<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agent {
    Guide,
    /// Who does something beyond the log.
    Teller,
    /// Whose every answer tells what all before it have told.
    Desk,
}

impl Agent {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Guide => "guide",
            Self::Teller => teller::NAME,
            Self::Desk => desk::NAME,
        }
    }
}

impl Plan {
    /// The plan of a seed, with those faults only that the orders allow.
    pub(crate) fn of(seed: u64, orders: &Orders) -> Self {
        let mut dice = StdRng::seed_from_u64(seed);
        let talks: Vec<_> = (0..dice.random_range(2..=4))
            .map(|_| match dice.random_range(0..4) {
                0 => Agent::Teller,
                1 => Agent::Desk,
                _ => Agent::Guide,
            })
            .collect();
        let mut people = Vec::new();
        for (talk, agent) in talks.iter().enumerate() {
            // Where somebody stops runs, an answer may end anywhere.
            let stops = *agent == Agent::Guide && dice.random_range(0..3) == 0;
            for _ in 0..dice.random_range(1..=3) {
                let name = format!("p{}", people.len());
                people.push(Course::draw(&mut dice, name, (talk, *agent), stops));
            }
        }
        let audits = Audits::of(seed);
        let strikes = strikes::draw(&mut dice, &people, |fault| {
            orders.allow(&fault.name()) && audits.suffice(fault)
        });
        // To have joined can be lost with the log's last moment, and nobody would be told.
        let loses = |strike: &Strike| matches!(strike.fault, Fault::LoseTail(_));
        if !strikes.iter().any(loses) {
            for person in &mut people {
                let late = dice.random_range(0..4) == 0;
                person.joins_at = late.then(|| dice.random_range(500..4_000));
            }
        }
        let mut plan = Self {
            seed,
            audits,
            talks,
            people,
            strikes,
            changes: Vec::new(),
        };
        plan.add_to_the_desks(|fault| orders.allow(&fault.name()) && audits.suffice(fault));
        plan
    }

    /// Whether a worker may be taken for dead that lives, and goes on with what it was about.
    pub(crate) fn lingers(&self) -> bool {
        let ends_it = |fault: &Fault| {
            matches!(
                fault,
                Fault::Kill(_) | Fault::KillCaller(_) | Fault::Restart(_) | Fault::LoseLetters(_)
            )
        };
        self.strikes.iter().any(|strike| !ends_it(&strike.fault))
    }

    /// What happens to the desks but that people speak. These dice are of their own.
    fn add_to_the_desks(&mut self, may_strike: impl Fn(&Fault) -> bool) {
        let mut dice = StdRng::seed_from_u64(!self.seed);
        if !self.talks.contains(&Agent::Desk) {
            return;
        }
        for _ in 0..dice.random_range(0..=2) {
            self.changes.push(dice.random_range(500..ACTIVITY_MS));
        }
        self.changes.sort_unstable();
        let mut number = 0;
        let talks = &self.talks;
        let at_desks = self.people.iter_mut();
        for person in at_desks.filter(|person| talks[person.talk] == Agent::Desk) {
            for _ in 0..dice.random_range(0..=3) {
                let at = dice.random_range(1_000..ACTIVITY_MS);
                person.acts.push((at, Act::Stamp(number)));
                number += 1;
            }
            person.acts.sort_by_key(|(at, _)| *at);
        }
        let ambushes = strikes::ambushes(&mut dice).into_iter();
        self.strikes
            .extend(ambushes.filter(|strike| may_strike(&strike.fault)));
        self.strikes.sort_by_key(|strike| strike.at);
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "seed {}, an audit each {} s",
            self.seed,
            self.audits.seconds()
        )?;
        for (index, agent) in self.talks.iter().enumerate() {
            writeln!(f, "conversation {index} with {}", agent.name())?;
        }
        for person in &self.people {
            let Course {
                name,
                talk,
                protocol,
                gateway,
                ..
            } = person;
            writeln!(
                f,
                "{name} in conversation {talk} by {protocol:?} at gateway-{gateway}"
            )?;
            if let Some(at) = person.joins_at {
                writeln!(f, "  {at:5} ms Join")?;
            }
            for (at, act) in &person.acts {
                writeln!(f, "  {at:5} ms {act:?}")?;
            }
        }
        for at in &self.changes {
            writeln!(f, "{at:5} ms: the desk's files change")?;
        }
        for strike in &self.strikes {
            let Strike { at, lasts, fault } = strike;
            writeln!(f, "{at:5} ms for {lasts} ms: {} {fault:?}", fault.name())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// docs/chaos.md promises each kind for each tier.
    #[test]
    fn every_tier_is_struck_in_every_way() {
        let orders = Orders::from_environment();
        let strikes = (0..2_000).flat_map(|seed| Plan::of(seed, &orders).strikes);
        let struck: BTreeSet<_> = strikes.map(|strike| strike.fault.name()).collect();
        let tiers = [
            "gateway",
            "worker",
            "teller",
            "context-service",
            "rabbitmq",
            "redis",
        ];
        for tier in tiers {
            for way in ["kill", "freeze", "restart"] {
                let name = format!("{way}-{tier}");
                assert!(
                    !orders.allow(&name) || struck.contains(&name),
                    "{name}: {struck:?}"
                );
            }
        }
    }

    #[test]
    fn who_calls_the_desk_is_caught_at_each_endpoint() {
        let orders = Orders::from_environment();
        let strikes = (0..100).flat_map(|seed| Plan::of(seed, &orders).strikes);
        let caught = strikes.filter_map(|strike| match strike.fault {
            Fault::KillCaller(endpoint) => Some(endpoint),
            _ => None,
        });
        let caught: BTreeSet<_> = caught.collect();
        let are = usize::from(orders.allow("kill-caller")) * 2;
        assert_eq!(caught.len(), are, "{caught:?}");
    }

    #[test]
    fn a_seed_is_one_plan() {
        let orders = Orders::from_environment();
        for seed in 0..50 {
            let plan = Plan::of(seed, &orders).to_string();
            assert_eq!(Plan::of(seed, &orders).to_string(), plan);
            assert_ne!(Plan::of(seed + 50, &orders).to_string(), plan);
        }
    }
}
