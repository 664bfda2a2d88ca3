//! "Cancel that, and when are you open?": a message whose clauses mean something else each.

use super::{
    frame::Question,
    input::{Clause, Decision, Entity, Heard, Input, Ranked},
    record::About,
    turn::Turn,
};
use crate::name::IntentName;

/// So few words that are set apart by a mark are courtesy, whatever they are taken for: "hello, where is my order".
const COURTESY: usize = 2;

impl Turn<'_> {
    /// A message that was understood clause by clause, if each is a wish, or cancels and is the first, but for courtesy. What was
    /// found in each is for its own wish alone.
    pub(super) fn told_apart(
        &mut self,
        heard: &Heard,
        question: Option<&Question>,
    ) -> Option<Heard> {
        let wishes = self.wishes_in(heard, question)?;
        if question.is_some_and(|question| self.is_answer(heard, question)) {
            return None;
        }
        for entity in &mut self.entities {
            let is_in = |clause: &&&Clause| {
                let start = entity.start;
                start.is_some_and(|start| (clause.start..clause.end).contains(&start))
            };
            let clause = wishes.iter().find(is_in);
            entity.wish = clause.map(|clause| clause.meant.intent.clone());
        }
        let intents: Vec<_> = wishes.iter().map(|one| one.meant.intent.as_str()).collect();
        let confidences = wishes.iter().map(|one| one.meant.confidence);
        Some(Heard {
            intents: vec![Ranked {
                intent: IntentName::from(intents.join("+").as_str()),
                confidence: confidences.fold(1.0, f64::min),
                score: None,
            }],
            decision: Decision::Sure,
            clauses: Vec::new(),
            ..heard.clone()
        })
    }

    fn wishes_in<'h>(
        &self,
        heard: &'h Heard,
        question: Option<&Question>,
    ) -> Option<Vec<&'h Clause>> {
        let project = self.projects.current();
        let is_wish = |clause: &Clause| project.flow_of(&clause.meant.intent).is_some();
        let cancels = |clause: &Clause| self.cancels(&clause.meant.intent);
        let calls = |clause: &Clause| self.calls_a_person(&clause.meant.intent);
        // Before it, and whether it is a yes or a no to what was asked.
        let answers = |clause: &Clause| {
            question.is_some() && self.flag_of_intent(&clause.meant.intent).is_some()
        };
        let is_first = |clause: &Clause| cancels(clause) || answers(clause) || calls(clause);
        let clauses = heard.clauses.iter();
        let wishes: Vec<_> = clauses
            .filter(|clause| is_first(clause) || !is_courtesy(heard, clause))
            .collect();
        let (first, others) = wishes.split_first()?;
        let mut behind = others.iter();
        let are_wishes = behind.all(|clause| is_wish(clause) || calls(clause));
        let is_more = !answers(first) || !others.is_empty();
        (are_wishes && is_more && (is_wish(first) || is_first(first))).then_some(wishes)
    }

    /// While any words are an answer, they are one; and so are those that say a value and nothing else.
    pub(super) fn is_answer(&self, heard: &Heard, question: &Question) -> bool {
        let takes_any = match &question.about {
            About::Slot(slot) => self.spec(slot).is_some_and(|spec| spec.takes_any_words()),
            About::Choice | About::Confirm { .. } => false,
        };
        takes_any || self.is_plainly_an_answer(heard, question)
    }

    /// Whether something stands within other words, and not in a part of the message that says it and no more: the pizza in
    /// "what is in the funghi", and not in "funghi please, and when are you open".
    pub(super) fn is_within_a_wish(&self, entity: &Entity) -> bool {
        let (Input::Heard(heard), Some(start)) = (&self.input, entity.start) else {
            return false;
        };
        let small = &self.project().speech.small;
        let is_told = |place: usize| {
            let mut all = heard.entities.iter();
            all.any(|one| one.start <= Some(place) && Some(place) < one.end)
        };
        let (mut says_more, mut is_its_own, mut at) = (false, false, 0);
        for word in heard.text.split_inclusive(char::is_whitespace) {
            let place = at;
            at += word.len();
            let word = word.trim_end();
            if small.joining.contains(&word.to_lowercase()) {
                if is_its_own {
                    break;
                }
                says_more = false;
                continue;
            }
            is_its_own |= (place..at).contains(&start);
            says_more |= !is_told(place) && !small.are_courtesy(word);
            if word.ends_with([',', ';', '.', '!', '?']) {
                if is_its_own {
                    break;
                }
                says_more = false;
            }
        }
        says_more
    }

    /// Whether something that was said is for the flow on top, and not for another wish of the same message.
    pub(super) fn is_for_the_top(&self, entity: &Entity) -> bool {
        let Some(wish) = &entity.wish else {
            return true;
        };
        let root = self.state.root_of(self.state.stack.len().saturating_sub(1));
        self.flow_at(root)
            .is_some_and(|(_, flow)| flow.intents.iter().any(|own| own.value == *wish))
    }
}

fn is_courtesy(heard: &Heard, clause: &Clause) -> bool {
    let text = heard.text.as_str();
    let (Some(said), Some(behind)) = (text.get(clause.start..clause.end), text.get(clause.end..))
    else {
        return false;
    };
    let mut entities = heard.entities.iter().filter_map(|entity| entity.start);
    let is_bare = !entities.any(|start| (clause.start..clause.end).contains(&start));
    let is_set_apart =
        behind.is_empty() || behind.starts_with([',', '.', '!', '،', '、', '。', '！']);
    is_bare && is_set_apart && said.split_whitespace().count() <= COURTESY
}
