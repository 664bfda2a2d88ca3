//! Whatever the log has taken is told to the audience.

use bytes::Bytes;
use convene_proto::{
    bus::{Delta, Head, Item, item::What},
    context::{AppendReply, Entry, Text},
};
use convene_runtime::trace::TraceContext;

use super::Lease;
use crate::publish::Parcel;

impl Lease {
    /// Tells the audience where the log stands, so that a lost tail is noticed.
    pub(crate) async fn publish_head(&self, text: Option<(&str, u64)>) {
        let (message, length) = text.unwrap_or_default();
        let head = Head {
            seq: self.head,
            message: message.to_owned(),
            part: 0,
            length,
        };
        let beat = vec![self.item(What::Head(head))];
        self.send(beat, TraceContext::default()).await;
    }

    /// Tells the audience of an entry that was written by other means.
    pub(crate) async fn publish_entry(&self, entry: Entry) {
        let event = vec![self.item(What::Event(entry.into()))];
        self.send(event, TraceContext::kept()).await;
    }

    pub(super) async fn publish(&self, reply: AppendReply, text: Option<Text>) {
        if self.audience.is_empty() {
            return;
        }
        let head = reply.head;
        // Text under way goes with whatever letter there is, and makes no span of its own.
        let trace = if reply.entries.is_empty() {
            TraceContext::default()
        } else {
            TraceContext::kept()
        };
        let entries = reply.entries.into_iter();
        let mut items: Vec<Item> = entries
            .map(|entry| self.item(What::Event(entry.into())))
            .collect();
        if let Some(text) = text {
            items.push(self.item(What::Delta(Delta {
                head,
                message: text.message,
                part: text.part,
                offset: text.offset,
                text: utf8(&text.text),
            })));
        }
        self.send(items, trace).await;
    }

    async fn send(&self, items: Vec<Item>, trace: TraceContext) {
        if self.audience.is_empty() {
            return;
        }
        let parcel = Parcel {
            audience: self.audience.clone(),
            items,
            trace,
        };
        self.publisher.send(parcel).await;
    }

    fn item(&self, what: What) -> Item {
        Item {
            conversation: self.conversation.clone(),
            epoch: self.epoch,
            what: Some(what),
        }
    }
}

fn utf8(text: &Bytes) -> String {
    String::from_utf8_lossy(text).into_owned()
}
