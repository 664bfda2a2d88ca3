//! What one socket reads: at most one subscription a conversation. Most sockets have one, and none has
//! more than a few hundred.

use convene_proto::id::ConversationId;
use litemap::LiteMap;
use tokio::task::AbortHandle;

use crate::hub::Subscription;

/// See the module. By their keys.
pub(super) struct Readers(LiteMap<u64, Reader>);

/// Where a subscription is.
pub(super) enum Reader {
    Here(Box<Subscription>),
    /// With a task that reads the log of this conversation.
    Away(ConversationId, AbortHandle),
}

impl Reader {
    fn conversation(&self) -> &ConversationId {
        match self {
            Self::Here(subscription) => subscription.conversation(),
            Self::Away(conversation, _) => conversation,
        }
    }
}

impl Readers {
    pub(super) fn new() -> Self {
        Self(LiteMap::with_capacity(1))
    }

    /// In place of the one with that key.
    pub(super) fn put(&mut self, key: u64, reader: Reader) {
        self.0.insert(key, reader);
    }

    pub(super) fn get(&mut self, key: u64) -> Option<&mut Reader> {
        self.0.get_mut(&key)
    }

    pub(super) fn take(&mut self, key: u64) -> Option<Reader> {
        self.0.remove(&key)
    }

    pub(super) fn take_of(&mut self, conversation: &ConversationId) -> Option<Reader> {
        let mut readers = self.0.iter();
        let (key, _) = readers.find(|(_, reader)| reader.conversation() == conversation)?;
        let key = *key;
        self.0.remove(&key)
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
