//! The store as the context service has it: calls fail, before or after they are carried out, or
//! take long.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use convene_context_service::store::{
    AgentInfo, Append, Appended, Cancel, Cancelled, Change, Claim, ClaimOutcome, Claimed, Created,
    Due, Error, Events, Found, NewConversation, NewEntry, Page, PartText, Range, Release, Result,
    Revocation, Revocations, Signalled, Standing, Store, Submit, Submitted, Subscribe, Subscribed,
    Unsubscribe, Unsubscribed, Viewer, Written, embedded::EmbeddedStore,
};
use convene_proto::{
    id::{ConversationId, Inbox, MessageId, ParticipantId},
    position::{Nonce, Seq},
};
use tokio::time::sleep;

use crate::stage::Stage;

const SLOW: Duration = Duration::from_millis(400);
/// Longer than the context service waits.
const STUCK: Duration = Duration::from_secs(7);

/// See the module.
pub(crate) struct FaultyStore {
    pub(crate) stage: Arc<Stage>,
    pub(crate) inner: Arc<EmbeddedStore>,
}

impl FaultyStore {
    async fn call<T>(&self, name: &str, step: impl Future<Output = Result<T>>) -> Result<T> {
        let (stage, calls) = (&self.stage, self.stage.plan.calls);
        self.drag().await;
        if stage.hit(calls.fail) {
            stage.note(format_args!("{name} is not carried out"));
            return Err(away());
        }
        let done = step.await;
        self.drag().await;
        if stage.hit(calls.unheard) {
            stage.note(format_args!("{name} is carried out, and not answered"));
            return Err(away());
        }
        done
    }

    /// A timer rings in the step that claims.
    fn rang(&self, id: &ConversationId, claimed: &Claimed) {
        if let Some(rang) = &claimed.rang {
            self.stage
                .note(format_args!("a timer rings at {} in {id}", rang.seq));
            self.stage.wrote_event(id, rang.seq, rang.eid);
        }
    }

    async fn drag(&self) {
        let (stage, calls) = (&self.stage, self.stage.plan.calls);
        if stage.hit(calls.stuck) {
            sleep(STUCK).await;
        } else if stage.hit(calls.slow) {
            sleep(stage.up_to(SLOW)).await;
        }
    }
}

fn away() -> Error {
    Error::Unavailable("the simulated store did not answer".into())
}

#[async_trait]
impl Store for FaultyStore {
    async fn create(&self, new: NewConversation) -> Result<Created> {
        self.inner.create(new).await
    }

    async fn conversation(&self, id: &ConversationId, viewer: &Viewer) -> Result<Found> {
        self.call("conversation", self.inner.conversation(id, viewer))
            .await
    }

    async fn conversations(
        &self,
        viewer: &ParticipantId,
        limit: usize,
        after: Option<&str>,
    ) -> Result<Page> {
        self.inner.conversations(viewer, limit, after).await
    }

    async fn change(
        &self,
        id: &ConversationId,
        viewer: &Viewer,
        change: Change,
        entry: NewEntry,
    ) -> Result<Written> {
        self.inner.change(id, viewer, change, entry).await
    }

    async fn submit(&self, submit: Submit) -> Result<Submitted> {
        let (id, message) = (submit.conversation.clone(), submit.message.clone());
        let step = async {
            let done = self.inner.submit(submit).await?;
            let (seq, eid) = (done.entry.seq, done.entry.eid);
            let again = if done.duplicate { " already" } else { "" };
            self.stage
                .note(format_args!("{message} stands at {seq}{again} in {id}"));
            self.stage.wrote_event(&id, seq, eid);
            Ok(done)
        };
        self.call("submit", step).await
    }

    async fn cancel(&self, cancel: Cancel) -> Result<Cancelled> {
        self.call("cancel", self.inner.cancel(cancel)).await
    }

    async fn read_events(
        &self,
        id: &ConversationId,
        viewer: &Viewer,
        range: Range,
    ) -> Result<Events> {
        self.call("read_events", self.inner.read_events(id, viewer, range))
            .await
    }

    async fn read_text(
        &self,
        id: &ConversationId,
        message: &MessageId,
        part: u16,
        offset: u64,
    ) -> Result<PartText> {
        self.call("read_text", self.inner.read_text(id, message, part, offset))
            .await
    }

