//! The connections of a session, each for one use and held up by nothing else. The broker reads no
//! more from one that publishes faster than its queues take it, or while it is short of memory; and
//! what it delivers to who reads slowly fills the socket. Neither may keep a confirm from coming,
//! an acknowledgement from going, or make a process look sick that is busy.

use std::time::Duration;

use futures_util::future::join_all;
use lapin::{Connection, uri::AMQPUri};

use super::{
    dial::{Plug, dial},
    session::within,
};
use crate::Result;

/// How long a farewell may take: nothing depends on it.
const FAREWELL: Duration = Duration::from_secs(1);

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    /// What the broker confirms, or answers.
    Commands,
    /// Letters on their way out.
    Letters,
    /// What comes from queues, and what is said of it.
    Deliveries,
}

impl Use {
    /// What operators see the connection as.
    const fn name(self) -> &'static str {
        match self {
            Self::Commands => "convene commands",
            Self::Letters => "convene letters",
            Self::Deliveries => "convene deliveries",
        }
    }
}

/// One connection. Ends with its owner.
pub(super) struct Line {
    pub(super) usage: Use,
    pub(super) connection: Connection,
    plug: Plug,
}

impl Line {
    async fn open(
        usage: Use,
        node: AMQPUri,
        authority: Option<&str>,
        patience: Duration,
    ) -> Result<Self> {
        let (connection, plug) = dial(node, usage.name(), authority, patience).await?;
        Ok(Self {
            usage,
            connection,
            plug,
        })
    }

    pub(super) fn is_up(&self) -> bool {
        self.connection.status().connected()
    }

    /// Ends it, politely if the broker still listens.
    async fn end(&self) {
        if self.is_up() {
            let farewell = self.connection.close(200, "closed".into());
            if let Err(error) = within(FAREWELL, farewell).await {
                tracing::debug!(usage = ?self.usage, %error, "the broker did not say goodbye");
            }
        }
        self.plug.pull();
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.plug.pull();
    }
}

/// One for each use, all to the same node.
pub(super) struct Lines {
    pub(super) commands: Line,
    pub(super) letters: Line,
    pub(super) deliveries: Line,
}

impl Lines {
    pub(super) async fn open(
        node: &AMQPUri,
        authority: Option<&str>,
        patience: Duration,
    ) -> Result<Self> {
        let open = |usage| Box::pin(Line::open(usage, node.clone(), authority, patience));
        // Each to its end: an attempt that is given up leaves a socket behind.
        let (commands, letters, deliveries) = tokio::join!(
            open(Use::Commands),
            open(Use::Letters),
            open(Use::Deliveries)
        );
        Ok(Self {
            commands: commands?,
            letters: letters?,
            deliveries: deliveries?,
        })
    }

    pub(super) fn all(&self) -> [&Line; 3] {
        [&self.commands, &self.letters, &self.deliveries]
    }

    pub(super) async fn end(&self) {
        join_all(self.all().map(Line::end)).await;
    }
}
