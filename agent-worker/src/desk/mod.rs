//! The worker's desk at the context service: one bidirectional stream for all runs, many calls
//! under way on it.
//!
//! A call that gets no answer in time, or whose stream broke, fails as
//! [`Error::Unavailable`]: whether it was carried out is then unknown. Retrying is the caller's
//! affair, since only the caller knows what a second time would do.

mod clerk;

use std::time::Duration;

use convene_proto::{
    context::{
        AppendReply, AppendRequest, ClaimReply, ClaimRequest, ReleaseReply, ReleaseRequest,
        RenewReply, RenewRequest, context_service_client::ContextServiceClient,
        work_reply::Reply as Answer, work_request::Call as Question,
    },
    error::ErrorCode,
};
use convene_runtime::{Tasks, trace::TraceContext};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};
use tonic::transport::Channel;

/// Calls that wait to be sent; more than that wait in their callers.
const WAITING: usize = 256;

/// Why a call was not answered as it should have been.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// No answer. Whether the call was carried out is unknown.
    #[error("the context service did not answer")]
    Unavailable,
    /// The lease is another's. Nothing was done.
    #[error("the lease is no longer ours")]
    Fenced,
    /// Any other refusal. Nothing was done.
    #[error("the context service refused: {message} ({})", code.as_str())]
    Refused { code: ErrorCode, message: String },
}

/// A question on its way to the stream, and where its answer is awaited.
struct Call {
    question: Question,
    traceparent: String,
    answer: oneshot::Sender<Result<Answer, Error>>,
}

/// Where calls are handed in. Clones share one stream.
#[derive(Clone)]
pub(crate) struct Desk {
    calls: mpsc::Sender<Call>,
    open: watch::Receiver<bool>,
    deadline: Duration,
}

impl Desk {
    /// Opens the desk. `deadline` bounds each call. The stream is open, or being opened anew,
    /// until every clone is dropped.
    pub(crate) fn open(
        context: ContextServiceClient<Channel>,
        deadline: Duration,
        tasks: &Tasks,
    ) -> Self {
        let (calls, waiting) = mpsc::channel(WAITING);
        let (opened, open) = watch::channel(false);
        tasks.spawn_vital("desk", clerk::serve(context, waiting, opened, deadline));
        Self {
            calls,
            open,
            deadline,
        }
    }

    /// One where each call fails at once; and how many did.
    #[cfg(test)]
    pub(crate) fn failing(tasks: &Tasks) -> (Self, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
        let (calls, mut waiting) = mpsc::channel(WAITING);
        let asked = std::sync::Arc::<std::sync::atomic::AtomicUsize>::default();
        let counted = asked.clone();
        tasks.spawn(async move {
            while let Some(call) = waiting.recv().await {
                counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                drop(call);
            }
        });
        let desk = Self {
            calls,
            open: watch::channel(true).1,
            deadline: Duration::from_secs(1),
        };
        (desk, asked)
    }

    /// Whether the stream is open and answering.
    pub(crate) fn watch(&self) -> watch::Receiver<bool> {
        self.open.clone()
    }

    /// Ends once the stream is open.
    pub(crate) async fn opened(&self) {
        let mut open = self.open.clone();
        if open.wait_for(|open| *open).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Ends once the stream has been away for so long without a break.
    pub(crate) async fn away_for(&self, patience: Duration) {
        let mut open = self.open.clone();
        loop {
            if open.wait_for(|open| !*open).await.is_err() {
                std::future::pending::<()>().await;
            }
            if timeout(patience, open.wait_for(|open| *open))
                .await
                .is_err()
            {
                return;
            }
        }
    }

    pub(crate) async fn claim(&self, request: ClaimRequest) -> Result<ClaimReply, Error> {
        match self.ask(Question::Claim(request)).await? {
            Answer::Claim(reply) => Ok(reply),
            other => Err(mismatch(&other)),
        }
    }

    pub(crate) async fn append(&self, request: AppendRequest) -> Result<AppendReply, Error> {
        match self.ask(Question::Append(request)).await? {
            Answer::Append(reply) => Ok(reply),
            other => Err(mismatch(&other)),
        }
    }

    pub(crate) async fn renew(&self, request: RenewRequest) -> Result<RenewReply, Error> {
        match self.ask(Question::Renew(request)).await? {
            Answer::Renew(reply) => Ok(reply),
            other => Err(mismatch(&other)),
        }
    }

    pub(crate) async fn release(&self, request: ReleaseRequest) -> Result<ReleaseReply, Error> {
        match self.ask(Question::Release(request)).await? {
            Answer::Release(reply) => Ok(reply),
            other => Err(mismatch(&other)),
        }
    }

    async fn ask(&self, question: Question) -> Result<Answer, Error> {
        let asked = async {
            let (answer, answered) = oneshot::channel();
            let call = Call {
                traceparent: traceparent(&question),
                question,
                answer,
            };
            if self.calls.send(call).await.is_err() {
                return Err(Error::Unavailable);
            }
            answered.await.unwrap_or(Err(Error::Unavailable))
        };
        timeout(self.deadline, asked)
            .await
            .unwrap_or(Err(Error::Unavailable))
    }
}

/// What the context service's span of a call belongs to. There is none for calls that come many
/// times a second: those that only bring text, or renew.
fn traceparent(question: &Question) -> String {
    let rare = match question {
        Question::Claim(_) | Question::Release(_) => true,
        Question::Append(request) => !request.entries.is_empty(),
        Question::Renew(_) => false,
    };
    let trace = rare.then(TraceContext::kept);
    trace
        .and_then(|trace| trace.traceparent)
        .unwrap_or_default()
}

fn mismatch(answer: &Answer) -> Error {
    let kind = match answer {
        Answer::Claim(_) => "a claim",
        Answer::Append(_) => "an append",
        Answer::Renew(_) => "a renewal",
        Answer::Release(_) => "a release",
        Answer::Error(_) => "an error",
    };
    Error::Refused {
        code: ErrorCode::Internal,
        message: format!("the answer was that to {kind}"),
    }
}
