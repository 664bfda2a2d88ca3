//! What clients say, whatever protocol they say it in: checked, submitted, rung.

use convene_proto::{
    bus::{CancelRun, Command, Doorbell, item::What},
    context::{Act, CancelRequest, SignalRequest, SubmitReply, SubmitRequest, Written},
    convert,
    error::ErrorCode,
    event::{EventBody, Happening, Message, Part, TurnPolicy},
    frame::{NewAct, NewEvent, NewMessage, Signal},
    id::{ConversationId, Inbox, MessageId, ParticipantId, RunId},
    position::Seq,
};
use convene_runtime::{
    lies::{LATE, Lie, told},
    trace::TraceContext,
};
use tokio::{sync::oneshot, task::JoinHandle};
use tracing::Instrument as _;

use crate::{
    auth::Caller,
    error::{Refusal, Result},
    gateway::Gateway,
};

const PARTS: usize = 16;
const ADDRESSEES: usize = 16;

/// A message that stands in the log. Its audience is being told and its agent rung, whatever
/// becomes of the client.
pub(crate) struct Submitted {
    seq: Seq,
    ringing: JoinHandle<Result<()>>,
}

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

async fn hand_in(
    gateway: &Gateway,
    conversation: &ConversationId,
    message: MessageId,
    author: ParticipantId,
    request: SubmitRequest,
) -> Result<Submitted> {
    let said = Said {
        conversation: conversation.clone(),
        message,
        author,
    };
    let (logged, stands) = oneshot::channel();
    let owner = gateway.clone();
    let accepting = async move {
        if told(Lie::AcceptFirst) {
            drop(logged.send(Ok(Seq(0))));
            tokio::time::sleep(LATE).await;
            return match owner.context().submit(request).await {
                Ok(reply) => said.tell_and_ring(&owner, reply).await,
                Err(_) => Ok(()),
            };
        }
        let reply = owner.context().submit(request).await;
        let seq = reply
            .as_ref()
            .map(|reply| Seq(reply.entry.as_ref().map_or(0, |entry| entry.seq)));
        // The client may have gone meanwhile.
        drop(logged.send(seq.map_err(Clone::clone)));
        match reply {
            Ok(reply) => said.tell_and_ring(&owner, reply).await,
            Err(_) => Ok(()),
        }
    };
    let ringing = gateway.tasks().spawn(accepting.in_current_span());
    let seq = stands.await.unwrap_or_else(|_| Err(Refusal::broken()))?;
    Ok(Submitted { seq, ringing })
}

impl Submitted {
    pub(crate) fn seq(&self) -> Seq {
        self.seq
    }

    /// Ends once the doorbell is confirmed: then the message is accepted.
    pub(crate) async fn rung(self) -> Result<()> {
        if told(Lie::AcceptFirst) {
            return Ok(());
        }
        if told(Lie::NeverAccept) {
            std::future::pending::<()>().await;
        }
        self.ringing.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a doorbell's task failed");
            Err(Refusal::broken())
        })
    }
}

/// What a person said, and where.
struct Said {
    conversation: ConversationId,
    message: MessageId,
    author: ParticipantId,
}

impl Said {
    async fn tell_and_ring(self, gateway: &Gateway, reply: SubmitReply) -> Result<()> {
        let audience = convert::list::<Inbox>("audience", &reply.audience)?;
        let entry = reply
            .entry
            .ok_or_else(|| convert::Invalid::missing("entry"))?;
        // A duplicate is announced too: whoever wrote it first may have died before doing so, and
        // feeds pass over what they know.
        let what = What::Event(entry.clone().into());
        gateway
            .hub()
            .send(&self.conversation, reply.epoch, what, &audience)
            .await;
        if !reply.interrupted_run.is_empty() {
            tell_holder(
                gateway,
                &self.conversation,
                reply.interrupted_run,
                &reply.holder,
            )
            .await?;
        }
        if reply.pool.is_empty() {
            return Ok(());
        }
        let doorbell = Doorbell {
            conversation: self.conversation.to_string(),
            pool: reply.pool,
            command: Some(Command {
                epoch: reply.epoch,
                seq: entry.seq,
                eid: entry.eid,
                author: self.author.to_string(),
                author_name: reply.author_name,
                message: self.message.to_string(),
                body: entry.body,
                agent: reply.agent,
                policy: reply.policy,
                replay: String::new(),
                prev: entry.prev,
            }),
        };
        gateway
            .bus()
            .ring(&doorbell, &TraceContext::current())
            .await?;
        Ok(())
    }
}

