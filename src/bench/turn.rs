//! What somebody said, followed to the end of its answer.

use std::collections::VecDeque;

use tokio::time::Instant;

use super::{
    frame::{Event, Frame},
    tally::{Latency, Tally},
};

/// One message and its answer.
#[derive(Debug)]
struct Turn {
    /// Its request's number, and with that its message's id.
    number: u64,
    /// When it was to be said.
    intended: Instant,
    /// The frame, until it is accepted: it is sent again over a new connection.
    unaccepted: Option<String>,
    seq: Option<u64>,
    run: Option<String>,
    answer: Option<String>,
    begun: bool,
    finished: bool,
}

/// What one person has said in one conversation and is not through.
#[derive(Debug, Default)]
pub(super) struct Turns(VecDeque<Turn>);

/// The id of the message with this number.
pub(super) fn message_id(conversation: &str, number: u64) -> String {
    // The conversation's id is random.
    format!("{conversation}-{number}")
}

impl Turns {
    /// It is being said.
    pub(super) fn say(&mut self, number: u64, intended: Instant, frame: String) {
        self.0.push_back(Turn {
            number,
            intended,
            unaccepted: Some(frame),
            seq: None,
            run: None,
            answer: None,
            begun: false,
            finished: false,
        });
    }

    /// What must be said again.
    pub(super) fn unaccepted(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|turn| turn.unaccepted.as_deref())
    }

    /// How many are not answered, and how many were never accepted.
    pub(super) fn open(&self) -> (usize, usize) {
        let unanswered = self.0.iter().filter(|turn| !turn.finished).count();
        (unanswered, self.unaccepted().count())
    }

    /// The server has taken it.
    pub(super) fn accepted(&mut self, number: u64, tally: &Tally) {
        let turn = self.0.iter_mut().find(|turn| turn.number == number);
        if let Some(turn) = turn
            && turn.unaccepted.take().is_some()
        {
            tally.latency(Latency::Accepted, turn.intended, turn.intended.elapsed());
        }
        self.0.retain(|turn| !turn.is_through());
    }

    /// The server will not take it; true where this was one of ours.
    pub(super) fn refused(&mut self, number: u64) -> bool {
        let before = self.open().0;
        self.0.retain(|turn| turn.number != number);
        self.open().0 < before
    }

    /// A piece of text has come.
    pub(super) fn delta(&mut self, frame: &Frame<'_>, tally: &Tally) {
        let is_it = |turn: &&mut Turn| turn.answer.as_deref() == Some(&*frame.message);
        if let Some(turn) = self.0.iter_mut().find(is_it) {
            turn.begin(tally);
        }
    }

    /// An event has come; true where a turn is through.
    pub(super) fn event(&mut self, conversation: &str, event: &Event<'_>, tally: &Tally) -> bool {
        match &*event.kind {
            "message.created" => self.said(conversation, event),
            "run.started" => {
                let turn = self
                    .0
                    .iter_mut()
                    .find(|turn| turn.seq.is_some_and(|seq| event.inputs.contains(&seq)));
                if let Some(turn) = turn {
                    turn.run = Some(event.run.to_string());
                }
            }
            "message.started" => {
                if let Some(turn) = self.of_run(&event.run) {
                    turn.answer = Some(event.named().to_owned());
                }
            }
            "message.completed" => {
                if let Some(turn) = self.of_run(&event.run) {
                    turn.begin(tally);
                }
            }
            "message.retracted" => tally.count(|counts| counts.retracted += 1),
            "run.finished" => return self.finished(event, tally),
            _ => {}
        }
        false
    }

    fn said(&mut self, conversation: &str, event: &Event<'_>) {
        let Some(whole) = event.whole() else { return };
        let is_it = |turn: &&mut Turn| {
            turn.seq.is_none() && *whole.id == message_id(conversation, turn.number)
        };
        if let Some(turn) = self.0.iter_mut().find(is_it) {
            turn.seq = Some(event.seq);
        }
    }

    fn finished(&mut self, event: &Event<'_>, tally: &Tally) -> bool {
        let Some(turn) = self.of_run(&event.run).filter(|turn| !turn.finished) else {
            return false;
        };
        // The answer may be quicker than the word that the question is safe.
        turn.finished = true;
        tally.latency(Latency::Answer, turn.intended, turn.intended.elapsed());
        let failed = event.outcome != "completed";
        tally.count(|counts| {
            counts.answered += 1;
            counts.failed += u64::from(failed);
        });
        self.0.retain(|turn| !turn.is_through());
        true
    }

    fn of_run(&mut self, run: &str) -> Option<&mut Turn> {
        self.0
            .iter_mut()
            .find(|turn| turn.run.as_deref() == Some(run))
    }
}

impl Turn {
    fn is_through(&self) -> bool {
        self.finished && self.unaccepted.is_none()
    }

    fn begin(&mut self, tally: &Tally) {
        if !self.begun {
            self.begun = true;
            tally.latency(Latency::FirstToken, self.intended, self.intended.elapsed());
        }
    }
}
