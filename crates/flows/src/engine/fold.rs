//! How a record changes the state.

use std::collections::BTreeMap;

use super::{
    record::{Origin, Outcome, Recorded, Why},
    state::{Filled, Frame, Question, State, UnderWay, Waiting, Which},
};
use crate::{
    name::{SlotName, Who},
    value::Value,
};

impl State {
    /// The state after one more record.
    pub fn apply(&mut self, record: &Recorded) {
        match record {
            Recorded::TurnStarted {
                turn,
                input,
                who,
                at,
            } => {
                if let Some(failed) = self.under_way.take() {
                    *self = failed.before;
                }
                let before = self.clone();
                self.turn = *turn;
                self.silence = None;
                if who.is_some() {
                    self.who.clone_from(who);
                }
                self.under_way = Some(Box::new(UnderWay {
                    before,
                    input: input.clone(),
                    at: *at,
                    records: vec![record.clone()],
                }));
            }
            Recorded::TurnEnded { .. } => self.under_way = None,
            Recorded::Checkpoint { state } => self.clone_from(state),
            record => {
                self.change(record);
                if let Some(under_way) = &mut self.under_way {
                    under_way.records.push(record.clone());
                }
            }
        }
    }

    fn change(&mut self, record: &Recorded) {
        match record {
            Recorded::TurnStarted { .. }
            | Recorded::TurnEnded { .. }
            | Recorded::Checkpoint { .. }
            | Recorded::ModelAnswered { .. } => {}
            Recorded::LanguageSwitched { language } => self.language = Some(language.clone()),
            Recorded::FlowStarted {
                flow,
                version,
                why,
                returns,
            } => self.stack.push(Frame {
                flow: flow.clone(),
                version: version.clone(),
                why: why.clone(),
                step: None,
                waiting: Waiting::Nothing,
                slots: BTreeMap::new(),
                returns: returns.clone(),
                answered: Vec::new(),
                is_cancelled: false,
            }),
            Recorded::FlowStepped {
                step, version, why, ..
            } => {
                if let Some(top) = self.stack.last_mut() {
                    top.is_cancelled |= *why == Why::Cancelled;
                    top.step = Some(step.clone());
                    top.version = version.clone();
                    top.waiting = Waiting::Nothing;
                }
            }
            Recorded::FlowEnded { outcome, .. } => {
                self.stack.pop();
                if *outcome == Outcome::Silence {
                    self.queue.clear();
                }
            }
            Recorded::SlotSet {
                slot,
                shared,
                value,
                from,
                who,
            } => {
                self.set(slot, *shared, value.as_ref(), *from, who.as_ref());
            }
            Recorded::QuestionAsked {
                question,
                about,
                tries,
                of,
            } => {
                self.numbers = *question;
                if let Some(top) = self.stack.last_mut() {
                    top.waiting = Waiting::Answer(Question {
                        id: *question,
                        about: about.clone(),
                        tries: *tries,
                        of: of.clone(),
                    });
                }
            }
            Recorded::WhichAsked {
                question,
                intents,
                of,
            } => {
                self.numbers = *question;
                self.which = Some(Which {
                    id: *question,
                    intents: intents.clone(),
                    of: of.clone(),
                });
            }
            Recorded::WhichClosed => self.which = None,
            Recorded::WaitStarted { event, timer } => {
                self.numbers = timer.unwrap_or(self.numbers);
                if let Some(top) = self.stack.last_mut() {
                    top.waiting = Waiting::Outside {
                        event: event.clone(),
                        timer: *timer,
                    };
                }
            }
            Recorded::WaitOver { frame, in_time } => {
                if let Some(frame) = self.stack.get_mut(*frame) {
                    frame.waiting = Waiting::Over { in_time: *in_time };
                }
            }
            Recorded::CallAnswered { .. } => {}
            Recorded::IntentQueued { intent } => self.queue.push_back(intent.clone()),
            Recorded::IntentTaken { intent } => self.queue.retain(|queued| queued != intent),
            Recorded::SilenceWatched { timer, stage } => {
                self.numbers = *timer;
                self.silence = Some((*timer, *stage));
            }
            Recorded::HandedOff { .. } => {
                self.is_handed_off = true;
                self.queue.clear();
                self.which = None;
            }
            Recorded::HandedBack => self.is_handed_off = false,
        }
    }

    fn set(
        &mut self,
        slot: &SlotName,
        shared: bool,
        value: Option<&Value>,
        from: Origin,
        who: Option<&Who>,
    ) {
        let by_person = matches!(
            from,
            Origin::Answer | Origin::Entity | Origin::Correction | Origin::Button | Origin::Form
        );
        if let Some(top) = self.stack.last_mut() {
            top.answered.retain(|other| other != slot);
            if by_person && value.is_some() {
                top.answered.push(slot.clone());
            }
        }
        let slots = match (shared, self.stack.last_mut()) {
            (false, Some(top)) => &mut top.slots,
            _ => &mut self.slots,
        };
        match value {
            Some(value) => {
                let filled = Filled {
                    value: value.clone(),
                    from,
                    who: who.cloned(),
                };
                slots.insert(slot.clone(), filled);
            }
            None => drop(slots.remove(slot)),
        }
    }
}
