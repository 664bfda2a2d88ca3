//! The store's answers as messages, and how much of them fits into one.

use std::time::Duration;

use convene_proto::{
    context,
    convert::{or_empty, texts},
    event::Conversation,
    id::Pool,
    position::Epoch,
};
use prost::Message;

use super::check::MAX_BODY;
use crate::store::{
    self, AgentInfo, Cancelled, Claimed, Entry, PAGE_BYTES, PendingTimer, Standing, StreamingText,
    Written,
};

// gRPC clients refuse replies above 4 MiB, and more than events stands in one. Two of the largest
// fit, so that who asks again for the last one that it has gets another.
const _: () = assert!(PAGE_BYTES == 2 * MAX_BODY);

pub(super) fn entry(entry: Entry) -> context::Entry {
    context::Entry {
        seq: entry.seq.0,
        eid: entry.eid.0,
        prev: entry.prev.0,
        at: entry.at,
        body: entry.body,
    }
}

pub(super) fn entries(list: Vec<Entry>) -> Vec<context::Entry> {
    list.into_iter().map(entry).collect()
}

/// How many conversations fit into a reply, from the first on: at least one.
pub(super) fn fitting_conversations(list: &[context::Conversation]) -> usize {
    let mut room = PAGE_BYTES;
    let fitting = list.iter().enumerate().take_while(|(index, one)| {
        let size = one.encoded_len();
        let fits = size <= room;
        room = room.saturating_sub(size);
        fits || *index == 0
    });
    fitting.count()
}

pub(super) fn conversation(
    conversation: Conversation,
    epoch: Epoch,
    pool: Option<&Pool>,
) -> context::Conversation {
    context::Conversation {
        epoch: epoch.0,
        pool: or_empty(pool),
        ..conversation.into()
    }
}

pub(super) fn written(written: Written) -> context::Written {
    let (stopped_run, holder) = stopped(written.stopped);
    context::Written {
        epoch: written.epoch.0,
        entry: Some(entry(written.entry)),
        audience: texts(written.audience),
        stopped_run,
        holder,
    }
}

/// The run that something else stopped, and who has to be told.
pub(super) fn stopped(stopped: Option<Cancelled>) -> (String, String) {
    stopped.map_or_else(Default::default, |stopped| {
        (
            or_empty(stopped.run.as_ref()),
            or_empty(stopped.holder.as_ref()),
        )
    })
}

/// The text under way, and the offset at which it begins.
pub(super) fn streaming(text: Option<StreamingText>) -> (Option<context::Streaming>, u64) {
    match text {
        None => (None, 0),
        Some(text) => {
            let streaming = context::Streaming {
                message: text.message.into(),
                part: text.part.into(),
                text: text.text,
            };
            (Some(streaming), text.offset)
        }
    }
}

pub(super) fn standing(standing: store::Result<Option<Standing>>) -> context::Standing {
    let standing = match standing {
        Ok(Some(standing)) => standing,
        Ok(None) => return context::Standing::default(),
        Err(error) => {
            let code = error.code().as_str();
            tracing::warn!(%error, code, "a conversation could not be audited");
            return context::Standing {
                error: code.to_owned(),
                ..Default::default()
            };
        }
    };
    let (message, part, length) = match standing.streaming {
        None => (String::new(), 0, 0),
        Some((message, part, length)) => (message.into(), part.into(), length),
    };
    context::Standing {
        exists: true,
        epoch: standing.epoch.0,
        head: standing.head.0,
        eid: standing.eid.0,
        message,
        part,
        length,
        here: standing.here.map(|here| context::Here {
            participants: texts(here),
        }),
        error: String::new(),
        place: standing.place.0,
    }
}

pub(super) fn claimed(claimed: Claimed) -> context::Claimed {
    context::Claimed {
        nonce: claimed.nonce.0,
        run: claimed.run.into(),
        attempt: claimed.attempt,
        agent: claimed.agent.into(),
        pool: claimed.pool.to_string(),
        inputs: entries(claimed.inputs),
        history: entries(claimed.history),
        conversation: Some(conversation(
            claimed.conversation,
            claimed.epoch,
            Some(&claimed.pool),
        )),
        unfinished: or_empty(claimed.unfinished.as_ref()),
        said: texts(claimed.said),
        cancelled: claimed.cancelled,
        audience: texts(claimed.audience),
        restored: claimed.restored.map(entry),
        settles_ms: millis(claimed.settles),
        rang: claimed.rang.map(entry),
        timers: claimed.timers.into_iter().map(timer).collect(),
    }
}

fn timer(timer: PendingTimer) -> context::PendingTimer {
    context::PendingTimer {
        agent: timer.agent.into(),
        name: timer.name.into(),
        at: timer.at,
    }
}

/// Rounded up: who waits so long does not come too early.
pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
}

pub(super) fn agent(agent: AgentInfo) -> context::Agent {
    context::Agent {
        name: agent.name.into(),
        title: agent.title.unwrap_or_default(),
        description: agent.description,
        model: agent.model.unwrap_or_default(),
        pool: agent.pool.into(),
        learning: agent.is_learning,
        suggestions: agent.suggestions.into_iter().map(Into::into).collect(),
        trouble: agent.trouble.unwrap_or_default(),
    }
}
