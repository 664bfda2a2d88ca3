//! What is read beside the writer, as of the last commit.

use convene_proto::{
    event::Conversation,
    id::{ConversationId, MessageId, ParticipantId},
    position::Seq,
};

use super::{error::unreadable, log, records, tables::Views, text};
use crate::store::{Error, Events, Page, PartText, Range, Result, Viewer};

/// The most that one page holds.
const PAGE_LIMIT: usize = 1000;

pub(super) fn events(
    views: &Views,
    id: &ConversationId,
    viewer: &Viewer,
    range: Range,
    bytes: usize,
) -> Result<Events> {
    let state = records::state(&views.states, id)?.ok_or(Error::NotFound)?;
    records::admit(&views.members, id, viewer)?;
    let count = |limit: usize| limit.clamp(1, PAGE_LIMIT) as u64;
    let entries = match range {
        Range::After { seq, limit } => {
            let from = Seq(seq.0.saturating_add(1)).max(state.first);
            let to = Seq(from.0.saturating_add(count(limit) - 1));
            log::oldest(&views.log, id, (from, to.min(state.head)), bytes)?
        }
        Range::Before { seq, limit } => {
            let to = Seq(seq.0.saturating_sub(1)).min(state.head);
            let from = Seq((to.0 + 1).saturating_sub(count(limit)));
            log::newest(&views.log, id, (from.max(state.first), to), bytes)?
        }
    };
    Ok(Events {
        epoch: state.epoch,
        entries,
        head: state.head,
        first: state.first,
    })
}

pub(super) fn text(
    views: &Views,
    id: &ConversationId,
    message: &MessageId,
    part: u16,
    offset: u64,
) -> Result<PartText> {
    let streams = records::state(&views.states, id)?
        .and_then(|state| state.streaming)
        .is_some_and(|streaming| streaming.message == *message);
    Ok(PartText {
        text: text::read(&views.text, id, message, part, offset)?,
        streams,
    })
}

pub(super) fn conversations(
    views: &Views,
    viewer: &ParticipantId,
    limit: usize,
    after: Option<&str>,
) -> Result<Page> {
    let who = viewer.to_string();
    let limit = limit.clamp(1, PAGE_LIMIT);
    let (after_place, after_id) = match after {
        Some(after) => cursor(after).ok_or(Error::NoSuchPage)?,
        None => (0, ""),
    };
    let from = (who.as_str(), after_place, after_id);
    let mut conversations = Vec::new();
    let mut last = None;
    for row in views.lists.range(from..)? {
        let (key, _) = row?;
        let (listed, place, id) = key.value();
        if listed != who {
            break;
        }
        if after.is_some() && (place, id) == (after_place, after_id) {
            continue;
        }
        if conversations.len() == limit {
            return Ok(Page {
                conversations,
                next: last,
            });
        }
        last = Some(format!("{place}-{id}"));
        conversations.push(conversation(
            views,
            &id.parse().map_err(|_| unreadable("a list"))?,
        )?);
    }
    Ok(Page {
        conversations,
        next: None,
    })
}

fn cursor(text: &str) -> Option<(u64, &str)> {
    let (place, id) = text.split_once('-')?;
    Some((place.parse().ok()?, id))
}

fn conversation(views: &Views, id: &ConversationId) -> Result<Conversation> {
    let state = records::state(&views.states, id)?.ok_or_else(|| unreadable("a list"))?;
    let profile = records::profile(&views.profiles, id)?.ok_or_else(|| unreadable("a profile"))?;
    let participants = records::participants(&views.members, id)?;
    Ok(records::conversation(id, profile, participants, &state))
}
