//! Several servers behind one channel.
//!
//! tonic's own balancing keeps a dead server in the set: a call that lands on it fails until it
//! is back. So a task of ours decides who is in the set: it looks names up every few seconds
//! (a headless Kubernetes service is a name with an address a pod), probes every address, and
//! lists those that serve. Where none does, all are listed, so that calls fail with the reason
//! and at once, rather than wait for nobody.

use std::{collections::HashMap, net::SocketAddr, time::Duration};

use http::{Uri, uri::Scheme};
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};
use tonic::transport::{Channel, ClientTlsConfig, Endpoint, channel::Change};

use super::{
    CONNECTION_WINDOW, STREAM_WINDOW,
    probe::{self, State},
};
use crate::Tasks;

/// How a channel looks after its servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The deadline of a TCP connection.
    pub connect_timeout: Duration,
    /// The pause between two probes of a server.
    pub probe_every: Duration,
    /// The deadline of a probe.
    pub probe_timeout: Duration,
    /// The pause between two look-ups of a name, and the deadline of one.
    pub resolve_every: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(1),
            probe_every: Duration::from_millis(500),
            probe_timeout: Duration::from_secs(1),
            resolve_every: Duration::from_secs(3),
        }
    }
}

/// An address that no channel can be made to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEndpoint {
    #[error("no gRPC endpoint is given")]
    None,
    #[error("the gRPC endpoint {0} must be http://host:port or https://host:port")]
    Form(Uri),
    #[error("the gRPC endpoint {0} cannot be used")]
    Unusable(Uri, #[source] tonic::transport::Error),
}

/// A channel over all the servers behind `endpoints`, each `http://host:port` or `https://...`; a
/// host may be a name with many addresses. It connects at once, in the background, and its calls
/// wait until the first probes are in. The channel lives on after shutdown has begun, with the
/// servers that it has then.
///
/// A call fails as unavailable where its server dies under it: see [`retry`](super::retry).
///
/// # Errors
/// Where an endpoint is no such address, or there is none.
pub fn connect(
    endpoints: &[Uri],
    options: Options,
    tasks: &Tasks,
) -> Result<Channel, InvalidEndpoint> {
    if endpoints.is_empty() {
        return Err(InvalidEndpoint::None);
    }
    let targets = endpoints
        .iter()
        .map(|uri| Target::new(uri, &options))
        .collect::<Result<Vec<_>, _>>()?;
    let (channel, changes) = Channel::balance_channel(64);
    tasks.spawn_until_stop(Balancer::new(targets, options, changes).run());
    Ok(channel)
}

/// Whether [`connect`] takes this endpoint.
#[must_use]
pub fn is_endpoint(uri: &Uri) -> bool {
    Target::new(uri, &Options::default()).is_ok()
}

/// One configured endpoint: a name, or an address.
#[derive(Debug, Clone)]
struct Target {
    uri: Uri,
    scheme: Scheme,
    host: String,
    port: u16,
    connect_timeout: Duration,
}

impl Target {
    fn new(uri: &Uri, options: &Options) -> Result<Self, InvalidEndpoint> {
        let form = || InvalidEndpoint::Form(uri.clone());
        let scheme = uri.scheme().ok_or_else(form)?.clone();
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err(form());
        }
        let host = uri.host().ok_or_else(form)?;
        let target = Self {
            uri: uri.clone(),
            scheme,
            host: host.trim_matches(['[', ']']).to_owned(),
            port: uri.port_u16().ok_or_else(form)?,
            connect_timeout: options.connect_timeout,
        };
        target.at(SocketAddr::from(([127, 0, 0, 1], target.port)))?;
        Ok(target)
    }

    /// The server at one of its addresses, which goes by the target's name.
    fn at(&self, address: SocketAddr) -> Result<Endpoint, InvalidEndpoint> {
        let unusable = |error| InvalidEndpoint::Unusable(self.uri.clone(), error);
        let mut endpoint =
            Endpoint::from_shared(format!("{}://{address}", self.scheme)).map_err(unusable)?;
        if self.scheme == Scheme::HTTPS {
            let tls = ClientTlsConfig::new()
                .with_enabled_roots()
                .domain_name(&self.host);
            endpoint = endpoint.tls_config(tls).map_err(unusable)?;
        }
        Ok(endpoint
            .origin(self.uri.clone())
            .connect_timeout(self.connect_timeout)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(Duration::from_secs(5))
            .keep_alive_timeout(Duration::from_secs(3))
            .keep_alive_while_idle(true)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .initial_stream_window_size(STREAM_WINDOW))
    }

    /// Its addresses now; `None` where the name cannot be looked up.
    async fn addresses(&self, limit: Duration) -> Option<Vec<SocketAddr>> {
        let lookup = tokio::net::lookup_host((self.host.as_str(), self.port));
        match timeout(limit, lookup).await {
            Ok(Ok(found)) => Some(found.collect()),
            Ok(Err(error)) => {
                tracing::warn!(host = self.host, %error, "name cannot be looked up");
                None
            }
            Err(_) => {
                tracing::warn!(host = self.host, "name cannot be looked up in time");
                None
            }
        }
    }
}