    async fn subscribe(&self, subscribe: Subscribe) -> Result<Subscribed> {
        self.call("subscribe", self.inner.subscribe(subscribe))
            .await
    }

    async fn unsubscribe(&self, unsubscribe: Unsubscribe) -> Result<Unsubscribed> {
        self.call("unsubscribe", self.inner.unsubscribe(unsubscribe))
            .await
    }

    async fn audit(
        &self,
        inbox: &Inbox,
        ttl: Duration,
        conversations: &[(ConversationId, Vec<ParticipantId>)],
    ) -> Result<Vec<Result<Option<Standing>>>> {
        self.call("audit", self.inner.audit(inbox, ttl, conversations))
            .await
    }

    async fn signal(
        &self,
        id: &ConversationId,
        viewer: &ParticipantId,
        read: Option<Seq>,
    ) -> Result<Signalled> {
        self.call("signal", self.inner.signal(id, viewer, read))
            .await
    }

    async fn claim(&self, claim: Claim) -> Result<ClaimOutcome> {
        let (id, holder) = (claim.conversation.clone(), claim.holder.clone());
        let step = async {
            let outcome = self.inner.claim(claim).await?;
            let what = match &outcome {
                ClaimOutcome::Claimed(claimed) => format!("attempt {}", claimed.attempt),
                ClaimOutcome::Held(_) => "held".to_owned(),
                ClaimOutcome::Backoff(_) => "backoff".to_owned(),
                ClaimOutcome::Empty => "empty".to_owned(),
            };
            self.stage
                .note(format_args!("{holder} claims {id}: {what}"));
            if let ClaimOutcome::Claimed(claimed) = &outcome {
                self.rang(&id, claimed);
            }
            Ok(outcome)
        };
        self.call("claim", step).await
    }

    async fn append(&self, append: Append) -> Result<Appended> {
        let (id, nonce, step) = (append.conversation.clone(), append.nonce, append.step);
        let text = append.text.clone();
        let appending = async {
            let done = self.inner.append(append).await;
            match &done {
                Ok(done) => {
                    if let Some(text) = text {
                        self.stage
                            .wrote_text(&text.message, text.offset, &text.text);
                    }
                    for entry in &done.entries {
                        self.stage.wrote_event(&id, entry.seq, entry.eid);
                    }
                    let head = done.head;
                    self.stage
                        .note(format_args!("{nonce} writes {step} in {id}, up to {head}"));
                }
                Err(error) => {
                    self.stage.note(format_args!(
                        "{nonce} does not write {step} in {id}: {error}"
                    ));
                }
            }
            done
        };
        self.call("append", appending).await
    }

    async fn renew(&self, id: &ConversationId, nonce: Nonce, ttl: Duration) -> Result<Appended> {
        self.call("renew", self.inner.renew(id, nonce, ttl)).await
    }

    async fn release(&self, release: Release) -> Result<Option<Claimed>> {
        let (id, nonce) = (release.conversation.clone(), release.nonce);
        let step = async {
            let done = self.inner.release(release).await?;
            let what = if done.is_some() {
                "and goes on"
            } else {
                "for good"
            };
            self.stage
                .note(format_args!("{nonce} releases {id} {what}"));
            if let Some(claimed) = &done {
                self.rang(&id, claimed);
            }
            Ok(done)
        };
        self.call("release", step).await
    }

    async fn sweep(&self, limit: usize) -> Result<Vec<Due>> {
        let step = async {
            let found = self.inner.sweep(limit).await?;
            for due in &found {
                self.stage
                    .note(format_args!("the sweep finds {}", due.conversation));
            }
            Ok(found)
        };
        self.call("sweep", step).await
    }

    async fn announce(&self, inbox: &Inbox, agents: &[AgentInfo], ttl: Duration) -> Result<()> {
        self.call("announce", self.inner.announce(inbox, agents, ttl))
            .await
    }

    async fn agents(&self) -> Result<Vec<AgentInfo>> {
        self.call("agents", self.inner.agents()).await
    }

    async fn revoke(&self, revocation: Revocation) -> Result<()> {
        self.inner.revoke(revocation).await
    }

    async fn revocations(&self, after: u64, limit: usize) -> Result<Revocations> {
        self.inner.revocations(after, limit).await
    }

    async fn ping(&self) -> Result<()> {
        self.inner.ping().await
    }
}
