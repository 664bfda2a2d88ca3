//! What a turn made of its input, and the steps that it went: for traces, so names alone, and never
//! what anybody said.

use convene_flows::{Decision, Input, Recorded, Why};
use tracing::{Span, field};

/// Bytes of the steps that a span tells.
const LONGEST: usize = 1 << 10;

/// A turn's span.
pub(super) fn span(input: &Input) -> Span {
    let kind = match input {
        Input::Heard(_) => "heard",
        Input::Pressed { .. } => "pressed",
        Input::Submitted { .. } => "submitted",
        Input::Timer { .. } => "timer",
        Input::Event { .. } => "event",
        Input::HandedBack => "handed back",
        Input::Left { .. } => "left",
        Input::Resumed => "resumed",
    };
    let span = tracing::info_span!(
        "turn",
        input = kind,
        decision = field::Empty,
        intent = field::Empty,
        confidence = field::Empty,
        score = field::Empty,
        entities = field::Empty,
        language = field::Empty,
        steps = field::Empty,
    );
    if let Input::Heard(heard) = input {
        let decision = match heard.decision {
            Decision::Sure => "sure",
            Decision::Torn => "torn",
            Decision::Lost => "lost",
        };
        span.record("decision", decision);
        if let Some(likeliest) = heard.intents.first() {
            span.record("intent", likeliest.intent.as_str());
            span.record("confidence", likeliest.confidence);
            if let Some(score) = likeliest.score {
                span.record("score", score);
            }
        }
        let entities = heard.entities.iter().map(|entity| entity.name.as_str());
        let entities: Vec<_> = entities.collect();
        span.record("entities", entities.join(" "));
        if let Some(language) = &heard.language {
            span.record("language", language.as_str());
        }
    }
    span
}

/// The steps of a turn, each with why.
#[derive(Default)]
pub(super) struct Path(String);

impl Path {
    pub(super) fn take(&mut self, fact: &Recorded) {
        if self.0.len() >= LONGEST {
            return;
        }
        let told = match fact {
            Recorded::FlowStarted { flow, why, .. } => format!("{flow} begins ({})", reason(why)),
            Recorded::FlowStepped {
                flow, step, why, ..
            } => format!("{flow}/{step} ({})", reason(why)),
            Recorded::FlowEnded { flow, outcome } => format!("{flow} ends ({outcome:?})"),
            _ => return,
        };
        if !self.0.is_empty() {
            self.0.push_str(", ");
        }
        self.0.push_str(&told);
    }

    /// Tells the turn's span.
    pub(super) fn tell(self) {
        Span::current().record("steps", self.0);
    }
}

fn reason(why: &Why) -> String {
    match why {
        Why::Intent(intent) => format!("intent {intent}"),
        Why::Event(event) => format!("event {event}"),
        // What was chosen, and what held, tells what somebody said.
        Why::Chosen(_) => "chosen".to_owned(),
        Why::Condition(_) => "condition".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}
