//! `convene serve`: everything in one process. It is the same gateway, worker and context service
//! as in a cluster, over gRPC through pipes; only the store and the bus are others.

use std::{fs, sync::Arc};

use anyhow::{Context as _, anyhow};
use convene_bus::{Bus, local::LocalBroker};
use convene_config::{Config, secret};
use convene_context_service::{
    Service,
    store::embedded::{EmbeddedStore, OpenError, Options},
};
use convene_runtime::{Tasks, grpc, health::Health, telemetry};

use super::{
    agent_worker,
    backends::CLOSES_WITHIN,
    context_service, gateway, listen,
    shutdown::{Signals, end},
};
use crate::say;

/// The folder in the data folder in which the former versions of projects are.
const VERSIONS: &str = "versions";

/// The folder in the data folder in which commands that were given up on wait.
const DEAD_LETTERS: &str = "dead-letters";

pub(crate) async fn run(mut config: Config, telemetry: telemetry::Guard) -> anyhow::Result<()> {
    let signals = Signals::catch()?;
    let folder = config.data.folder.clone();
    fs::create_dir_all(&folder).with_context(|| {
        format!(
            "the data folder {} cannot be made: set data.folder to another",
            folder.display()
        )
    })?;
    let own = folder.clone();
    let open = move || EmbeddedStore::open(own, Options::default());
    let store = tokio::task::spawn_blocking(open)
        .await?
        .map_err(|error| match error {
            OpenError::AlreadyOpen { .. } => {
                anyhow!("{error}: stop the other one, or choose another folder with --data")
            }
            other => other.into(),
        })?;
    let store = Arc::new(store);
    config.keep_versions_in(&folder.join(VERSIONS));
    let listener = listen::bind(config.gateway.listen, "gateway.listen").await?;
    if config.auth.secret.is_empty() {
        config.auth.secret = secret::read_or_make(&folder)
            .with_context(|| format!("the secret in {} cannot be used", folder.display()))?;
    }

    let health = Health::new();
    // Each is stopped after those that need it.
    let [gateway, worker, service, links] = [(); 4].map(|()| Tasks::new());
    let (dead_letters, own) = (folder.join(DEAD_LETTERS), links.clone());
    let opened =
        tokio::task::spawn_blocking(move || LocalBroker::open(&dead_letters, &own)).await?;
    let broker = opened
        .with_context(|| format!("the dead letters in {} cannot be read", folder.display()))?;
    let bus: Arc<dyn Bus> = broker.connect();
    let (channel, incoming) = grpc::in_process();
    // Who calls it has ended before it drains: nobody must be given time to go elsewhere.
    config.context_service.server.drain_ms = 0;
    let server = Service::new(
        config.context_service.server.clone(),
        store.clone(),
        &health,
        &service,
    );
    context_service::spawn(server.run(incoming), &service);
    let vital = store.clone();
    service.spawn_vital_until_stop("store", async move { vital.ended().await });
    agent_worker::start(&config, channel.clone(), bus.clone(), &health, &worker)?;
    let reports = (&health, telemetry.metrics());
    gateway::start(&config, listener, channel, bus.clone(), reports, &gateway).await?;
    say(&format!(
        "Convene is at http://{} (agents: {}; data: {})",
        config.gateway.listen,
        config.describe_agents(),
        folder.display()
    ))?;

    let drain = async {
        health.drain();
        end("gateway", &gateway, gateway::DRAINS_WITHIN).await;
        end(
            "agent worker",
            &worker,
            agent_worker::drains_within(&config),
        )
        .await;
        end(
            "context service",
            &service,
            context_service::drains_within(&config),
        )
        .await;
        bus.close(CLOSES_WITHIN).await;
        end("bus", &links, CLOSES_WITHIN).await;
        store.close().await;
    };
    let parts = [&gateway, &worker, &service, &links];
    signals.then_drain(parts, drain).await
}
