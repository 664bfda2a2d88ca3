//! Settings: one file, environment variables and flags, checked as a whole before anything starts.

mod agents;
mod fault;
mod layers;
mod print;
mod read;
pub mod secret;
#[cfg(test)]
mod tests;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use convene_proto::id::AgentName;
use convene_runtime::grpc;
use figment::{
    Figment,
    value::{Dict, Value},
};
use serde::{Deserialize, Serialize};
use tonic::transport::Uri;

pub use self::{agents::Kind, fault::Invalid, layers::Sources, print::print};
use self::{
    agents::{AgentOptions, Agents},
    read::Reader,
};

/// All settings of all services; each service takes what it needs.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Config {
    pub data: Data,
    pub admin: Admin,
    pub telemetry: convene_runtime::telemetry::Options,
    pub conversations: Conversations,
    pub gateway: convene_gateway::Options,
    pub auth: convene_gateway::auth::Options,
    pub agent_worker: convene_agent_worker::Options,
    pub agents: Agents,
    pub context_service: ContextService,
    pub store: convene_context_service::store::redis::Options,
    pub broker: convene_bus::rabbitmq::Options,
}

/// Where the embedded mode keeps everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Data {
    pub folder: PathBuf,
}

impl Default for Data {
    fn default() -> Self {
        Self {
            folder: "data".into(),
        }
    }
}

/// What operators ask of each service over HTTP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Admin {
    /// Where `/health/live`, `/health/ready` and `/metrics` are served.
    pub listen: SocketAddr,
}

impl Default for Admin {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 9464)),
        }
    }
}

/// What holds for new conversations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conversations {
    /// Who answers where a conversation names no agent. Absent: the first that settings name, or
    /// else the shop that ships.
    pub agent: Option<AgentName>,
}

/// The context service, and how others reach it.
#[derive(Debug, Clone, Serialize)]
pub struct ContextService {
    /// Where gateways and workers find it: one address or more, names with many addresses too.
    pub endpoints: Vec<String>,
    #[serde(flatten)]
    pub server: convene_context_service::Options,
}

impl Default for ContextService {
    fn default() -> Self {
        let server = convene_context_service::Options::default();
        Self {
            endpoints: vec![format!("http://{}", server.listen)],
            server,
        }
    }
}

impl ContextService {
    fn faults(&self) -> Vec<String> {
        let mut faults = self.server.faults();
        if self.endpoints.is_empty() {
            faults.push("context_service.endpoints must name one address or more".into());
        }
        for endpoint in &self.endpoints {
            let uri: Option<Uri> = endpoint.parse().ok();
            if !uri.is_some_and(|uri| grpc::is_endpoint(&uri)) {
                faults.push(format!(
                    "context_service.endpoints must be like http://host:7700, and has {endpoint:?}"
                ));
            }
        }
        faults
    }

    /// The two halves of one section.
    fn read(reader: &mut Reader) -> Self {
        let default = Self::default();
        let mut section = reader
            .take("context_service")
            .and_then(Value::into_dict)
            .unwrap_or_default();
        let endpoints = section
            .remove_entry("endpoints")
            .into_iter()
            .collect::<Dict>();
        let Endpoints { endpoints } = reader
            .read("context_service", Value::from(endpoints))
            .unwrap_or(Endpoints {
                endpoints: default.endpoints,
            });
        let server = reader.read("context_service", Value::from(section));
        Self {
            endpoints,
            server: server.unwrap_or(default.server),
        }
    }
}

#[derive(Deserialize)]
struct Endpoints {
    endpoints: Vec<String>,
}

/// For whom settings are read: what must be set, and some defaults, differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// All services in one process.
    Embedded,
    Gateway,
    AgentWorker,
    ContextService,
    /// A command that only needs some of them.
    Tool,
}

/// Settings that passed every check, and where they came from.
pub struct Loaded {
    pub config: Config,
    figment: Figment,
}

impl Loaded {
    /// Where the value of a dotted key comes from; `None` for a default.
    pub fn source(&self, key: &str) -> Option<String> {
        self.figment.find_metadata(key).and_then(fault::name)
    }
}

const SECTIONS: [&str; 11] = [
    "data",
    "admin",
    "telemetry",
    "conversations",
    "gateway",
    "auth",
    "agent_worker",
    "agents",
    "context_service",
    "store",
    "broker",
];

