//! A conversation that somebody here reads: its feed, and whom to wake when the feed moves.

use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use convene_proto::id::{ConversationId, ParticipantId};
use futures_util::task::AtomicWaker;
use litemap::LiteMap;
use parking_lot::Mutex;

use super::feed::{Feed, Taken};

/// Whether a connection may read one more conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// It may, and this one now counts.
    New,
    /// It does already.
    Again,
    None,
}

/// Wakes the task of one connection, which may read many conversations.
#[derive(Debug, Default)]
pub(crate) struct Wake {
    task: AtomicWaker,
    ready: Mutex<Vec<u64>>,
    /// What the connection reads, or is about to: a few.
    open: Mutex<Vec<ConversationId>>,
    /// Something has happened that all connections must hear of.
    alarmed: AtomicBool,
}

impl Wake {
    /// The connection is about to read this, if it reads at most so many conversations.
    pub(crate) fn begins(&self, conversation: &ConversationId, most: usize) -> Room {
        let mut open = self.open.lock();
        if open.contains(conversation) {
            Room::Again
        } else if open.len() < most {
            open.push(conversation.clone());
            Room::New
        } else {
            Room::None
        }
    }

    /// It reads this, in place of what it may have read of it before.
    pub(crate) fn goes_on(&self, conversation: &ConversationId) {
        let mut open = self.open.lock();
        if !open.contains(conversation) {
            open.push(conversation.clone());
        }
    }

    pub(crate) fn ends(&self, conversation: &ConversationId) {
        self.open.lock().retain(|one| one != conversation);
    }

    /// Waits until a subscription has news, and adds those that have to `turns`, which is empty. Only
    /// the connection's own task waits here.
    pub(crate) async fn ready(&self, turns: &mut VecDeque<u64>) {
        poll_fn(|cx| {
            self.listen(cx);
            self.take_ready(turns);
            if turns.is_empty() {
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Has the task woken by what happens from now on.
    pub(crate) fn listen(&self, cx: &Context<'_>) {
        self.task.register(cx.waker());
    }

    /// Adds the subscriptions that have news.
    pub(crate) fn take_ready(&self, turns: &mut VecDeque<u64>) {
        turns.extend(self.ready.lock().drain(..));
    }

    /// Wakes the task for something else.
    pub(crate) fn nudge(&self) {
        self.task.wake();
    }

    pub(crate) fn alarm(&self) {
        self.alarmed.store(true, Ordering::Release);
        self.task.wake();
    }

    /// Whether there was an alarm since the last time.
    pub(crate) fn heard_alarm(&self) -> bool {
        self.alarmed.load(Ordering::Acquire) && self.alarmed.swap(false, Ordering::AcqRel)
    }

    fn ring(&self, subscription: u64) {
        self.ready.lock().push(subscription);
        self.task.wake();
    }
}

/// A subscription as its topic knows it.
#[derive(Debug)]
pub(crate) struct Bell {
    wake: Arc<Wake>,
    subscription: u64,
    /// Rung, and not answered yet: it need not be rung again.
    rung: AtomicBool,
}

impl Bell {
    pub(crate) fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.wake.ring(self.subscription);
        }
    }

    /// The reader is about to look: what comes from now on rings again.
    pub(crate) fn answer(&self) {
        self.rung.store(false, Ordering::Release);
    }
}

/// A participant's places at a topic.
#[derive(Debug, Default)]
struct Viewer {
    places: usize,
    /// The log let them in, and the others may be told.
    admitted: bool,
}

/// See the module. Most have one reader, so its maps begin with room for one.
#[derive(Debug)]
pub(crate) struct Topic {
    conversation: ConversationId,
    feed: Mutex<Feed>,
    bells: Mutex<LiteMap<u64, Arc<Bell>>>,
    viewers: Mutex<LiteMap<ParticipantId, Viewer>>,
    /// The greatest place in the audience that the store told of; 0 before.
    place: AtomicU64,
    pub(super) repairing: AtomicBool,
}

impl Topic {
    pub(super) fn new(conversation: ConversationId) -> Self {
        Self {
            feed: Mutex::new(Feed::new(conversation.clone())),
            conversation,
            bells: Mutex::new(LiteMap::with_capacity(1)),
            viewers: Mutex::new(LiteMap::with_capacity(1)),
            place: AtomicU64::new(0),
            repairing: AtomicBool::new(false),
        }
    }

    /// The store has given this gateway a place in the audience.
    pub(super) fn takes(&self, place: u64) {
        self.place.fetch_max(place, Ordering::AcqRel);
    }

    pub(super) fn place(&self) -> u64 {
        self.place.load(Ordering::Acquire)
    }

    pub(super) fn conversation(&self) -> &ConversationId {
        &self.conversation
    }

    /// Does something to the feed, and wakes its readers if that moved it.
    pub(super) fn feed(&self, step: impl FnOnce(&mut Feed) -> Taken) -> Taken {
        self.step(|feed| (step(feed), ())).0
    }

    /// The same, with an outcome.
    pub(super) fn step<T>(&self, step: impl FnOnce(&mut Feed) -> (Taken, T)) -> (Taken, T) {
        let (taken, outcome) = step(&mut self.feed.lock());
        if taken != Taken::Nothing {
            self.ring();
        }
        (taken, outcome)
    }

    /// Looks at the feed.
    pub(super) fn look<T>(&self, look: impl FnOnce(&mut Feed) -> T) -> T {
        look(&mut self.feed.lock())
    }

    pub(super) fn ring(&self) {
        for bell in self.bells.lock().values() {
            bell.ring();
        }
    }

    pub(super) fn hang(&self, wake: Arc<Wake>, subscription: u64) -> Arc<Bell> {
        let bell = Arc::new(Bell {
            wake,
            subscription,
            rung: AtomicBool::new(false),
        });
        self.bells.lock().insert(subscription, bell.clone());
        bell
    }

    pub(super) fn unhang(&self, subscription: u64) {
        self.bells.lock().remove(&subscription);
    }

    /// Counts a reader.
    pub(super) fn enter(&self, viewer: &ParticipantId) {
        let mut viewers = self.viewers.lock();
        viewers.entry(viewer.clone()).or_default().places += 1;
    }

    /// The log let a reader in; true if it is the participant's first that it did.
    pub(super) fn admit(&self, viewer: &ParticipantId) -> bool {
        let mut viewers = self.viewers.lock();
        let viewer = viewers.get_mut(viewer);
        viewer.is_some_and(|viewer| !std::mem::replace(&mut viewer.admitted, true))
    }

    /// Uncounts a reader. If it was the participant's last: whether they had been let in.
    pub(super) fn leave(&self, viewer: &ParticipantId) -> Option<bool> {
        let mut viewers = self.viewers.lock();
        match viewers.get_mut(viewer) {
            Some(one) if one.places > 1 => {
                one.places -= 1;
                None
            }
            _ => viewers.remove(viewer).map(|one| one.admitted),
        }
    }

    pub(super) fn is_read_by(&self, viewer: &ParticipantId) -> bool {
        self.viewers.lock().contains_key(viewer)
    }

    pub(super) fn viewers(&self) -> Vec<ParticipantId> {
        self.viewers.lock().keys().cloned().collect()
    }

    pub(super) fn readers(&self) -> usize {
        let viewers = self.viewers.lock();
        viewers.values().map(|viewer| viewer.places).sum()
    }
}
