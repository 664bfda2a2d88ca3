//! What a log tells.

use convene_agent::MessageId;
use convene_proto::event::{EventBody, Outcome};

/// How each run ended, in order.
pub(crate) fn outcomes(log: &[EventBody]) -> Vec<&'static str> {
    let outcomes = log.iter().filter_map(|body| match body {
        EventBody::RunFinished { outcome, .. } => Some(match outcome {
            Outcome::Completed => "completed",
            Outcome::Cancelled => "cancelled",
            Outcome::Failed { .. } => "failed",
        }),
        _ => None,
    });
    outcomes.collect()
}

/// What the agent said, in order, without what was taken back.
pub(crate) fn answers(log: &[EventBody]) -> Vec<String> {
    let mut said: Vec<(MessageId, String)> = Vec::new();
    for body in log {
        match body {
            EventBody::MessageCompleted { message, .. } => {
                said.push((message.id.clone(), message.text()));
            }
            EventBody::MessageRetracted { message, .. } => said.retain(|(id, _)| id != message),
            _ => {}
        }
    }
    said.into_iter().map(|(_, text)| text).collect()
}

/// The number of each attempt, in order.
pub(crate) fn attempts(log: &[EventBody]) -> Vec<u32> {
    let attempts = log.iter().filter_map(|body| match body {
        EventBody::RunStarted { attempt, .. } => Some(*attempt),
        _ => None,
    });
    attempts.collect()
}

/// The kinds of the events from the first run on, in the words of the wire.
pub(crate) fn kinds(log: &[EventBody]) -> Vec<String> {
    let kind = |body: &EventBody| {
        serde_json::to_value(body).unwrap()["type"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    log.iter()
        .map(kind)
        .filter(|kind| kind != "conversation.created")
        .collect()
}

/// The numbers that `/stream` counts.
pub(crate) fn count(to: u32) -> String {
    let number = |n: u32| {
        if n.is_multiple_of(20) {
            format!("{n}\n")
        } else {
            format!("{n} ")
        }
    };
    (1..=to).map(number).collect()
}