/// What the balancer's tasks find out.
enum News {
    /// The addresses of a target.
    Resolved(usize, Vec<SocketAddr>),
    Probed(SocketAddr, State),
}

/// A server at an address.
struct Member {
    target: usize,
    endpoint: Endpoint,
    state: State,
    /// It is in the channel's set.
    listed: bool,
    probe: AbortHandle,
}

/// Keeps the channel's set of servers. Its tasks end with it.
struct Balancer {
    targets: Vec<Target>,
    options: Options,
    members: HashMap<SocketAddr, Member>,
    changes: mpsc::Sender<Change<SocketAddr, Endpoint>>,
    tasks: JoinSet<()>,
    news: (mpsc::Sender<News>, mpsc::Receiver<News>),
}

impl Balancer {
    fn new(
        targets: Vec<Target>,
        options: Options,
        changes: mpsc::Sender<Change<SocketAddr, Endpoint>>,
    ) -> Self {
        Self {
            targets,
            options,
            members: HashMap::new(),
            changes,
            tasks: JoinSet::new(),
            news: mpsc::channel(64),
        }
    }

    /// Until the channel is gone.
    async fn run(mut self) {
        for (index, target) in self.targets.iter().cloned().enumerate() {
            let (every, news) = (self.options.resolve_every, self.news.0.clone());
            self.tasks.spawn(async move {
                loop {
                    if let Some(addresses) = target.addresses(every).await
                        && news.send(News::Resolved(index, addresses)).await.is_err()
                    {
                        return;
                    }
                    sleep(every).await;
                }
            });
        }
        loop {
            tokio::select! {
                () = self.changes.closed() => return,
                Some(_) = self.tasks.join_next() => continue,
                Some(news) = self.news.1.recv() => match news {
                    News::Resolved(target, addresses) => self.resolved(target, &addresses).await,
                    News::Probed(address, state) => {
                        if let Some(member) = self.members.get_mut(&address) {
                            member.state = state;
                        }
                    }
                },
            }
            self.relist().await;
        }
    }

    async fn resolved(&mut self, target: usize, addresses: &[SocketAddr]) {
        // A name without addresses is a service that is being rolled out: better its old ones.
        if addresses.is_empty() {
            return;
        }
        for &address in addresses {
            if self.members.contains_key(&address) {
                continue;
            }
            match self.targets.get(target).map(|target| target.at(address)) {
                Some(Ok(endpoint)) => self.join(target, address, endpoint),
                Some(Err(error)) => tracing::warn!(%address, %error, "server left out"),
                None => {}
            }
        }
        let gone = self
            .members
            .extract_if(|address, member| member.target == target && !addresses.contains(address));
        for (address, member) in gone.collect::<Vec<_>>() {
            member.probe.abort();
            if member.listed {
                tracing::info!(%address, "server left its name");
                self.tell(Change::Remove(address)).await;
            }
        }
    }

    fn join(&mut self, target: usize, address: SocketAddr, endpoint: Endpoint) {
        let news = self.news.0.clone();
        let report = async move |state| {
            // Nobody hears it when the balancer has ended, and the probe ends then, too.
            news.send(News::Probed(address, state)).await.ok();
        };
        let (every, limit) = (self.options.probe_every, self.options.probe_timeout);
        let probe = self
            .tasks
            .spawn(probe::watch(endpoint.clone(), every, limit, report));
        let member = Member {
            target,
            endpoint,
            state: State::Unknown,
            listed: false,
            probe,
        };
        self.members.insert(address, member);
    }

    /// Lists who serves. Additions come first, so that the set is not empty in between.
    async fn relist(&mut self) {
        let any = |state| self.members.values().any(|member| member.state == state);
        let (any_green, any_unknown) = (any(State::Green), any(State::Unknown));
        let (mut additions, mut removals) = (Vec::new(), Vec::new());
        for (&address, member) in &mut self.members {
            let wanted = if any_green {
                member.state == State::Green
            } else {
                member.listed || !any_unknown
            };
            if wanted != member.listed {
                member.listed = wanted;
                if wanted {
                    additions.push(Change::Insert(address, member.endpoint.clone()));
                } else {
                    removals.push(Change::Remove(address));
                }
            }
        }
        for change in additions.into_iter().chain(removals) {
            match &change {
                Change::Insert(address, _) => tracing::info!(%address, "server in"),
                Change::Remove(address) => tracing::info!(%address, "server out"),
            }
            self.tell(change).await;
        }
    }

    async fn tell(&self, change: Change<SocketAddr, Endpoint>) {
        // Fails only where the channel is gone; `run` notices.
        self.changes.send(change).await.ok();
    }
}
