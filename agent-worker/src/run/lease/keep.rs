//! A lease is renewed while it is worked under, and given back.

use std::{sync::Arc, time::Duration};

use convene_proto::{
    context::{Claimed, ReleaseRequest, RenewRequest},
    id::RunId,
};
use tokio::time::{Instant, sleep};

use super::{FIRST_PAUSE, Lease, Lost, millis};
use crate::run::recall::{Past, Recall};

/// Between renewals, where the store fails at once.
const RENEWING_PAUSE: Duration = Duration::from_millis(200);

impl Lease {
    /// Renews the lease; it is worth one attempt only, since another is due soon.
    pub(crate) async fn renew(&mut self) -> Result<(), Lost> {
        let asked = Instant::now();
        let request = RenewRequest {
            conversation: self.conversation.clone(),
            nonce: self.nonce,
            ttl_ms: millis(self.ttl),
        };
        match self.desk.renew(request).await {
            Ok(reply) => {
                self.renewed(
                    asked,
                    reply.epoch,
                    reply.head,
                    reply.cancel,
                    &reply.audience,
                );
                Ok(())
            }
            Err(error) => {
                let mut none = Duration::ZERO;
                self.pause_after(error, &mut none).await
            }
        }
    }

    /// Does something else that takes its time, and keeps the lease meanwhile.
    pub(crate) async fn held_during<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> Result<T, Lost> {
        let mut work = std::pin::pin!(work);
        loop {
            let third = (self.ttl / 3).saturating_sub(self.age());
            tokio::select! {
                done = &mut work => return Ok(done),
                () = sleep(third.max(RENEWING_PAUSE)) => self.renew().await?,
            }
        }
    }

    /// Gives the lease back, unless more input waits: then it is the next run's, which is
    /// returned, with what was said before it.
    pub(crate) async fn release(
        &mut self,
        recall: &Recall,
    ) -> Result<Option<(Claimed, Arc<Past>)>, Lost> {
        let mut known = recall.of(&self.conversation);
        let mut request = self.release_request();
        let mut rang = None;
        loop {
            (request.history, request.history_from) = recall.wanted(known.as_ref());
            let Some(mut next) = self.give_back(&request).await? else {
                return Ok(None);
            };
            rang = next.rang.take().or(rang);
            next.rang.clone_from(&rang);
            if let Some(past) = recall.learn(&next, known.take()) {
                return Ok(Some((next, past)));
            }
        }
    }

    /// Gives the lease back in any case, and does not count the attempt under way.
    pub(crate) async fn abandon(&mut self) -> Result<(), Lost> {
        let request = ReleaseRequest {
            abandon: true,
            ..self.release_request()
        };
        self.give_back(&request).await.map(drop)
    }

    /// Another each time, but the same however often it is made.
    fn release_request(&self) -> ReleaseRequest {
        ReleaseRequest {
            conversation: self.conversation.clone(),
            nonce: self.nonce,
            ttl_ms: millis(self.ttl),
            run: RunId::random().to_string(),
            over: self.run.clone(),
            ..ReleaseRequest::default()
        }
    }

    async fn give_back(&mut self, request: &ReleaseRequest) -> Result<Option<Claimed>, Lost> {
        let mut pause = FIRST_PAUSE;
        loop {
            let asked = Instant::now();
            match self.desk.release(request.clone()).await {
                Ok(reply) => {
                    if let Some(next) = &reply.next {
                        self.renewed = asked;
                        self.next_run(next);
                    }
                    return Ok(reply.next);
                }
                Err(error) => self.pause_after(error, &mut pause).await?,
            }
        }
    }
}
