//! A conversation gone through once more, run by run, as the agent would go through it now.

use std::collections::VecDeque;

use convene_agent_worker::agents::flow::{Ear, happened, inputs, left, zone};
use convene_flows::{Clock, Input, Projects, Recorded, Rehearsal, Unknown, Who, Zone};
use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};

use super::past::{Noted, Past, Told, understood};

/// See the module.
pub(super) struct Again<'p> {
    projects: &'p Projects,
    ear: Option<&'p Ear>,
    zone: &'p TimeZone,
    rehearsal: Rehearsal<'p>,
}

/// What comes of a run now.
#[derive(Default)]
pub(super) struct Now {
    pub(super) noted: Vec<Noted>,
    pub(super) said: Vec<String>,
    /// Whether it stands at something whose answer nobody knows.
    is_open: bool,
}

/// What a run has at hand.
struct Given {
    at: ZonedDateTime,
    answers: VecDeque<Recorded>,
    unknown: Unknown,
}

impl<'p> Again<'p> {
    pub(super) fn new(projects: &'p Projects, ear: Option<&'p Ear>, zone: &'p TimeZone) -> Self {
        Self {
            projects,
            ear,
            zone,
            rehearsal: Rehearsal::new(projects),
        }
    }

    /// What comes of a run. Of one that did not come to its end as much stands as stood then.
    ///
    /// # Errors
    /// Where a time is out of all bounds.
    pub(super) fn go(&mut self, past: &Past) -> anyhow::Result<Now> {
        let before = self.rehearsal.clone();
        let mut now = self.all(past)?;
        // Workers of before calls were noted when they begin have noted none.
        let is_begun = |noted: &Noted| matches!(noted.fact(), Some(Recorded::CallBegun { .. }));
        if !past.noted.iter().any(is_begun) {
            now.noted.retain(|noted| !is_begun(noted));
        }
        if past.is_whole {
            return Ok(now);
        }
        now.noted.truncate(past.noted.len());
        let facts = now.noted.iter().filter_map(Noted::fact);
        self.rehearsal = before.stopped_after(facts);
        if now.begins_like(&past.said) {
            now.said.clone_from(&past.said);
        }
        Ok(now)
    }

    /// Everything that comes of it.
    fn all(&mut self, past: &Past) -> anyhow::Result<Now> {
        let is_answer = |fact: &&Recorded| {
            matches!(
                fact,
                Recorded::CallAnswered { .. } | Recorded::ModelAnswered { .. }
            )
        };
        let facts = past.noted.iter().filter_map(Noted::fact);
        let mut given = Given {
            at: Timestamp::from_millisecond(i64::try_from(past.at)?)?
                .to_zoned_datetime(self.zone.clone()),
            answers: facts.filter(is_answer).cloned().collect(),
            unknown: match past.is_whole {
                true => Unknown::IsNone,
                false => Unknown::Stands,
            },
        };
        let mut now = Now::default();
        self.rehearsal.among(past.people.clone());
        if self.rehearsal.is_half_way() {
            self.feed(Input::Resumed, None, &mut given, &mut now);
        }
        if let Some(left) = left(self.rehearsal.engaged(), &past.people) {
            self.feed(left, None, &mut given, &mut now);
        }
        for told in &past.told {
            let (inputs, zone) = match told {
                Told::Message(message, was_heard) => {
                    let author = Who::from(message.author.to_string());
                    let spoken = self.rehearsal.language_of(Some(&author));
                    let zone = zone(message);
                    let clock = Clock::new(given.at.clone()).told(zone.clone());
                    let hour = self.rehearsal.now_of(&clock, Some(&author));
                    let mut inputs =
                        inputs(self.ear, self.projects, (message, &past.us), &spoken, &hour);
                    let is_heard = |input: &Input| matches!(input, Input::Heard(_));
                    inputs.retain(|input| was_heard.unwrap_or(true) || !is_heard(input));
                    if !inputs.is_empty() && self.rehearsal.is_given_back_by(None) {
                        self.feed(Input::HandedBack, None, &mut given, &mut now);
                    }
                    (inputs, zone)
                }
                Told::Happened(what) => {
                    let input = happened(what);
                    let gives_back = |input| self.rehearsal.is_given_back_by(Some(input));
                    if input.as_ref().is_some_and(gives_back) {
                        self.feed(Input::HandedBack, None, &mut given, &mut now);
                    }
                    (input.into_iter().collect(), None)
                }
            };
            for input in inputs {
                self.feed(input, zone.clone(), &mut given, &mut now);
            }
        }
        Ok(now)
    }

    fn feed(&mut self, input: Input, zone: Option<Zone>, given: &mut Given, now: &mut Now) {
        // What was stopped has come to nothing behind it.
        if now.is_open {
            return;
        }
        if let Input::Heard(heard) = &input {
            now.noted.push(understood(heard));
        }
        let Given {
            at,
            answers,
            unknown,
        } = given;
        let rehearsed =
            self.rehearsal
                .go(input, Clock::new(at.clone()).told(zone), answers, *unknown);
        let facts = rehearsed.facts.into_iter();
        now.noted.extend(facts.map(Noted::Fact));
        now.said.extend(rehearsed.said);
        now.is_open = rehearsed.is_open;
    }
}

impl Now {
    /// Whether this is what it would have said before somebody stopped it, perhaps in the middle of a text. What a model had
    /// begun to write is known to nobody else.
    fn begins_like(&self, then: &[String]) -> bool {
        let mut now = self.said.iter();
        let last = then.len().saturating_sub(1);
        then.iter()
            .enumerate()
            .all(|(index, then)| match now.next() {
                Some(now) => now == then || index == last && now.starts_with(then.as_str()),
                None => self.is_open && index == last,
            })
    }
}
