//! A gateway as one process serves it: over a store in a folder, on a port of its own.

use std::{net::SocketAddr, path::Path, sync::Arc};

use convene_bus::local::LocalBroker;
use convene_context_service::{
    Service,
    store::embedded::{self, EmbeddedStore},
};
use convene_gateway::{
    Gateway, Options,
    auth::{self, Auth},
};
use convene_runtime::{Tasks, grpc, health::Health, metrics::Metrics};
use tokio::net::TcpListener;
use tonic::transport::Channel;

/// What serves, and how it is watched.
pub(crate) struct Served {
    pub(crate) tasks: Tasks,
    pub(crate) health: Health,
    pub(crate) metrics: Metrics,
}

impl Served {
    /// A context service over the store of this folder.
    pub(crate) fn context(&self, folder: &Path) -> Channel {
        let store = EmbeddedStore::open(folder, embedded::Options::default()).unwrap();
        let (channel, incoming) = grpc::in_process();
        let options = convene_context_service::Options::default();
        let service = Service::new(options, Arc::new(store), &self.health, &self.tasks);
        let serving = async move { service.run(incoming).await.unwrap() };
        self.tasks.spawn(serving);
        channel
    }

    /// A gateway in front of it that minds no number of requests. Where it listens.
    pub(crate) async fn gateway(self, auth: auth::Options, context: Channel) -> SocketAddr {
        let options = Options {
            requests_per_second: 1_000_000,
            request_burst: 1_000_000,
            creations_per_minute: 1_000_000,
            ..Options::default()
        };
        let auth = Auth::new(auth).unwrap();
        let bus = LocalBroker::new(&self.tasks).connect();
        let gateway = Gateway::start(options, auth, context, bus, None, self.tasks.clone());
        let gateway = gateway.await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = gateway.serve(listener, self.health, self.metrics);
        self.tasks.spawn(serving);
        address
    }
}
