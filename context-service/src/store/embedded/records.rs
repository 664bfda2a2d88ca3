//! The records that the tables hold as JSON, and how they are found.

use std::collections::VecDeque;

use convene_proto::{
    event::{Conversation, Participant, Role, TurnPolicy},
    id::{AgentName, ConversationId, DeadLetterId, Inbox, MessageId, ParticipantId, Pool, RunId},
    position::{Eid, Epoch, Nonce, Seq},
};
use redb::ReadableTable;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{error::unreadable, tables::PairKey};
use crate::store::{Effect, Entry, Error, NewEntry, REPLAYS, Result, SWEEPS_AT_REST, Viewer};

/// What a conversation is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Profile {
    pub(super) title: Option<String>,
    pub(super) agent: Option<AgentName>,
    pub(super) pool: Pool,
    pub(super) policy: TurnPolicy,
    pub(super) creator: ParticipantId,
    pub(super) created_at: u64,
}

/// Where a conversation stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) epoch: Epoch,
    pub(super) head: Seq,
    pub(super) head_eid: Eid,
    pub(super) first: Seq,
    /// Invitations made before this event are void: with it somebody was removed.
    #[serde(default)]
    pub(super) uninvited: Seq,
    pub(super) updated_at: u64,
    /// Its place in people's lists.
    pub(super) touched: u64,
    /// Its place in the due set.
    pub(super) due: Option<u64>,
    /// How many sweeps found its work left alone since something was done about it.
    #[serde(default)]
    pub(super) looks: u32,
    pub(super) lease: Option<Lease>,
    /// The run that the last call to take the lease brought: what tells a call that came twice.
    #[serde(default)]
    pub(super) taken: Option<RunId>,
    /// What the last calls to take the lease brought, that one among them.
    #[serde(default)]
    pub(super) spent: VecDeque<RunId>,
    /// The last write under a lease, this one or one before.
    #[serde(default)]
    pub(super) wrote: Option<Wrote>,
    /// The dead letters that were replayed last.
    #[serde(default)]
    pub(super) replayed: VecDeque<DeadLetterId>,
    pub(super) run: Option<Run>,
    pub(super) streaming: Option<Streaming>,
}

impl State {
    /// Whether the lease is this one, lapsed or not.
    pub(super) fn is_leased_by(&self, nonce: Nonce) -> bool {
        self.lease
            .as_ref()
            .is_some_and(|lease| lease.nonce == nonce)
    }

    /// Counts a sweep that finds work left alone, and answers whether to ring for it.
    pub(super) fn rings(&mut self) -> bool {
        self.looks = self.looks.saturating_add(1);
        let step = self.looks.next_power_of_two().min(SWEEPS_AT_REST);
        self.looks.is_multiple_of(step)
    }

    /// Whether this dead letter was not replayed before; from now on it was.
    pub(super) fn is_first_replay(&mut self, letter: DeadLetterId) -> bool {
        if self.replayed.contains(&letter) {
            return false;
        }
        self.replayed.push_back(letter);
        if self.replayed.len() > REPLAYS {
            self.replayed.pop_front();
        }
        true
    }

    /// Whether a call that has taken the lease once comes again when what it took is over, or
    /// others have taken it since.
    pub(super) fn is_too_late(&self, nonce: Nonce, run: &RunId) -> bool {
        if self.taken.as_ref() != Some(run) {
            return self.spent.contains(run);
        }
        !self.is_leased_by(nonce) || self.run.is_none()
    }

    /// A call takes the lease, for the first time.
    pub(super) fn spend(&mut self, run: RunId) {
        self.spent.push_back(run);
        if self.spent.len() > SPENT {
            self.spent.pop_front();
        }
    }
}

/// How many of the calls that took the lease last are remembered.
const SPENT: usize = 16;

/// Who may write. When it lapses is kept in memory alone: no lease outlives the process.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Lease {
    pub(super) nonce: Nonce,
    pub(super) holder: Inbox,
}

/// A numbered write under a lease, and where its entries stand: what answers it when it comes again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Wrote {
    pub(super) nonce: Nonce,
    pub(super) step: u64,
    /// The number of its first entry, if it has any.
    pub(super) first: Seq,
    /// What stood in front of that.
    pub(super) prev: Eid,
    pub(super) at: u64,
}

impl Wrote {
    /// Its entries, in their places.
    pub(super) fn place(&self, entries: Vec<(NewEntry, Effect)>) -> Vec<Entry> {
        let mut prev = self.prev;
        let seqs = std::iter::successors(Some(self.first), |seq| Some(seq.next()));
        let places = seqs.zip(entries).map(|(seq, (new, _))| Entry {
            seq,
            eid: new.eid,
            prev: std::mem::replace(&mut prev, new.eid),
            at: self.at,
            body: new.body,
        });
        places.collect()
    }
}

