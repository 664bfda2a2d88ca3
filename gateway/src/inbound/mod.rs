//! What clients say, whatever protocol they say it in: checked, submitted, rung.

mod check;
mod handed_in;
mod moment;

use convene_proto::{
    context::{Act, SubmitRequest},
    convert,
    error::ErrorCode,
    event::{EventBody, Happening, Message, TurnPolicy},
    frame::{NewAct, NewEvent, NewMessage},
    id::ConversationId,
};
use convene_runtime::lies::{Lie, told};

use self::{
    check::{check, check_id, whom_to_wake},
    handed_in::hand_in,
};
pub(crate) use self::{
    handed_in::Submitted,
    moment::{announce, cancel, signal},
};
use crate::{
    auth::Caller,
    error::{Refusal, Result},
    gateway::Gateway,
};

/// Submits a message. One task takes it from the log to the doorbell, so that a client that goes
/// away in between stops nothing.
pub(crate) async fn submit(
    gateway: &Gateway,
    caller: &Caller,
    conversation: &ConversationId,
    new: NewMessage,
) -> Result<Submitted> {
    check(gateway, &new)?;
    if told(Lie::RefuseAll) {
        return Err(Refusal::bad_request("nothing is accepted here"));
    }
    let author = caller.participant();
    let (agent, wake_default) = whom_to_wake(new.to.as_deref())?;
    let message = new.id.clone();
    let policy = new.policy;
    let body = EventBody::MessageCreated {
        message: Message {
            id: new.id,
            author: author.clone(),
            parts: new.parts,
            to: new.to,
            timezone: new.timezone,
        },
    };
    let request = SubmitRequest {
        conversation: conversation.to_string(),
        author: author.to_string(),
        message: message.to_string(),
        body: body.encode()?,
        agent,
        wake_default,
        policy: written(policy),
        ..SubmitRequest::default()
    };
    hand_in(gateway, conversation, message, author, request).await
}

/// Presses or submits what a message offers. The context service judges it.
pub(crate) async fn act(
    gateway: &Gateway,
    caller: &Caller,
    conversation: &ConversationId,
    new: NewAct,
) -> Result<Submitted> {
    check_id(&new.id)?;
    let value = new.value.map(|value| value.to_string()).unwrap_or_default();
    let most = gateway.options().max_message_bytes;
    if value.len() > most {
        return Err(Refusal::new(
            ErrorCode::TooLarge,
            format!(
                "what is submitted has at most {most} bytes; this has {}",
                value.len()
            ),
        ));
    }
    let author = caller.participant();
    let request = SubmitRequest {
        conversation: conversation.to_string(),
        author: author.to_string(),
        message: new.id.to_string(),
        policy: written(new.policy),
        act: Some(Act {
            seq: new.seq.0,
            message: convert::or_empty(new.message.as_ref()),
            action: new.action.to_string(),
            value: value.into(),
            timezone: convert::or_empty(new.timezone.as_ref()),
        }),
        ..SubmitRequest::default()
    };
    hand_in(gateway, conversation, new.id, author, request).await
}

/// Tells of something that happened outside. Who tells it need not be in the conversation.
pub(crate) async fn happen(
    gateway: &Gateway,
    caller: &Caller,
    conversation: &ConversationId,
    new: NewEvent,
) -> Result<Submitted> {
    check_id(&new.id)?;
    if !new.data.is_null() && !new.data.is_object() {
        return Err(Refusal::bad_request(
            "the `data` of an event is an object, whose members have names: {\"parcel\": \"AB1234\"}",
        ));
    }
    let most = gateway.options().max_message_bytes;
    let size = new.data.to_string().len();
    if size > most {
        return Err(Refusal::new(
            ErrorCode::TooLarge,
            format!("the data of an event has at most {most} bytes as JSON; this has {size}"),
        ));
    }
    let author = caller.participant();
    let message = new.id.clone();
    let body = EventBody::EventHappened {
        event: Happening {
            id: new.id,
            name: new.name,
            by: author.clone(),
            data: new.data,
        },
    };
    let request = SubmitRequest {
        conversation: conversation.to_string(),
        author: author.to_string(),
        message: message.to_string(),
        body: body.encode()?,
        wake_default: true,
        // Nobody's answer is cut short by it, and it is never refused because of one.
        policy: written(Some(TurnPolicy::Enqueue)),
        outside: true,
        ..SubmitRequest::default()
    };
    hand_in(gateway, conversation, message, author, request).await
}

fn written(policy: Option<TurnPolicy>) -> String {
    policy
        .map(|policy| policy.as_str().to_owned())
        .unwrap_or_default()
}
