//! `convene gateway`: the service that clients connect to.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use convene_bus::Bus;
use convene_config::Config;
use convene_gateway::{DefaultAgent, Gateway, auth::Auth};
use convene_runtime::{Tasks, health::Health, metrics::Metrics, telemetry};
use tokio::net::TcpListener;
use tonic::transport::Channel;

use super::{
    backends::{self, CLOSES_WITHIN},
    listen,
    shutdown::{Signals, end},
};

/// Sockets are told to go elsewhere, and get this long to be gone.
pub(super) const DRAINS_WITHIN: Duration = Duration::from_secs(10);

/// Starts a gateway over whatever is behind it.
pub(super) async fn start(
    config: &Config,
    listener: TcpListener,
    channel: Channel,
    bus: Arc<dyn Bus>,
    (health, metrics): (&Health, Metrics),
    tasks: &Tasks,
) -> anyhow::Result<()> {
    let auth = Auth::new(config.auth.clone()).context("the settings of auth cannot be used")?;
    let default_agent = config.default_agent().map(|(name, agent)| DefaultAgent {
        agent: name.clone(),
        title: agent.title.clone(),
        pool: agent.pool.clone(),
    });
    let gateway = Gateway::start(
        config.gateway.clone(),
        auth,
        channel,
        bus,
        default_agent,
        tasks.clone(),
    )
    .await
    .context("the gateway's inbox cannot be opened")?;
    gateway.watch(health);
    tasks.spawn_vital("door", gateway.serve(listener, health.clone(), metrics));
    Ok(())
}

pub(crate) async fn run(config: Config, telemetry: telemetry::Guard) -> anyhow::Result<()> {
    let signals = Signals::catch()?;
    let listener = listen::bind(config.gateway.listen, "gateway.listen").await?;
    let (health, tasks, links) = (Health::new(), Tasks::new(), Tasks::new());
    let channel = backends::channel(&config, &links)?;
    let bus = backends::rabbitmq(&config, &links)?;
    let reports = (&health, telemetry.metrics());
    start(&config, listener, channel, bus.clone(), reports, &tasks).await?;
    tracing::info!("gateway at http://{}", config.gateway.listen);
    let drain = async {
        health.drain();
        end("gateway", &tasks, DRAINS_WITHIN).await;
        bus.close(CLOSES_WITHIN).await;
        end("connections", &links, CLOSES_WITHIN).await;
    };
    signals.then_drain([&tasks, &links], drain).await
}
