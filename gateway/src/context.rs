//! The gateway's calls to the context service: deadlines, retries, and refusals in one place.

use std::time::Duration;

use convene_proto::context::{context_service_client::ContextServiceClient, *};
use convene_runtime::grpc::{self, Retry};
use tonic::transport::Channel;

use crate::error::Result;

/// A call that has not succeeded by then is refused as unavailable.
const LIMITS: Retry = Retry {
    retries: 20,
    each: Duration::from_secs(3),
    total: Duration::from_secs(8),
};

/// The context service, wherever it runs. Clones share one channel.
#[derive(Debug, Clone)]
pub(crate) struct Context(ContextServiceClient<Channel>);

// Every call is idempotent, so one that found no server is made again until the deadline.
macro_rules! calls {
    ($($name:ident($request:ty) -> $reply:ty;)*) => {
        $(
            pub(crate) async fn $name(&self, request: $request) -> Result<$reply> {
                let attempt = || {
                    let mut client = self.0.clone();
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
        Self(ContextServiceClient::new(channel))
    }

    calls! {
        create_conversation(CreateConversationRequest) -> CreateConversationReply;
        get_conversation(GetConversationRequest) -> GetConversationReply;
        list_conversations(ListConversationsRequest) -> ListConversationsReply;
        rename_conversation(RenameConversationRequest) -> Written;
        add_participant(AddParticipantRequest) -> Written;
        remove_participant(RemoveParticipantRequest) -> Written;
        submit(SubmitRequest) -> SubmitReply;
        cancel(CancelRequest) -> CancelReply;
        read_events(ReadEventsRequest) -> ReadEventsReply;
        read_text(ReadTextRequest) -> ReadTextReply;
        subscribe(SubscribeRequest) -> SubscribeReply;
        unsubscribe(UnsubscribeRequest) -> UnsubscribeReply;
        audit(AuditRequest) -> AuditReply;
        signal(SignalRequest) -> SignalReply;
        list_agents(ListAgentsRequest) -> ListAgentsReply;
    }

    /// Asks once, for readiness.
    pub(crate) async fn reachable(&self) -> std::result::Result<(), &'static str> {
        let mut client = self.0.clone();
        match client.list_agents(ListAgentsRequest {}).await {
            Ok(_) => Ok(()),
            Err(status) => {
                tracing::debug!(%status, "the context service does not answer");
                Err("the context service or its store is away")
            }
        }
    }
}
