//! What goes into the store and comes out of it.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use convene_proto::{
    event::{Conversation, Participant, TurnPolicy},
    id::{
        AgentName, ConversationId, DeadLetterId, Inbox, MessageId, ParticipantId, Pool, RunId,
        TimerName, TokenId, UserId,
    },
    position::{Eid, Epoch, Nonce, Position, Seq},
    suggestion::Suggestion,
    timer::Rings,
};

/// On whose behalf a call is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewer {
    /// Refused unless in the conversation.
    Participant(ParticipantId),
    /// One of our own services.
    Service,
}

/// An event as the log holds it; the body is JSON, byte for byte as its writer made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub seq: Seq,
    pub eid: Eid,
    /// The `eid` of the event in front; zero for the first. So each event vouches for the whole
    /// log before it.
    pub prev: Eid,
    /// Milliseconds since 1970 (UTC), by the store's clock.
    pub at: u64,
    pub body: Bytes,
}

/// An event to be written; the store gives it `seq` and `at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    pub eid: Eid,
    pub body: Bytes,
}

#[derive(Debug, Clone)]
pub struct NewConversation {
    pub id: ConversationId,
    pub epoch: Epoch,
    pub title: Option<String>,
    pub agent: Option<AgentName>,
    pub pool: Pool,
    pub policy: TurnPolicy,
    /// The creator first.
    pub participants: Vec<Participant>,
    pub entry: NewEntry,
}

#[derive(Debug, Clone)]
pub struct Created {
    pub conversation: Conversation,
    pub epoch: Epoch,
    pub created: bool,
}

/// A conversation as whoever looks at it finds it.
#[derive(Debug, Clone)]
pub struct Found {
    pub conversation: Conversation,
    pub epoch: Epoch,
    /// Who has it open.
    pub here: Vec<ParticipantId>,
    /// Invitations made before this event are void: with it somebody was removed.
    pub uninvited: Seq,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page {
    pub conversations: Vec<Conversation>,
    pub next: Option<String>,
}

/// A change to the conversation itself.
#[derive(Debug, Clone)]
pub enum Change {
    Add(Participant),
    /// Somebody follows an invitation, which was made when `invited` was the log's last event.
    Join {
        participant: Participant,
        invited: Seq,
    },
    Remove(ParticipantId),
    Rename(String),
}

/// An event was written: these inboxes are to be told.
#[derive(Debug, Clone)]
pub struct Written {
    pub epoch: Epoch,
    pub entry: Entry,
    pub audience: Vec<Inbox>,
    /// The run that the change stopped.
    pub stopped: Option<Cancelled>,
}

/// Whom a message wakes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wake {
    /// The conversation's own agent, if it has one.
    Default,
    Agent(AgentName),
    Nobody,
}

#[derive(Debug, Clone)]
pub struct Submit {
    pub conversation: ConversationId,
    pub author: ParticipantId,
    pub message: MessageId,
    pub entry: NewEntry,
    pub wake: Wake,
    /// `None`: the conversation's own.
    pub policy: Option<TurnPolicy>,
    pub needs: Needs,
    /// It happened outside: the author need not be in the conversation.
    pub outside: bool,
}

/// What must hold, beside what must for any message, where the log does not know this one yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    /// This is offered and may be pressed.
    Offer(Press),
    /// It cannot: only if the log knows the message is it answered, as before.
    ToBeKnown,
}

/// What a message presses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Press {
    /// The message that offers it.
    pub message: MessageId,
    /// Which part of that message.
    pub part: u16,
    /// One press of that part is accepted, ever.
    pub once: bool,
}

#[derive(Debug, Clone)]
pub struct Submitted {
    pub epoch: Epoch,
    pub entry: Entry,
    pub audience: Vec<Inbox>,
    pub duplicate: bool,
    pub author_name: String,
    /// Whose doorbell to ring. A duplicate whose input no longer waits rings nobody.
    pub ring: Option<Ring>,
    /// The run that policy `interrupt` cancelled.
    pub interrupted: Option<Cancelled>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    pub pool: Pool,
    pub agent: AgentName,
    pub policy: TurnPolicy,
}

#[derive(Debug, Clone)]
pub struct Cancel {
    pub conversation: ConversationId,
    pub viewer: Viewer,
    pub run: Option<RunId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    /// `None`: an input that no worker has claimed yet.
    pub run: Option<RunId>,
    /// The inbox of the worker that holds the lease.
    pub holder: Option<Inbox>,
}

/// Text of a part, as far as the store has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartText {
    /// Empty where it ends before the offset, or is gone.
    pub text: Bytes,
    /// The message streams: more may come, in this part or in one behind it.
    pub streams: bool,
}

/// Which events to read; `limit` is 1 to 1000.
#[derive(Debug, Clone, Copy)]
pub enum Range {
    /// The oldest ones after this number.
    After { seq: Seq, limit: usize },
    /// The newest ones before this number.
    Before { seq: Seq, limit: usize },
}

