//! What people press and submit: held against the message that offers it, and written down.

use bytes::Bytes;
use convene_proto::{
    context,
    convert::{Invalid, field, optional},
    event::{EventBody, Message, Part},
    id::{ActionId, ConversationId, MessageId, ParticipantId, Timezone},
    part::{Act, answer, answer::Wrong, bounds},
    position::Seq,
};
use serde_json::Value;

use super::refusal::{Refusal, Result};
use crate::store::{Needs, Press, Range, Store, Viewer, Wake};

/// What only bodies with a press have: inside a text its quotation marks would be escaped.
const TYPE_OF_ACT: &[u8] = br#""type":"act""#;

/// A press as it is written.
pub(super) struct Pressed {
    pub(super) body: Bytes,
    /// The agent that offered it.
    pub(super) wake: Wake,
    pub(super) needs: Needs,
}

/// Who presses, where, and by which message.
pub(super) struct Presser<'a> {
    pub(super) conversation: &'a ConversationId,
    pub(super) author: &'a ParticipantId,
    pub(super) message: &'a MessageId,
}

/// Judges a press by the event that offers it. That never changes; whether it was taken back, or
/// pressed already, is for the store's step.
///
/// # Errors
/// Where it is not offered to its author, or the value is not what was asked for.
pub(super) async fn judge(
    store: &dyn Store,
    presser: &Presser<'_>,
    press: &context::Act,
) -> Result<Pressed> {
    let action: ActionId = field("act.action", &press.action)?;
    let named: Option<MessageId> = optional("act.message", &press.message)?;
    let timezone: Option<Timezone> = optional("act.timezone", &press.timezone)?;
    let value = match &press.value[..] {
        [] => None,
        json => Some(
            serde_json::from_slice::<Value>(json)
                .map_err(|error| Invalid::new("act.value", error.to_string()))?,
        ),
    };
    let (seq, offering) = find(store, presser, Seq(press.seq)).await?;
    let is_it = named.is_none_or(|named| named == offering.id);
    let offered = answer::find(&offering.parts, &action).filter(|_| is_it);
    let offered = offered.ok_or(Refusal::NotOffered("nothing of this id is offered there"))?;
    if !offered.offer.is_for(presser.author) {
        return Err(Refusal::NotOffered("this is offered to others"));
    }
    let ParticipantId::Agent(agent) = offering.author.clone() else {
        return Err(Refusal::NotOffered("only agents offer something"));
    };
    let (part, once) = (offered.part, offered.offer.once);
    let answer = offered.answer(value)?;
    let act = Act {
        seq,
        message: offering.id.clone(),
        part,
        action,
        value: answer.value,
        label: answer.label,
        once,
    };
    let body = EventBody::MessageCreated {
        message: Message {
            id: presser.message.clone(),
            author: presser.author.clone(),
            parts: vec![Part::Act(act)],
            to: Some(vec![offering.author]),
            timezone,
        },
    };
    Ok(Pressed {
        body: body.encode()?,
        wake: Wake::Agent(agent),
        needs: Needs::Offer(Press {
            message: offering.id,
            part,
            once,
        }),
    })
}

/// The message that an agent said there.
async fn find(store: &dyn Store, presser: &Presser<'_>, seq: Seq) -> Result<(Seq, Message)> {
    let viewer = Viewer::Participant(presser.author.clone());
    let range = Range::After {
        seq: Seq(seq.0.saturating_sub(1)),
        limit: 1,
    };
    let events = store
        .read_events(presser.conversation, &viewer, range)
        .await?;
    let nothing = Refusal::NotOffered("no message of an agent stands there");
    let Some(entry) = events.entries.into_iter().find(|entry| entry.seq == seq) else {
        return Err(nothing);
    };
    match EventBody::decode(&entry.body) {
        Ok(EventBody::MessageCompleted { message, .. }) => Ok((seq, message)),
        _ => Err(nothing),
    }
}

/// What a body that was written once presses: for a command that comes back.
///
/// # Errors
/// Where the body cannot be read.
pub(super) fn needs_of(body: &[u8]) -> Result<Needs> {
    if !presses(body) {
        return Ok(Needs::Nothing);
    }
    let EventBody::MessageCreated { message } = EventBody::decode(body)? else {
        return Ok(Needs::Nothing);
    };
    let press = message.acts().next().map(|act| Press {
        message: act.message.clone(),
        part: act.part,
        once: act.once,
    });
    Ok(press.map_or(Needs::Nothing, Needs::Offer))
}

/// Whether a body presses something.
pub(super) fn presses(body: &[u8]) -> bool {
    let mut windows = body.windows(TYPE_OF_ACT.len());
    windows.any(|window| window == TYPE_OF_ACT)
}

/// Whether an agent may say what this completed message offers.
///
/// # Errors
/// Where it offers too much, or what cannot be answered.
pub(super) fn may_offer(body: &[u8], id: &MessageId) -> Result<()> {
    let message = match EventBody::decode(body)? {
        EventBody::MessageCompleted { message, .. } if message.id == *id => message,
        _ => return Err(Invalid::new("entries.body", "it does not complete that message").into()),
    };
    let is_text = |part: &Part| matches!(part, Part::Text { .. });
    let offers: Vec<Part> = message
        .parts
        .into_iter()
        .filter(|part| !is_text(part))
        .collect();
    bounds::check(&offers).map_err(|unfit| Invalid::new("entries.body", unfit.to_string()).into())
}

impl From<Wrong> for Refusal {
    fn from(wrong: Wrong) -> Self {
        Self::InvalidValue(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_about_acts_is_none() {
        let said = |text: &str| {
            let message = Message {
                id: "m".parse().unwrap(),
                author: "user:ada".parse().unwrap(),
                parts: vec![Part::Text { text: text.into() }],
                to: None,
                timezone: None,
            };
            EventBody::MessageCreated { message }.encode().unwrap()
        };
        assert_eq!(
            needs_of(&said(r#"{"type":"act"}"#)).unwrap(),
            Needs::Nothing
        );
        assert!(!presses(&said(r#"{"type":"act"}"#)));
    }
}
