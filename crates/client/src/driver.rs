//! The task that keeps a connection: it makes one, carries the session over it, and makes another.

use std::{ops::ControlFlow, time::Duration};

use convene_proto::{
    error::CloseCode,
    frame::{ClientFrame, ServerFrame},
    id::ParticipantId,
};
use convene_runtime::{Tasks, clock::now_ms};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep, sleep_until, timeout},
};

use crate::{
    Error, Options,
    backoff::Backoff,
    options::Address,
    raw::{Incoming, RawSocket, unauthenticated},
    session::{Command, Session},
};

/// Whether there is a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    Connected {
        participant: ParticipantId,
        name: String,
    },
    /// None now; another is being made.
    Reconnecting {
        /// How often in a row it has failed.
        failures: u32,
        /// Why there is none.
        reason: String,
    },
    /// None any more.
    Closed(Error),
}

/// A connection that has said welcome.
pub(crate) struct Connection {
    socket: RawSocket,
    pub(crate) participant: ParticipantId,
    pub(crate) name: String,
    token: String,
    /// Silence longer than this means that it is dead.
    heartbeat: Duration,
    /// When to look for a fresh token.
    renew: Option<Instant>,
    since: Instant,
}

/// How a connection ended.
enum End {
    /// The application wants no more of it.
    Stopped,
    /// Connect again, after this long if the server said so.
    Lost {
        reason: String,
        wait: Option<Duration>,
    },
    /// Connecting again would end the same way.
    Final(Error),
}

/// A token is replaced so long before it expires.
const RENEW_BEFORE: Duration = Duration::from_secs(30);
/// And where there was no fresh one, it is looked for again after so long.
const RENEW_AGAIN: Duration = Duration::from_secs(5);
/// A connection that stood so long was a good one.
const STABLE: Duration = Duration::from_secs(5);
/// The longest that a draining server may ask us to stay away.
const LONGEST_DRAIN: Duration = Duration::from_secs(60);

pub(crate) struct Driver {
    pub(crate) options: Options,
    pub(crate) address: Address,
    pub(crate) commands: mpsc::Receiver<Command>,
    pub(crate) status: watch::Sender<Status>,
    pub(crate) tasks: Tasks,
    session: Session,
    backoff: Backoff,
}

/// Connects, and waits for the welcome.
pub(crate) async fn connect(options: &Options, address: &Address) -> Result<Connection, Error> {
    let patience = options.connect_timeout;
    let connecting = async {
        let token = options.token.token().await?;
        let mut socket = RawSocket::to(address, Some(&token), patience).await?;
        match socket.next_frame(patience).await? {
            ServerFrame::Welcome {
                participant,
                name,
                heartbeat_ms,
                expires_at,
            } => Ok(Connection {
                socket,
                participant,
                name,
                token,
                heartbeat: Duration::from_millis(heartbeat_ms.max(1)),
                renew: expires_at.and_then(renewal),
                since: Instant::now(),
            }),
            ServerFrame::Error { problem, .. } => Err(Error::Refused(problem)),
            other => Err(Error::Protocol(format!("no welcome, but {other:?}"))),
        }
    };
    timeout(patience, connecting)
        .await
        .map_err(|_| Error::Timeout(patience))?
}

/// On the timers' clock, when to replace a token that expires then.
fn renewal(expires_at: u64) -> Option<Instant> {
    let left = Duration::from_millis(expires_at.saturating_mul(1000).saturating_sub(now_ms()));
    Instant::now().checked_add(left.saturating_sub(RENEW_BEFORE))
}

impl Driver {
    pub(crate) fn new(
        options: Options,
        address: Address,
        commands: mpsc::Receiver<Command>,
        status: watch::Sender<Status>,
        tasks: Tasks,
    ) -> Self {
        let session = Session::new(&options);
        let backoff = Backoff::new(options.backoff_min, options.backoff_max);
        Self {
            options,
            address,
            commands,
            status,
            tasks,
            session,
            backoff,
        }
    }

    pub(crate) async fn run(mut self, first: Connection) {
        let error = self.keep(first).await;
        tracing::debug!(%error, "client ends");
        self.session.fail(&error);
        self.status.send_replace(Status::Closed(error));
    }

    /// Keeps a connection until there can be none any more.
    async fn keep(&mut self, mut connection: Connection) -> Error {
        loop {
            self.status.send_replace(Status::Connected {
                participant: connection.participant.clone(),
                name: connection.name.clone(),
            });
            let end = self.converse(&mut connection).await;
            if connection.since.elapsed() >= STABLE {
                self.backoff.reset();
            }
            let (reason, wait) = match end {
                End::Stopped => {
                    connection.socket.close().await;
                    return Error::Stopped;
                }
                End::Final(error) => {
                    if !self.has_fresh_token(&error, &connection.token).await {
                        return error;
                    }
                    (error.to_string(), None)
                }
                End::Lost { reason, wait } => (reason, wait),
            };
            drop(connection);
            self.session.lost(&reason, Instant::now());
            connection = match self.reconnect(reason, wait).await {
                Ok(connection) => connection,
                Err(error) => return error,
            };
        }
    }

