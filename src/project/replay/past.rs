//! A conversation as its log has it: what an agent was told, run by run, what it made of that, and what it said.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use anyhow::{Context as _, ensure};
use convene_agent::Happened;
use convene_agent_worker::agents::flow::{FACTS, UNDERSTOOD, Us, people};
use convene_flows::{Decision, Heard, Person, Recorded};
use convene_proto::{
    event::{Event, EventBody, Message, Outcome},
    id::{AgentName, MessageId, ParticipantId, RunId},
    position::Seq,
};
use serde::Deserialize;

/// What an agent answered at once.
pub(super) struct Past {
    /// When the first of it was said, in milliseconds since 1970.
    pub(super) at: u64,
    /// Who was in the conversation.
    pub(super) people: Vec<Person>,
    /// The agent, as it was called there.
    pub(super) us: Us,
    pub(super) told: Vec<Told>,
    /// What stands of what it noted, in order.
    pub(super) noted: Vec<Noted>,
    pub(super) said: Vec<String>,
    /// Whether it came to its end: nobody stopped it, and it did not fail.
    pub(super) is_whole: bool,
}

/// What was noted of a message, or of what came of it.
#[derive(Clone, PartialEq)]
pub(super) enum Noted {
    /// What a message was taken for.
    Understood(String),
    Fact(Recorded),
}

impl Noted {
    pub(super) const fn fact(&self) -> Option<&Recorded> {
        match self {
            Self::Fact(fact) => Some(fact),
            Self::Understood(_) => None,
        }
    }
}

/// What an agent is told.
#[derive(Clone)]
pub(super) enum Told {
    /// A message, and whether it was heard then, as far as that is known: among several people not all is for the assistant.
    Message(Message, Option<bool>),
    Happened(Happened),
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(message, _) => write!(f, "user: {}", message.text()),
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
    people: Vec<Person>,
    name: Option<String>,
    noted: Vec<Noted>,
    /// The messages of which it was noted what they were taken for; none where one is not told.
    heard: Option<BTreeSet<MessageId>>,
    said: Vec<(MessageId, String)>,
    outcome: Option<Outcome>,
}

/// Of a note about what a message was taken for.
#[derive(Deserialize)]
struct Understood {
    message: Option<MessageId>,
    #[serde(flatten)]
    heard: Heard,
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
    let mut present = BTreeMap::new();
    let mut runs = Vec::<(RunId, Run)>::new();
    for event in events {
        match &event.body {
            EventBody::ConversationCreated { participants, .. } => {
                let named = participants.iter().map(|one| (one.id.clone(), one.clone()));
                present.extend(named);
            }
            EventBody::ParticipantJoined { participant } => {
                present.insert(participant.id.clone(), participant.clone());
            }
            EventBody::ParticipantLeft { participant } => drop(present.remove(participant)),
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
                    heard: Some(BTreeSet::new()),
                    people: people(present.values()),
                    name: present.get(&me).map(|me| me.name.clone()),
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
                    its.noted
                        .extend(facts.into_iter().filter(is_of_turn).map(Noted::Fact));
                } else if note.name.as_str() == UNDERSTOOD {
                    let note: Understood =
                        serde_json::from_value(note.value.clone()).with_context(unread)?;
                    its.noted.push(understood(&note.heard));
                    its.heard = its
                        .heard
                        .take()
                        .zip(note.message)
                        .map(|(mut heard, message)| {
                            heard.insert(message);
                            heard
                        });
                }
            }
            EventBody::MessageCompleted { message, run, .. } if message.author == me => {
                if let Some((_, its)) = runs.iter_mut().find(|(other, _)| other == run) {
                    its.said.push((message.id.clone(), message.text()));
                }
            }
            // What the attempt has noted counts for nothing.
            EventBody::RunRetrying { run, .. } => {
                if let Some((_, its)) = runs.iter_mut().find(|(other, _)| other == run) {
                    its.noted.clear();
                    its.heard = Some(BTreeSet::new());
                }
            }
            EventBody::RunFinished { run, outcome, .. } => {
                if let Some((_, its)) = runs.iter_mut().find(|(other, _)| other == run) {
                    its.outcome = Some(outcome.clone());
                }
            }
            EventBody::MessageRetracted { message, .. } => {
                for (_, run) in &mut runs {
                    run.said.retain(|(other, _)| other != message);
                }
            }
            EventBody::MessageCreated { message } => {
                told.insert(event.seq, (event.at, Told::Message(message.clone(), None)));
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
    let mut runs: Vec<_> = runs.into_iter().map(|(_, run)| run).collect();
    settle_failed(&mut runs);
    Ok(runs.into_iter().map(|run| run.past(&told, &me)).collect())
}

impl Run {
    fn past(self, told: &BTreeMap<Seq, (u64, Told)>, me: &ParticipantId) -> Past {
        let told: Vec<_> = self.inputs.iter().filter_map(|seq| told.get(seq)).collect();
        Past {
            at: told.first().map_or(0, |(at, _)| *at),
            people: self.people,
            us: Us {
                me: me.clone(),
                name: self.name.unwrap_or_else(|| me.to_string()),
            },
            told: told
                .into_iter()
                .map(|(_, told)| match told {
                    Told::Message(message, _) => {
                        let heard = self.heard.as_ref();
                        let was_heard = heard.map(|heard| heard.contains(&message.id));
                        Told::Message(message.clone(), was_heard)
                    }
                    other => other.clone(),
                })
                .collect(),
            noted: self.noted,
            said: self.said.into_iter().map(|(_, text)| text).collect(),
            is_whole: matches!(self.outcome, Some(Outcome::Completed)),
        }
    }

