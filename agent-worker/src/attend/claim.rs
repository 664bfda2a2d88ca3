//! Asks for the lease, and learns what was said before what is claimed.

use std::sync::Arc;

use convene_bus::Rung;
use convene_proto::{
    context::{ClaimReply, ClaimRequest, claim_reply::Outcome},
    id::RunId,
    position::Nonce,
};

use crate::{
    desk,
    run::{lease::millis, recall::Past},
    worker::Shared,
};

/// What tells one claim from another. It stays the same while the claim is not answered, so that
/// one which was carried out without our knowing is answered again.
pub(super) struct Ticket {
    nonce: Nonce,
    run: RunId,
}

impl Ticket {
    pub(super) fn fresh() -> Self {
        Self {
            nonce: Nonce::random(),
            run: RunId::random(),
        }
    }
}

/// Claims, and says what was said before what is claimed.
pub(super) async fn claim(
    shared: &Shared,
    rung: &Rung,
    ticket: &Ticket,
) -> Result<(ClaimReply, Arc<Past>), desk::Error> {
    let doorbell = &rung.doorbell;
    let mut known = shared.recall.of(&doorbell.conversation);
    let (mut restored, mut rang) = (None, None);
    loop {
        let (history, history_from) = shared.recall.wanted(known.as_ref());
        let request = ClaimRequest {
            conversation: doorbell.conversation.clone(),
            holder: shared.inbox_name(),
            ttl_ms: millis(shared.options.lease_ttl()),
            history,
            history_from,
            restore: doorbell
                .command
                .clone()
                .map(|command| command.restore(doorbell.pool.clone())),
            nonce: ticket.nonce.0,
            run: ticket.run.to_string(),
        };
        let mut reply = shared.desk.claim(request).await?;
        let Some(Outcome::Claimed(claimed)) = &mut reply.outcome else {
            return Ok((reply, Arc::default()));
        };
        // A log that lost its end is one that we do not know, and only the first claim restores, or rings.
        restored = claimed.restored.take().or(restored);
        claimed.restored.clone_from(&restored);
        rang = claimed.rang.take().or(rang);
        claimed.rang.clone_from(&rang);
        if let Some(past) = shared.recall.learn(claimed, known.take()) {
            return Ok((reply, past));
        }
    }
}
