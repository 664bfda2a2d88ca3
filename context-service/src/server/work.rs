//! A worker's stream: many calls under way at once, answered in any order by their ids.

use std::{future::ready, sync::Arc};

use convene_proto::context::{
    WorkError, WorkReply, WorkRequest, work_reply::Reply, work_request::Call,
};
use convene_proto::convert::Invalid;
use convene_runtime::trace::TraceContext;
use futures_util::{Stream, StreamExt as _};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tracing::{Instrument as _, debug_span, field::Empty, info_span};

use super::{
    observe::Observer,
    refusal::{Refusal, Result},
    runs,
};
use crate::store::Store;

/// Answers requests until they end or the server drains; calls that were read are answered
/// first. While `in_flight` calls are under way none is read, so that the worker has to wait.
pub(super) fn answers(
    requests: impl Stream<Item = std::result::Result<WorkRequest, Status>> + Send + 'static,
    store: Arc<dyn Store>,
    observer: Observer,
    in_flight: usize,
    draining: CancellationToken,
) -> impl Stream<Item = std::result::Result<WorkReply, Status>> + Send + 'static {
    requests
        .take_until(draining.cancelled_owned())
        // The worker is gone: what it asked for is carried out all the same.
        .take_while(|request| ready(request.is_ok()))
        .filter_map(|request| ready(request.ok()))
        .map(move |request| answer(store.clone(), observer.clone(), request))
        .buffer_unordered(in_flight)
        .map(Ok)
}

async fn answer(store: Arc<dyn Store>, observer: Observer, request: WorkRequest) -> WorkReply {
    let trace = TraceContext {
        traceparent: Some(request.traceparent).filter(|trace| !trace.is_empty()),
        tracestate: None,
    };
    let reply = carry_out(&*store, &observer, request.call, &trace).await;
    let reply = reply.unwrap_or_else(|refusal| {
        Reply::Error(WorkError {
            code: refusal.code().as_str().to_owned(),
            message: refusal.message(),
        })
    });
    WorkReply {
        id: request.id,
        reply: Some(reply),
    }
}

/// What the worker gave no trace comes many times a second, and has a span only for who looks
/// closely.
async fn carry_out(
    store: &dyn Store,
    observer: &Observer,
    call: Option<Call>,
    trace: &TraceContext,
) -> Result<Reply> {
    macro_rules! step {
        ($name:ident, $request:ident, $reply:path) => {{
            let span = if trace.is_empty() {
                debug_span!(stringify!($name), conversation = Empty)
            } else {
                info_span!(stringify!($name), conversation = Empty)
            };
            trace.adopt(&span);
            let step = runs::$name(store, $request);
            let reply = observer.run(stringify!($name), step).instrument(span).await;
            reply.map($reply)
        }};
    }
    match call {
        Some(Call::Claim(request)) => step!(claim, request, Reply::Claim),
        Some(Call::Append(request)) => step!(append, request, Reply::Append),
        Some(Call::Renew(request)) => step!(renew, request, Reply::Renew),
        Some(Call::Release(request)) => step!(release, request, Reply::Release),
        None => Err(Refusal::from(Invalid::missing("call"))),
    }
}
