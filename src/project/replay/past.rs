//! A conversation as its log has it: what an agent was told, run by run, what it made of that, and what it said.

use std::{collections::BTreeMap, fmt};

use anyhow::{Context as _, ensure};
use convene_agent::Happened;
use convene_agent_worker::agents::flow::{FACTS, UNDERSTOOD};
use convene_flows::{Decision, Heard, Recorded};
use convene_proto::{
    event::{Event, EventBody, Message},
    id::{AgentName, MessageId, ParticipantId, RunId},
    position::Seq,
};

/// What an agent answered at once.
pub(super) struct Past {
    /// When the first of it was said, in milliseconds since 1970.
    pub(super) at: u64,
    pub(super) told: Vec<Told>,
    /// What each message was taken for.
    pub(super) understood: Vec<String>,
    pub(super) facts: Vec<Recorded>,
    pub(super) said: Vec<String>,
}

/// What an agent is told.
#[derive(Clone)]
pub(super) enum Told {
    Message(Message),
    Happened(Happened),
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(message) => write!(f, "user: {}", message.text()),
            Self::Happened(Happened::Timer(_)) => f.write_str("time goes by"),
            Self::Happened(Happened::Event(event)) => write!(f, "event: {}", event.name),
        }
    }
}

/// A run as far as it was read.
#[derive(Default)]
struct Run {
    attempt: u32,
    inputs: Vec<Seq>,
    understood: Vec<String>,
    facts: Vec<Recorded>,
    said: Vec<(MessageId, String)>,
}

/// The runs of an agent that noted what its flows did, the oldest first.
///
/// # Errors
/// Where there are none, or the log's beginning is gone, or notes are hidden.
pub(super) fn read(events: &[Event], agent: Option<&AgentName>) -> anyhow::Result<Vec<Past>> {
    let first = events.first().map(|event| &event.body);
    ensure!(
        matches!(first, Some(EventBody::ConversationCreated { .. })),
        "the conversation's beginning is not there: without it nobody knows how it went on"
    );
    let agent = match agent {
        Some(agent) => agent.clone(),
        None => of_flows(events).context("no agent has noted flows in this conversation")?,
    };
    let me = ParticipantId::Agent(agent.clone());
    let mut told = BTreeMap::new();
    let mut runs = Vec::<(RunId, Run)>::new();
    for event in events {
        match &event.body {
            EventBody::RunStarted {
                run,
                agent: its,
                attempt,
                inputs,
            } if *its == agent => {
                // Only what the last attempt did counts.
                runs.retain(|(other, _)| other != run);
                let begun = Run {
                    attempt: *attempt,
                    inputs: inputs.clone(),
                    ..Run::default()
                };
                runs.push((run.clone(), begun));
            }
            EventBody::AgentNoted {
                agent: its,
                run,
                attempt,
                note,
            } if *its == agent => {
                ensure!(
                    !note.value.is_null(),
                    "what the agent has noted is hidden: use the token of somebody who may see it"
                );
                let known = runs.iter_mut().find(|(other, _)| other == run);
                let Some((_, its)) = known.filter(|(_, its)| its.attempt == *attempt) else {
                    continue;
                };
                let unread = || format!("the note of event {} cannot be read", event.seq.0);
                if note.name.as_str() == FACTS && !note.base {
                    let facts: Vec<Recorded> =
                        serde_json::from_value(note.value.clone()).with_context(unread)?;
                    its.facts.extend(facts);
                } else if note.name.as_str() == UNDERSTOOD {
                    let heard: Heard =
                        serde_json::from_value(note.value.clone()).with_context(unread)?;
                    its.understood.push(understood(&heard));
                }
            }
            EventBody::MessageCompleted { message, run, .. } if message.author == me => {
                if let Some((_, its)) = runs.iter_mut().find(|(other, _)| other == run) {
                    its.said.push((message.id.clone(), message.text()));
                }
            }
            EventBody::MessageRetracted { message, .. } => {
                for (_, run) in &mut runs {
                    run.said.retain(|(other, _)| other != message);
                }
            }
            EventBody::MessageCreated { message } => {
                told.insert(event.seq, (event.at, Told::Message(message.clone())));
                if message.author == me
                    && let Some((_, run)) = runs.last_mut()
                {
                    run.said.push((message.id.clone(), message.text()));
                }
            }
            EventBody::TimerFired {
                agent: its, name, ..
            } if *its == agent => {
                let rings = Told::Happened(Happened::Timer(name.clone()));
                told.insert(event.seq, (event.at, rings));
            }
            EventBody::EventHappened { event: outside } => {
                let outside = Told::Happened(Happened::Event(outside.clone()));
                told.insert(event.seq, (event.at, outside));
            }
            _ => {}
        }
    }
    let runs = runs.into_iter().map(|(_, run)| {
        let told: Vec<_> = run.inputs.iter().filter_map(|seq| told.get(seq)).collect();
        Past {
            at: told.first().map_or(0, |(at, _)| *at),
            told: told.into_iter().map(|(_, told)| told.clone()).collect(),
            understood: run.understood,
            facts: run.facts,
            said: run.said.into_iter().map(|(_, text)| text).collect(),
        }
    });
    Ok(runs.collect())
}

fn of_flows(events: &[Event]) -> Option<AgentName> {
    events.iter().find_map(|event| match &event.body {
        EventBody::AgentNoted { agent, note, .. } if note.name.as_str() == FACTS => {
            Some(agent.clone())
        }
        _ => None,
    })
}

/// What words were taken for.
pub(super) fn understood(heard: &Heard) -> String {
    let intents: Vec<_> = heard
        .intents
        .iter()
        .map(|one| one.intent.as_str())
        .collect();
    let taken = match (heard.decision, intents.as_slice()) {
        (Decision::Sure, [first, ..]) => format!("it means {first}"),
        (Decision::Torn, between) => format!("it means one of {}", between.join(", ")),
        _ => "it means no intent".to_owned(),
    };
    let entities: Vec<_> = heard.entities.iter().map(|one| one.name.as_str()).collect();
    if entities.is_empty() {
        taken
    } else {
        format!("{taken}, with {}", entities.join(", "))
    }
}
