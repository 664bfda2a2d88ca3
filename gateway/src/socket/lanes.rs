//! What a client asks of its conversations. What is asked of one is carried out in its order; one
//! whose store is away holds up no other.
//!
//! Beyond the bounds a frame is refused as `unavailable`. Not to read on would protect as well, but
//! it would silence the whole socket, pings included, for the sake of one conversation: so that is
//! done for a moment only, and not again until the lane has moved.

use std::collections::{HashMap, VecDeque};

use convene_proto::id::ConversationId;
use futures_util::future::BoxFuture;
use tokio::{
    task::JoinSet,
    time::{Duration, Instant, timeout},
};

use super::asks::{Asked, Clerk};
use crate::error::{Refusal, Result};

/// Asks that wait in one lane.
const LANE: usize = 16;
/// For a lane that is full and not stuck: a store that is well makes room in less.
const MOMENT: Duration = Duration::from_millis(250);
/// Asks of a socket that wait or are carried out: its most subscriptions, and some messages.
const ALL: usize = 256;
/// And their frames' bytes: what waits is the client's own, and takes our memory.
const BYTES: usize = 2 << 20;
/// What has waited for so long is refused. With the deadline of the ask in front, that bounds the
/// time in which anything is answered.
const PATIENCE: Duration = Duration::from_secs(8);

/// See the module. What is under way ends with it.
pub(super) struct Lanes {
    clerk: Clerk,
    /// Those that have something under way.
    lanes: HashMap<ConversationId, Lane>,
    waiting: usize,
    /// Of what waits or is carried out.
    bytes: usize,
    work: JoinSet<Step>,
}

#[derive(Default)]
struct Lane {
    waiting: VecDeque<(Instant, Asked)>,
    /// Of what is carried out.
    bytes: usize,
    /// Room was waited for in vain since it last moved.
    stuck: bool,
}

enum Step {
    /// The next in this lane may begin, while the doorbell of this one is being confirmed.
    Done(ConversationId, Option<BoxFuture<'static, ()>>),
    Confirmed,
}

impl Lanes {
    pub(super) fn new(clerk: Clerk) -> Self {
        Self {
            clerk,
            lanes: HashMap::new(),
            waiting: 0,
            bytes: 0,
            work: JoinSet::new(),
        }
    }

    /// Waits a moment where a lane is full.
    ///
    /// # Errors
    /// As [`work`](Self::work).
    pub(super) async fn make_room(&mut self, conversation: &ConversationId) -> Result<()> {
        let moment = timeout(MOMENT, async {
            while self.is_full(conversation) {
                self.step().await?;
            }
            Ok(())
        });
        if let Ok(made) = moment.await {
            return made;
        }
        if let Some(lane) = self.lanes.get_mut(conversation) {
            lane.stuck = true;
        }
        Ok(())
    }

    fn is_full(&self, conversation: &ConversationId) -> bool {
        let lane = self.lanes.get(conversation);
        lane.is_some_and(|lane| lane.waiting.len() >= LANE && !lane.stuck)
    }

    /// Has it carried out when its turn comes.
    pub(super) fn take(&mut self, conversation: ConversationId, asked: Asked) -> Result<()> {
        let is_too_much =
            self.lanes.len() + self.waiting >= ALL || self.bytes + asked.bytes > BYTES;
        let Some(lane) = self.lanes.get_mut(&conversation) else {
            if is_too_much {
                return Err(too_many());
            }
            self.bytes += asked.bytes;
            self.lanes.insert(conversation.clone(), Lane::default());
            self.begin(conversation, asked, Instant::now());
            return Ok(());
        };
        // Of moments the last one counts.
        if let Some((_, waiting)) = lane
            .waiting
            .iter_mut()
            .find(|(_, waiting)| waiting.ask.is_outdone_by(&asked.ask))
        {
            self.bytes = self.bytes - waiting.bytes + asked.bytes;
            *waiting = asked;
            return Ok(());
        }
        if lane.waiting.len() >= LANE || is_too_much {
            return Err(too_many());
        }
        self.bytes += asked.bytes;
        lane.waiting.push_back((Instant::now(), asked));
        self.waiting += 1;
        Ok(())
    }

    /// Ends when nothing is under way. Dropping the future loses nothing.
    ///
    /// # Errors
    /// Where a defect of ours has ended a task.
    pub(super) async fn work(&mut self) -> Result<()> {
        while !self.are_idle() {
            self.step().await?;
        }
        Ok(())
    }

    async fn step(&mut self) -> Result<()> {
        if let Some(step) = self.work.join_next().await {
            match step {
                Ok(Step::Done(conversation, confirming)) => {
                    if let Some(confirming) = confirming {
                        let confirmed = async {
                            confirming.await;
                            Step::Confirmed
                        };
                        self.work.spawn(confirmed);
                    }
                    self.go_on(conversation);
                }
                Ok(Step::Confirmed) => {}
                Err(error) => {
                    tracing::error!(%error, "what a client asked has failed");
                    return Err(Refusal::broken());
                }
            }
        }
        Ok(())
    }

    pub(super) fn are_idle(&self) -> bool {
        self.work.is_empty()
    }

    fn go_on(&mut self, conversation: ConversationId) {
        let Some(lane) = self.lanes.get_mut(&conversation) else {
            return;
        };
        lane.stuck = false;
        self.bytes -= std::mem::take(&mut lane.bytes);
        match lane.waiting.pop_front() {
            Some((since, asked)) => {
                self.waiting -= 1;
                self.begin(conversation, asked, since);
            }
            None => {
                self.lanes.remove(&conversation);
            }
        }
    }

    fn begin(&mut self, conversation: ConversationId, asked: Asked, since: Instant) {
        if let Some(lane) = self.lanes.get_mut(&conversation) {
            lane.bytes = asked.bytes;
        }
        let clerk = self.clerk.clone();
        let carried_out = async move {
            let confirming = if since.elapsed() > PATIENCE {
                clerk.refuse(asked.ask.request(), too_many()).await;
                None
            } else {
                clerk.carry_out(&conversation, asked).await
            };
            Step::Done(conversation, confirming)
        };
        self.work.spawn(carried_out);
    }
}

fn too_many() -> Refusal {
    Refusal::unavailable("too much waits for the conversation store: wait a second and try again")
}
