//! The names of keys.
//!
//! What belongs to one conversation shares the hash tag `{id}`, so that one script may touch it
//! all, on a cluster, too. What belongs to many stands outside.

use convene_proto::id::{ConversationId, ParticipantId};
use crc16::{State, XMODEM};

/// A conversation's keys, in the order in which the scripts know them.
const CONVERSATION: [&str; 8] = [
    "meta", "log", "audience", "mailbox", "dedup", "people", "here", "read",
];

/// Over how many keys, and so cluster nodes, the due set is spread: evenly over 2, 3, 4, 6 or 12.
pub(super) const DUE_SHARDS: u32 = 12;

/// Into how many slots a cluster puts its keys.
const SLOTS: u32 = 16384;

/// Makes the names of keys, all of which begin with the namespace.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    namespace: String,
    /// For each shard a hash tag whose slot is among those that the shard stands for.
    tags: Vec<String>,
}

impl Keys {
    pub(super) fn new(namespace: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            tags: (0..DUE_SHARDS).map(tag_in).collect(),
        }
    }

    /// All keys of a conversation that have a fixed name.
    pub(super) fn all(&self, id: &ConversationId) -> Vec<String> {
        self.first(CONVERSATION.len(), id)
    }

    /// Those that a run's hot path touches: the first five.
    pub(super) fn hot(&self, id: &ConversationId) -> Vec<String> {
        self.first(5, id)
    }

    fn first(&self, count: usize, id: &ConversationId) -> Vec<String> {
        CONVERSATION[..count]
            .iter()
            .map(|name| format!("{}c:{{{id}}}:{name}", self.namespace))
            .collect()
    }

    /// The shard of the due set in which the conversation stands. A shard stands for a range of
    /// slots and lies in it, as nodes do: so where a conversation's node answers, its shard does.
    pub(super) fn due(&self, id: &ConversationId) -> String {
        self.due_shard(shard_of(id.as_str()))
    }

    pub(super) fn due_shard(&self, shard: u32) -> String {
        format!("{}due:{{{}}}", self.namespace, self.tag(shard))
    }

    /// The conversations of this shard that have timers. It lies where the due set's does.
    pub(super) fn timers(&self, id: &ConversationId) -> String {
        self.timers_shard(shard_of(id.as_str()))
    }

    pub(super) fn timers_shard(&self, shard: u32) -> String {
        format!("{}:timers", self.due_shard(shard))
    }

    fn tag(&self, shard: u32) -> &str {
        &self.tags[shard as usize]
    }

    /// The conversations that a person is in.
    pub(super) fn list(&self, person: &ParticipantId) -> String {
        format!("{}{person}", self.lists())
    }

    /// How all their names begin.
    pub(super) fn lists(&self) -> String {
        format!("{}list:", self.namespace)
    }

    pub(super) fn agents(&self) -> Vec<String> {
        ["agents", "until"]
            .map(|name| format!("{}{{agents}}:{name}", self.namespace))
            .to_vec()
    }

    pub(super) fn revocations(&self) -> Vec<String> {
        ["revoked", "order", "until"]
            .map(|name| format!("{}{{revocations}}:{name}", self.namespace))
            .to_vec()
    }

    pub(super) fn ping(&self, shard: u32) -> String {
        format!("{}ping:{{{}}}", self.namespace, self.tag(shard))
    }
}

/// The shard that stands for a hash tag's slot, which is counted as Redis Cluster's specification
/// says.
fn shard_of(tag: &str) -> u32 {
    let slot = u32::from(State::<XMODEM>::calculate(tag.as_bytes())) % SLOTS;
    slot * DUE_SHARDS / SLOTS
}

/// The first number that is such a tag.
fn tag_in(shard: u32) -> String {
    let mut numbers = (0_u32..).map(|number| number.to_string());
    numbers
        .find(|number| shard_of(number) == shard)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_a_conversation_share_its_tag() {
        let keys = Keys::new("test:");
        let all = keys.all(&"c1".parse().unwrap());
        assert_eq!(all[0], "test:c:{c1}:meta");
        assert!(all.iter().all(|key| key.contains("{c1}")));
        assert_eq!(keys.hot(&"c1".parse().unwrap()), all[..5]);
    }

    #[test]
    fn a_conversation_stays_in_its_shard() {
        let keys = Keys::new("");
        assert_eq!(keys.due(&"c1".parse().unwrap()), "due:{0}");
        assert_eq!(keys.due(&"hello".parse().unwrap()), "due:{10}");
        assert_eq!(keys.timers(&"hello".parse().unwrap()), "due:{10}:timers");
    }

    #[test]
    fn a_shard_lies_among_the_slots_that_it_stands_for() {
        // Redis's own: CLUSTER KEYSLOT foo is 12182, and 12182 * 12 / 16384 is 8.
        assert_eq!(shard_of("foo"), 8);
        for (shard, tag) in (0..).zip(&Keys::new("").tags) {
            assert_eq!(shard_of(tag), shard);
        }
    }
}
