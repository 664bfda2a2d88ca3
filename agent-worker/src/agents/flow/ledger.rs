//! What the agent has noted in a conversation: the facts whose fold is its state.

use std::collections::BTreeSet;

use convene_agent::{Error, Message, MessageId, NoteName, Run};
use convene_flows::{Called, Heard, Recorded, State, stands_unsaid};
use convene_runtime::lies::{Lie, told};
use serde::{Deserialize, Serialize};

/// After so many notes the state itself is noted, so that the log need not be read from its beginning.
const NOTES: usize = 24;

/// Entities that are noted of a message.
const ENTITIES: usize = 20;
/// Bytes of a note of ours, well below the most that one may have.
const LARGEST: usize = 48 << 10;

/// The notes with facts: each holds a list of [`Recorded`].
pub const FACTS: &str = "flow";
/// The notes about what a message was taken for: a [`Heard`] without its text.
pub const UNDERSTOOD: &str = "understood";

/// A note about what a message was taken for.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Understood {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<MessageId>,
    #[serde(flatten)]
    heard: Heard,
}

/// See the module.
pub(super) struct Ledger {
    facts: NoteName,
    understood: NoteName,
    state: State,
    /// Notes since the last base.
    notes: usize,
    /// What earlier attempts at this run have recorded, oldest first.
    in_vain: Vec<Recorded>,
    /// What they have taken the run's messages for.
    heard_in_vain: Vec<Understood>,
    /// What was recorded and not noted yet.
    fresh: Vec<Recorded>,
    /// The questions that were open when the run began, or were asked since, and whose end was not told.
    asked: BTreeSet<u64>,
}

impl Ledger {
    pub(super) fn open(run: &Run) -> Result<Self, Error> {
        let name = |name: &str| {
            NoteName::new(name).map_err(|error| Error::permanent("note_invalid", error.to_string()))
        };
        let facts = name(FACTS)?;
        let read = |notes: Result<Vec<Vec<Recorded>>, Error>| notes.map_err(unknown);
        let notes = read(run.notes(&facts))?;
        let understood = name(UNDERSTOOD)?;
        let in_vain = read(run.noted_in_vain(&facts))?;
        let failed = read(run.noted_before_failing(&facts))?;
        let state = State::fold(notes.iter().flatten());
        // A turn that somebody stopped is over; what comes next is another, however alike.
        let state = state.without_half_turn();
        let asked = state.open_questions().collect();
        let done = done(&state, &failed.concat());
        Ok(Self {
            asked,
            state: state.after(&done).without_half_turn(),
            notes: notes.len(),
            in_vain: in_vain.concat(),
            fresh: done,
            heard_in_vain: run.noted_in_vain(&understood)?,
            understood,
            facts,
        })
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// Takes up what an earlier attempt recorded of the turn that comes next, if it did.
    pub(super) async fn take_up(&mut self, run: &mut Run) -> Result<(), Error> {
        let before = last_of_turn(&self.in_vain, self.state.turns() + 1);
        for fact in before.map_or(Vec::new(), |course| course.facts.to_vec()) {
            self.record(fact);
        }
        self.note(run).await
    }

    /// A fact: it is noted with the next ones.
    pub(super) fn record(&mut self, fact: Recorded) {
        if let Recorded::QuestionAsked { question, .. } | Recorded::WhichAsked { question, .. } =
            &fact
        {
            self.asked.insert(*question);
        }
        self.state.apply(&fact);
        if !(told(Lie::UnnotedSlots) && matches!(fact, Recorded::SlotSet { .. })) {
            self.fresh.push(fact);
        }
    }

    /// The questions that are over since this was asked last.
    pub(super) fn closed(&mut self) -> Vec<u64> {
        let open: BTreeSet<u64> = self.state.open_questions().collect();
        let closed = self.asked.difference(&open).copied().collect();
        self.asked = open;
        closed
    }

    /// Notes what was recorded.
    pub(super) async fn note(&mut self, run: &mut Run) -> Result<(), Error> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        for facts in portions(std::mem::take(&mut self.fresh)) {
            self.notes += 1;
            run.note(self.facts.clone(), &facts).await?;
        }
        Ok(())
    }

