//! What is said not to be wanted begins nothing: "I don't want to return it".

use super::{
    input::{Clause, Decision, Heard, Ranked},
    turn::Turn,
};
use crate::name::IntentName;

/// What a message was taken for next is meant by the rest of it from such a part of the likelihood of what is not wanted on.
const PART: f64 = 3.0;

/// It is asked whether to cancel what asks, and not done unasked.
const PERHAPS: f64 = 0.5;

impl Turn<'_> {
    /// A message that says of the flow that it was surely taken for that it is not wanted: the rest of it is meant, if that is another
    /// wish; else it is not sure what is. None where it says no such thing.
    pub(super) fn without_refused(&self, heard: &Heard) -> Option<Heard> {
        let sure = heard.sure_intents();
        if sure.is_empty() {
            return None;
        }
        let project = self.projects.current();
        let (refused, has_more) = project.wanted.refused(&heard.text, &project.speech.small)?;
        let is_refused = |intent: &IntentName| refused.contains(intent);
        let named = sure.iter().find(|intent| is_refused(intent))?;
        if self.is_for_what_asks(named) {
            return Some(self.perhaps_cancelled(heard));
        }
        let clauses = heard.clauses.iter();
        let clauses: Vec<Clause> = clauses
            .filter(|clause| !is_refused(&clause.meant.intent))
            .cloned()
            .collect();
        if !clauses.is_empty() {
            return Some(Heard {
                intents: vec![clauses[0].meant.clone()],
                clauses,
                ..heard.clone()
            });
        }
        let rest: Vec<_> = sure.iter().filter(|intent| !is_refused(intent)).collect();
        if !rest.is_empty() {
            let rest: Vec<_> = rest.into_iter().map(IntentName::as_str).collect();
            return Some(surely(heard, &IntentName::from(rest.join("+").as_str())));
        }
        let first = heard.intents.first()?;
        let mut others = heard.intents.iter().skip(1).filter(|one| {
            has_more && !is_refused(&one.intent) && project.flow_of(&one.intent).is_some()
        });
        let next = others.find(|one| one.confidence * PART >= first.confidence);
        if let Some(next) = next {
            return Some(surely(heard, &next.intent));
        }
        let has_value = |one: &&Ranked| {
            let flow = project.flow_of(&one.intent);
            let flow = flow.and_then(|name| project.flow(name));
            has_more && flow.is_some_and(|flow| self.has_value_for(project, flow))
        };
        let others = heard.intents.iter().skip(1).filter(has_value).take(1);
        Some(Heard {
            decision: Decision::Torn,
            intents: others.chain([first]).cloned().collect(),
            ..heard.clone()
        })
    }

    /// What asks is not wanted any more, perhaps.
    fn perhaps_cancelled(&self, heard: &Heard) -> Heard {
        let commands = &self.projects.current().assistant().commands;
        let cancel = commands.cancel.first().map(|own| Ranked {
            intent: IntentName::from(own.as_str()),
            confidence: PERHAPS,
            score: None,
        });
        Heard {
            decision: if cancel.is_some() {
                Decision::Sure
            } else {
                Decision::Lost
            },
            intents: cancel.into_iter().collect(),
            clauses: Vec::new(),
            ..heard.clone()
        }
    }
}

/// The same message, which surely means this.
fn surely(heard: &Heard, intent: &IntentName) -> Heard {
    let told = heard.intents.iter().find(|one| one.intent == *intent);
    let meant = Ranked {
        intent: intent.clone(),
        confidence: told.map_or(1.0, |one| one.confidence),
        score: None,
    };
    Heard {
        intents: vec![meant],
        ..heard.clone()
    }
}
