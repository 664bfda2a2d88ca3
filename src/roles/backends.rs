//! The adapters that settings name, and the channel to the context service.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use convene_bus::{Bus, rabbitmq::RabbitBus};
use convene_config::Config;
use convene_runtime::{Tasks, grpc, health::Health, http, telemetry};
use tokio::net::TcpListener;
use tonic::transport::{Channel, Uri};

/// How long connections may take to close.
pub(super) const CLOSES_WITHIN: Duration = Duration::from_secs(5);

/// The broker of a cluster. It need not be there yet: the bus connects when it is.
pub(super) fn rabbitmq(config: &Config, tasks: &Tasks) -> anyhow::Result<Arc<dyn Bus>> {
    let bus =
        RabbitBus::connect(config.broker.clone(), tasks).context("broker.url cannot be used")?;
    Ok(bus)
}

/// A channel over all context services.
pub(super) fn channel(config: &Config, tasks: &Tasks) -> anyhow::Result<Channel> {
    let endpoints = config.context_service.endpoints.iter();
    let uris = endpoints
        .map(|text| text.parse())
        .collect::<Result<Vec<Uri>, _>>();
    let uris = uris.context("context_service.endpoints must be like http://host:7700")?;
    Ok(grpc::connect(&uris, grpc::Options::default(), tasks)?)
}

/// Serves what operators ask for until the process is about to end.
pub(super) fn serve_admin(
    listener: TcpListener,
    health: &Health,
    telemetry: &telemetry::Guard,
    tasks: &Tasks,
) {
    let own = tasks.clone();
    let router = http::router(health.clone(), telemetry.metrics());
    tasks.spawn_vital("health and metrics", async move {
        if let Err(error) = http::serve_admin(listener, router, &own).await {
            tracing::error!(%error, "health and metrics are no longer served");
        }
    });
}
