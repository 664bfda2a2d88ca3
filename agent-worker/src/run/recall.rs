//! What this worker remembers of conversations that it has had lately, so that a claim need bring
//! only what the log has got since then. Who remembers nothing is told everything: this is a cache.

use std::{
    borrow::Cow,
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use convene_agent::Message;
use convene_proto::{
    context::{Claimed, Entry},
    event::EventBody,
    id::{AgentName, MessageId, RunId},
    position::Seq,
};
use quick_cache::{Weighter, sync::Cache};

use super::notebook::Notebook;

/// Bytes of events' bodies that are remembered, of all conversations and of one.
const BYTES: u64 = 64 << 20;
const BYTES_OF_ONE: usize = 2 << 20;

/// What an event takes beside its body, roughly.
const FRAME: usize = 128;

/// About how many conversations these bytes are.
const CONVERSATIONS: usize = 4096;

/// See the module.
pub(crate) struct Recall {
    /// How many of the log's last events an agent gets to see.
    events: u32,
    pasts: Cache<String, Arc<Past>, Weight>,
}

#[derive(Clone)]
struct Weight;

impl Weighter<String, Arc<Past>> for Weight {
    fn weight(&self, id: &String, past: &Arc<Past>) -> u64 {
        (FRAME + id.len() + past.bytes + past.noted()) as u64
    }
}

/// The end of a conversation's log, as far as it matters to agents.
#[derive(Clone, Default)]
pub(crate) struct Past {
    epoch: u32,
    /// The number and the tag of the last event.
    end: (u64, u64),
    told: VecDeque<Told>,
    bytes: usize,
    /// The notebooks of agents that are known to the end, and whether those of all others are empty.
    notebooks: BTreeMap<AgentName, Notebook>,
    whole: bool,
}

#[derive(Clone)]
struct Told {
    seq: Seq,
    bytes: usize,
    what: What,
}

#[derive(Clone)]
enum What {
    /// A person's message, or an agent's by a run.
    Said(Arc<Message>, Option<RunId>),
    TakenBack(MessageId),
}

impl Recall {
    pub(crate) fn new(events: u32) -> Self {
        Self {
            events,
            pasts: Cache::with_weighter(CONVERSATIONS, BYTES, Weight),
        }
    }

    pub(crate) fn of(&self, conversation: &str) -> Option<Arc<Past>> {
        self.pasts.get(conversation)
    }

    /// What to ask a claim for where this much is known: how many of the last events, and from
    /// which on.
    pub(crate) fn wanted(&self, known: Option<&Arc<Past>>) -> (u32, u64) {
        (self.events, known.map_or(0, |past| past.end.0))
    }

    /// Takes in what was asked for so. `None`: the log is not the one that was known, so that the
    /// claim has to be made again without it.
    pub(crate) fn learn(&self, claimed: &Claimed, known: Option<Arc<Past>>) -> Option<Arc<Past>> {
        let conversation = claimed.conversation.as_ref();
        let (id, epoch) = conversation.map_or(("", 0), |found| (&found.id, found.epoch));
        let past = match (known, claimed.history.first()) {
            (None, _) => Past::default(),
            (Some(known), Some(first))
                if (known.epoch, known.end) == (epoch, (first.seq, first.eid)) =>
            {
                Past::clone(&known)
            }
            // More has come since than is wanted.
            (Some(known), Some(first)) if first.seq > known.end.0 => Past::default(),
            _ => {
                self.pasts.remove(id);
                return None;
            }
        };
        let first = conversation.map_or(0, |found| found.first);
        let past = Arc::new(past.with(epoch, first, &claimed.history, self.events));
        if past.end.0 > 0 {
            self.pasts.insert(id.to_owned(), past.clone());
        }
        Some(past)
    }

    /// Remembers what an agent has noted, up to where this past ends.
    pub(crate) fn keep(&self, conversation: &str, past: &Past, notebook: Notebook) {
        if past.end.0 > 0 {
            let mut past = past.clone();
            past.notebooks.insert(notebook.agent().clone(), notebook);
            self.pasts.insert(conversation.to_owned(), Arc::new(past));
        }
    }
}

impl Past {
    fn with(mut self, epoch: u32, first: u64, entries: &[Entry], events: u32) -> Self {
        self.epoch = epoch;
        if self.end.0 == 0 {
            self.whole = entries.first().is_some_and(|entry| entry.seq <= first);
        }
        let known = self.end.0;
        for entry in entries.iter().filter(|entry| entry.seq > known) {
            // A newer version may have written what cannot be read.
            let Ok(event) = EventBody::decode(&entry.body) else {
                continue;
            };
            self.note(&event, entry.body.len());
            let bytes = FRAME + entry.body.len();
            if let Some(what) = What::of(event) {
                self.bytes += bytes;
                let seq = Seq(entry.seq);
                self.told.push_back(Told { seq, bytes, what });
            }
        }
        if let Some(last) = entries.last() {
            self.end = (last.seq, last.eid);
        }
        let oldest = self.end.0.saturating_sub(events.into());
        while let Some(first) = self.told.front()
            && (first.seq.0 <= oldest || self.bytes > BYTES_OF_ONE && self.told.len() > 1)
        {
            self.bytes -= first.bytes;
            self.told.pop_front();
        }
        self
    }

    fn note(&mut self, event: &EventBody, bytes: usize) {
        if let EventBody::AgentNoted { agent, .. } = event
            && self.whole
            && !self.notebooks.contains_key(agent)
        {
            let notebook = Notebook::new(agent.clone());
            self.notebooks.insert(agent.clone(), notebook);
        }
        for notebook in self.notebooks.values_mut() {
            notebook.take(event, bytes);
        }
    }

    /// Bytes of notes.
    fn noted(&self) -> usize {
        self.notebooks.values().map(Notebook::bytes).sum()
    }

    /// What the agent has noted; none where that is not known.
    pub(crate) fn notebook(&self, agent: &AgentName) -> Option<Cow<'_, Notebook>> {
        match self.notebooks.get(agent) {
            Some(notebook) => Some(Cow::Borrowed(notebook)),
            None if self.whole => Some(Cow::Owned(Notebook::new(agent.clone()))),
            None => None,
        }
    }

    /// What was said before a run over these inputs, without what was taken back or is about to be:
    /// what this run said before. People's later messages are left out, since they wait for runs of
    /// their own; agents' answers are all there.
    pub(crate) fn before(&self, inputs: &[Seq], run: &RunId) -> Vec<Message> {
        let last_input = inputs.iter().max().copied().unwrap_or_default();
        let mut said: Vec<&Message> = Vec::with_capacity(self.told.len());
        for Told { seq, what, .. } in &self.told {
            match what {
                What::Said(message, None) if *seq < last_input && !inputs.contains(seq) => {
                    said.push(message);
                }
                What::Said(message, Some(by)) if by != run => said.push(message),
                What::Said(..) => {}
                What::TakenBack(message) => said.retain(|said| said.id != *message),
            }
        }
        said.into_iter().cloned().collect()
    }
}

