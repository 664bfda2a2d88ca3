//! A seed's plan: who says what when, and which faults strike. It is a value made of the seed alone.

mod audits;
mod strikes;

use std::fmt;

use convene_invariants::Question;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

pub(crate) use self::{
    audits::Audits,
    strikes::{Fault, Strike, Target, Tier, Way},
};
use crate::{desk, orders::Orders, teller};

/// People and faults are at it for so long.
pub(crate) const ACTIVITY_MS: u64 = 7_000;

const FLOOD: usize = 50;

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

/// By what a person reads and speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Socket,
    /// Server-sent events and REST.
    Stream,
}

/// What a person does.
#[derive(Debug)]
pub(crate) struct Course {
    pub(crate) name: String,
    pub(crate) talk: usize,
    pub(crate) protocol: Protocol,
    pub(crate) gateway: usize,
    /// They are invited and join in the middle of it all.
    pub(crate) joins_at: Option<u64>,
    /// In the order of their time, in milliseconds.
    pub(crate) acts: Vec<(u64, Act)>,
}

#[derive(Debug, Clone)]
pub(crate) enum Act {
    Say(Line),
    /// Says so many large things to nobody, one after the other: more than a gateway keeps for its
    /// readers, and more than a connection holds that stands still.
    Flood(usize),
    /// Stops whichever run is under way.
    Cancel,
    /// A backend stamps something.
    Stamp(u32),
    /// Goes offline without a word.
    Leave,
    /// Comes back to a gateway, and goes on from where they were.
    Return(usize),
    /// Their connection breaks, and the next one is to this gateway.
    Move(usize),
}

/// Something to say.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) to: To,
    /// It is said once more when it was accepted, to the other gateway.
    pub(crate) again: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum To {
    TheAgent,
    /// It stops the run under way, and goes first.
    TheAgentAtOnce,
    /// One run answers it together with others like it that wait.
    TheAgentTogether,
    Nobody,
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
                people.push(course(&mut dice, name, (talk, *agent), stops));
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
        plan.add_to_the_desks();
        plan
    }

    /// Whether a worker may be taken for dead that lives, and goes on with what it was about.
    pub(crate) fn lingers(&self) -> bool {
        let ends_it = |fault: &Fault| {
            matches!(
                fault,
                Fault::Kill(_) | Fault::Restart(_) | Fault::LoseLetters(_)
            )
        };
        self.strikes.iter().any(|strike| !ends_it(&strike.fault))
    }

    /// What happens to the desks but that people speak. These dice are of their own.
    fn add_to_the_desks(&mut self) {
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
    }
}

fn course(dice: &mut StdRng, name: String, (talk, agent): (usize, Agent), stops: bool) -> Course {
    let protocol = *[Protocol::Socket, Protocol::Socket, Protocol::Stream]
        .choose(dice)
        .unwrap();
    let mut acts = Vec::new();
    for number in 0..dice.random_range(2..=5) {
        let at = dice.random_range(0..ACTIVITY_MS - 500);
        let unique = format!("{name}-{number}");
        acts.push((at, Act::Say(line(dice, &unique, agent, stops))));
        if stops && dice.random_range(0..4) == 0 {
            acts.push((at + dice.random_range(50..800), Act::Cancel));
        }
    }
    if dice.random_range(0..16) == 0 {
        acts.push((dice.random_range(1_000..4_000), Act::Flood(FLOOD)));
    }
    match dice.random_range(0..4) {
        0 => {
            let (leave, back) = (
                dice.random_range(300..3_500),
                dice.random_range(3_600..ACTIVITY_MS),
            );
            acts.push((leave, Act::Leave));
            acts.push((back, Act::Return(dice.random_range(0..2))));
        }
        1 => {
            let at = dice.random_range(300..ACTIVITY_MS);
            acts.push((at, Act::Move(dice.random_range(0..2))));
        }
        _ => {}
    }
    acts.sort_by_key(|(at, _)| *at);
    Course {
        name,
        talk,
        protocol,
        gateway: dice.random_range(0..2),
        joins_at: None,
        acts,
    }
}

fn line(dice: &mut StdRng, unique: &str, agent: Agent, stops: bool) -> Line {
    let to = match dice.random_range(0..8) {
        0 => To::Nobody,
        1 if stops => To::TheAgentAtOnce,
        2 => To::TheAgentTogether,
        _ => To::TheAgent,
    };
    let text = match (agent, dice.random_range(0..8)) {
        (Agent::Teller | Agent::Desk, _) => unique.to_owned(),
        (Agent::Guide, 0..=2) => format!("/echo {unique}"),
        (Agent::Guide, 3) => format!("/messages {}", dice.random_range(2..=5)),
        (Agent::Guide, 4) => "/fail 1".to_owned(),
        (Agent::Guide, _) => {
            let (count, rate) = (dice.random_range(20..150), dice.random_range(60..200));
            format!("/stream {count} at {rate}")
        }
    };
    let again = dice.random_range(0..4) == 0;
    Line { text, to, again }
}

/// What the guide answers to these, in the attempt of this number.
pub(crate) fn guides_answer(questions: &[Question], attempt: u32) -> String {
    let several = questions.len() > 1;
    let answers = questions.iter().map(|Question { name, text }| {
        let answer = guides_words(text, attempt);
        if several {
            format!("**{name}:** {answer}")
        } else {
            answer
        }
    });
    answers.collect::<Vec<_>>().join("\n\n")
}

fn guides_words(text: &str, attempt: u32) -> String {
    let (command, rest) = text.split_once(' ').unwrap();
    let count = || -> u32 { rest.split(' ').next().unwrap().parse().unwrap() };
    match command {
        "/echo" => rest.to_owned(),
        "/messages" => {
            let say = |number| format!("Message {number} of {}.", count());
            (1..=count()).map(say).collect()
        }
        "/stream" => {
            let end = |number| if number % 20 == 0 { '\n' } else { ' ' };
            let numbers = (1..=count()).map(|number| format!("{number}{}", end(number)));
            numbers.collect()
        }
        "/fail" if attempt <= count() => {
            format!("This is attempt {attempt}, and it is about to fail")
        }
        "/fail" => {
            let failed = attempt - 1;
            let attempts = if failed == 1 { "attempt" } else { "attempts" };
            format!(
                "This is attempt {attempt}, and it works. What the {failed} {attempts} before had \
                 said was taken back; nothing was lost, and nothing is said twice."
            )
        }
        other => panic!("nobody says {other}"),
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
    fn a_seed_is_one_plan() {
        let orders = Orders::from_environment();
        for seed in 0..50 {
            let plan = Plan::of(seed, &orders).to_string();
            assert_eq!(Plan::of(seed, &orders).to_string(), plan);
            assert_ne!(Plan::of(seed + 50, &orders).to_string(), plan);
        }
    }
}