impl Config {
    /// The defaults of a role.
    pub fn defaults(role: Role) -> Self {
        let mut config = Self::default();
        // On one's own machine nobody should need a token for a first look.
        config.auth.guests = role == Role::Embedded;
        config
    }

    /// Reads all settings and checks them as a whole.
    ///
    /// # Errors
    /// With everything that is wrong.
    pub fn load(sources: &Sources, role: Role) -> Result<Loaded, Invalid> {
        let figment = sources.merge(role).map_err(|fault| Invalid(vec![fault]))?;
        let mut reader = Reader::new(figment.clone());
        let config = Self {
            data: reader.section("data").unwrap_or_default(),
            admin: reader.section("admin").unwrap_or_default(),
            telemetry: reader.section("telemetry").unwrap_or_default(),
            conversations: reader.section("conversations").unwrap_or_default(),
            gateway: reader.section("gateway").unwrap_or_default(),
            auth: reader.section("auth").unwrap_or_default(),
            agent_worker: reader.section("agent_worker").unwrap_or_default(),
            agents: agents::read(&mut reader),
            context_service: ContextService::read(&mut reader),
            store: reader.section("store").unwrap_or_default(),
            broker: reader.section("broker").unwrap_or_default(),
        };
        reader.note(config.faults(role));
        let faults = reader.finish(&SECTIONS);
        if faults.is_empty() {
            Ok(Loaded { config, figment })
        } else {
            Err(Invalid(faults))
        }
    }

    /// Who answers where a conversation names no agent.
    pub fn default_agent(&self) -> Option<(&AgentName, &AgentOptions)> {
        let named = self.conversations.agent.as_ref();
        let chosen = named.and_then(|name| self.agents.get_key_value(name));
        let first = || {
            self.agents
                .iter()
                .min_by_key(|(_, agent)| agent.kind.rank())
        };
        chosen.or_else(first)
    }

    /// Has the agents that hold conversations by flows keep what they were in a folder, each in its own, unless
    /// they keep it elsewhere.
    pub fn keep_versions_in(&mut self, folder: &Path) {
        for (name, agent) in &mut self.agents {
            if let Kind::Flow(options) = &mut agent.kind {
                let own = || folder.join(name.as_str());
                options.versions.get_or_insert_with(own);
            }
        }
    }

    /// The agents and their models, for people.
    pub fn describe_agents(&self) -> String {
        let agents = self.agents.iter().map(|(name, agent)| {
            let what = match &agent.kind {
                Kind::Guide => "without a model".to_owned(),
                Kind::Llm(options) => options.describe(),
                Kind::Flow(options) => options.describe(),
            };
            format!("{name} ({what})")
        });
        agents.collect::<Vec<_>>().join(", ")
    }

    /// What single values cannot tell.
    fn faults(&self, role: Role) -> Vec<String> {
        let mut faults = [
            self.telemetry.faults(),
            self.gateway.faults(),
            self.agent_worker.faults(),
            self.context_service.faults(),
            self.store.faults(),
            self.broker.faults(),
        ]
        .concat();
        let runs = usize::from(self.agent_worker.concurrency);
        let calls = self.context_service.server.work_in_flight;
        // Where they are processes of their own, neither knows the other's settings.
        if role == Role::Embedded && (1..runs).contains(&calls) {
            faults.push(format!(
                "agent_worker.concurrency is {runs}, and context_service.work_in_flight {calls}: each \
                 run may have a call under way, and what waits behind them loses its lease, so allow \
                 as many calls as runs"
            ));
        }
        match role {
            // It makes a secret where there is none.
            Role::Embedded if self.auth.secret.is_empty() => {
                faults.extend(secret::fault(&self.data.folder));
            }
            Role::Embedded | Role::Gateway => faults.extend(self.auth.faults()),
            Role::AgentWorker | Role::ContextService | Role::Tool => {}
        }
        if let Some(agent) = &self.conversations.agent
            && !self.agents.contains_key(agent)
        {
            let known: Vec<_> = self.agents.keys().map(AgentName::as_str).collect();
            faults.push(format!(
                "conversations.agent is {agent}, and there is no agents.{agent}; there are {}",
                known.join(", ")
            ));
        }
        faults
    }
}
