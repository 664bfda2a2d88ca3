//! What is written under a lease, each write once.

use convene_proto::{
    context::{AppendReply, AppendRequest, NewEntry, Text},
    error::ErrorCode,
};
use convene_runtime::lies::{LATE, Lie, told};
use tokio::time::{Instant, sleep};

use super::{FIRST_PAUSE, Lease, Lost, millis};
use crate::desk;

/// What became of a run's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Written,
    /// Somebody has stopped the run: it can only end as cancelled.
    Stopped,
}

impl Lease {
    /// Writes to the log, however often it takes, then tells the audience. The number of the write
    /// stays the same, so it is written once.
    pub(crate) async fn append(
        &mut self,
        entries: Vec<NewEntry>,
        text: Option<Text>,
    ) -> Result<(), Lost> {
        let request = AppendRequest {
            text,
            entries,
            ..self.append_request()
        };
        self.write(request).await
    }

    /// Writes what ends the run, unless somebody has stopped it by then: then nothing of it is written.
    pub(crate) async fn append_unless_cancelled(
        &mut self,
        entries: Vec<NewEntry>,
    ) -> Result<Ending, Lost> {
        let request = AppendRequest {
            entries,
            unless_cancelled: true,
            ..self.append_request()
        };
        match self.write(request).await {
            Ok(()) => Ok(Ending::Written),
            Err(Lost::Refused(desk::Error::Refused {
                code: ErrorCode::Cancelled,
                ..
            })) => {
                // The write that takes its place has its number.
                self.steps -= 1;
                self.cancel = true;
                Ok(Ending::Stopped)
            }
            Err(lost) => Err(lost),
        }
    }

    /// The next write, with nothing in it.
    fn append_request(&mut self) -> AppendRequest {
        self.steps += 1;
        AppendRequest {
            conversation: self.conversation.clone(),
            nonce: self.nonce,
            step: self.steps,
            ttl_ms: millis(self.ttl),
            run: self.run.clone(),
            ..AppendRequest::default()
        }
    }

    async fn write(&mut self, request: AppendRequest) -> Result<(), Lost> {
        let mut pause = FIRST_PAUSE;
        if told(Lie::PublishFirst) && request.entries.is_empty() {
            let unwritten = AppendReply {
                head: self.head,
                ..AppendReply::default()
            };
            self.publish(unwritten, request.text.clone()).await;
            sleep(LATE).await;
        }
        loop {
            let asked = Instant::now();
            match self.desk.append(request.clone()).await {
                Ok(reply) => {
                    self.renewed(
                        asked,
                        reply.epoch,
                        reply.head,
                        reply.cancel,
                        &reply.audience,
                    );
                    self.publish(reply, request.text).await;
                    return Ok(());
                }
                Err(error) => self.pause_after(error, &mut pause).await?,
            }
        }
    }
}
