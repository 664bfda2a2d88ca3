//! The server's own promises, over the channel that the embedded mode uses: most with a store
//! whose behaviour the tests choose, the life of a message and the loss of a server with a real
//! one. What the stores promise is in their contract's suite.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod calls;
mod draining;
mod fake;
mod health;
mod life;
mod pair;
mod working;

use std::{sync::Arc, time::Duration};

use convene_context_service::{Options, Service, store::Store};
use convene_proto::context::context_service_client::ContextServiceClient;
use convene_runtime::{Tasks, grpc, health::Health};
use tokio::{task::JoinHandle, time::timeout};
use tonic::transport::Channel;

use self::fake::FakeStore;

/// A server, and a client of it.
struct Setup<S = FakeStore> {
    store: Arc<S>,
    channel: Channel,
    client: ContextServiceClient<Channel>,
    health: Health,
    tasks: Tasks,
    server: JoinHandle<Result<(), convene_context_service::Error>>,
}

impl Setup {
    fn new(options: Options) -> Self {
        Self::with(options, Arc::new(FakeStore::new()))
    }
}

impl<S: Store> Setup<S> {
    fn with(options: Options, store: Arc<S>) -> Self {
        let (health, tasks) = (Health::new(), Tasks::new());
        let (channel, incoming) = grpc::in_process();
        let service = Service::new(options, store.clone(), &health, &tasks);
        let server = tasks.spawn(service.run(incoming));
        Self {
            store,
            client: ContextServiceClient::new(channel.clone()),
            channel,
            health,
            tasks,
            server,
        }
    }
}

/// Waits until something is so; a test that waits in vain says for what.
async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let waited = timeout(Duration::from_secs(60), async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(waited.await.is_ok(), "in vain: {what}");
}