/// Stops the run under way.
pub(crate) async fn cancel(
    gateway: &Gateway,
    caller: &Caller,
    conversation: &ConversationId,
    run: Option<RunId>,
) -> Result<()> {
    let reply = gateway
        .context()
        .cancel(CancelRequest {
            conversation: conversation.to_string(),
            viewer: caller.participant().to_string(),
            run: convert::or_empty(run.as_ref()),
        })
        .await?;
    tell_holder(gateway, conversation, reply.run, &reply.holder).await
}

/// Says a moment to everyone who has the conversation open.
pub(crate) async fn signal(
    gateway: &Gateway,
    caller: &Caller,
    conversation: &ConversationId,
    signal: Signal,
) -> Result<()> {
    let viewer = caller.participant();
    let read = match &signal {
        Signal::Read { seq } => seq.0,
        _ => 0,
    };
    let reply = gateway
        .context()
        .signal(SignalRequest {
            conversation: conversation.to_string(),
            viewer: viewer.to_string(),
            read,
        })
        .await?;
    let audience = convert::list::<Inbox>("audience", &reply.audience)?;
    let signal = match signal {
        // As the log has it: nobody has read what nobody wrote.
        Signal::Read { .. } => Signal::Read {
            seq: Seq(reply.read),
        },
        other => other,
    };
    gateway
        .hub()
        .tell(conversation, &viewer, &signal, &audience)
        .await;
    Ok(())
}

/// Tells the audience of an event that a change to the conversation has written.
pub(crate) async fn announce(
    gateway: &Gateway,
    conversation: &ConversationId,
    written: Written,
) -> Result<()> {
    let audience = convert::list::<Inbox>("audience", &written.audience)?;
    if let Some(entry) = written.entry {
        let what = What::Event(entry.into());
        gateway
            .hub()
            .send(conversation, written.epoch, what, &audience)
            .await;
    }
    tell_holder(gateway, conversation, written.stopped_run, &written.holder).await
}

async fn tell_holder(
    gateway: &Gateway,
    conversation: &ConversationId,
    run: String,
    holder: &str,
) -> Result<()> {
    // The flag in the log is what counts; the letter only makes it quick.
    if let Some(holder) = convert::optional::<Inbox>("holder", holder)? {
        let what = What::Cancel(CancelRun { run });
        gateway.hub().send(conversation, 0, what, &[holder]).await;
    }
    Ok(())
}

fn check_id(id: &MessageId) -> Result<()> {
    if id.is_of_agent() {
        return Err(Refusal::bad_request(
            "ids that begin with agent- are for what agents say: choose another",
        ));
    }
    Ok(())
}

fn check(gateway: &Gateway, new: &NewMessage) -> Result<()> {
    check_id(&new.id)?;
    if new.parts.is_empty() || new.parts.len() > PARTS {
        return Err(Refusal::bad_request(format!(
            "a message has from 1 to {PARTS} parts"
        )));
    }
    let mut bytes = 0;
    for part in &new.parts {
        match part {
            Part::Text { text } => {
                if text.trim().is_empty() {
                    return Err(Refusal::bad_request("a text part must say something"));
                }
                bytes += text.len();
            }
            Part::Act(_) => {
                return Err(Refusal::bad_request(
                    "what is pressed or submitted is handed in by `act`",
                ));
            }
            Part::Actions(_) | Part::Card(_) | Part::Form(_) | Part::Unknown => {
                return Err(Refusal::bad_request(
                    "people say text: a part has the type `text`",
                ));
            }
        }
    }
    let most = gateway.options().max_message_bytes;
    if bytes > most {
        return Err(Refusal::new(
            ErrorCode::TooLarge,
            format!("a message has at most {most} bytes of text; this one has {bytes}"),
        ));
    }
    if new.to.as_ref().is_some_and(|to| to.len() > ADDRESSEES) {
        return Err(Refusal::bad_request(format!(
            "a message is addressed to at most {ADDRESSEES} participants"
        )));
    }
    Ok(())
}

fn whom_to_wake(to: Option<&[ParticipantId]>) -> Result<(String, bool)> {
    let Some(to) = to else {
        return Ok((String::new(), true));
    };
    let mut agents = to.iter().filter_map(|participant| match participant {
        ParticipantId::Agent(name) => Some(name),
        ParticipantId::User(_) => None,
    });
    match (agents.next(), agents.next()) {
        (Some(_), Some(_)) => Err(Refusal::bad_request(
            "a message can wake one agent: name only one in `to`",
        )),
        (agent, _) => Ok((convert::or_empty(agent), false)),
    }
}