    /// What an earlier attempt has taken this message for. It is not understood anew: by now "now" is another
    /// time, and what was recorded would not be of the same turn.
    pub(super) fn heard_before(&self, message: &Message, text: &str) -> Option<Heard> {
        let is_of = |one: &&Understood| one.message.as_ref() == Some(&message.id);
        let mut heard = self.heard_in_vain.iter().find(is_of)?.heard.clone();
        heard.text = match heard.called {
            Called::No => message.text(),
            Called::Beside | Called::Alone => text.to_owned(),
        };
        Some(heard)
    }

    /// Notes what a message was taken for, and keeps no more of it than is noted. Its text is in the log.
    pub(super) async fn understood(
        &self,
        run: &mut Run,
        message: &MessageId,
        heard: &mut Heard,
    ) -> Result<(), Error> {
        heard.entities.truncate(ENTITIES);
        let text = std::mem::take(&mut heard.text);
        if size(heard) > LARGEST {
            heard.entities.clear();
        }
        let note = Understood {
            message: Some(message.clone()),
            heard: heard.clone(),
        };
        heard.text = text;
        run.note(self.understood.clone(), &note).await
    }

    /// Ends the run's notes: each turn has noted its facts.
    pub(super) async fn close(self, run: &mut Run) -> Result<(), Error> {
        if self.notes + 1 < NOTES {
            return Ok(());
        }
        let mut portions = portions(self.state.checkpoint()).into_iter();
        if let Some(base) = portions.next() {
            run.note_base(self.facts.clone(), &base).await?;
        }
        for rest in portions {
            run.note(self.facts.clone(), &rest).await?;
        }
        Ok(())
    }
}

/// What cannot be read was noted by a newer worker.
fn unknown(error: Error) -> Error {
    Error::from_the_future(error.code, error.message)
}

/// What was recorded of a turn, as it was gone through once.
struct Course<'a> {
    /// Its facts, but for its end.
    facts: &'a [Recorded],
    has_ended: bool,
}

/// A turn as it was gone through last. Whoever goes through it again notes first what was recorded of it: where that was
/// noted in part, all of it stands before.
fn last_of_turn(facts: &[Recorded], number: u64) -> Option<Course<'_>> {
    let begins =
        |fact: &Recorded| matches!(fact, Recorded::TurnStarted { turn, .. } if *turn == number);
    let begun = (0..facts.len()).filter(|index| facts.get(*index).is_some_and(begins));
    let courses: Vec<_> = begun.map(|begin| course(&facts[begin..])).collect();
    let last = courses.last()?.facts;
    let begun_alike = courses
        .into_iter()
        .filter(|course| course.facts.starts_with(last));
    begun_alike.max_by_key(|course| course.facts.len())
}

/// The turn with which these begin.
fn course(facts: &[Recorded]) -> Course<'_> {
    let is_over = |fact: &Recorded| {
        matches!(
            fact,
            Recorded::TurnStarted { .. } | Recorded::TurnEnded { .. }
        )
    };
    let after = facts.iter().skip(1).position(is_over);
    let end = after.map_or(facts.len(), |ahead| 1 + ahead);
    Course {
        facts: &facts[..end],
        has_ended: matches!(facts.get(end), Some(Recorded::TurnEnded { .. })),
    }
}

