//! What the desk has noted in a conversation: no call whose answer it has noted is made again, the fold of its notes is what
//! it has told, and of the questions that it has asked each is closed once, when it is over.

use std::collections::{BTreeMap, BTreeSet};

use convene_client::proto::{
    event::{Event, EventBody, Message, Outcome},
    id::{ConversationId, MessageId, OfferName, RunId},
};
use convene_flows::{Recorded, State};
use convene_invariants::{Broken, Invariant::HealsInSight};

use super::NAME;

/// The notes with facts.
const FACTS: &str = "flow";

/// A call, as whoever was asked knows it.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) key: String,
    pub(super) at: u64,
}

#[derive(Default)]
struct Noted {
    /// When the answer to a call was first noted, by the call's key.
    answered: BTreeMap<String, u64>,
    /// The facts that count, of runs that have come to their end.
    facts: Vec<Recorded>,
    /// Those of the last attempt at each run.
    under_way: BTreeMap<RunId, Vec<Recorded>>,
    /// What it has said, and not taken back.
    said: Vec<Message>,
    /// What its runs have closed, as often as they did.
    closed: Vec<OfferName>,
}

impl Noted {
    fn of(log: &[Event]) -> Self {
        let mut noted = Self::default();
        for event in log {
            noted.take(event);
        }
        noted
    }

    fn take(&mut self, event: &Event) {
        match &event.body {
            EventBody::AgentNoted {
                agent, run, note, ..
            } if agent.as_str() == NAME && note.name.as_str() == FACTS => {
                let facts: Vec<Recorded> = serde_json::from_value(note.value.clone()).unwrap();
                let of_run = self.under_way.entry(run.clone()).or_default();
                let before = of_run.len();
                of_run.extend(facts);
                for (index, fact) in of_run.iter().enumerate().skip(before) {
                    if !matches!(fact, Recorded::CallAnswered { .. }) {
                        continue;
                    }
                    let begun = of_run[..index].iter().rev().find_map(|fact| match fact {
                        Recorded::CallBegun { key } => Some(key),
                        _ => None,
                    });
                    let key = begun.unwrap().clone();
                    self.answered.entry(key).or_insert(event.at);
                }
            }
            EventBody::RunStarted { run, .. } | EventBody::RunRetrying { run, .. } => {
                self.under_way.remove(run);
            }
            EventBody::RunFinished {
                run,
                outcome,
                closes,
                ..
            } => {
                self.closed.extend_from_slice(closes);
                let facts = self.under_way.remove(run).unwrap_or_default();
                if *outcome == Outcome::Completed {
                    self.facts.extend(facts);
                }
            }
            EventBody::MessageCompleted { message, .. } => self.said.push(message.clone()),
            EventBody::MessageRetracted { message, .. } => self.takes_back(message),
            _ => {}
        }
    }

    fn takes_back(&mut self, message: &MessageId) {
        self.said.retain(|said| said.id != *message);
    }

    /// The last text in which it has told what it keeps: how much, and all of it.
    fn told_last(&self) -> Option<String> {
        let said: String = self.said.iter().map(Message::text).collect();
        // Behind what it asks, too.
        let told = said.split('?').flat_map(|said| said.split_inclusive(". "));
        let told = told.filter(|text| text.starts_with(|c: char| c.is_ascii_digit()));
        told.last().map(str::to_owned)
    }

    /// What is wrong with what its runs have closed: a question is closed in the step in which it is over.
    fn closed_amiss(&self) -> Vec<String> {
        let asked = self.facts.iter().filter_map(|fact| match fact {
            Recorded::QuestionAsked { question, .. } | Recorded::WhichAsked { question, .. } => {
                Some(*question)
            }
            _ => None,
        });
        let open: BTreeSet<_> = State::fold(&self.facts).open_questions().collect();
        let mut over: BTreeMap<_, usize> = asked
            .filter(|question| !open.contains(question))
            .map(|question| (format!("q{question}"), 0))
            .collect();
        let mut found = Vec::new();
        for name in &self.closed {
            match over.get_mut(name.as_str()) {
                Some(times) => *times += 1,
                None => found.push(format!("{name} is closed, and is no question that is over")),
            }
        }
        let amiss = over.into_iter().filter(|(_, times)| *times != 1);
        found
            .extend(amiss.map(|(name, times)| format!("{name} is over, and closed {times} times")));
        found
    }

    /// What it keeps, by the fold of its notes.
    fn keeps(&self) -> Option<String> {
        let state = State::fold(&self.facts);
        let slot = |name: &str| Some(state.slot(name)?.to_json());
        let (count, kept) = (slot("count")?, slot("kept")?);
        Some(format!("{count}: {}. ", kept.as_str()?))
    }
}

