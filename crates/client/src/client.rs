//! The handle that applications hold.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use convene_proto::{
    frame::{ClientFrame, NewAct, NewMessage},
    id::{ConversationId, ParticipantId, RunId},
    position::{Position, Seq},
};
use convene_runtime::Tasks;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

use crate::{
    Error, Live, Options, Rest, Status, Subscription,
    driver::{Driver, connect},
    options::Address,
    session::{Command, Reply, Saying},
};

/// Commands that may wait for the driver.
const COMMANDS: usize = 256;
/// How long goodbye may take.
const CLOSING: Duration = Duration::from_secs(2);

/// A connection to Convene that outlives the sockets under it. Clones share it.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    commands: mpsc::Sender<Command>,
    status: watch::Receiver<Status>,
    rest: Rest,
    participant: ParticipantId,
    request_timeout: Duration,
    buffer: usize,
    tasks: Tasks,
}

impl Client {
    /// Connects. From then on the connection is kept: lost, it is made again.
    ///
    /// # Errors
    /// If this first connection cannot be made: nobody there, or the token is refused.
    pub async fn connect(options: Options) -> Result<Self, Error> {
        let address = Address::parse(&options.url)?;
        let rest = Rest::new(&options)?;
        let first = connect(&options, &address).await?;
        let (commands, taken) = mpsc::channel(COMMANDS);
        let participant = first.participant.clone();
        let (tell, status) = watch::channel(Status::Connected {
            participant: participant.clone(),
            name: first.name.clone(),
        });
        let tasks = Tasks::new();
        let shared = Shared {
            commands,
            status,
            rest,
            participant,
            request_timeout: options.request_timeout,
            buffer: options.buffer.max(2),
            tasks: tasks.clone(),
        };
        let driver = Driver::new(options, address, taken, tell, tasks.clone());
        tasks.spawn(driver.run(first));
        Ok(Self(Arc::new(shared)))
    }

    /// Who this client is.
    #[must_use]
    pub fn participant(&self) -> &ParticipantId {
        &self.0.participant
    }

    /// Everything that needs no socket, under the same token.
    #[must_use]
    pub fn rest(&self) -> &Rest {
        &self.0.rest
    }

    /// Whether there is a connection, now and from now on.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.0.status.clone()
    }

    /// Subscribes to a conversation, from a position on or, without one, from a snapshot.
    ///
    /// # Errors
    /// [`Error::Refused`] where the server refuses, [`Error::Timeout`] where it does not answer.
    pub async fn subscribe(
        &self,
        conversation: &ConversationId,
        after: Option<Position>,
    ) -> Result<Subscription, Error> {
        let (updates, taken) = mpsc::channel(self.0.buffer);
        let behind = Arc::new(AtomicBool::new(false));
        let commands = self.0.commands.clone();
        let subscription = Subscription::new(conversation.clone(), taken, commands, behind.clone());
        self.ask(|opened| Command::Subscribe {
            conversation: conversation.clone(),
            after,
            updates,
            behind,
            opened,
        })
        .await?;
        Ok(subscription)
    }

    /// Subscribes, with a view that is kept in step.
    ///
    /// # Errors
    /// As [`Client::subscribe`].
    pub async fn open(
        &self,
        conversation: &ConversationId,
        after: Option<Position>,
    ) -> Result<Live, Error> {
        self.subscribe(conversation, after).await.map(Live::new)
    }

    /// Says something, and waits until the log has it. A conversation's messages are said in the
    /// order in which this was called, once each, however often the connection is lost meanwhile.
    ///
    /// # Errors
    /// [`Error::Refused`] where the server refuses for good, [`Error::OutboxFull`] where too many
    /// wait. After [`Error::Timeout`] the message stays in the outbox and is sent still.
    pub async fn send(
        &self,
        conversation: &ConversationId,
        message: NewMessage,
    ) -> Result<Seq, Error> {
        self.ask(|accepted| Command::Send {
            conversation: conversation.clone(),
            saying: Saying::Message(self.0.rest.here(message)),
            accepted,
        })
        .await
    }

    /// Presses or submits what a message offers, and waits until the log has it: in order with what
    /// is sent, and once, as [`Client::send`].
    ///
    /// # Errors
    /// As [`Client::send`]; refused are also what is not offered, was pressed by somebody else where
    /// that counts, and a value that is not what was asked for.
    pub async fn act(&self, conversation: &ConversationId, act: NewAct) -> Result<Seq, Error> {
        self.ask(|accepted| Command::Send {
            conversation: conversation.clone(),
            saying: Saying::Act(self.0.rest.here(act)),
            accepted,
        })
        .await
    }

    /// Stops a run, or whichever is under way. What it has said is kept.
    ///
    /// # Errors
    /// [`Error::Refused`] where there is none; [`Error::Lost`] where the connection is away: it is
    /// not said again, since it might then stop another run.
    pub async fn cancel(
        &self,
        conversation: &ConversationId,
        run: Option<RunId>,
    ) -> Result<(), Error> {
        self.ask(|accepted| Command::Cancel {
            conversation: conversation.clone(),
            run,
            accepted,
        })
        .await
    }

    /// Shows the others that one is typing.
    ///
    /// # Errors
    /// [`Error::Stopped`] where the client is closed.
    pub async fn typing(&self, conversation: &ConversationId) -> Result<(), Error> {
        let frame = ClientFrame::Typing {
            conversation: conversation.clone(),
        };
        self.command(Command::Say(frame)).await
    }

    /// Shows the others how far one has read.
    ///
    /// # Errors
    /// As [`Client::typing`].
    pub async fn read(&self, conversation: &ConversationId, seq: Seq) -> Result<(), Error> {
        let frame = ClientFrame::Read {
            conversation: conversation.clone(),
            seq,
        };
        self.command(Command::Say(frame)).await
    }

    /// Gives up the socket under way and makes another, at once: the network has changed.
    ///
    /// # Errors
    /// As [`Client::typing`].
    pub async fn reconnect(&self) -> Result<(), Error> {
        self.command(Command::Reconnect).await
    }

    /// Says goodbye. Dropping every clone and subscription does the same, unwaited for.
    pub async fn close(&self) {
        self.0.tasks.stop(CLOSING).await;
    }

    async fn command(&self, command: Command) -> Result<(), Error> {
        let patience = self.0.request_timeout;
        match timeout(patience, self.0.commands.send(command)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(self.ended()),
            Err(_) => Err(Error::Timeout(patience)),
        }
    }

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        self.command(command(reply)).await?;
        let patience = self.0.request_timeout;
        match timeout(patience, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(self.ended()),
            Err(_) => Err(Error::Timeout(patience)),
        }
    }

    /// Why nothing is done any more.
    fn ended(&self) -> Error {
        match &*self.0.status.borrow() {
            Status::Closed(error) => error.clone(),
            _ => Error::Stopped,
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("participant", &self.0.participant)
            .finish_non_exhaustive()
    }
}