/// What stands of runs in a row that failed for good: their turns up to that in which an endpoint answered last, which is as
/// one that was stopped there. Nobody has read what was said in them, which is said again behind it, but no finished call is made
/// again.
fn done(state: &State, failed: &[Recorded]) -> Vec<Recorded> {
    let turns = (state.turns() + 1..).map_while(|turn| Some((turn, last_of_turn(failed, turn)?)));
    let mut turns: Vec<_> = turns.collect();
    let has_answer = |(_, course): &(u64, Course<'_>)| {
        let is_one = |fact: &Recorded| matches!(fact, Recorded::CallAnswered { .. });
        course.facts.iter().any(is_one)
    };
    let count = turns
        .iter()
        .rposition(has_answer)
        .map_or(0, |last| last + 1);
    turns.truncate(count);
    let mut done = Vec::new();
    for (index, (turn, course)) in turns.into_iter().enumerate() {
        if index + 1 == count {
            done.extend_from_slice(&course.facts[..stands_unsaid(course.facts)]);
        } else {
            done.extend_from_slice(course.facts);
            if course.has_ended {
                done.push(Recorded::TurnEnded { turn });
            }
        }
    }
    done
}

/// Facts in as many notes as they need. One alone is never too large: what is kept has bounds.
fn portions(facts: Vec<Recorded>) -> Vec<Vec<Recorded>> {
    let mut portions: Vec<Vec<Recorded>> = Vec::new();
    let mut bytes = 0;
    for fact in facts {
        let size = size(&fact);
        match portions.last_mut() {
            Some(last) if bytes + size <= LARGEST => {
                bytes += size;
                last.push(fact);
            }
            _ => {
                bytes = size;
                portions.push(vec![fact]);
            }
        }
    }
    portions
}

/// Bytes as JSON.
fn size(value: &impl Serialize) -> usize {
    serde_json::to_vec(value).map_or(0, |json| json.len())
}

#[cfg(test)]
mod tests {
    use convene_proto::note::LARGEST_NOTE;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_noted_again_in_part_stands_whole() {
        let fact = |fact| serde_json::from_value::<Recorded>(fact).unwrap();
        let begin = |turn: u64, input: &str| {
            fact(json!({
                "type": "turn.started", "turn": turn, "input": input, "at": "2026-03-04T10:00:00",
            }))
        };
        let begun = || fact(json!({ "type": "call.begun", "key": "k" }));
        let answer = || fact(json!({ "type": "call.answered", "good": true, "status": 200 }));
        let step = || {
            fact(json!({
                "type": "flow.stepped", "flow": "f", "version": "0", "step": "s", "why": "next",
            }))
        };
        let end = |turn: u64| fact(json!({ "type": "turn.ended", "turn": turn }));
        let first = [
            begin(1, "a"),
            answer(),
            step(),
            end(1),
            begin(2, "b"),
            answer(),
            step(),
        ];
        let of = |next: &[Recorded]| done(&State::default(), &[&first[..], next].concat());
        assert_eq!(of(&[]), first);
        assert_eq!(
            of(&first[..1]),
            first,
            "it died while it noted the first one"
        );
        assert_eq!(of(&first[..5]), first, "while it noted the second");
        let more = [
            &first[..],
            &[end(2), begin(3, "c"), begun(), answer(), step()],
        ]
        .concat();
        assert_eq!(of(&more), more);
        let behind = [step(), begun()];
        assert_eq!(
            of(&[&more[7..], &behind].concat()),
            more,
            "what was said behind it is said again"
        );
    }

    #[test]
    fn facts_are_noted_in_as_many_notes_as_they_need() {
        let fact = |length: usize| -> Recorded {
            let value = json!({ "text": "x".repeat(length) });
            let fact = json!({ "type": "slot.set", "slot": "s", "value": value, "from": "answer" });
            serde_json::from_value(fact).unwrap()
        };
        let facts: Vec<_> = [10, 30_000, 30_000, 10, 10, 40_000].map(fact).into();
        let portions = portions(facts.clone());
        let counts: Vec<_> = portions.iter().map(Vec::len).collect();
        assert_eq!(counts, [2, 3, 1]);
        assert!(portions.iter().all(|facts| size(facts) <= LARGEST_NOTE));
        assert_eq!(portions.concat(), facts);
        assert!(super::portions(Vec::new()).is_empty());
    }
}
