//! One conversation in the hands of its reader.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use convene_proto::{
    frame::{Problem, ServerFrame},
    id::ConversationId,
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use crate::{Error, Violation, session::Command, view::ConversationView};

/// What a reader hears of its conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// The conversation goes on: `resumed`, `snapshot`, `reset`, `event`, `delta` or `signal`.
    Frame(Box<ServerFrame>),
    /// The server broke its word. The client resumes from where all was well.
    Violation(Violation),
    /// The server will not go on, and nothing follows: the reader was removed, for instance.
    Ended(Problem),
}

/// The updates of one conversation, over all reconnections. Dropping it ends the subscription.
#[derive(Debug)]
pub struct Subscription {
    conversation: ConversationId,
    updates: mpsc::Receiver<Update>,
    commands: mpsc::Sender<Command>,
    behind: Arc<AtomicBool>,
}

impl Subscription {
    pub(crate) fn new(
        conversation: ConversationId,
        updates: mpsc::Receiver<Update>,
        commands: mpsc::Sender<Command>,
        behind: Arc<AtomicBool>,
    ) -> Self {
        Self {
            conversation,
            updates,
            commands,
            behind,
        }
    }

    #[must_use]
    pub fn conversation(&self) -> &ConversationId {
        &self.conversation
    }

    /// The next update; none once the client is closed or the conversation ended.
    ///
    /// A reader too busy to take what comes misses nothing: when it has caught up with what was
    /// held for it, it reads on from the log. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Update> {
        if self.updates.is_empty() && self.behind.load(Ordering::Acquire) {
            let go_on = Command::GoOn {
                conversation: self.conversation.clone(),
            };
            if self.commands.send(go_on).await.is_err() {
                return None;
            }
        }
        self.updates.recv().await
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        // Closed before it is said, so that the driver finds it so.
        self.updates.close();
        let leave = Command::Leave {
            conversation: self.conversation.clone(),
        };
        if self.commands.try_send(leave).is_err() {
            tracing::trace!("the driver will notice at the next frame");
        }
    }
}

/// A subscription and its view, kept in step.
#[derive(Debug)]
pub struct Live {
    subscription: Subscription,
    view: ConversationView,
}

impl Live {
    pub(crate) fn new(subscription: Subscription) -> Self {
        Self {
            subscription,
            view: ConversationView::default(),
        }
    }

    /// The conversation as of the last update.
    #[must_use]
    pub fn view(&self) -> &ConversationView {
        &self.view
    }

    #[must_use]
    pub fn conversation(&self) -> &ConversationId {
        self.subscription.conversation()
    }

    /// The next update, taken into the view. See [`Subscription::next`].
    pub async fn next(&mut self) -> Option<Update> {
        let update = self.subscription.next().await?;
        if let Update::Frame(frame) = &update {
            self.view.apply(frame);
        }
        Some(update)
    }

    /// Reads until the view is as wished for.
    ///
    /// # Errors
    /// [`Error::Timeout`] when it is not within `patience`, [`Error::Protocol`] at a violation,
    /// [`Error::Refused`] or [`Error::Stopped`] when nothing more can come.
    pub async fn until(
        &mut self,
        patience: Duration,
        mut wish: impl FnMut(&ConversationView) -> bool,
    ) -> Result<&ConversationView, Error> {
        let deadline = Instant::now() + patience;
        while !wish(&self.view) {
            let update = timeout_at(deadline, self.next())
                .await
                .map_err(|_| Error::Timeout(patience))?;
            match update {
                Some(Update::Frame(_)) => {}
                Some(Update::Violation(violation)) => {
                    return Err(Error::Protocol(violation.to_string()));
                }
                Some(Update::Ended(problem)) => return Err(Error::Refused(problem)),
                None => return Err(Error::Stopped),
            }
        }
        Ok(&self.view)
    }
}
