//! What was said goes to the log, its audience and its agent: in a task that nobody stops who goes away.

use convene_proto::{
    bus::{Command, Doorbell, item::What},
    context::{SubmitReply, SubmitRequest},
    convert,
    id::{ConversationId, Inbox, MessageId, ParticipantId},
    position::Seq,
};
use convene_runtime::{
    lies::{LATE, Lie, told},
    trace::TraceContext,
};
use tokio::{sync::oneshot, task::JoinHandle};
use tracing::Instrument as _;

use super::moment::tell_holder;
use crate::{
    error::{Refusal, Result},
    gateway::Gateway,
};

/// A message that stands in the log. Its audience is being told and its agent rung, whatever
/// becomes of the client.
pub(crate) struct Submitted {
    seq: Seq,
    ringing: JoinHandle<Result<()>>,
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

pub(super) async fn hand_in(
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
