//! `convene agent-worker`: the service that hosts agents.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use convene_agent::Agents;
use convene_agent_worker::{
    Worker,
    agents::{
        flow::{Condition, FlowAgent},
        guide::Guide,
        llm::LlmAgent,
    },
};
use convene_bus::Bus;
use convene_config::{Config, Kind};
use convene_proto::{
    context::context_service_client::ContextServiceClient,
    id::{AgentName, Pool},
};
use convene_runtime::{
    Tasks,
    health::{Every, Health},
    metrics, telemetry,
};
use tokio::sync::watch;
use tonic::transport::Channel;

use super::{
    backends::{self, CLOSES_WITHIN},
    listen,
    shutdown::{Signals, end},
};

/// What a worker needs beyond the time that its runs get, to leave in order.
const BEYOND_RUNS: Duration = Duration::from_secs(8);

/// What readiness says of agents whose projects have faults: what is wrong with the files is not for everybody to read.
const BEHIND: &str = "the project's files have faults: conversations are held as it was before; the log says what is wrong, and so does convene check";
const UNUSABLE: &str = "the project's files have faults, and no version of it without is known: what is said to it waits until they are mended; the log says what is wrong, and so does convene check";

/// Starts a worker over whatever is behind it.
pub(super) fn start(
    config: &Config,
    channel: Channel,
    bus: Arc<dyn Bus>,
    health: &Health,
    tasks: &Tasks,
) -> anyhow::Result<()> {
    let agents = agents(config, &config.agent_worker.pool, health, tasks)?;
    let context = ContextServiceClient::new(channel);
    let worker = Worker::start(config.agent_worker.clone(), agents, context, bus, tasks);
    health.watch("agent-worker", Every::default(), tasks, move || {
        let faults = worker.faults();
        async move {
            if faults.is_empty() {
                Ok(())
            } else {
                Err(faults.join("; "))
            }
        }
    });
    Ok(())
}

/// How long a worker may take to drain.
pub(super) fn drains_within(config: &Config) -> Duration {
    Duration::from_millis(config.agent_worker.drain_deadline_ms) + BEYOND_RUNS
}

/// The agents of the settings that this pool hosts. One whose project cannot be used is there all the same, and waits until it
/// is mended, as long as another one can be talked to.
fn agents(config: &Config, pool: &Pool, health: &Health, tasks: &Tasks) -> anyhow::Result<Agents> {
    let mut agents = Agents::new();
    let mut unusable = Vec::new();
    let hosted = || {
        let all = config.agents.iter();
        all.filter(|(_, options)| options.pool == *pool)
    };
    for (name, options) in hosted() {
        agents = match &options.kind {
            Kind::Guide => agents.with(name.clone(), Guide),
            Kind::Llm(options) => {
                let agent = LlmAgent::from_options(options)
                    .with_context(|| format!("the settings of agents.{name} cannot be used"))?;
                agents.with(name.clone(), agent)
            }
            Kind::Flow(options) => {
                let (agent, faulty) = FlowAgent::open(options)
                    .with_context(|| format!("the settings of agents.{name} cannot be used"))?;
                unusable.extend(faulty.map(|faulty| (name, faulty)));
                let agent = agent
                    .within(Duration::from_millis(config.agent_worker.run_deadline_ms))
                    .among(config.agent_worker.concurrency);
                let watched = agent.clone();
                // It learns there, while people come in already.
                tasks.spawn_until_stop(async move { watched.watch().await });
                tasks.spawn_until_stop(tell(name.clone(), agent.condition(), health.clone()));
                agents.with(name.clone(), agent)
            }
        };
        if let Some(title) = &options.title {
            agents = agents.titled(name.clone(), title);
        }
    }
    if !unusable.is_empty() && unusable.len() == hosted().count() {
        let told = unusable.iter().map(|(name, faulty)| {
            format!("the settings of agents.{name} cannot be used: agents.{name}.project: {faulty}")
        });
        anyhow::bail!(told.collect::<Vec<_>>().join("\n"));
    }
    Ok(agents)
}

/// Says of an agent whose project's files have faults whether it goes on as it was before: in readiness and as a metric.
async fn tell(agent: AgentName, mut condition: watch::Receiver<Condition>, health: Health) {
    let about = format!("agents.{agent}");
    let described = "1 where an agent's project has faults in its files, and is used as it was before, or not at all";
    let behind = metrics::meter()
        .u64_gauge("convene.project.behind")
        .with_description(described)
        .build();
    loop {
        let remark = match &*condition.borrow_and_update() {
            Condition::Good => None,
            Condition::Behind(_) => Some(BEHIND),
            Condition::Unusable(_) => Some(UNUSABLE),
        };
        health.remark(&about, remark);
        behind.record(
            u64::from(remark.is_some()),
            &[metrics::KeyValue::new("agent", agent.to_string())],
        );
        if condition.changed().await.is_err() {
            return;
        }
    }
}

pub(crate) async fn run(config: Config, telemetry: telemetry::Guard) -> anyhow::Result<()> {
    let signals = Signals::catch()?;
    let admin = listen::bind(config.admin.listen, "admin.listen").await?;
    let (health, tasks, links) = (Health::new(), Tasks::new(), Tasks::new());
    let channel = backends::channel(&config, &links)?;
    let bus = backends::rabbitmq(&config, &links)?;
    start(&config, channel, bus.clone(), &health, &tasks)?;
    backends::serve_admin(admin, &health, &telemetry, &links);
    tracing::info!(pool = %config.agent_worker.pool, agents = config.describe_agents(), "agent worker");
    let drain = async {
        health.drain();
        end("agent worker", &tasks, drains_within(&config)).await;
        bus.close(CLOSES_WITHIN).await;
        end("connections", &links, CLOSES_WITHIN).await;
    };
    signals.then_drain([&tasks, &links], drain).await
}
