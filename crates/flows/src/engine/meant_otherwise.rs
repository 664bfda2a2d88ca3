//! Commands that have nothing to do: nothing is asked, so that nothing can be corrected, said again, or answered with yes or no.

use super::{
    corrections::Tone,
    frame::{Question, Waiting},
    input::Heard,
    meant::Meant,
    turn::Turn,
};
use crate::name::{IntentName, SlotName};

/// What comes behind the likeliest counts where it is at least one such part as likely.
pub(super) const PART: f64 = 3.0;

impl Turn<'_> {
    /// Where a command has nothing to do, what it was taken for next may be what was meant: where it is not much less likely, or
    /// where what was said has values for it.
    pub(super) fn mean_otherwise(&self, heard: &Heard, meant: &mut Meant) {
        let is_idle = meant.correct || meant.repeat || meant.affirm || meant.deny;
        let is_more = meant.human || meant.cancel || !meant.wants.is_empty();
        let is_about_what_runs = meant.correct && self.to_correct(heard).is_some();
        if !is_idle || is_more || is_about_what_runs || self.nods(heard) {
            return;
        }
        if self.state.stack.is_empty() && self.wanted_again(heard).is_some() {
            return;
        }
        let Some((command, others)) = heard.intents.split_first() else {
            return;
        };
        let project = self.projects.current();
        let wish = others.iter().find(|other| {
            let flow = project.flow_of(&other.intent);
            flow.and_then(|name| project.flow(name))
                .is_some_and(|flow| {
                    other.confidence * PART >= command.confidence
                        || self.has_value_for(project, flow)
                })
        });
        if let Some(wish) = wish {
            let intent: IntentName = wish.intent.clone();
            *meant = Meant {
                intents: vec![intent.clone()],
                wants: vec![intent],
                ..Meant::default()
            };
        }
    }

    /// A flow of theirs that waits, or below what asks, where another value is said for what it has asked.
    fn to_correct(&self, heard: &Heard) -> Option<usize> {
        let who = heard.who.as_ref();
        let asks = self.state.question();
        let is_open = asks.is_some_and(|asks| self.may_answer(asks.of.as_ref(), who));
        let root = self.state.chain().last().unwrap_or_default();
        let most = if is_open { root } else { usize::MAX };
        let frames = self.state.stack.iter().enumerate().take(most).rev();
        let mut theirs = frames.filter(|(_, frame)| {
            let waits = matches!(frame.waiting, Waiting::Outside { .. });
            (waits || is_open) && self.may_answer(frame.of.as_ref(), who)
        });
        let is_said = |frame: usize| {
            let mut answered = self.answered_but(frame, &SlotName::default()).into_iter();
            answered.any(|slot| {
                let spec = self.spec_at(frame, &slot);
                let said = spec.and_then(|spec| self.entity_for(&spec, !is_open));
                said.is_some_and(|(_, said)| self.value_at(frame, &slot) != Some(&said))
            })
        };
        let frame = theirs.find(|(frame, _)| is_said(*frame));
        Some(self.state.end_of_chain(frame?.0))
    }

    /// The same while something asks that has nothing to do with what was said.
    pub(super) fn corrects_below(&mut self, heard: &Heard, question: &Question) -> bool {
        let asked = self.spec_asked(question);
        let is_answer = asked.is_some_and(|asked| self.has_entity(&asked));
        !is_answer && !self.fills_what_runs() && self.correct_what_waits(heard)
    }

    /// Corrects what a flow has asked that waits. False, and nothing is done, where there is none to correct.
    pub(super) fn correct_what_waits(&mut self, heard: &Heard) -> bool {
        let Some(frame) = self.to_correct(heard) else {
            return false;
        };
        self.raise_to_top(frame);
        let said = self.corrections(Tone::Wrong, &SlotName::default());
        if said.anew.is_empty() {
            return false;
        }
        self.say("convene.corrected");
        self.set_anew(said, heard.who.as_ref());
        true
    }
}