/// What is wrong with a conversation's notes, by its log as staff have it. `calls` are those that were made in it, where nobody
/// who was taken for dead can have made one late.
pub(super) fn judge(
    conversation: &ConversationId,
    log: &[Event],
    calls: Option<&[Call]>,
) -> Vec<Broken> {
    let noted = Noted::of(log);
    let mut found = Vec::new();
    let (told, keeps) = (noted.told_last(), noted.keeps());
    if told != keeps {
        found.push(format!(
            "the desk has told {told:?}, and the fold of its notes is {keeps:?}"
        ));
    }
    found.extend(noted.closed_amiss());
    for Call { key, at } in calls.unwrap_or_default() {
        let answered = noted.answered.iter();
        let mut answered = answered.filter(|(own, _)| key.ends_with(&format!("/{own}")));
        if let Some((_, since)) = answered.find(|(_, since)| *since < at) {
            found.push(format!(
                "call {key} was made at {at}, though its answer was noted at {since}"
            ));
        }
    }
    let broken = |what| Broken::new(HealsInSight, conversation, what);
    found.into_iter().map(broken).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn log(bodies: &[Value]) -> Vec<Event> {
        let event = |(index, body): (usize, &Value)| {
            let mut event = json!({ "seq": index + 1, "eid": format!("{:016x}", index + 1), "at": (index + 1) * 10 });
            let fields = body.as_object().unwrap().clone();
            event.as_object_mut().unwrap().extend(fields);
            serde_json::from_value(event).unwrap()
        };
        bodies.iter().enumerate().map(event).collect()
    }

    fn starts(attempt: u32) -> Value {
        json!({ "type": "run.started", "run": "r", "agent": NAME, "attempt": attempt, "inputs": [1] })
    }

    fn notes(attempt: u32, facts: Value) -> Value {
        let note = json!({ "name": FACTS, "value": facts });
        json!({ "type": "agent.noted", "agent": NAME, "run": "r", "attempt": attempt, "note": note })
    }

    fn begun() -> Value {
        json!([
            { "type": "turn.started", "turn": 1, "input": "a", "at": "2026-03-04T10:00:00" },
            { "type": "call.begun", "key": "1/1/abc" },
        ])
    }

    fn answered(kept: &str) -> Value {
        let set = |slot: &str, value: Value| json!({ "type": "slot.set", "slot": slot, "shared": true, "value": value, "from": "set" });
        json!([
            { "type": "call.answered", "good": true, "status": 200 },
            set("count", json!({ "integer": 1 })),
            set("kept", json!({ "text": kept })),
            { "type": "turn.ended", "turn": 1 },
        ])
    }

    fn says(text: &str) -> Value {
        let parts = json!([{ "type": "text", "text": text }]);
        let message = json!({ "id": "agent-m", "author": format!("agent:{NAME}"), "parts": parts });
        json!({ "type": "message.completed", "message": message, "run": "r", "whole": true })
    }

    fn ends() -> Value {
        closing(&[])
    }

    fn closing(names: &[&str]) -> Value {
        json!({ "type": "run.finished", "run": "r", "outcome": "completed", "closes": names })
    }

    /// An attempt died behind the answer to its call, and another one has told it.
    fn healed(kept: &str) -> Vec<Event> {
        log(&told(kept))
    }

    fn told(kept: &str) -> Vec<Value> {
        vec![
            starts(1),
            notes(1, begun()),
            notes(1, answered(kept)),
            starts(2),
            notes(2, begun()),
            notes(2, answered(kept)),
            says("1: p0-1. "),
            ends(),
        ]
    }

    fn call(at: u64) -> Call {
        Call {
            key: "c/desk/1/1/abc".into(),
            at,
        }
    }

    fn found(log: &[Event], calls: &[Call]) -> usize {
        judge(&"c".parse().unwrap(), log, Some(calls)).len()
    }

    #[test]
    fn a_call_is_made_again_only_where_its_answer_was_not_noted() {
        let log = healed("p0-1");
        assert_eq!(found(&log, &[call(15), call(25)]), 0);
        assert_eq!(
            found(&log, &[call(15), call(45)]),
            1,
            "its answer was noted at 30"
        );
    }

    #[test]
    fn the_fold_of_the_notes_is_what_was_told() {
        assert_eq!(found(&healed("p0-1"), &[]), 0);
        assert_eq!(found(&healed("p0-2"), &[]), 1, "another answer");
        let asked = [&[starts(1), says("What is it?"), ends()][..], &told("p0-2")].concat();
        assert_eq!(found(&log(&asked), &[]), 1, "behind a question");
        let mut log = healed("p0-1");
        log.retain(|event| !matches!(&event.body, EventBody::AgentNoted { attempt: 2, .. }));
        assert_eq!(found(&log, &[]), 1, "the answer of an attempt that died");
    }

    /// A question that is asked in one run and answered in the next, which closes these.
    fn answered_and_closed(names: &[&str]) -> Vec<Event> {
        let about = json!({ "slot": "thing" });
        let asks = json!([
            { "type": "turn.started", "turn": 1, "input": "a", "at": "2026-03-04T10:00:00" },
            { "type": "flow.started", "flow": "keep", "version": "0", "why": "fallback" },
            { "type": "question.asked", "question": 1, "about": about, "tries": 1 },
            { "type": "turn.ended", "turn": 1 },
        ]);
        let ends = json!([{ "type": "flow.ended", "flow": "keep", "outcome": "completed" }]);
        log(&[
            starts(1),
            notes(1, asks),
            closing(&[]),
            starts(1),
            notes(1, ends),
            closing(names),
        ])
    }

    #[test]
    fn a_question_is_closed_once_when_it_is_over() {
        assert_eq!(found(&answered_and_closed(&["q1"]), &[]), 0);
        assert_eq!(found(&answered_and_closed(&[]), &[]), 1);
        assert_eq!(found(&answered_and_closed(&["q1", "q1"]), &[]), 1);
        assert_eq!(found(&answered_and_closed(&["q1", "q2"]), &[]), 1);
        let mut early = answered_and_closed(&["q1"]);
        early.truncate(3);
        assert_eq!(found(&early, &[]), 0, "it is open");
        if let EventBody::RunFinished { closes, .. } = &mut early[2].body {
            closes.push("q1".parse().unwrap());
        }
        assert_eq!(found(&early, &[]), 1, "it is closed while it is open");
    }
}
