//! The generated service trait: every call goes the same way, from its message to its step.

use std::{pin::Pin, sync::Arc};

use convene_proto::context::{context_service_server::ContextService, *};
use convene_runtime::grpc;
use futures_util::Stream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};
use tracing::{Instrument as _, field::Empty, info_span};

use super::{
    audience, conversations, log, observe::Observer, refusal::Refusal, revocations, runs,
    sweeps::Sweeps, work,
};
use crate::store::Store;

pub(super) struct Api {
    store: Arc<dyn Store>,
    observer: Observer,
    sweeps: Sweeps,
    work_in_flight: usize,
    draining: CancellationToken,
}

impl Api {
    pub(super) fn new(
        store: Arc<dyn Store>,
        observer: Observer,
        work_in_flight: usize,
        draining: CancellationToken,
    ) -> Self {
        Self {
            store,
            observer,
            sweeps: Sweeps::default(),
            work_in_flight,
            draining,
        }
    }
}

macro_rules! service {
    ($($module:ident::$call:ident($request:ty) -> $reply:ty;)*) => {
        #[tonic::async_trait]
        impl ContextService for Api {
            $(
                async fn $call(
                    &self,
                    request: Request<$request>,
                ) -> Result<Response<$reply>, Status> {
                    let span = info_span!(stringify!($call), conversation = Empty);
                    grpc::trace_context(request.metadata()).adopt(&span);
                    let step = $module::$call(&*self.store, request.into_inner());
                    let reply = self.observer.run(stringify!($call), step).instrument(span).await?;
                    Ok(Response::new(reply))
                }
            )*

            async fn sweep(
                &self,
                request: Request<SweepRequest>,
            ) -> Result<Response<SweepReply>, Status> {
                let step = self.sweeps.sweep(&*self.store, request.into_inner());
                Ok(Response::new(self.observer.run("sweep", step).await?))
            }

            async fn list_revocations(
                &self,
                request: Request<ListRevocationsRequest>,
            ) -> Result<Response<ListRevocationsReply>, Status> {
                let step = revocations::list_revocations(&*self.store, request.into_inner());
                Ok(Response::new(self.observer.run("list_revocations", step).await?))
            }

            type WorkStream = Pin<Box<dyn Stream<Item = Result<WorkReply, Status>> + Send>>;

            async fn work(
                &self,
                request: Request<Streaming<WorkRequest>>,
            ) -> Result<Response<Self::WorkStream>, Status> {
                if self.draining.is_cancelled() {
                    return Err(Refusal::Draining.into());
                }
                let answers = work::answers(
                    request.into_inner(),
                    self.store.clone(),
                    self.observer.clone(),
                    self.work_in_flight,
                    self.draining.clone(),
                );
                Ok(Response::new(Box::pin(answers)))
            }
        }
    };
}

service! {
    conversations::create_conversation(CreateConversationRequest) -> CreateConversationReply;
    conversations::get_conversation(GetConversationRequest) -> GetConversationReply;
    conversations::list_conversations(ListConversationsRequest) -> ListConversationsReply;
    conversations::rename_conversation(RenameConversationRequest) -> Written;
    conversations::add_participant(AddParticipantRequest) -> Written;
    conversations::remove_participant(RemoveParticipantRequest) -> Written;
    log::submit(SubmitRequest) -> SubmitReply;
    log::cancel(CancelRequest) -> CancelReply;
    log::read_events(ReadEventsRequest) -> ReadEventsReply;
    log::read_text(ReadTextRequest) -> ReadTextReply;
    audience::subscribe(SubscribeRequest) -> SubscribeReply;
    audience::unsubscribe(UnsubscribeRequest) -> UnsubscribeReply;
    audience::audit(AuditRequest) -> AuditReply;
    audience::signal(SignalRequest) -> SignalReply;
    runs::announce(AnnounceRequest) -> AnnounceReply;
    runs::list_agents(ListAgentsRequest) -> ListAgentsReply;
    revocations::revoke(RevokeRequest) -> RevokeReply;
}