    async fn converse(&mut self, connection: &mut Connection) -> End {
        self.session.connected(Instant::now());
        let tasks = self.tasks.clone();
        // Three pings before a silence counts as death.
        let mut ping = tokio::time::interval(connection.heartbeat / 3);
        ping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut silent_since = Instant::now();
        loop {
            while let Some(frame) = self.session.next_frame() {
                if let Err(error) = connection.socket.send(&frame).await {
                    return lost(error.to_string());
                }
            }
            let silence =
                (silent_since + connection.heartbeat).saturating_duration_since(Instant::now());
            tokio::select! {
                () = tasks.stopping() => return End::Stopped,
                command = self.commands.recv() => match command {
                    None => return End::Stopped,
                    Some(Command::Reconnect) => {
                        return End::Lost { reason: "asked to".into(), wait: Some(Duration::ZERO) };
                    }
                    Some(command) => self.session.command(command, Instant::now()),
                },
                came = connection.socket.next(silence) => match came {
                    Ok(incoming) => {
                        silent_since = Instant::now();
                        if let ControlFlow::Break(end) = self.take(connection, incoming) {
                            return end;
                        }
                    }
                    Err(Error::Timeout(_)) => return lost("the server went silent".into()),
                    Err(error) => return lost(error.to_string()),
                },
                () = until(self.session.next_due()) => self.session.pump(Instant::now()),
                () = until(connection.renew) => {
                    if let Err(error) = self.renew(connection).await {
                        return lost(error.to_string());
                    }
                }
                _ = ping.tick() => {
                    if let Err(error) = connection.socket.ping().await {
                        return lost(error.to_string());
                    }
                }
            }
        }
    }

    fn take(&mut self, connection: &mut Connection, incoming: Incoming) -> ControlFlow<End> {
        match incoming {
            Incoming::Alive => {}
            Incoming::Closed { code, reason } => return ControlFlow::Break(closed(code, reason)),
            Incoming::Text(_) => {
                return ControlFlow::Break(lost("the server sent what is no frame".into()));
            }
            Incoming::Frame(frame) => match *frame {
                ServerFrame::Drain { delay_ms } => {
                    let wait = Duration::from_millis(delay_ms).min(LONGEST_DRAIN);
                    return ControlFlow::Break(End::Lost {
                        reason: "the gateway is draining".into(),
                        wait: Some(wait),
                    });
                }
                ServerFrame::Welcome { expires_at, .. } => {
                    connection.renew = expires_at.and_then(renewal);
                }
                frame => {
                    if let Err(broken) = self.session.frame(frame, Instant::now()) {
                        tracing::error!(violation = %broken.0, "the server broke its word; resuming");
                        return ControlFlow::Break(lost(broken.0.to_string()));
                    }
                }
            },
        }
        ControlFlow::Continue(())
    }

    /// Whether the connection ended for want of a token that there is by now.
    async fn has_fresh_token(&self, error: &Error, old: &str) -> bool {
        const EXPIRED: u16 = CloseCode::TokenExpired as u16;
        if !matches!(error, Error::Closed { code: EXPIRED, .. }) {
            return false;
        }
        let fresh = timeout(self.options.connect_timeout, self.options.token.token()).await;
        matches!(fresh, Ok(Ok(token)) if token != old)
    }

    /// Hands in a fresh token, if there is one.
    async fn renew(&mut self, connection: &mut Connection) -> Result<(), Error> {
        connection.renew = Some(Instant::now() + RENEW_AGAIN);
        let fresh = timeout(self.options.connect_timeout, self.options.token.token()).await;
        let Ok(Ok(token)) = fresh else { return Ok(()) };
        if token == connection.token {
            return Ok(());
        }
        connection.token.clone_from(&token);
        // Answered by another welcome, or an error that names no request of ours.
        connection
            .socket
            .send(&ClientFrame::Hello { request: 0, token })
            .await
    }

    /// Waits and connects, over and over, while commands go on being taken.
    async fn reconnect(
        &mut self,
        mut reason: String,
        mut wait: Option<Duration>,
    ) -> Result<Connection, Error> {
        let tasks = self.tasks.clone();
        loop {
            let failures = self.backoff.failures();
            self.status
                .send_replace(Status::Reconnecting { failures, reason });
            let wait = wait.take().unwrap_or_else(|| self.backoff.next());
            let (options, address) = (self.options.clone(), self.address.clone());
            let attempt = async move {
                sleep(wait).await;
                connect(&options, &address).await
            };
            tokio::pin!(attempt);
            let connected = loop {
                tokio::select! {
                    () = tasks.stopping() => return Err(Error::Stopped),
                    command = self.commands.recv() => match command {
                        None => return Err(Error::Stopped),
                        Some(command) => self.session.command(command, Instant::now()),
                    },
                    connected = &mut attempt => break connected,
                }
            };
            match connected {
                Ok(connection) => return Ok(connection),
                Err(error) if error.may_pass() => reason = error.to_string(),
                Err(Error::Closed { code, reason: why }) => match closed(code, why) {
                    End::Lost { reason: why, .. } => reason = why,
                    End::Final(error) => return Err(error),
                    End::Stopped => return Err(Error::Stopped),
                },
                Err(error) => return Err(error),
            }
        }
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

fn lost(reason: String) -> End {
    End::Lost { reason, wait: None }
}

/// What a close code asks for. Those from 4500 on say that the same again would end the same.
fn closed(code: u16, reason: String) -> End {
    if code == CloseCode::Unauthenticated as u16 {
        End::Final(unauthenticated(&reason))
    } else if (4500..5000).contains(&code) {
        End::Final(Error::Closed { code, reason })
    } else {
        lost(format!(
            "the server closed the connection ({code}): {reason}"
        ))
    }
}