impl What {
    fn of(event: EventBody) -> Option<Self> {
        match event {
            EventBody::MessageCreated { message } => Some(Self::Said(Arc::new(message), None)),
            EventBody::MessageCompleted { message, run, .. } => {
                Some(Self::Said(Arc::new(message), Some(run)))
            }
            EventBody::MessageRetracted { message, .. } => Some(Self::TakenBack(message)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use convene_proto::{context::Conversation, event::Part};

    use super::*;

    const EVENTS: u32 = 4;

    fn says(seq: u64) -> Entry {
        let message = Message {
            id: format!("m{seq}").parse().unwrap(),
            author: "user:ada".parse().unwrap(),
            parts: vec![Part::Text {
                text: seq.to_string(),
            }],
            to: None,
            timezone: None,
        };
        Entry {
            seq,
            eid: seq * 10,
            prev: (seq - 1) * 10,
            at: 0,
            body: EventBody::MessageCreated { message }.encode().unwrap(),
        }
    }

    fn claimed(epoch: u32, history: Vec<Entry>) -> Claimed {
        Claimed {
            history,
            conversation: Some(Conversation {
                id: "c".to_owned(),
                epoch,
                ..Conversation::default()
            }),
            ..Claimed::default()
        }
    }

    fn said(past: &Past) -> Vec<String> {
        let run = "r".parse().unwrap();
        let said = past.before(&[Seq(u64::MAX)], &run);
        said.iter().map(Message::text).collect()
    }

    #[test]
    fn what_comes_later_is_put_behind_what_is_known() {
        let recall = Recall::new(EVENTS);
        assert!(recall.of("c").is_none());
        assert_eq!(recall.wanted(None), (4, 0));
        let log = [says(2), says(3), says(4)];
        recall.learn(&claimed(1, log.to_vec()), None).unwrap();
        let known = recall.of("c");
        assert_eq!(recall.wanted(known.as_ref()), (4, 4));
        let later = vec![says(4), says(5), says(6)];
        let past = recall.learn(&claimed(1, later), known).unwrap();
        assert_eq!(said(&past), ["3", "4", "5", "6"], "the last four of all");
        let known = recall.of("c");
        assert_eq!(recall.wanted(known.as_ref()), (4, 6));
        let past = recall.learn(&claimed(1, vec![says(6)]), known).unwrap();
        assert_eq!(said(&past), ["3", "4", "5", "6"], "nothing has come");
    }

    #[test]
    fn where_more_has_come_than_is_wanted_nothing_older_matters() {
        let recall = Recall::new(EVENTS);
        let past = recall.learn(&claimed(1, vec![says(2)]), None);
        let later = vec![says(7), says(8), says(9), says(10)];
        let past = recall.learn(&claimed(1, later), past).unwrap();
        assert_eq!(said(&past), ["7", "8", "9", "10"]);
    }

    #[test]
    fn another_log_is_not_taken_for_the_one_that_is_known() {
        let another_tag = Entry { eid: 5, ..says(3) };
        for (epoch, history) in [
            (1, vec![]),
            (1, vec![another_tag, says(4)]),
            (2, vec![says(3)]),
        ] {
            let recall = Recall::new(EVENTS);
            let known = recall.learn(&claimed(1, vec![says(2), says(3)]), None);
            assert!(
                recall
                    .learn(&claimed(epoch, history.clone()), known)
                    .is_none()
            );
            assert!(recall.of("c").is_none(), "it is forgotten");
            assert!(recall.learn(&claimed(epoch, history), None).is_some());
        }
    }

    #[test]
    fn who_wants_no_history_gets_none() {
        let recall = Recall::new(0);
        let past = recall.learn(&claimed(1, vec![]), None).unwrap();
        assert!(said(&past).is_empty());
        assert!(recall.of("c").is_none());
    }

    #[test]
    fn one_conversation_is_remembered_up_to_a_bound() {
        let recall = Recall::new(1000);
        let mut large = says(2);
        let padding = " ".repeat(BYTES_OF_ONE);
        large.body = [&large.body[..], padding.as_bytes()].concat().into();
        let past = recall.learn(&claimed(1, vec![large.clone()]), None);
        assert_eq!(
            said(past.as_ref().unwrap()),
            ["2"],
            "the last, however large"
        );
        let past = recall
            .learn(&claimed(1, vec![large, says(3)]), past)
            .unwrap();
        assert_eq!(said(&past), ["3"]);
        assert!(past.bytes < 1000);
        let many: Vec<_> = (4..9004).map(says).collect();
        let past = recall.learn(&claimed(1, [vec![says(3)], many].concat()), Some(past));
        let past = past.unwrap();
        assert!(past.bytes <= BYTES_OF_ONE && past.told.len() <= 1000);
    }
}