/// A run that was claimed and has not finished.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) id: RunId,
    pub(super) attempt: u32,
    pub(super) agent: AgentName,
    pub(super) pool: Pool,
    pub(super) inputs: Vec<Place>,
    pub(super) cancelled: bool,
    /// The next attempt is not due before.
    pub(super) retry_at: Option<u64>,
    /// Messages that it has said whole and not taken back.
    #[serde(default)]
    pub(super) said: Vec<MessageId>,
}

/// A place in the mailbox: those ahead come first, each group in the log's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) line: Line,
    pub(super) seq: Seq,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Line {
    /// It interrupts.
    Ahead,
    Regular,
}

impl Line {
    pub(super) const ALL: [Self; 2] = [Self::Ahead, Self::Regular];

    pub(super) fn rank(self) -> u8 {
        match self {
            Self::Ahead => 0,
            Self::Regular => 1,
        }
    }

    pub(super) fn ranked(rank: u8) -> Result<Self> {
        let line = Self::ALL.into_iter().find(|line| line.rank() == rank);
        line.ok_or_else(|| unreadable("a mailbox"))
    }
}

/// A message that an agent must answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Input {
    pub(super) agent: AgentName,
    pub(super) pool: Pool,
    pub(super) policy: TurnPolicy,
    pub(super) cancelled: bool,
}

/// The text under way: `length` is that of its last part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Streaming {
    pub(super) message: MessageId,
    pub(super) part: u16,
    pub(super) length: u64,
}

/// Somebody in a conversation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) role: Role,
    /// With which event they joined, and in which place of those who joined with it.
    pub(super) joined: (Seq, usize),
    pub(super) read: Seq,
}

pub(super) fn decode<T: DeserializeOwned>(what: &'static str, json: &[u8]) -> Result<T> {
    serde_json::from_slice(json).map_err(|_| unreadable(what))
}

pub(super) fn encode<T: Serialize>(record: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(record).map_err(|error| Error::Corrupt(error.to_string()))
}

pub(super) fn profile(
    profiles: &impl ReadableTable<&'static str, &'static [u8]>,
    id: &ConversationId,
) -> Result<Option<Profile>> {
    let found = profiles.get(id.as_str())?;
    found
        .map(|json| decode("a profile", json.value()))
        .transpose()
}

pub(super) fn state(
    states: &impl ReadableTable<&'static str, &'static [u8]>,
    id: &ConversationId,
) -> Result<Option<State>> {
    let found = states.get(id.as_str())?;
    found
        .map(|json| decode("a state", json.value()))
        .transpose()
}

pub(super) fn member(
    members: &impl ReadableTable<PairKey, &'static [u8]>,
    id: &ConversationId,
    who: &ParticipantId,
) -> Result<Option<Member>> {
    let found = members.get((id.as_str(), who.to_string().as_str()))?;
    found
        .map(|json| decode("a member", json.value()))
        .transpose()
}

/// Whether an agent is in the conversation.
pub(super) fn has_agent(
    members: &impl ReadableTable<PairKey, &'static [u8]>,
    id: &ConversationId,
    agent: &AgentName,
) -> Result<bool> {
    let agent = ParticipantId::Agent(agent.clone());
    Ok(member(members, id, &agent)?.is_some())
}

/// Everybody in a conversation, in the order in which they joined.
pub(super) fn participants(
    members: &impl ReadableTable<PairKey, &'static [u8]>,
    id: &ConversationId,
) -> Result<Vec<Participant>> {
    let mut found = Vec::new();
    for row in members.range((id.as_str(), "")..)? {
        let (key, json) = row?;
        let (conversation, who) = key.value();
        if conversation != id.as_str() {
            break;
        }
        let member: Member = decode("a member", json.value())?;
        let participant = Participant {
            id: who.parse().map_err(|_| unreadable("a member"))?,
            name: member.name,
            role: member.role,
        };
        found.push((member.joined, participant));
    }
    found.sort_by_key(|(joined, _)| *joined);
    Ok(found
        .into_iter()
        .map(|(_, participant)| participant)
        .collect())
}

/// Refuses who is not in the conversation; says who they are there, unless a service.
pub(super) fn admit(
    members: &impl ReadableTable<PairKey, &'static [u8]>,
    id: &ConversationId,
    viewer: &Viewer,
) -> Result<Option<Member>> {
    match viewer {
        Viewer::Service => Ok(None),
        Viewer::Participant(who) => match member(members, id, who)? {
            None => Err(Error::NotFound),
            found => Ok(found),
        },
    }
}

/// The conversation as its participants see it.
pub(super) fn conversation(
    id: &ConversationId,
    profile: Profile,
    participants: Vec<Participant>,
    state: &State,
) -> Conversation {
    Conversation {
        id: id.clone(),
        title: profile.title,
        agent: profile.agent,
        policy: profile.policy,
        participants,
        created_at: profile.created_at,
        updated_at: state.updated_at,
        head: state.head,
        first: state.first,
    }
}
