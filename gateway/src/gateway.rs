//! The gateway put together: what every request can reach.

use std::{sync::Arc, time::Duration};

use convene_bus::Bus;
use convene_runtime::{
    Tasks,
    health::{Every, Health},
};
use tokio::time::Instant;
use tonic::transport::Channel;

use crate::{
    alarms::Alarms, auth::Auth, client_address::Proxies, context::Context, host::Hosts, hub::Hub,
    limits::Limits, metrics::Metrics, options::Options,
};

/// Pings leave at beats of so many milliseconds: a thread that wakes serves all that are due, where it
/// would wake for each.
const BEAT_MS: u64 = 50;

/// A gateway: stateless but for its sockets. Clones share everything.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    options: Options,
    auth: Auth,
    context: Context,
    bus: Arc<dyn Bus>,
    hub: Hub,
    limits: Limits,
    alarms: Alarms,
    hosts: Hosts,
    proxies: Proxies,
    metrics: Metrics,
    tasks: Tasks,
    default_agent: Option<DefaultAgent>,
    begun: Instant,
}

/// Who answers in conversations that name no agent, and where its doorbells are rung.
#[derive(Debug, Clone)]
pub struct DefaultAgent {
    pub agent: convene_proto::id::AgentName,
    /// What the settings have people see it called.
    pub title: Option<String>,
    pub pool: convene_proto::id::Pool,
}

impl Gateway {
    /// Opens the gateway's inbox and begins to feed its hub; connections come with
    /// [`Gateway::serve`].
    ///
    /// # Errors
    /// Where the bus refuses an inbox.
    pub async fn start(
        options: Options,
        auth: Auth,
        channel: Channel,
        bus: Arc<dyn Bus>,
        default_agent: Option<DefaultAgent>,
        tasks: Tasks,
    ) -> Result<Self, convene_bus::Error> {
        let context = Context::new(channel);
        let hub = Hub::new(context.clone(), bus.clone(), tasks.clone(), &options);
        let letters = bus.open_inbox("gateway").await?;
        tasks.spawn_vital_until_stop("inbox", hub.clone().take_letters(letters));
        tasks.spawn_vital_until_stop("auditor", hub.clone().audit_forever());
        let gateway = Self(Arc::new(Inner {
            limits: Limits::new(&options),
            alarms: Alarms::default(),
            hosts: Hosts::new(&options),
            proxies: Proxies::new(&options),
            metrics: Metrics::new(hub.clone()),
            options,
            auth,
            context,
            bus,
            hub,
            tasks: tasks.clone(),
            default_agent,
            begun: Instant::now(),
        }));
        let auth = gateway.auth().clone();
        tasks.spawn_until_stop(async move { auth.refresh_forever().await });
        let revoking = gateway.clone();
        tasks.spawn_vital_until_stop("revocations", async move {
            let auth = revoking.auth();
            let every = Duration::from_millis(auth.options().revocations_ms);
            auth.revocations().follow(revoking.context(), every).await;
        });
        let revoked = gateway.auth().revocations().news();
        let alarms = gateway.alarms().clone();
        tasks.spawn_vital("alarms", alarms.ring(revoked, tasks.clone()));
        let tidy = gateway.clone();
        tasks.spawn_vital_until_stop("limits", async move { tidy.limits().tidy_forever().await });
        Ok(gateway)
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    pub(crate) fn auth(&self) -> &Auth {
        &self.0.auth
    }

    pub(crate) fn context(&self) -> &Context {
        &self.0.context
    }

    pub(crate) fn bus(&self) -> &dyn Bus {
        self.0.bus.as_ref()
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.0.hub
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn alarms(&self) -> &Alarms {
        &self.0.alarms
    }

    pub(crate) fn hosts(&self) -> &Hosts {
        &self.0.hosts
    }

    pub(crate) fn proxies(&self) -> &Proxies {
        &self.0.proxies
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn tasks(&self) -> &Tasks {
        &self.0.tasks
    }

    pub(crate) fn default_agent(&self) -> Option<&DefaultAgent> {
        self.0.default_agent.as_ref()
    }

    pub(crate) fn ping_every(&self) -> Duration {
        Duration::from_secs(self.0.options.ping_seconds)
    }

    /// When a socket is pinged that was heard of or pinged now: at the next beat after that time.
    pub(crate) fn next_ping(&self, now: Instant) -> Instant {
        let due = (now + self.ping_every()).saturating_duration_since(self.0.begun);
        let beats = u64::try_from(due.as_millis()).unwrap_or(u64::MAX) / BEAT_MS;
        self.0.begun + Duration::from_millis((beats + 1).saturating_mul(BEAT_MS))
    }

    /// Has readiness follow what this gateway cannot work without.
    pub fn watch(&self, health: &Health) {
        let gateway = self.clone();
        health.watch("inbox", Every::default(), &self.0.tasks, move || {
            let open = gateway.hub().has_inbox();
            async move { open.then_some(()).ok_or("the message queue is away") }
        });
        let gateway = self.clone();
        health.watch(
            "context-service",
            Every::default(),
            &self.0.tasks,
            move || {
                let gateway = gateway.clone();
                async move { gateway.context().reachable().await }
            },
        );
        let gateway = self.clone();
        health.watch("broker", Every::default(), &self.0.tasks, move || {
            let gateway = gateway.clone();
            async move { gateway.bus().ping().await }
        });
    }
}
