//! The log, for people: what they say, and what was said.

use bytes::Bytes;
use convene_proto::{
    context::*,
    convert::{Invalid, field, optional, or_empty, part, texts},
    event::EventBody,
    id::{MessageId, ParticipantId},
    position::{Eid, Seq},
};

use super::{
    acts::{self, Pressed, Presser},
    check, encode,
    refusal::{Refusal, Result},
};
use crate::store::{self, Needs, NewEntry, Range, Store, Submit, Wake};

pub(super) async fn submit(store: &dyn Store, request: SubmitRequest) -> Result<SubmitReply> {
    let message: MessageId = field("message", &request.message)?;
    if message.is_of_agent() {
        return Err(Invalid::new("message", "ids that begin with agent- are for agents").into());
    }
    let conversation = check::conversation(&request.conversation)?;
    let author: ParticipantId = field("author", &request.author)?;
    let said = match &request.act {
        None => {
            let body = check::body("body", request.body)?;
            if request.outside {
                // What is known of an event may look like anything.
                check_happening(&body, &message, &author)?;
            } else if acts::presses(&body) {
                return Err(Invalid::new("body", "what is pressed comes as `act`").into());
            }
            let wake = match optional("agent", &request.agent)? {
                Some(agent) => Wake::Agent(agent),
                None if request.wake_default => Wake::Default,
                None => Wake::Nobody,
            };
            let needs = Needs::Nothing;
            Ok(Pressed { body, wake, needs })
        }
        Some(act) => {
            let presser = Presser {
                conversation: &conversation,
                author: &author,
                message: &message,
            };
            acts::judge(store, &presser, act).await
        }
    };
    // What was accepted once is answered again, whatever has become of the offer since.
    let (said, refusal) = match said {
        Ok(said) => (said, None),
        Err(refusal @ (Refusal::NotOffered(_) | Refusal::InvalidValue(_))) => {
            let unsaid = Pressed {
                body: Bytes::new(),
                wake: Wake::Nobody,
                needs: Needs::ToBeKnown,
            };
            (unsaid, Some(refusal))
        }
        Err(refusal) => return Err(refusal),
    };
    let submit = Submit {
        conversation,
        author,
        message,
        entry: NewEntry {
            eid: Eid::random(),
            body: said.body,
        },
        wake: said.wake,
        policy: optional("policy", &request.policy)?,
        needs: said.needs,
        outside: request.outside,
    };
    let submitted = match (store.submit(submit).await, refusal) {
        (Err(store::Error::NotOffered), Some(refusal)) => return Err(refusal),
        (submitted, _) => submitted?,
    };
    let (pool, agent, policy) = match submitted.ring {
        None => Default::default(),
        Some(ring) => (
            ring.pool.into(),
            ring.agent.into(),
            ring.policy.as_str().to_owned(),
        ),
    };
    let (interrupted_run, holder) = encode::stopped(submitted.interrupted);
    Ok(SubmitReply {
        epoch: submitted.epoch.0,
        entry: Some(encode::entry(submitted.entry)),
        audience: texts(submitted.audience),
        duplicate: submitted.duplicate,
        pool,
        agent,
        policy,
        author_name: submitted.author_name,
        interrupted_run,
        holder,
    })
}

/// What comes from who is not in the conversation is an event, and no message.
fn check_happening(body: &[u8], id: &MessageId, author: &ParticipantId) -> Result<()> {
    match EventBody::decode(body)? {
        EventBody::EventHappened { event } if event.id == *id && event.by == *author => Ok(()),
        _ => Err(Invalid::new("body", "it is not that event from outside").into()),
    }
}

pub(super) async fn cancel(store: &dyn Store, request: CancelRequest) -> Result<CancelReply> {
    let cancel = store::Cancel {
        conversation: check::conversation(&request.conversation)?,
        viewer: check::viewer(&request.viewer)?,
        run: optional("run", &request.run)?,
    };
    let cancelled = store.cancel(cancel).await?;
    Ok(CancelReply {
        run: or_empty(cancelled.run.as_ref()),
        holder: or_empty(cancelled.holder.as_ref()),
    })
}

/// May answer fewer than asked for, where their bodies are large; the caller asks on.
pub(super) async fn read_events(
    store: &dyn Store,
    request: ReadEventsRequest,
) -> Result<ReadEventsReply> {
    let id = check::conversation(&request.conversation)?;
    let viewer = check::viewer(&request.viewer)?;
    let limit = check::page("limit", request.limit)?;
    let range = if request.before != 0 {
        let seq = Seq(request.before);
        Range::Before { seq, limit }
    } else {
        let seq = Seq(request.after);
        Range::After { seq, limit }
    };
    let events = store.read_events(&id, &viewer, range).await?;
    Ok(ReadEventsReply {
        epoch: events.epoch.0,
        entries: encode::entries(events.entries),
        head: events.head.0,
        first: events.first.0,
    })
}

pub(super) async fn read_text(
    store: &dyn Store,
    request: ReadTextRequest,
) -> Result<ReadTextReply> {
    let id = check::conversation(&request.conversation)?;
    let message = field("message", &request.message)?;
    let part = part("part", request.part)?;
    let read = store.read_text(&id, &message, part, request.offset).await?;
    Ok(ReadTextReply {
        text: read.text,
        streaming: read.streams,
    })
}
