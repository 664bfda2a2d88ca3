//! The names of keys.
//!
//! What belongs to one conversation shares the hash tag `{id}`, so that one script may touch it
//! all, on a cluster, too. What belongs to many stands outside.

use convene_proto::id::{ConversationId, ParticipantId};

/// A conversation's keys, in the order in which the scripts know them.
const CONVERSATION: [&str; 8] = [
    "meta", "log", "audience", "mailbox", "dedup", "people", "here", "read",
];

/// Over how many keys, and so cluster nodes, the due set is spread.
pub(super) const DUE_SHARDS: u32 = 16;

/// Makes the names of keys, all of which begin with the namespace.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    namespace: String,
}

impl Keys {
    pub(super) fn new(namespace: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
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

    /// The shard of the due set in which the conversation stands.
    pub(super) fn due(&self, id: &ConversationId) -> String {
        self.due_shard(fnv1a(id.as_str()) % DUE_SHARDS)
    }

    pub(super) fn due_shard(&self, shard: u32) -> String {
        format!("{}due:{shard}", self.namespace)
    }

    /// The conversations that a person is in.
    pub(super) fn list(&self, person: &ParticipantId) -> String {
        format!("{}list:{person}", self.namespace)
    }

    pub(super) fn agents(&self) -> Vec<String> {
        ["agents", "until"]
            .map(|name| format!("{}{{agents}}:{name}", self.namespace))
            .to_vec()
    }

    pub(super) fn ping(&self, shard: u32) -> String {
        format!("{}ping:{shard}", self.namespace)
    }
}

/// The same in every version and on every machine, unlike the standard library's hashes.
pub(super) fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
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
        assert_eq!(keys.due(&"c1".parse().unwrap()), "due:9");
        assert_eq!(keys.due(&"hello".parse().unwrap()), "due:11");
    }
}
