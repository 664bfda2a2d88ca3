//! What was said then and what would be said now, up to where they part.

use std::fmt;

use convene_agent_worker::agents::flow::{Ear, happened, inputs};
use convene_flows::{Input, Projects, Recorded, Rehearsal, Rehearsed, Who, told};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

use super::past::{Past, Told, understood};

/// What came of it.
#[derive(Debug, Serialize)]
pub(super) struct Compared {
    /// Whether the last of the exchanges went otherwise; what follows it was not looked at.
    pub(super) parted: bool,
    exchanges: Vec<Exchange>,
    /// How many were in the conversation.
    all: usize,
}

/// What an agent was told, and what came of it.
#[derive(Debug, Serialize)]
struct Exchange {
    heard: Vec<String>,
    then: Course,
    now: Course,
}

/// What came of something.
#[derive(Debug, PartialEq, Serialize)]
struct Course {
    /// What it was taken for, and what the flows did.
    steps: Vec<String>,
    said: Vec<String>,
}

/// Goes through the conversation until it goes otherwise.
///
/// # Errors
/// Where a time is out of all bounds.
pub(super) fn compare(
    past: &[Past],
    projects: &Projects,
    ear: Option<&Ear>,
    zone: &TimeZone,
) -> anyhow::Result<Compared> {
    let mut rehearsal = Rehearsal::new(projects);
    let mut compared = Compared {
        parted: false,
        exchanges: Vec::new(),
        all: 0,
    };
    for run in past {
        // It was not for the assistant.
        if run.told.is_empty() || (run.facts.is_empty() && run.said.is_empty()) {
            continue;
        }
        compared.all += 1;
        if compared.parted {
            continue;
        }
        let now = Timestamp::from_millisecond(i64::try_from(run.at)?)?
            .to_zoned_datetime(zone.clone())
            .datetime();
        let is_answer = |fact: &&Recorded| {
            matches!(
                fact,
                Recorded::CallAnswered { .. } | Recorded::ModelAnswered { .. }
            )
        };
        let mut answers = run.facts.iter().filter(is_answer).cloned().collect();
        let mut steps = Vec::new();
        let mut said = Vec::new();
        let mut take = |rehearsed: Rehearsed, steps: &mut Vec<String>| {
            steps.extend(rehearsed.facts.iter().filter_map(told));
            said.extend(rehearsed.said);
        };
        for told in &run.told {
            let is_message = matches!(told, Told::Message(_));
            if is_message && rehearsal.is_handed_off() {
                take(
                    rehearsal.go(Input::HandedBack, now, &mut answers),
                    &mut steps,
                );
            }
            let inputs = match told {
                Told::Message(message) => {
                    let author = Who::from(message.author.to_string());
                    let spoken = rehearsal.language_of(Some(&author));
                    inputs(ear, projects, message, &spoken, now)
                }
                Told::Happened(what) => happened(what).into_iter().collect(),
            };
            for input in inputs {
                if let Input::Heard(heard) = &input {
                    steps.push(understood(heard));
                }
                take(rehearsal.go(input, now, &mut answers), &mut steps);
            }
        }
        let mut before = run.understood.clone();
        before.extend(run.facts.iter().filter_map(told));
        // Of several messages the notes stand between the facts.
        let is_in_order = run.understood.len() < 2;
        let exchange = Exchange {
            heard: run.told.iter().map(ToString::to_string).collect(),
            then: Course {
                steps: before,
                said: run.said.clone(),
            },
            now: Course { steps, said },
        };
        compared.parted = !exchange.is_same(is_in_order);
        compared.exchanges.push(exchange);
    }
    Ok(compared)
}

impl Exchange {
    fn is_same(&self, is_in_order: bool) -> bool {
        let (then, now) = (&self.then, &self.now);
        if is_in_order {
            return then == now;
        }
        let sorted = |steps: &[String]| {
            let mut steps = steps.to_vec();
            steps.sort();
            steps
        };
        then.said == now.said && sorted(&then.steps) == sorted(&now.steps)
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, exchange) in self.exchanges.iter().enumerate() {
            for heard in &exchange.heard {
                writeln!(f, "{heard}")?;
            }
            if self.parted && number + 1 == self.exchanges.len() {
                writeln!(f, "  what it did:")?;
                difference(f, &exchange.then.steps, &exchange.now.steps)?;
                writeln!(f, "  what it said:")?;
                difference(f, &exchange.then.said, &exchange.now.said)?;
            } else {
                for said in &exchange.now.said {
                    writeln!(f, "bot:  {said}")?;
                }
            }
        }
        let (gone, all) = (self.exchanges.len(), self.all);
        if self.parted {
            write!(
                f,
                "\nthey part at exchange {gone} of {all}: `-` is then, `+` is now"
            )
        } else {
            write!(f, "\nall {all} exchanges go as they went")
        }
    }
}

/// What both have, up to where they part; then what the one has, and what the other has; then what both end with.
fn difference(f: &mut fmt::Formatter<'_>, then: &[String], now: &[String]) -> fmt::Result {
    let pairs = then.iter().zip(now);
    let front = pairs.take_while(|(then, now)| then == now).count();
    let (then_rest, now_rest) = (&then[front..], &now[front..]);
    let pairs = then_rest.iter().rev().zip(now_rest.iter().rev());
    let back = pairs.take_while(|(then, now)| then == now).count();
    for (mark, lines) in [
        (' ', &then[..front]),
        ('-', &then_rest[..then_rest.len() - back]),
        ('+', &now_rest[..now_rest.len() - back]),
        (' ', &then_rest[then_rest.len() - back..]),
    ] {
        for line in lines {
            writeln!(f, "  {mark} {}", line.replace('\n', "\n    "))?;
        }
    }
    Ok(())
}
