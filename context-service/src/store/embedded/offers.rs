//! What agents offer, and who pressed it.
//!
//! An offer stands among the messages, under the id of the message that makes it, as `offers`, and
//! behind that ` <part>:<message>` for each part of which one press counts and that was pressed.
//! Agents' ids are no person's, and what the log drops is forgotten with it. What was taken back, and pressed before
//! that, is `withdrawn` instead: another press may yet come back from the queue.

use convene_proto::{
    id::{ConversationId, MessageId},
    position::Seq,
};

use super::{records::State, step::Step};
use crate::store::{Error, Needs, Press, Result};

const OFFERS: &str = "offers";
const WITHDRAWN: &str = "withdrawn";

impl Step<'_, '_> {
    /// The message at the log's head can be pressed from now on.
    pub(super) fn offer(
        &mut self,
        id: &ConversationId,
        state: &State,
        message: &MessageId,
    ) -> Result<()> {
        let key = (id.as_str(), message.as_str());
        self.tables.messages.insert(key, (state.head.0, OFFERS))?;
        Ok(())
    }

    pub(super) fn withdraw(&mut self, id: &ConversationId, message: &MessageId) -> Result<()> {
        let key = (id.as_str(), message.as_str());
        if let Some((seq, offer)) = self.said(id, message)?
            && let Some((_, presses)) = offer.split_once(' ')
        {
            let withdrawn = format!("{WITHDRAWN} {presses}");
            self.tables
                .messages
                .insert(key, (seq.0, withdrawn.as_str()))?;
        } else {
            self.tables.messages.remove(key)?;
        }
        Ok(())
    }

    /// Refuses what cannot be pressed.
    pub(super) fn pressable(&self, id: &ConversationId, needs: &Needs) -> Result<()> {
        let press = match needs {
            Needs::Nothing => return Ok(()),
            Needs::ToBeKnown => return Err(Error::NotOffered),
            Needs::Offer(press) => press,
        };
        let offered = self.said(id, &press.message)?;
        let stands = offered.filter(|(_, offer)| !offer.starts_with(WITHDRAWN));
        let (_, offer) = stands.ok_or(Error::NotOffered)?;
        match first(&offer, press).map(|first| self.author_of(id, first)) {
            None => Ok(()),
            Some(author) => {
                let (seq, by) = author?;
                Err(Error::AlreadyPressed { by, seq })
            }
        }
    }

    /// Whether somebody else pressed it, where one press counts.
    pub(super) fn is_outrun(
        &self,
        id: &ConversationId,
        needs: &Needs,
        message: &MessageId,
    ) -> Result<bool> {
        let Needs::Offer(press) = needs else {
            return Ok(false);
        };
        let offer = self.said(id, &press.message)?;
        Ok(offer.is_some_and(|(_, offer)| {
            first(&offer, press).is_some_and(|first| first != message.as_str())
        }))
    }

    /// Remembers who was first, where that matters and the offer still stands.
    pub(super) fn mark_pressed(
        &mut self,
        id: &ConversationId,
        needs: &Needs,
        message: &MessageId,
    ) -> Result<()> {
        if let Needs::Offer(press) = needs
            && press.once
            && let Some((seq, offer)) = self.said(id, &press.message)?
        {
            let marked = format!("{offer} {}:{message}", press.part);
            let key = (id.as_str(), press.message.as_str());
            self.tables.messages.insert(key, (seq.0, marked.as_str()))?;
        }
        Ok(())
    }

    fn author_of(&self, id: &ConversationId, message: &str) -> Result<(Seq, String)> {
        let message = message
            .parse()
            .map_err(|_| super::error::unreadable("a message's id"))?;
        let found = self.said(id, &message)?;
        found.ok_or_else(|| super::error::unreadable("a press"))
    }
}

/// The message that has pressed this part, where one press counts.
fn first<'o>(offer: &'o str, press: &Press) -> Option<&'o str> {
    if !press.once {
        return None;
    }
    let mut presses = offer.split(' ').filter_map(|one| one.split_once(':'));
    let part = press.part.to_string();
    presses.find_map(|(pressed, message)| (pressed == part).then_some(message))
}
