//! A context service on the way back from which answers are altered, or get lost: what was asked is
//! carried out, and then the stream breaks instead of saying so.

use std::{pin::Pin, sync::Arc};

use convene_proto::context::{
    context_service_client::ContextServiceClient,
    context_service_server::{ContextService, ContextServiceServer},
    work_reply::Reply,
    *,
};
use convene_runtime::{Tasks, grpc};
use futures_util::{Stream, StreamExt as _, future::ready};
use tonic::{
    Request, Response, Status, Streaming,
    transport::{Channel, Server},
};

/// What becomes of an answer; `None`: it is lost.
pub(super) type Alters = Arc<dyn Fn(Reply) -> Option<Reply> + Send + Sync>;

/// The real one is behind it.
pub(super) struct Altered {
    behind: ContextServiceClient<Channel>,
    alters: Alters,
    finds_overlooked: bool,
}

impl Altered {
    /// A client of such a one.
    pub(super) fn client(
        behind: ContextServiceClient<Channel>,
        alters: Alters,
        tasks: &Tasks,
    ) -> ContextServiceClient<Channel> {
        Self::serve(behind, alters, true, tasks)
    }

    /// As [`Altered::client`]; and no sweep finds anything.
    pub(super) fn unswept(
        behind: ContextServiceClient<Channel>,
        alters: Alters,
        tasks: &Tasks,
    ) -> ContextServiceClient<Channel> {
        Self::serve(behind, alters, false, tasks)
    }

    fn serve(
        behind: ContextServiceClient<Channel>,
        alters: Alters,
        finds_overlooked: bool,
        tasks: &Tasks,
    ) -> ContextServiceClient<Channel> {
        let service = ContextServiceServer::new(Self {
            behind,
            alters,
            finds_overlooked,
        });
        let (channel, incoming) = grpc::in_process();
        tasks.spawn_until_stop(async move {
            let server = Server::builder().add_service(service);
            server.serve_with_incoming(incoming).await.unwrap();
        });
        ContextServiceClient::new(channel)
    }
}

macro_rules! forward {
    ($($call:ident($request:ty) -> $reply:ty;)*) => {
        #[tonic::async_trait]
        impl ContextService for Altered {
            $(
                async fn $call(
                    &self,
                    request: Request<$request>,
                ) -> Result<Response<$reply>, Status> {
                    self.behind.clone().$call(request).await
                }
            )*

            async fn sweep(
                &self,
                request: Request<SweepRequest>,
            ) -> Result<Response<SweepReply>, Status> {
                if self.finds_overlooked {
                    self.behind.clone().sweep(request).await
                } else {
                    Ok(Response::new(SweepReply::default()))
                }
            }

            type WorkStream = Pin<Box<dyn Stream<Item = Result<WorkReply, Status>> + Send>>;

            async fn work(
                &self,
                requests: Request<Streaming<WorkRequest>>,
            ) -> Result<Response<Self::WorkStream>, Status> {
                let requests = requests.into_inner().filter_map(|request| ready(request.ok()));
                let replies = self.behind.clone().work(requests).await?.into_inner();
                let alters = self.alters.clone();
                let replies = replies.map(move |reply| {
                    let WorkReply { id, reply } = reply?;
                    let lost = || Status::unavailable("it is lost on its way");
                    let reply = reply.and_then(|reply| alters(reply)).ok_or_else(lost)?;
                    Ok(WorkReply { id, reply: Some(reply) })
                });
                Ok(Response::new(Box::pin(replies)))
            }
        }
    };
}

forward! {
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
    announce(AnnounceRequest) -> AnnounceReply;
    list_agents(ListAgentsRequest) -> ListAgentsReply;
    revoke(RevokeRequest) -> RevokeReply;
    list_revocations(ListRevocationsRequest) -> ListRevocationsReply;
}
