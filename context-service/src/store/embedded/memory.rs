//! What is true only while the process lives: who listens, when leases lapse, which agents
//! there are. It is in the writer's hands, so that it changes in the same step as the log.

use std::collections::{BTreeSet, HashMap};

use convene_proto::id::{AgentName, ConversationId, Inbox, ParticipantId, Pool};

use crate::store::AgentInfo;

/// See the module. Times are milliseconds since 1970 (UTC); what is past is as good as gone.
#[derive(Debug, Default)]
pub(super) struct Memory {
    audiences: HashMap<ConversationId, HashMap<Inbox, Listener>>,
    /// When each lease lapses. None here has lapsed.
    leases: HashMap<ConversationId, u64>,
    workers: HashMap<Inbox, Worker>,
    last_touch: u64,
}

/// An inbox in an audience, and the viewers behind it.
#[derive(Debug)]
struct Listener {
    until: u64,
    viewers: HashMap<ParticipantId, u64>,
}

#[derive(Debug)]
struct Worker {
    announced: u64,
    until: u64,
    agents: Vec<AgentInfo>,
}

impl Memory {
    // --- audiences ---

    /// Adds or renews an inbox, and viewers behind it.
    pub(super) fn listen(
        &mut self,
        id: &ConversationId,
        inbox: &Inbox,
        viewers: impl IntoIterator<Item = ParticipantId>,
        until: u64,
    ) {
        let audience = self.audiences.entry(id.clone()).or_default();
        let listener = audience.entry(inbox.clone()).or_insert_with(|| Listener {
            until,
            viewers: HashMap::new(),
        });
        listener.until = until;
        listener
            .viewers
            .extend(viewers.into_iter().map(|viewer| (viewer, until)));
    }

    /// Takes a viewer away from behind an inbox, unless they are there for longer than this.
    pub(super) fn leave(
        &mut self,
        id: &ConversationId,
        (inbox, until): (&Inbox, u64),
        who: &ParticipantId,
    ) {
        let audience = self.audiences.get_mut(id);
        let listener = audience.and_then(|audience| audience.get_mut(inbox));
        if let Some(listener) = listener
            && listener
                .viewers
                .get(who)
                .is_some_and(|there| *there <= until)
        {
            listener.viewers.remove(who);
        }
    }

    /// Takes a viewer away from behind all inboxes.
    pub(super) fn remove(&mut self, id: &ConversationId, who: &ParticipantId) {
        for listener in self
            .audiences
            .get_mut(id)
            .into_iter()
            .flat_map(HashMap::values_mut)
        {
            listener.viewers.remove(who);
        }
    }

    /// Takes an inbox out of the audience, unless it is there for longer than this.
    pub(super) fn unlisten(&mut self, id: &ConversationId, (inbox, until): (&Inbox, u64)) {
        if let Some(audience) = self.audiences.get_mut(id) {
            audience.retain(|name, listener| name != inbox || listener.until > until);
            if audience.is_empty() {
                self.audiences.remove(id);
            }
        }
    }

    pub(super) fn audience(&self, id: &ConversationId, now: u64) -> Vec<Inbox> {
        let listeners = self.audiences.get(id).into_iter().flatten();
        let present = listeners.filter(|(_, listener)| listener.until > now);
        present.map(|(inbox, _)| inbox.clone()).collect()
    }

    pub(super) fn here(&self, id: &ConversationId, now: u64) -> Vec<ParticipantId> {
        let listeners = self.audiences.get(id).into_iter().flatten();
        let viewers = listeners.flat_map(|(_, listener)| &listener.viewers);
        let present = viewers
            .filter(|(_, until)| **until > now)
            .map(|(viewer, _)| viewer);
        let present: BTreeSet<_> = present.collect();
        present.into_iter().cloned().collect()
    }

    // --- leases ---

    pub(super) fn lease(&mut self, id: &ConversationId, until: u64) {
        self.leases.insert(id.clone(), until);
    }

    pub(super) fn unlease(&mut self, id: &ConversationId) {
        self.leases.remove(id);
    }

    /// When the lease lapses, if it has not yet.
    pub(super) fn leased_until(&self, id: &ConversationId, now: u64) -> Option<u64> {
        self.leases.get(id).copied().filter(|until| *until > now)
    }

    // --- agents ---

    pub(super) fn announce(
        &mut self,
        worker: &Inbox,
        agents: Vec<AgentInfo>,
        now: u64,
        until: u64,
    ) {
        let announced = Worker {
            announced: now,
            until,
            agents,
        };
        self.workers.insert(worker.clone(), announced);
    }

    /// In the order in which they were announced.
    pub(super) fn agents(&self, now: u64) -> impl Iterator<Item = &AgentInfo> {
        let mut workers: Vec<_> = self.workers.values().collect();
        workers.retain(|worker| worker.until > now);
        workers.sort_by_key(|worker| worker.announced);
        workers.into_iter().flat_map(|worker| &worker.agents)
    }

    /// The pool that a worker announced this agent with.
    pub(super) fn pool_of(&self, agent: &AgentName, now: u64) -> Option<Pool> {
        let announced = self.agents(now).filter(|one| one.name == *agent);
        announced.last().map(|agent| agent.pool.clone())
    }

    // --- lists ---

    /// A time for the order of lists: never the same twice.
    pub(super) fn next_touch(&mut self, now: u64) -> u64 {
        self.last_touch = now.max(self.last_touch + 1);
        self.last_touch
    }

    /// Forgets what is past.
    pub(super) fn purge(&mut self, now: u64) {
        self.audiences.retain(|_, audience| {
            audience.retain(|_, listener| {
                listener.viewers.retain(|_, until| *until > now);
                listener.until > now
            });
            !audience.is_empty()
        });
        self.leases.retain(|_, until| *until > now);
        self.workers.retain(|_, worker| worker.until > now);
    }
}
