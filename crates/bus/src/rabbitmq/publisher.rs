//! Publishes what must not be lost: persistent, mandatory, confirmed, and again until it is.
//!
//! When a connection goes, nobody knows whether the broker has what it had not confirmed. So it
//! is published again on the next one, and may be there twice.

use std::time::Duration;

use convene_proto::id::Pool;
use lapin::{BasicProperties, Confirmation, options::BasicPublishOptions, types::ShortString};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::{
    outbox::Parcel,
    session::{Session, blocked},
    supervisor::Link,
};
use crate::{Error, Result};

/// The pause before a message is published again to a broker that is there.
const PAUSE: Duration = Duration::from_millis(50);

/// The channel that a message takes. The broker may hold up a whole channel for a queue that it
/// cannot reach, and then what goes to workers must not be behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Rings,
    Aside,
}

/// A message for one of a pool's queues.
pub(super) struct Message<'a> {
    pub(super) way: Way,
    pub(super) pool: &'a Pool,
    pub(super) queue: ShortString,
    pub(super) properties: BasicProperties,
    pub(super) body: Vec<u8>,
}

/// What came of one attempt.
enum Attempt {
    Confirmed,
    /// It failed in a way that another attempt may not.
    Again(Error),
    /// It failed, and so would any other.
    Failed(Error),
}

/// Publishes a message and waits until the broker keeps it safe.
///
/// # Errors
/// [`Error::Unavailable`] where that is not known in time, or at once while the broker takes
/// nothing; [`Error::Refused`] where the queue cannot be had.
pub(super) async fn publish(link: &Link, message: &Message<'_>) -> Result<()> {
    let deadline = Instant::now() + link.options.ring_timeout();
    let mut earlier = None;
    loop {
        let session = match link.by(deadline).await {
            Ok(session) => session,
            Err(Error::Closed) => return Err(Error::Closed),
            Err(error) => return Err(earlier.unwrap_or(error)),
        };
        let why = match attempt(&session, message, deadline).await {
            Attempt::Confirmed => return Ok(()),
            Attempt::Failed(error) => return Err(error),
            Attempt::Again(why) => why,
        };
        if Instant::now() + PAUSE >= deadline {
            return Err(why);
        }
        tracing::debug!(queue = %message.queue, %why, "publishing again");
        link.metrics.published_again();
        earlier = Some(why);
        sleep_until(Instant::now() + PAUSE).await;
    }
}

async fn attempt(session: &Session, message: &Message<'_>, deadline: Instant) -> Attempt {
    if session.is_blocked() {
        return Attempt::Failed(blocked());
    }
    let confirmed = async {
        match session.ensure(message.pool).await {
            Ok(()) => {}
            Err(error @ Error::Unavailable(_)) => return Attempt::Again(error),
            Err(refused) => return Attempt::Failed(refused),
        }
        let outbox = session.outbox(message.way);
        match outbox.put(parcel(message)).await.await {
            Ok(outcome) => judge(session, message, outcome),
            // The outbox is gone with its connection.
            Err(_) => Attempt::Again(Error::unavailable(session.fate().why())),
        }
    };
    tokio::select! {
        confirmed = timeout_at(deadline, confirmed) => confirmed.unwrap_or_else(|_| {
            Attempt::Failed(Error::unavailable("it did not confirm in time"))
        }),
        () = session.blocked() => Attempt::Failed(blocked()),
    }
}

fn judge(
    session: &Session,
    message: &Message<'_>,
    outcome: lapin::Result<Confirmation>,
) -> Attempt {
    let queue = &message.queue;
    match outcome {
        Ok(Confirmation::Ack(None)) => Attempt::Confirmed,
        // An unroutable message is returned and then "confirmed": its queue is gone.
        Ok(Confirmation::Ack(Some(_)) | Confirmation::Nack(Some(_))) => {
            session.forget(message.pool);
            Attempt::Again(Error::unavailable(format!("there is no queue {queue}")))
        }
        Ok(Confirmation::Nack(None)) => {
            Attempt::Again(Error::unavailable(format!("{queue} takes no messages")))
        }
        Ok(Confirmation::NotRequested) => {
            session.fate().give_up("the channel lost its confirm mode");
            Attempt::Again(Error::unavailable(session.fate().why()))
        }
        Err(error) => Attempt::Again(error.into()),
    }
}

fn parcel(message: &Message<'_>) -> Parcel {
    Parcel {
        queue: message.queue.clone(),
        options: BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        },
        properties: message.properties.clone(),
        body: message.body.clone(),
    }
}
