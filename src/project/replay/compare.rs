//! What was said then and what would be said now, up to where they part.

use std::fmt;

use convene_agent_worker::agents::flow::Ear;
use convene_flows::{Projects, told};
use jiff::tz::TimeZone;
use serde::Serialize;

use super::{
    again::Again,
    past::{Noted, Past},
};

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
    let mut again = Again::new(projects, ear, zone);
    let mut compared = Compared {
        parted: false,
        exchanges: Vec::new(),
        all: 0,
    };
    for run in past {
        let was_nothing = run.noted.is_empty() && run.said.is_empty();
        if compared.parted {
            compared.all += usize::from(!was_nothing);
            continue;
        }
        let now = again.go(run)?;
        // It was not for the assistant, or nothing to it.
        if was_nothing && now.noted.is_empty() && now.said.is_empty() {
            continue;
        }
        compared.all += 1;
        let exchange = Exchange {
            heard: run.told.iter().map(ToString::to_string).collect(),
            then: Course::of(&run.noted, run.said.clone()),
            now: Course::of(&now.noted, now.said),
        };
        compared.parted = exchange.then != exchange.now;
        compared.exchanges.push(exchange);
    }
    Ok(compared)
}

impl Course {
    fn of(noted: &[Noted], said: Vec<String>) -> Self {
        let steps = noted.iter().filter_map(|noted| match noted {
            Noted::Understood(taken) => Some(taken.clone()),
            Noted::Fact(fact) => told(fact),
        });
        Self {
            steps: steps.collect(),
            said,
        }
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
