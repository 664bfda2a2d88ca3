//! What is no message: a run is stopped, a moment shown, and a change to the conversation told.

use convene_proto::{
    bus::{CancelRun, item::What},
    context::{CancelRequest, SignalRequest, Written},
    convert,
    frame::Signal,
    id::{ConversationId, Inbox, RunId},
    position::Seq,
};

use crate::{auth::Caller, error::Result, gateway::Gateway};

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

pub(super) async fn tell_holder(
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
