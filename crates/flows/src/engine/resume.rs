//! What came of a request.

use super::{
    effect::Answer,
    record::Recorded,
    turn::{Pending, Turn},
};
use crate::bounds::cut;

impl Turn<'_> {
    /// Tells what came of the request that is open. Without one it does nothing.
    pub fn resume(&mut self, answer: Answer) {
        match self.pending.take() {
            Some(Pending::Call(_)) => self.call_answered(&answer),
            Some(Pending::Generate(_)) => self.generated(written(answer), false),
            Some(Pending::Lost(_, open)) => self.lost_answered(written(answer), open, false),
            None => {}
        }
    }

    /// Tells that what comes of the open request is what came of one in a conversation that was: its record. False,
    /// and nothing is told, where the record is not of a request of this kind.
    pub fn resume_recorded(&mut self, record: &Recorded) -> bool {
        match (self.pending.take(), record) {
            (
                Some(Pending::Call(_)),
                Recorded::CallAnswered {
                    good,
                    status,
                    saved,
                },
            ) => self.call_over(*good, *status, saved.clone()),
            (Some(Pending::Generate(_)), Recorded::ModelAnswered { text }) => {
                self.generated(text.clone(), true);
            }
            (Some(Pending::Lost(_, open)), Recorded::ModelAnswered { text }) => {
                self.lost_answered(text.clone(), open, true);
            }
            (pending, _) => {
                self.pending = pending;
                return false;
            }
        }
        true
    }
}

fn written(answer: Answer) -> Option<String> {
    match answer {
        // What is recorded of it.
        Answer::Written(text) => Some(cut(text)),
        Answer::Http { .. } | Answer::NoAnswer(_) => None,
    }
}
