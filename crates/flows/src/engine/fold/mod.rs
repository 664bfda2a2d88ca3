//! How a record changes the state.

mod early;
mod ended;
mod question;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{
    frame::{Filled, Frame, Waiting},
    record::{Recorded, Why},
    shared::Whose,
    state::{State, UnderWay, Which, Wish},
};
use crate::name::Who;

impl State {
    /// The state after one more record.
    pub fn apply(&mut self, record: &Recorded) {
        match record {
            Recorded::TurnStarted {
                turn,
                input,
                who,
                zone,
                at,
            } => {
                let is_begun_anew = *turn == self.turn;
                if is_begun_anew && let Some(begun) = self.under_way.take() {
                    *self = begun.before;
                }
                let before = std::mem::take(self).without_half_turn();
                self.clone_from(&before);
                self.turn = *turn;
                self.place = Some(self.place());
                self.silence = None;
                if let Some(who) = who {
                    self.silences.remove(who);
                    self.who = Some(who.clone());
                    self.meet(who);
                    if let Some(zone) = zone {
                        self.zones.insert(who.clone(), zone.clone());
                    }
                }
                self.under_way = Some(Box::new(UnderWay {
                    before,
                    input: input.clone(),
                    at: *at,
                    records: vec![record.clone()],
                }));
            }
            Recorded::TurnEnded { .. } => {
                self.under_way = None;
                self.place = None;
                self.forget_silences();
            }
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
            | Recorded::EventMisfitted { .. }
            | Recorded::CallBegun { .. }
            | Recorded::ModelAnswered { .. } => {}
            Recorded::LanguageSwitched { language, who } => self.speak(language, who.as_ref()),
            Recorded::LanguageUnspoken { who, .. } => {
                self.told_languages.insert(who.clone());
            }
            Recorded::FlowStarted {
                flow,
                version,
                why,
                of,
                returns,
            } => self.stack.push(Frame {
                flow: flow.clone(),
                version: version.clone(),
                why: why.clone(),
                of: of.clone(),
                step: None,
                waiting: Waiting::Nothing,
                slots: BTreeMap::new(),
                kept: BTreeMap::new(),
                said: Vec::new(),
                returns: returns.clone(),
                answered: Vec::new(),
                emptied: BTreeSet::new(),
                early: VecDeque::new(),
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
            Recorded::FlowEnded { outcome, .. } => self.end_top(*outcome),
            Recorded::SlotSet {
                slot,
                shared,
                frame,
                value,
                from,
                who,
                for_all,
            } => {
                let frame = frame.or(self.stack.len().checked_sub(1));
                let whose = match (*shared, *for_all) {
                    (false, _) => Whose::Teller,
                    (true, true) => Whose::Everybody,
                    (true, false) => self.whose_at(frame, who.as_ref()),
                };
                let owner = whose.owner(who.as_ref()).cloned();
                let filled = value.clone().map(|value| Filled {
                    value,
                    from: *from,
                    who: who.clone(),
                    whose,
                });
                self.set(slot, *shared, frame, filled, owner.as_ref());
            }
            Recorded::SlotRestored {
                slot,
                frame,
                kept,
                filled,
            } => {
                self.restore(slot, *frame, *kept, filled);
            }
            Recorded::SlotKept { slot, frame } => {
                let now = self.shared_at(*frame, slot.as_str()).cloned();
                if let (Some(frame), Some(now)) = (self.stack.get_mut(*frame), now) {
                    frame.kept.insert(slot.clone(), now);
                }
            }
            Recorded::SlotOutdated {
                slot,
                frame,
                kept,
                of,
                value,
            } => self.outdate(slot, *frame, *kept, of.as_ref(), value.as_ref()),
            Recorded::QuestionAsked {
                question,
                about,
                tries,
                of,
            } => self.ask(*question, about, *tries, of.as_ref()),
            Recorded::AnswerRefused { question, who } => self.refuse(*question, who),
            Recorded::WhichAsked {
                question,
                intents,
                of,
                said,
            } => {
                self.numbers = *question;
                self.which = Some(Which {
                    id: *question,
                    intents: intents.clone(),
                    of: of.clone(),
                    refused: BTreeSet::new(),
                    said: said.clone(),
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
            Recorded::EventKept { frame, event, data } => self.keep_early(*frame, event, data),
            Recorded::EventTaken { event } => self.take_early(event),
            Recorded::FlowRaised { frame } => {
                let root = self.root_of(*frame);
                if *frame < self.stack.len() {
                    let raised: Vec<_> = self.stack.drain(root..=*frame).collect();
                    self.stack.extend(raised);
                }
            }
            Recorded::CallAnswered { .. } => {
                if let Some(place) = &mut self.place {
                    place.answered = place.answered.saturating_add(1);
                }
            }
            Recorded::IntentQueued {
                intent,
                of,
                entities,
            } => self.wishes.push_back(Wish {
                intent: intent.clone(),
                of: of.clone(),
                entities: entities.clone(),
            }),
            Recorded::EntitiesKept { frame, entities } => {
                if let Some(frame) = self.stack.get_mut(*frame) {
                    frame.said.clone_from(entities);
                }
            }
            Recorded::IntentTaken { .. } => drop(self.wishes.pop_front()),
            Recorded::SilenceWatched { timer, stage, of } => {
                self.numbers = self.numbers.max(*timer);
                match of {
                    Some(of) => drop(self.silences.insert(of.clone(), (*timer, *stage))),
                    None => self.silence = Some((*timer, *stage)),
                }
            }
            Recorded::HandedOff { of, for_flow, .. } => {
                let is_anothers = |whose: &Option<Who>| {
                    *for_flow || (of.is_some() && whose.is_some() && whose != of)
                };
                self.is_handed_off = true;
                self.wishes.retain(|wish| is_anothers(&wish.of));
                self.which = self.which.take().filter(|which| is_anothers(&which.of));
            }
            Recorded::PersonLeft { who } => {
                self.wishes.retain(|wish| wish.of.as_ref() != Some(who));
                let which = self.which.take();
                self.which = which.filter(|which| which.of.as_ref() != Some(who));
            }
            Recorded::HandedBack => self.is_handed_off = false,
        }
    }
}
