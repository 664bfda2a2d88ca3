//! What the halves of a socket share with each other, and with the tasks that carry out what its client
//! asks.

use std::{collections::VecDeque, sync::Arc};

use axum::extract::ws::CloseFrame;
use convene_proto::{error::CloseCode, id::ConversationId};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    alarms::Listening,
    auth::{Caller, Holder},
    error::{Refusal, Result},
    gateway::Gateway,
    hub::{CatchUps, Encoded, Held, Subscription, Wake},
    notes::Sight,
};

/// Answers that wait to be written; a client that does not read them is not read either.
const ANSWERS: usize = 64;
/// Messages of a socket whose doorbells are being confirmed; the next one waits in its lane.
const CONFIRMING: usize = 32;

/// What the writing half is told.
pub(super) enum Order {
    Write(Vec<Encoded>),
    /// Begin a subscription with these frames, in place of any on the same conversation.
    Begin(Vec<Encoded>, Box<Subscription>, Held),
    End(ConversationId),
    Close(CloseCode),
    /// The client does not speak WebSocket.
    Break(CloseFrame),
    /// The client has gone.
    Leave,
}

/// See the module.
pub(super) struct Line {
    pub(super) gateway: Gateway,
    pub(super) wake: Arc<Wake>,
    pub(super) holder: Holder,
    pub(super) catch_ups: CatchUps,
    orders: Mutex<VecDeque<Box<Order>>>,
    room: Semaphore,
    confirming: Arc<Semaphore>,
    _listening: Listening,
}

impl Line {
    pub(super) fn new(gateway: Gateway) -> Self {
        let wake = Arc::new(Wake::default());
        Self {
            _listening: gateway.alarms().listen(&wake),
            gateway,
            wake,
            holder: Holder::default(),
            catch_ups: CatchUps::default(),
            orders: Mutex::default(),
            room: Semaphore::new(ANSWERS),
            confirming: Arc::new(Semaphore::new(CONFIRMING)),
        }
    }

    /// How much of the log the client sees.
    pub(super) fn sight(&self) -> Sight {
        let caller = self.holder.get();
        caller.map_or(Sight::WithoutNotes, |caller| {
            Sight::of(&caller, self.gateway.options())
        })
    }

    /// The client has shown this token.
    pub(super) fn hold(&self, caller: Arc<Caller>) {
        self.holder.set(caller);
        // The writing half ends with the token.
        self.wake.alarm();
    }

    /// Tells the writing half, once there is room. It only ends with the socket, and that ends whoever
    /// waits here.
    pub(super) async fn order(&self, order: Order) {
        if let Ok(room) = self.room.acquire().await {
            // It is given back with the order.
            room.forget();
            self.orders.lock().push_back(Box::new(order));
            self.wake.nudge();
        }
    }

    /// For the writing half: what it is told next, if anything.
    pub(super) fn take_order(&self) -> Option<Box<Order>> {
        let order = self.orders.lock().pop_front()?;
        self.room.add_permits(1);
        Some(order)
    }

    /// A place for a message whose doorbell has to be confirmed.
    pub(super) async fn confirming(&self) -> Result<OwnedSemaphorePermit> {
        let place = self.confirming.clone().acquire_owned().await;
        place.map_err(|_| Refusal::broken())
    }
}
