//! A context service on the way back from which an answer gets lost: what was asked is carried out,
//! and then the stream breaks instead of saying so.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

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

/// Which answer gets lost, the first time that there is such a one.
pub(crate) type Loses = fn(&Reply) -> bool;

/// The real one is behind it.
pub(crate) struct Forgetful {
    behind: ContextServiceClient<Channel>,
    loses: Loses,
    lost: Arc<AtomicBool>,
}

impl Forgetful {
    /// A client of such a one, and whether the answer is lost yet.
    pub(super) fn client(
        behind: ContextServiceClient<Channel>,
        loses: Loses,
        tasks: &Tasks,
    ) -> (ContextServiceClient<Channel>, Arc<AtomicBool>) {
        let lost = Arc::new(AtomicBool::new(false));
        let service = ContextServiceServer::new(Self {
            behind,
            loses,
            lost: lost.clone(),
        });
        let (channel, incoming) = grpc::in_process();
        tasks.spawn_until_stop(async move {
            let server = Server::builder().add_service(service);
            server.serve_with_incoming(incoming).await.unwrap();
        });
        (ContextServiceClient::new(channel), lost)
    }
}

macro_rules! forward {
    ($($call:ident($request:ty) -> $reply:ty;)*) => {
        #[tonic::async_trait]
        impl ContextService for Forgetful {
            $(
                async fn $call(
                    &self,
                    request: Request<$request>,
                ) -> Result<Response<$reply>, Status> {
                    self.behind.clone().$call(request).await
                }
            )*

            type WorkStream = Pin<Box<dyn Stream<Item = Result<WorkReply, Status>> + Send>>;

            async fn work(
                &self,
                requests: Request<Streaming<WorkRequest>>,
            ) -> Result<Response<Self::WorkStream>, Status> {
                let requests = requests.into_inner().filter_map(|request| ready(request.ok()));
                let replies = self.behind.clone().work(requests).await?.into_inner();
                let (loses, lost) = (self.loses, self.lost.clone());
                let replies = replies.map(move |reply| match reply {
                    Ok(WorkReply { reply: Some(reply), .. })
                        if loses(&reply) && !lost.swap(true, SeqCst) =>
                    {
                        Err(Status::unavailable("it is lost on its way"))
                    }
                    reply => reply,
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
    sweep(SweepRequest) -> SweepReply;
    announce(AnnounceRequest) -> AnnounceReply;
    list_agents(ListAgentsRequest) -> ListAgentsReply;
    revoke(RevokeRequest) -> RevokeReply;
    list_revocations(ListRevocationsRequest) -> ListRevocationsReply;
}
