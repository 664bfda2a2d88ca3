//! The connection: one, multiplexed, that comes when the server does, and back by itself.
//!
//! No pool: commands of all callers share the connection, which on this workload is several
//! times faster, and nothing that blocks is ever sent.

use std::{future::Future, io, time::Duration};

use redis::{
    Client, Cmd, ConnectionAddr, ErrorKind, IntoConnectionInfo, RedisError, RedisResult,
    ServerErrorKind, TlsCertificates, Value,
    aio::{ConnectionManager, ConnectionManagerConfig},
    cluster::ClusterClientBuilder,
    cluster_async::ClusterConnection,
    io::tcp::TcpSettings,
};
use tokio::{
    sync::OnceCell,
    time::{sleep, timeout},
};

use super::{Options, health, scripts};

/// The first wait before a command that the server did not take is sent again.
const PAUSE: Duration = Duration::from_millis(10);

/// And the longest: a replica takes a primary's place within a second.
const LONGEST_PAUSE: Duration = Duration::from_millis(80);

/// A server, or a cluster, that we have talked to.
pub(super) enum Backend {
    Single(ConnectionManager),
    Cluster(ClusterConnection),
}

/// Sends commands, each within a deadline.
pub(super) struct Connection {
    options: Options,
    /// Empty until a server has been there and has taken our scripts.
    backend: OnceCell<Backend>,
    deadline: Duration,
}

impl Connection {
    /// Connects, unless no server is there yet: then each command tries to.
    ///
    /// # Errors
    /// Where waiting would not help.
    pub(super) async fn open(options: Options) -> RedisResult<Self> {
        // To connect anew and to wait for the answer.
        let deadline = options.connect_timeout() + options.response_timeout();
        let connection = Self {
            options,
            backend: OnceCell::new(),
            deadline,
        };
        match within(deadline, connection.backend()).await {
            Err(error) if may_pass(&error) => {
                tracing::warn!(%error, "no Redis that answers yet; trying on");
            }
            outcome => drop(outcome?),
        }
        Ok(connection)
    }

    pub(super) fn is_cluster(&self) -> bool {
        self.options.cluster_nodes().is_some()
    }

    async fn backend(&self) -> RedisResult<&Backend> {
        let connecting = || async {
            let backend = match self.options.cluster_nodes() {
                Some(nodes) => Backend::Cluster(cluster(&self.options, nodes).await?),
                None => Backend::Single(single(&self.options).await?),
            };
            backend.load().await.map_err(|error| {
                if is_unknown_command(&error) {
                    let old = "this server has no functions: Redis 7.0 or newer is needed";
                    RedisError::from((ErrorKind::InvalidClientConfig, old))
                } else {
                    error
                }
            })?;
            health::compare(&backend, self.options.durability).await;
            Ok(backend)
        };
        self.backend.get_or_try_init(connecting).await
    }

    /// Sends a command, and again where the server certainly did not carry it out: because the
    /// scripts have gone (with a failover, or flushed), or because it does not serve that key
    /// now. After any other failure the caller must decide.
    pub(super) async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        let sending = async {
            let backend = self.backend().await?;
            let mut pause = PAUSE;
            let mut loaded = false;
            loop {
                match backend.send(command).await {
                    Err(error) if is_missing_script(&error) && !loaded => {
                        backend.load().await?;
                        loaded = true;
                    }
                    Err(error) if is_refusal(&error) => {
                        sleep(pause).await;
                        pause = (pause * 2).min(LONGEST_PAUSE);
                    }
                    outcome => return outcome,
                }
            }
        };
        within(self.deadline, sending).await
    }
}

impl Backend {
    /// Loads the scripts, on a cluster on every master.
    async fn load(&self) -> RedisResult<()> {
        let mut load = redis::cmd("FUNCTION");
        load.arg("LOAD").arg("REPLACE").arg(&scripts::LIBRARY.code);
        self.send(&load).await.map(drop)
    }

    pub(super) async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        match self {
            Self::Single(connection) => command.query_async(&mut connection.clone()).await,
            Self::Cluster(connection) => command.query_async(&mut connection.clone()).await,
        }
    }
}

async fn single(options: &Options) -> RedisResult<ConnectionManager> {
    let info = options.url.as_str().into_connection_info()?;
    let info = info.set_tcp_settings(tcp(options));
    let client = match certificates(options)? {
        Some(certificates) if matches!(info.addr(), ConnectionAddr::TcpTls { .. }) => {
            Client::build_with_tls(info, certificates)?
        }
        _ => Client::open(info)?,
    };
    // While the server is away each call makes its own attempt, and fails soon.
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(options.connect_timeout()))
        .set_response_timeout(Some(options.response_timeout()))
        .set_number_of_retries(1);
    client.get_connection_manager_with_config(config).await
}

async fn cluster(options: &Options, nodes: Vec<String>) -> RedisResult<ClusterConnection> {
    // The client must not send again by itself what a node may have carried out: a step of the
    // store that comes twice has to say so.
    let mut client = ClusterClientBuilder::new(nodes)
        .connection_timeout(options.connect_timeout())
        .response_timeout(options.response_timeout())
        .tcp_settings(tcp(options))
        .retries(0);
    if let Some(certificates) = certificates(options)? {
        client = client.certs(certificates);
    }
    client.build()?.get_async_connection().await
}

/// What servers are checked with, where that is not the system's.
fn certificates(options: &Options) -> RedisResult<Option<TlsCertificates>> {
    let authority = options.authority().map_err(io::Error::other)?;
    Ok(authority.map(|authority| TlsCertificates {
        client_tls: None,
        root_cert: Some(authority.into_bytes()),
    }))
}

/// Nagle's algorithm, which the client leaves on by default, would hold back small commands; and
/// a peer that vanished without a word must be noticed.
fn tcp(options: &Options) -> TcpSettings {
    let settings = TcpSettings::default().set_nodelay(true);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(options.response_timeout() * 2);
    settings
}

async fn within<T>(
    deadline: Duration,
    step: impl Future<Output = RedisResult<T>> + Send,
) -> RedisResult<T> {
    match timeout(deadline, step).await {
        Ok(outcome) => outcome,
        Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut).into()),
    }
}

fn is_missing_script(error: &RedisError) -> bool {
    says(error, "Function not found")
}

fn is_unknown_command(error: &RedisError) -> bool {
    says(error, "unknown command")
}

fn says(error: &RedisError, words: &str) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::ResponseError)
        && error.detail().is_some_and(|detail| detail.contains(words))
}

/// Nobody is there, or not yet able to serve; as opposed to settings that can never work.
fn may_pass(error: &RedisError) -> bool {
    let nobody = matches!(
        error.kind(),
        ErrorKind::Io | ErrorKind::ClusterConnectionNotFound
    );
    nobody || is_refusal(error)
}

/// The server answered that it would not carry this out now. On a cluster the client has looked
/// up meanwhile who will.
fn is_refusal(error: &RedisError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Server(
            ServerErrorKind::Moved
                | ServerErrorKind::Ask
                | ServerErrorKind::TryAgain
                | ServerErrorKind::ClusterDown
                | ServerErrorKind::MasterDown
                | ServerErrorKind::BusyLoading
                | ServerErrorKind::ReadOnly
        )
    )
}
