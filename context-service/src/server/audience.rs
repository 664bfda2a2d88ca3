//! The audience: which gateways have readers, and what those have missed.

use convene_proto::{
    context::{subscribe_reply::Kind, *},
    convert::{field, list, optional, texts},
    position::{Position, Seq},
};

use super::{check, encode, refusal::Result};
use crate::store::{self, Place, ResumeKind, Store};

pub(super) async fn subscribe(
    store: &dyn Store,
    request: SubscribeRequest,
) -> Result<SubscribeReply> {
    let subscribe = store::Subscribe {
        conversation: check::conversation(&request.conversation)?,
        viewer: field("viewer", &request.viewer)?,
        inbox: field("inbox", &request.inbox)?,
        after: request.after.map(Position::try_from).transpose()?,
        tail: check::page("tail", request.tail)?,
        ttl: check::ttl("ttl_ms", request.ttl_ms)?,
    };
    let subscribed = store.subscribe(subscribe).await?;
    let (streaming, streaming_offset) = encode::streaming(subscribed.streaming);
    let kind = match subscribed.kind {
        ResumeKind::Snapshot => Kind::Snapshot,
        ResumeKind::Resumed => Kind::Resumed,
        ResumeKind::Reset => Kind::Reset,
    };
    Ok(SubscribeReply {
        kind: kind.into(),
        conversation: Some(encode::conversation(
            subscribed.conversation,
            subscribed.epoch,
            None,
        )),
        entries: encode::entries(subscribed.entries),
        head_eid: subscribed.head_eid.0,
        streaming,
        streaming_offset,
        here: texts(subscribed.here),
        audience: texts(subscribed.audience),
        place: subscribed.place.0,
    })
}

pub(super) async fn unsubscribe(
    store: &dyn Store,
    request: UnsubscribeRequest,
) -> Result<UnsubscribeReply> {
    let unsubscribe = store::Unsubscribe {
        conversation: check::conversation(&request.conversation)?,
        inbox: field("inbox", &request.inbox)?,
        viewer: optional("viewer", &request.viewer)?,
        last: request.last,
        place: Some(Place(request.place)).filter(|place| *place != Place(0)),
    };
    let unsubscribed = store.unsubscribe(unsubscribe).await?;
    Ok(UnsubscribeReply {
        audience: texts(unsubscribed.audience),
        gone: unsubscribed.gone,
    })
}

pub(super) async fn audit(store: &dyn Store, request: AuditRequest) -> Result<AuditReply> {
    let inbox = field("inbox", &request.inbox)?;
    let ttl = check::ttl("ttl_ms", request.ttl_ms)?;
    check::at_most(
        "conversations",
        request.conversations.len(),
        check::MAX_AUDITED,
    )?;
    let conversations = request
        .conversations
        .iter()
        .map(|audited| {
            let id = field("conversations.conversation", &audited.conversation)?;
            Ok((id, list("conversations.viewers", &audited.viewers)?))
        })
        .collect::<Result<Vec<_>>>()?;
    let standings = store.audit(&inbox, ttl, &conversations).await?;
    Ok(AuditReply {
        standings: standings.into_iter().map(encode::standing).collect(),
    })
}

pub(super) async fn signal(store: &dyn Store, request: SignalRequest) -> Result<SignalReply> {
    let id = check::conversation(&request.conversation)?;
    let viewer = field("viewer", &request.viewer)?;
    let read = Some(Seq(request.read)).filter(|read| *read != Seq(0));
    let signalled = store.signal(&id, &viewer, read).await?;
    Ok(SignalReply {
        audience: texts(signalled.audience),
        read: signalled.read.map_or(0, |read| read.0),
    })
}
