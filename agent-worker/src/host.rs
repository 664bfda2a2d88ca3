//! A process of your own that hosts your own agents, beside Convene's services.

use std::{env, io, sync::Arc, time::Duration};

use convene_agent::{Agent, Agents};
use convene_bus::{
    Bus as _,
    rabbitmq::{self, RabbitBus},
};
use convene_proto::{
    context::context_service_client::ContextServiceClient,
    id::{AgentName, InvalidId, Pool},
};
use convene_runtime::{Tasks, grpc, telemetry, tls};
use tokio::signal::unix::{SignalKind, signal};
use tonic::transport::Uri;

use crate::{Options, Worker};

const CONTEXT_SERVICE: &str = "http://127.0.0.1:7700";

/// What a worker needs beyond its drain deadline, to leave in order.
const BEYOND_DRAIN: Duration = Duration::from_secs(8);

/// Why a worker of one's own did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    #[error("the agent's name cannot be used: {0}")]
    AgentName(#[source] InvalidId),
    #[error("{variable} cannot be used: {reason}")]
    Variable {
        variable: &'static str,
        reason: String,
    },
    #[error("the settings cannot be used: {}", .0.join("; "))]
    Options(Vec<String>),
    #[error("no agent is given")]
    NoAgent,
    #[error(transparent)]
    Telemetry(#[from] telemetry::Error),
    #[error("the broker cannot be used: {0}")]
    Broker(#[from] convene_bus::Error),
    #[error(transparent)]
    Endpoint(#[from] grpc::InvalidEndpoint),
    #[error("signals cannot be caught: {0}")]
    Signals(#[from] io::Error),
    #[error("a part of the worker ended before its time ({0}): the log says why")]
    Broken(&'static str),
}

/// A worker of your own: where the services are, and which agents it hosts.
///
/// ```no_run
/// # use convene_agent::{Agent, Error, Run, async_trait};
/// # struct Echo;
/// # #[async_trait]
/// # impl Agent for Echo {
/// #     async fn run(&self, run: &mut Run) -> Result<(), Error> { run.write("hi").await }
/// # }
/// #[tokio::main]
/// async fn main() -> Result<(), convene_agent_worker::HostError> {
///     convene_agent_worker::Host::from_env()?.agent("echo", Echo)?.run().await
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Host {
    agents: Agents,
    options: Options,
    /// Nobody chose a pool yet.
    is_pool_free: bool,
    broker: rabbitmq::Options,
    context_services: Vec<String>,
    telemetry: telemetry::Options,
}

impl Default for Host {
    fn default() -> Self {
        Self {
            agents: Agents::new(),
            options: Options::default(),
            is_pool_free: true,
            broker: rabbitmq::Options::default(),
            context_services: vec![CONTEXT_SERVICE.to_owned()],
            telemetry: telemetry::Options::default(),
        }
    }
}

impl Host {
    /// Reads from the environment what most need, under the names that `convene` itself uses:
    ///
    /// * `CONVENE_BROKER__URL`: `amqp://user:password@host:5672/vhost`,
    /// * `CONVENE_CONTEXT_SERVICE__ENDPOINTS`: `http://host:7700`, several with commas between,
    /// * `CONVENE_AGENT_WORKER__POOL`: the pool whose runs it takes; absent, a pool of its own
    ///   (see [`Host::agent`]),
    /// * `CONVENE_TELEMETRY__LOG`: what is logged, such as `info,convene=debug`,
    /// * `CONVENE_TELEMETRY__OTLP_ENDPOINT`: the collector that traces go to.
    ///
    /// # Errors
    /// Where the pool's name is none.
    pub fn from_env() -> Result<Self, HostError> {
        const POOL: &str = "CONVENE_AGENT_WORKER__POOL";
        let mut host = Self::default();
        if let Ok(url) = env::var("CONVENE_BROKER__URL") {
            host.broker.url = url;
        }
        if let Ok(endpoints) = env::var("CONVENE_CONTEXT_SERVICE__ENDPOINTS") {
            let endpoints = endpoints.split(',').map(str::trim);
            host.context_services = endpoints.map(str::to_owned).collect();
        }
        if let Ok(pool) = env::var(POOL) {
            host.options.pool = Pool::new(pool).map_err(|error| HostError::Variable {
                variable: POOL,
                reason: error.to_string(),
            })?;
            host.is_pool_free = false;
        }
        if let Ok(log) = env::var("CONVENE_TELEMETRY__LOG") {
            host.telemetry.log = log;
        }
        host.telemetry.otlp_endpoint = env::var("CONVENE_TELEMETRY__OTLP_ENDPOINT").ok();
        Ok(host)
    }

    /// Hosts an agent under a name; one of the same name is replaced.
    ///
    /// All workers of a pool must host the same agents. So, unless a pool was chosen, the worker's
    /// is one of its own, with the first agent's name.
    ///
    /// # Errors
    /// Where the name is no agent's name.
    pub fn agent(mut self, name: &str, agent: impl Agent) -> Result<Self, HostError> {
        let name = AgentName::new(name).map_err(HostError::AgentName)?;
        if self.is_pool_free {
            self.options.pool = Pool::new(name.as_str()).map_err(HostError::AgentName)?;
            self.is_pool_free = false;
        }
        self.agents = self.agents.with(name, agent);
        Ok(self)
    }

    /// Sets anything about the worker.
    #[must_use]
    pub fn options(mut self, set: impl FnOnce(&mut Options)) -> Self {
        let before = self.options.pool.clone();
        set(&mut self.options);
        self.is_pool_free &= self.options.pool == before;
        self
    }

    /// Sets anything about the connection to RabbitMQ.
    #[must_use]
    pub fn broker(mut self, set: impl FnOnce(&mut rabbitmq::Options)) -> Self {
        set(&mut self.broker);
        self
    }

    /// Names the context services, as `http://host:port`.
    #[must_use]
    pub fn context_services<I>(mut self, endpoints: I) -> Self
    where
        I: IntoIterator<Item: Into<String>>,
    {
        self.context_services = endpoints.into_iter().map(Into::into).collect();
        self
    }

    /// Sets what is logged and where traces go.
    #[must_use]
    pub fn telemetry(mut self, set: impl FnOnce(&mut telemetry::Options)) -> Self {
        set(&mut self.telemetry);
        self
    }

    /// Works until Ctrl-C or SIGTERM, then drains. Logs go to standard error.
    ///
    /// # Errors
    /// Where a setting cannot be used. That a service is away is none: it may come.
    pub async fn run(self) -> Result<(), HostError> {
        let faults = [
            self.options.faults(),
            self.broker.faults(),
            self.telemetry.faults(),
        ]
        .concat();
        if !faults.is_empty() {
            return Err(HostError::Options(faults));
        }
        if self.agents.is_empty() {
            return Err(HostError::NoAgent);
        }
        let endpoints = self.context_services.iter().map(|text| text.parse::<Uri>());
        let endpoints = endpoints.collect::<Result<Vec<_>, _>>();
        let endpoints = endpoints.map_err(|error| HostError::Variable {
            variable: "CONVENE_CONTEXT_SERVICE__ENDPOINTS",
            reason: format!("it must be like {CONTEXT_SERVICE}: {error}"),
        })?;
        tls::install();
        let guard = telemetry::init("convene-agent-worker", &self.telemetry)?;
        let mut terminate = signal(SignalKind::terminate())?;

        let (tasks, links) = (Tasks::new(), Tasks::new());
        let channel = grpc::connect(&endpoints, grpc::Options::default(), &links)?;
        let bus = RabbitBus::connect(self.broker, &links)?;
        let drain = Duration::from_millis(self.options.drain_deadline_ms) + BEYOND_DRAIN;
        let context = ContextServiceClient::new(channel);
        let bus_of_worker: Arc<RabbitBus> = bus.clone();
        Worker::start(self.options, self.agents, context, bus_of_worker, &tasks);
        let broken = tokio::select! {
            ended = tokio::signal::ctrl_c() => ended.map(|()| None)?,
            _ = terminate.recv() => None,
            part = tasks.broken() => Some(part),
        };
        tracing::info!("draining");
        let left = tasks.stop(drain).await;
        if left > 0 {
            tracing::warn!(left, "some tasks did not end in time");
        }
        bus.close(BEYOND_DRAIN).await;
        links.stop(BEYOND_DRAIN).await;
        drop(guard);
        match broken {
            Some(part) => Err(HostError::Broken(part)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::guide::Guide;

    #[tokio::test]
    async fn what_cannot_be_used_is_said_before_anything_starts() {
        let nobody = Host::default().run().await.unwrap_err();
        assert_eq!(nobody.to_string(), "no agent is given");

        let named = Host::default().agent("a b", Guide::new()).unwrap_err();
        assert!(named.to_string().contains("agent name"), "{named}");

        let host = Host::default().agent("guide", Guide::new()).unwrap();
        let wrong = host.clone().options(|options| options.concurrency = 0);
        let error = wrong.run().await.unwrap_err().to_string();
        assert!(error.contains("agent_worker.concurrency"), "{error}");

        let wrong = host
            .clone()
            .telemetry(|telemetry| telemetry.trace_share = 2.0);
        let error = wrong.run().await.unwrap_err().to_string();
        assert!(error.contains("telemetry.trace_share"), "{error}");

        let wrong = host.context_services(["not an address"]).run().await;
        let error = wrong.unwrap_err().to_string();
        assert!(error.contains("http://127.0.0.1:7700"), "{error}");
    }
}