/// Events, oldest first.
#[derive(Debug, Clone)]
pub struct Events {
    pub epoch: Epoch,
    pub entries: Vec<Entry>,
    pub head: Seq,
    pub first: Seq,
}

#[derive(Debug, Clone)]
pub struct Subscribe {
    pub conversation: ConversationId,
    pub viewer: ParticipantId,
    pub inbox: Inbox,
    pub after: Option<Position>,
    /// How many events a snapshot may hold, and a resume may bring.
    pub tail: usize,
    /// How long the inbox's place, and the viewer's behind it, stand without an audit.
    pub ttl: Duration,
}

/// What a returning reader is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResumeKind {
    Resumed,
    Snapshot,
    Reset,
}

#[derive(Debug, Clone)]
pub struct Subscribed {
    pub kind: ResumeKind,
    pub epoch: Epoch,
    pub conversation: Conversation,
    /// Everything after the position, or the log's tail. Oldest first.
    pub entries: Vec<Entry>,
    /// The tag of the event at `conversation.head`.
    pub head_eid: Eid,
    pub streaming: Option<StreamingText>,
    pub here: Vec<ParticipantId>,
    pub audience: Vec<Inbox>,
    pub place: Place,
}

/// What an inbox's place in an audience is known by: each subscription and each audit makes it
/// greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub u64);

/// Text under way, from `offset` on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamingText {
    pub message: MessageId,
    pub part: u16,
    pub offset: u64,
    pub text: Bytes,
}

#[derive(Debug, Clone)]
pub struct Unsubscribe {
    pub conversation: ConversationId,
    pub inbox: Inbox,
    /// This person's last reader behind the inbox has left.
    pub viewer: Option<ParticipantId>,
    /// No reader at all is left behind the inbox.
    pub last: bool,
    /// A greater one is taken by somebody who came after this was asked: a network may keep a call
    /// and deliver it late. `None`: whatever place there is.
    pub place: Option<Place>,
}

#[derive(Debug, Clone)]
pub struct Unsubscribed {
    pub audience: Vec<Inbox>,
    /// The viewer is behind no other inbox either.
    pub gone: bool,
}

/// Where a log stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub epoch: Epoch,
    pub head: Seq,
    pub eid: Eid,
    /// The text under way: message, part, and its length in bytes.
    pub streaming: Option<(MessageId, u16, u64)>,
    /// `None`: more than [`MOST_HERE`](super::MOST_HERE) places.
    pub here: Option<Vec<ParticipantId>>,
    pub place: Place,
}

/// A moment may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signalled {
    pub audience: Vec<Inbox>,
    /// How far the viewer has read, where the call was about that.
    pub read: Option<Seq>,
}

/// The end of the log, as much of it as is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recent {
    /// At most so many events; fewer may come, where their bodies are large.
    pub events: usize,
    /// None before this one.
    pub from: Seq,
}

impl Recent {
    /// The last so many.
    #[must_use]
    pub const fn last(events: usize) -> Self {
        Self {
            events,
            from: Seq(0),
        }
    }
}

#[derive(Debug, Clone)]
pub struct Claim {
    pub conversation: ConversationId,
    pub holder: Inbox,
    pub nonce: Nonce,
    /// The id of the run, if this claim begins a new one. With the nonce it tells a claim that is
    /// made again from another.
    pub run: RunId,
    pub ttl: Duration,
    pub history: Recent,
    pub restore: Option<Restore>,
}

/// A command as the doorbell carries it.
#[derive(Debug, Clone)]
pub struct Restore {
    pub submit: Submit,
    pub author_name: String,
    pub agent: AgentName,
    pub pool: Pool,
    /// The log in which it was accepted, and its number there.
    pub accepted: (Epoch, Seq),
    /// The tag of the event in front of it there.
    pub prev: Eid,
    /// Its own tag, should another event stand in front of it now.
    pub anew: Eid,
    /// The epoch to give a conversation that has to be made anew.
    pub epoch: Epoch,
    /// Its first event, should it come to that.
    pub created: NewEntry,
    /// Rung again from the dead letters: the input enters the mailbox again even though the log
    /// knows its message, unless it waits there already.
    pub replay: Option<DeadLetterId>,
}

#[derive(Debug, Clone)]
pub enum ClaimOutcome {
    Claimed(Box<Claimed>),
    /// Another worker has the lease.
    Held(Held),
    /// The next attempt is not due for so long.
    Backoff(Duration),
    /// No input waits, or there is no such conversation.
    Empty,
}

/// The lease is another worker's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// For so long, unless it renews.
    pub left: Duration,
    /// After so long the command that the claim brought is as safe in the log as anything. Until
    /// then the queue should keep it, too.
    pub settles: Duration,
}

