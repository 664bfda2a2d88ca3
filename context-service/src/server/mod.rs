//! The store, on the wire: the gRPC service of `context.proto`.
//!
//! One function a call, in [`conversations`], [`log`], [`audience`] and [`runs`]: check the
//! request, take the store's one step, answer. What all calls have in common stands around them:
//! [`observe`] (deadline, metrics, what is logged) and [`api`] (spans, and gRPC itself). [`work`]
//! carries many calls over one stream, and [`acts`] judges what people press.

mod acts;
mod api;
mod audience;
mod check;
mod conversations;
mod encode;
mod health;
mod log;
mod observe;
mod refusal;
mod revocations;
mod runs;
mod sweeps;
mod timers;
mod work;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use convene_proto::context::{self, context_service_server::ContextServiceServer};
use convene_runtime::{
    Tasks,
    bounds::Bounds,
    grpc::{CONNECTION_WINDOW, STREAM_WINDOW},
    health::Health,
};
use futures_util::Stream;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::sleep,
};
use tonic::transport::{
    Server,
    server::{Connected, TcpIncoming},
};

use self::{api::Api, observe::Observer};
use crate::store::Store;

/// How the server runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Where to listen for gRPC.
    pub listen: SocketAddr,
    /// The deadline of the store's step in a call, in milliseconds.
    pub deadline_ms: u64,
    /// How many calls of one worker's stream may be under way; the rest wait unread.
    pub work_in_flight: usize,
    /// How long to go on serving after shutdown began, in milliseconds, so that clients notice
    /// and go elsewhere; they look twice a second.
    pub drain_ms: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7700)),
            deadline_ms: 5000,
            work_in_flight: 256,
            drain_ms: 1500,
        }
    }
}

impl Options {
    /// What is wrong with these settings: each fault with its key and a remedy.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut bounds = Bounds::of("context_service");
        let in_flight = u64::try_from(self.work_in_flight).unwrap_or(u64::MAX);
        bounds.within("deadline_ms", self.deadline_ms, 10, 60_000);
        bounds.within("work_in_flight", in_flight, 1, 10_000);
        bounds.within("drain_ms", self.drain_ms, 0, 60_000);
        bounds.into_faults()
    }
}

/// How long connections may take to end once the drain is over.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Why the server ended before shutdown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("the gRPC server cannot listen on {0}")]
    Listen(SocketAddr, #[source] std::io::Error),
    #[error("the gRPC server failed")]
    Serve(#[from] tonic::transport::Error),
    #[error("the descriptors for gRPC reflection are damaged")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// The context service.
pub struct Service {
    options: Options,
    store: Arc<dyn Store>,
    health: Health,
    tasks: Tasks,
}

impl Service {
    /// `tasks` should be stopped after those of gateways and workers in the same process: they
    /// need the service to drain.
    #[must_use]
    pub fn new(options: Options, store: Arc<dyn Store>, health: &Health, tasks: &Tasks) -> Self {
        Self {
            options,
            store,
            health: health.clone(),
            tasks: tasks.clone(),
        }
    }

    /// Listens where the options say; for [`Service::run`].
    ///
    /// # Errors
    /// Where the address cannot be had.
    pub fn listen(&self) -> Result<TcpIncoming, Error> {
        let address = self.options.listen;
        let incoming = TcpIncoming::bind(address).map_err(|error| Error::Listen(address, error))?;
        Ok(incoming.with_nodelay(Some(true)))
    }

    /// Serves what comes in until shutdown, and drains: health turns red and the workers' streams
    /// end once their calls are answered, so that clients go elsewhere; then connections close.
    ///
    /// # Errors
    /// Where the server cannot go on; never because of a client.
    pub async fn run<I, Io, E>(self, incoming: I) -> Result<(), Error>
    where
        I: Stream<Item = Result<Io, E>>,
        Io: AsyncRead + AsyncWrite + Connected + Unpin + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (reporter, health_service) = tonic_health::server::health_reporter();
        let reflection = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(context::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .build_v1()?;
        health::follow(self.store.clone(), reporter, &self.health, &self.tasks).await;

        let api = Api::new(
            self.store,
            Observer::new(Duration::from_millis(self.options.deadline_ms)),
            self.options.work_in_flight.max(1),
            self.tasks.child_token(),
        );
        let (drain, tasks) = (Duration::from_millis(self.options.drain_ms), &self.tasks);
        let drained = async {
            tasks.stopping().await;
            sleep(drain).await;
        };
        let served = Server::builder()
            .initial_connection_window_size(CONNECTION_WINDOW)
            .initial_stream_window_size(STREAM_WINDOW)
            .http2_keepalive_interval(Some(Duration::from_secs(10)))
            .http2_keepalive_timeout(Some(Duration::from_secs(5)))
            .add_service(health_service)
            .add_service(reflection)
            .add_service(ContextServiceServer::new(api))
            .serve_with_incoming_shutdown(incoming, drained);
        let late = async {
            tasks.stopping().await;
            sleep(drain + LAST_WORDS).await;
        };
        tokio::select! {
            served = served => Ok(served?),
            () = late => {
                tracing::warn!("connections were still open at the end of the drain");
                Ok(())
            }
        }
    }
}