    fn has_failed(&self) -> bool {
        matches!(self.outcome, Some(Outcome::Failed { .. }))
    }
}

/// What runs have noted that failed for good does not count, but for what the next one that noted something has noted again
/// in front of its own: that is theirs.
fn settle_failed(runs: &mut [Run]) {
    let mut failed = Vec::new();
    for index in 0..runs.len() {
        let (before, rest) = runs.split_at_mut(index);
        let Some(run) = rest.first_mut() else { break };
        if run.has_failed() {
            failed.push((index, std::mem::take(&mut run.noted)));
        } else if !run.noted.is_empty() {
            let mut taken_up = Vec::new();
            for (index, noted) in failed.drain(..) {
                let own = take_up(&mut run.noted, noted, &mut taken_up);
                if let Some(failed) = before.get_mut(index) {
                    failed.noted = own;
                }
            }
        }
    }
}

/// Of what a failed run has noted, that which stands in front of what the next one has noted, where it is taken away. The
/// failed one may itself have taken up what those before it had noted.
fn take_up(next: &mut Vec<Noted>, failed: Vec<Noted>, taken_up: &mut Vec<Noted>) -> Vec<Noted> {
    let is_fact = |noted: &&Noted| matches!(noted, Noted::Fact(_));
    let facts = failed.iter().filter(is_fact).take(taken_up.len());
    let again = if facts.eq(taken_up.iter()) {
        taken_up.len()
    } else {
        0
    };
    let (mut own, mut stands) = (Vec::new(), 0);
    for noted in failed.into_iter().skip(again) {
        if matches!(noted, Noted::Fact(_)) {
            if next.first() != Some(&noted) {
                break;
            }
            taken_up.push(next.remove(0));
            stands = own.len() + 1;
        }
        own.push(noted);
    }
    own.truncate(stands);
    own
}

/// Whether a fact is of a turn, not of the state that is noted between two of them.
const fn is_of_turn(fact: &Recorded) -> bool {
    !matches!(
        fact,
        Recorded::Checkpoint { .. } | Recorded::SlotRestored { .. }
    )
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
pub(super) fn understood(heard: &Heard) -> Noted {
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
    Noted::Understood(if entities.is_empty() {
        taken
    } else {
        format!("{taken}, with {}", entities.join(", "))
    })
}