#[derive(Debug, Clone)]
pub struct Claimed {
    pub nonce: Nonce,
    pub run: RunId,
    /// 1 for the first.
    pub attempt: u32,
    pub agent: AgentName,
    pub pool: Pool,
    pub inputs: Vec<Entry>,
    /// The log's last events, oldest first.
    pub history: Vec<Entry>,
    pub conversation: Conversation,
    pub epoch: Epoch,
    /// What an earlier attempt left streaming.
    pub unfinished: Option<MessageId>,
    /// Messages that the run has said whole and not taken back, in order.
    pub said: Vec<MessageId>,
    pub cancelled: bool,
    pub audience: Vec<Inbox>,
    pub restored: Option<Entry>,
    /// The event of the timer that rang in this step, which is the run's input.
    pub rang: Option<Entry>,
    /// The conversation's timers that are set, the next one first.
    pub timers: Vec<PendingTimer>,
    /// As with [`Held`].
    pub settles: Duration,
}

#[derive(Debug, Clone)]
pub struct Append {
    pub conversation: ConversationId,
    pub nonce: Nonce,
    /// The run that writes, which must be the one under way: a call may come when its run is over
    /// and the next one has the lease. None: whichever it is.
    pub run: Option<RunId>,
    pub text: Option<Text>,
    pub entries: Vec<(NewEntry, Effect)>,
    /// Which write under this lease it is: 1 for the first, and one more for each.
    pub step: u64,
    /// Nothing of it is written where somebody has stopped the run: what ends it otherwise than as cancelled.
    pub unless_cancelled: bool,
    pub ttl: Duration,
}

/// A piece of a part's text; `offset` is where the part's text ends now, in bytes.
#[derive(Debug, Clone)]
pub struct Text {
    pub message: MessageId,
    pub part: u16,
    pub offset: u64,
    pub text: Bytes,
}

/// What an entry does to the run's state, in the same step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    None,
    /// The message's text streams from now on.
    Start(MessageId),
    /// The run has said it whole.
    Complete(MessageId),
    /// The same, and what it offers can be pressed from now on, until it is taken back or dropped.
    Offer(MessageId),
    /// It is taken back, whether it streams or was whole.
    Retract(MessageId),
    /// The run's inputs leave the mailbox; the lease stays.
    Finish,
    /// The lease is given back, the inputs stay, and the next attempt is due after this.
    Retry(Duration),
    /// The run's agent is to be woken. A timer of its that has this name is replaced.
    SetTimer(NewTimer),
    /// The run's agent's timer of this name, if it is set, does not ring any more.
    ClearTimer(TimerName),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTimer {
    pub name: TimerName,
    pub rings: Rings,
    /// What is written when it rings.
    pub fired: NewEntry,
}

/// A timer that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingTimer {
    pub agent: AgentName,
    pub name: TimerName,
    /// Milliseconds since 1970 (UTC), by the store's clock.
    pub at: u64,
}

#[derive(Debug, Clone)]
pub struct Appended {
    pub epoch: Epoch,
    pub entries: Vec<Entry>,
    pub head: Seq,
    pub audience: Vec<Inbox>,
    pub cancel: bool,
}

#[derive(Debug, Clone)]
pub struct Release {
    pub conversation: ConversationId,
    pub nonce: Nonce,
    /// The id of the next run, if there is one. It tells a release that is made again from
    /// another.
    pub run: RunId,
    /// The run that is done with: no other may be under way. None: whichever it is.
    pub over: Option<RunId>,
    pub ttl: Duration,
    pub history: Recent,
    /// Give the lease back whatever waits, uncounting the attempt under way.
    pub abandon: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub conversation: ConversationId,
    pub pool: Pool,
    /// A timer is to ring; otherwise this is work that nobody does.
    pub timer: bool,
}

/// An agent that some worker hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentInfo {
    pub name: AgentName,
    /// What people see it called, where it is not its name.
    pub title: Option<String>,
    pub description: String,
    pub model: Option<String>,
    pub pool: Pool,
    /// What is for it waits.
    pub is_learning: bool,
    /// What one could say to it first.
    pub suggestions: Vec<Suggestion>,
}

impl AgentInfo {
    /// Each by its name as it was announced last, from what was announced, in that order. One that somebody
    /// has ready is ready, whoever else still learns.
    pub(super) fn latest(announced: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut latest: BTreeMap<AgentName, Self> = BTreeMap::new();
        for mut agent in announced {
            if let Some(before) = latest.get(&agent.name) {
                agent.is_learning &= before.is_learning;
            }
            latest.insert(agent.name.clone(), agent);
        }
        latest.into_values().collect()
    }
}

/// What makes tokens good no longer. Times are seconds since 1970 (UTC).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocation {
    /// One token. It may be forgotten once the token has expired.
    Token {
        id: TokenId,
        expires_at: Option<u64>,
    },
    /// Those of a user that were issued at that time or before.
    User { id: UserId, issued_until: u64 },
}

/// A page of what was revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocations {
    pub revocations: Vec<Revocation>,
    /// The number of the last of them, or the one that was asked after.
    pub last: u64,
}
