//! The gateway's calls to the context service: deadlines, retries, and refusals in one place.

use std::time::Duration;

use convene_proto::context::{context_service_client::ContextServiceClient, *};
use convene_runtime::grpc::{self, Retry};
use tonic::transport::Channel;

use crate::error::Result;

/// A call that has not succeeded by then is refused as unavailable.
const LIMITS: Retry = Retry {
    retries: 40,
    each: Duration::from_secs(3),
    total: Duration::from_secs(8),
};

/// The context service, wherever it runs. Clones share one channel.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    client: ContextServiceClient<Channel>,
    channel: Channel,
}

// Each of these calls is idempotent, so one that found no server is made again until the deadline.
macro_rules! calls {
    ($($name:ident($request:ty) -> $reply:ty;)*) => {
        $(
            pub(crate) async fn $name(&self, request: $request) -> Result<$reply> {
                let attempt = || {
                    let mut client = self.client.clone();
                    let request = request.clone();
                    async move { client.$name(grpc::request(request)).await }
                };
                let reply = grpc::retry(LIMITS, attempt).await?;
                Ok(reply.into_inner())
            }
        )*
    };
}

impl Context {
    pub(crate) fn new(channel: Channel) -> Self {
        Self {
            client: ContextServiceClient::new(channel.clone()),
            channel,
        }
    }

    calls! {
        create_conversation(CreateConversationRequest) -> CreateConversationReply;
        get_conversation(GetConversationRequest) -> GetConversationReply;
        list_conversations(ListConversationsRequest) -> ListConversationsReply;
        rename_conversation(RenameConversationRequest) -> Written;
        add_participant(AddParticipantRequest) -> Written;
        remove_participant(RemoveParticipantRequest) -> Written;
        submit(SubmitRequest) -> SubmitReply;
        read_events(ReadEventsRequest) -> ReadEventsReply;
        read_text(ReadTextRequest) -> ReadTextReply;
        subscribe(SubscribeRequest) -> SubscribeReply;
        unsubscribe(UnsubscribeRequest) -> UnsubscribeReply;
        audit(AuditRequest) -> AuditReply;
        signal(SignalRequest) -> SignalReply;
        list_agents(ListAgentsRequest) -> ListAgentsReply;
        revoke(RevokeRequest) -> RevokeReply;
        list_revocations(ListRevocationsRequest) -> ListRevocationsReply;
    }

    /// Without a run it stops whichever is under way. Made again, that could be the next one, so
    /// only a call that names its run is.
    pub(crate) async fn cancel(&self, request: CancelRequest) -> Result<CancelReply> {
        let limits = match request.run.as_str() {
            "" => Retry {
                retries: 0,
                ..LIMITS
            },
            _ => LIMITS,
        };
        let attempt = || {
            let mut client = self.client.clone();
            let request = request.clone();
            async move { client.cancel(grpc::request(request)).await }
        };
        Ok(grpc::retry(limits, attempt).await?.into_inner())
    }

    /// Asks once, for readiness. It reads no key: of a Redis Cluster, the node that holds it could
    /// be the only one that is away.
    pub(crate) async fn reachable(&self) -> std::result::Result<(), &'static str> {
        let serves = grpc::serves(&self.channel).await;
        serves
            .then_some(())
            .ok_or("the context service or its store is away")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    };

    use axum::{Router, body::Body, response::Response};
    use convene_runtime::Tasks;
    use tonic::{Status, transport::Server};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_what_may_be_made_twice_is_made_again() {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = asked.clone();
        let lost = move || {
            counter.fetch_add(1, SeqCst);
            async { Response::from(Status::unavailable("the answer was lost").into_http::<Body>()) }
        };
        let (channel, incoming) = grpc::in_process();
        let server = Server::builder().add_routes(Router::new().fallback(lost).into());
        let tasks = Tasks::new();
        tasks.spawn_until_stop(async move { server.serve_with_incoming(incoming).await.unwrap() });
        let context = Context::new(channel);

        let mut cancel = CancelRequest {
            conversation: "c".into(),
            viewer: "user:ada".into(),
            run: String::new(),
        };
        context.cancel(cancel.clone()).await.unwrap_err();
        assert_eq!(asked.load(SeqCst), 1);
        cancel.run = "r".into();
        context.cancel(cancel).await.unwrap_err();
        assert!(asked.load(SeqCst) > 2);
    }
}
