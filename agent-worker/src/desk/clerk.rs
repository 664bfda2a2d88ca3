//! The task behind the desk: it owns the stream, matches answers to calls, and opens the stream
//! anew when it breaks or falls silent.

use std::{collections::HashMap, time::Duration};

use convene_proto::{
    context::{
        WorkError, WorkReply, WorkRequest, context_service_client::ContextServiceClient,
        work_reply::Reply as Answer,
    },
    error::ErrorCode,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Streaming, transport::Channel};

use super::{Call, Error, WAITING};

/// Calls without an answer yet; while there are so many, no more are sent.
const UNDER_WAY: usize = 4096;

const OPENING_DEADLINE: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Serves calls until nobody can hand in any more.
pub(super) async fn serve(
    mut context: ContextServiceClient<Channel>,
    mut waiting: mpsc::Receiver<Call>,
    open: watch::Sender<bool>,
    deadline: Duration,
) {
    let mut pause = FIRST_PAUSE;
    loop {
        let (requests, outgoing) = mpsc::channel(WAITING);
        let opening = context.work(ReceiverStream::new(outgoing));
        match timeout(OPENING_DEADLINE, opening).await {
            Ok(Ok(replies)) => {
                open.send_replace(true);
                let stream = Stream {
                    requests,
                    replies: replies.into_inner(),
                    under_way: HashMap::new(),
                    last_id: 0,
                    heard: Instant::now(),
                    silence: deadline * 2,
                };
                let begun = Instant::now();
                let ended = stream.serve(&mut waiting).await;
                open.send_replace(false);
                match ended {
                    Ended::NoMoreCalls => return,
                    Ended::Broken(why) => {
                        tracing::warn!(%why, "the work stream broke; opening another");
                    }
                }
                if begun.elapsed() > LONGEST_PAUSE {
                    pause = FIRST_PAUSE;
                }
            }
            Ok(Err(status)) => {
                tracing::warn!(%status, "the work stream cannot be opened; trying again");
            }
            Err(_) => tracing::warn!("the work stream does not open; trying again"),
        }
        if waiting.is_closed() {
            return;
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

enum Ended {
    /// Every handle of the desk is gone.
    NoMoreCalls,
    Broken(String),
}

struct Pending {
    since: Instant,
    answer: oneshot::Sender<Result<Answer, Error>>,
}

/// One stream's life. Dropping it fails what is under way, since the answers' senders go with it.
struct Stream {
    requests: mpsc::Sender<WorkRequest>,
    replies: Streaming<WorkReply>,
    under_way: HashMap<u64, Pending>,
    last_id: u64,
    /// When something came last.
    heard: Instant,
    /// Nothing at all for so long, while a call waits for its answer, means that the stream is
    /// dead. One call alone may wait for a part of the store that is slow.
    silence: Duration,
}

impl Stream {
    async fn serve(mut self, waiting: &mut mpsc::Receiver<Call>) -> Ended {
        let mut check = interval(self.silence / 4);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let next_call = async {
                let room = self.requests.reserve().await;
                (room, waiting.recv().await)
            };
            tokio::select! {
                reply = self.replies.message() => match reply {
                    Ok(Some(reply)) => {
                        self.heard = Instant::now();
                        answered(&mut self.under_way, reply);
                    }
                    Ok(None) => return Ended::Broken("the server ended it".to_owned()),
                    Err(status) => return Ended::Broken(status.to_string()),
                },
                next = next_call, if self.under_way.len() < UNDER_WAY => match next {
                    (Ok(room), Some(call)) => {
                        // Whoever gave up waiting has perhaps asked again since.
                        if !call.answer.is_closed() {
                            self.last_id += 1;
                            room.send(WorkRequest {
                                id: self.last_id,
                                call: Some(call.question),
                                traceparent: call.traceparent,
                            });
                            let pending = Pending { since: Instant::now(), answer: call.answer };
                            self.under_way.insert(self.last_id, pending);
                        }
                    }
                    (_, None) => return Ended::NoMoreCalls,
                    (Err(_), Some(_)) => return Ended::Broken("nobody reads it".to_owned()),
                },
                _ = check.tick() => {
                    let long = |since: Instant| since.elapsed() >= self.silence;
                    if long(self.heard) && self.under_way.values().any(|call| long(call.since)) {
                        return Ended::Broken("calls on it are not answered".to_owned());
                    }
                }
            }
        }
    }
}

fn answered(under_way: &mut HashMap<u64, Pending>, reply: WorkReply) {
    let Some(pending) = under_way.remove(&reply.id) else {
        tracing::warn!(id = reply.id, "an answer to no question");
        return;
    };
    let answer = match reply.reply {
        Some(Answer::Error(error)) => Err(refusal(error)),
        Some(answer) => Ok(answer),
        None => Err(Error::Refused {
            code: ErrorCode::Internal,
            message: "the answer was empty".to_owned(),
        }),
    };
    // The caller may have stopped waiting, which is its right.
    drop(pending.answer.send(answer));
}

fn refusal(error: WorkError) -> Error {
    match ErrorCode::parse(&error.code).unwrap_or(ErrorCode::Internal) {
        ErrorCode::Unavailable | ErrorCode::RateLimited => Error::Unavailable,
        ErrorCode::Fenced => Error::Fenced,
        code => Error::Refused {
            code,
            message: error.message,
        },
    }
}
