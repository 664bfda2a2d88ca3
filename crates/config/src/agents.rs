//! The agents that workers host: `[agents.<name>]`.

use std::{collections::BTreeMap, fs};

use convene_agent_worker::agents::{InvalidOptions, flow, flow::EncoderOptions, llm};
use convene_proto::id::{AgentName, Pool};
use convene_source::{RASA, is_rasa};
use figment::value::{Dict, Value};
use serde::{Deserialize, Serialize};

use super::{fault::Fault, layers, read::Reader};

/// The agents that are there without any settings.
const GUIDE: &str = "guide";
const SHOP: &str = "shop";

/// The longest title of an agent, in characters: as much as names on screen have.
const TITLE_CHARS: usize = 60;

/// One agent of the settings.
#[derive(Debug, Clone, Serialize)]
pub struct AgentOptions {
    /// The pool of workers that host it.
    pub pool: Pool,
    /// What people see it called; none: what it calls itself, or else its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(flatten)]
    pub kind: Kind,
}

/// What answers in its name.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// Needs no model: it shows what Convene does.
    Guide,
    /// Any model behind an OpenAI-compatible API.
    Llm(Box<llm::Options>),
    /// A project folder: what it understands, and its flows.
    Flow(Box<flow::Options>),
}

/// What all kinds have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    kind: KindName,
    #[serde(default)]
    pool: Pool,
    #[serde(default)]
    title: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindName {
    Guide,
    Llm,
    Flow,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

pub(super) type Agents = BTreeMap<AgentName, AgentOptions>;

impl Kind {
    /// What answers first where nobody says who does: what the settings name, then the example, then
    /// the guide.
    pub(super) const fn rank(&self) -> u8 {
        match self {
            Self::Flow(options) if options.project.is_none() => 1,
            Self::Guide => 2,
            Self::Llm(_) | Self::Flow(_) => 0,
        }
    }
}

/// Reads all of them; the example and a guide are added where none is named.
pub(super) fn read(reader: &mut Reader) -> Agents {
    let settings = reader
        .take("agents")
        .and_then(Value::into_dict)
        .unwrap_or_default();
    let is_named = settings
        .keys()
        .any(|name| !reader.is_from(&format!("agents.{name}.kind"), layers::is_from_openai));
    let mut agents = Agents::new();
    for (name, value) in settings {
        let key = format!("agents.{name}");
        let Some(own) = value.into_dict() else {
            reader
                .faults
                .push(Fault::new(key, "must be a table, with a kind"));
            continue;
        };
        match name.parse::<AgentName>() {
            Ok(name) => {
                if let Some(agent) = read_one(reader, &key, own) {
                    agents.insert(name, agent);
                }
            }
            Err(error) => reader
                .faults
                .push(Fault::new(key, format!("is no agent: {error}"))),
        }
    }
    if !is_named {
        let model = agents.values().find_map(|agent| match &agent.kind {
            Kind::Llm(options) => Some(options.clone()),
            Kind::Guide | Kind::Flow(_) => None,
        });
        let options = flow::Options {
            model,
            ..flow::Options::default()
        };
        add(&mut agents, SHOP, Kind::Flow(Box::new(options)));
        add(&mut agents, GUIDE, Kind::Guide);
    }
    agents
}

fn add(agents: &mut Agents, name: &str, kind: Kind) {
    if let Ok(name) = AgentName::new(name) {
        let pool = Pool::default();
        let title = None;
        agents
            .entry(name)
            .or_insert(AgentOptions { pool, title, kind });
    }
}

fn read_one(reader: &mut Reader, key: &str, mut own: Dict) -> Option<AgentOptions> {
    let common: Dict = ["kind", "pool", "title"]
        .into_iter()
        .filter_map(|name| own.remove_entry(name))
        .collect();
    let Common { kind, pool, title } = reader.read(key, Value::from(common))?;
    check_title(reader, key, title.as_deref());
    let kind = match kind {
        KindName::Guide => reader
            .read::<Nothing>(key, Value::from(own))
            .map(|Nothing {}| Kind::Guide)?,
        KindName::Llm => {
            let options: llm::Options = reader.read(key, Value::from(own))?;
            check_llm(reader, key, &options);
            Kind::Llm(Box::new(options))
        }
        KindName::Flow => {
            let encoder = own.remove("encoder");
            let mut options: flow::Options = reader.read(key, Value::from(own))?;
            options.encoder = encoder.and_then(|own| read_encoder(reader, key, own));
            check_flow(reader, key, &options);
            Kind::Flow(Box::new(options))
        }
    };
    Some(AgentOptions { pool, title, kind })
}

fn check_title(reader: &mut Reader, key: &str, title: Option<&str>) {
    let fits = |title: &str| {
        let is_line = !title.chars().any(char::is_control);
        is_line && !title.trim().is_empty() && title.chars().count() <= TITLE_CHARS
    };
    if !title.is_none_or(fits) {
        let reason = format!("must be one line of 1 to {TITLE_CHARS} characters");
        let fault = Fault::new(format!("{key}.title"), reason);
        reader.faults.push(fault);
    }
}

/// One with a path is in the process, any other behind an endpoint.
fn read_encoder(reader: &mut Reader, key: &str, own: Value) -> Option<EncoderOptions> {
    let key = format!("{key}.encoder");
    let keys = own.as_dict();
    Some(if keys.is_some_and(|keys| keys.contains_key("path")) {
        EncoderOptions::Local(reader.read(&key, own)?)
    } else {
        EncoderOptions::Endpoint(Box::new(reader.read(&key, own)?))
    })
}

fn usable<T>(reader: &mut Reader, key: &str, made: Result<T, InvalidOptions>) {
    if let Err(InvalidOptions { setting, reason }) = made {
        let fault = Fault::new(format!("{key}.{setting}"), reason);
        reader.faults.push(fault);
    }
}

fn check_flow(reader: &mut Reader, key: &str, options: &flow::Options) {
    usable(reader, key, options.check());
    if let Some(EncoderOptions::Endpoint(encoder)) = &options.encoder {
        let key = format!("{key}.encoder");
        check_key(
            reader,
            &key,
            (&encoder.base_url, encoder.api_key.as_ref()),
            "",
        );
    }
    let Some(folder) = &options.project else {
        return;
    };
    if !folder.join("assistant.yaml").is_file() {
        let is_taken = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
        let shown = folder.display();
        let remedy = if is_rasa(folder) {
            RASA.to_owned()
        } else if is_taken {
            "name the folder that it is in; `convene new DIR` makes one".to_owned()
        } else {
            format!("`convene new {shown}` makes one")
        };
        reader.faults.push(Fault::new(
            format!("{key}.project"),
            format!("is no project: {shown}/assistant.yaml is missing; {remedy}"),
        ));
    }
}

fn check_llm(reader: &mut Reader, key: &str, options: &llm::Options) {
    usable(reader, key, llm::OpenAi::new(options));
    let others = ", or OPENAI_API_KEY,";
    check_key(
        reader,
        key,
        (&options.base_url, options.api_key.as_ref()),
        others,
    );
}

fn check_key(
    reader: &mut Reader,
    key: &str,
    (base_url, api_key): (&str, Option<&llm::ApiKey>),
    or: &str,
) {
    if api_key.is_none() && base_url.contains("//api.openai.com") {
        let variable = format!("CONVENE_{}__API_KEY", key.replace('.', "__").to_uppercase());
        reader.faults.push(Fault::new(
            format!("{key}.api_key"),
            format!(
                "is missing, and api.openai.com answers nobody without a key: set {variable}{or} in \
                 the environment"
            ),
        ));
    }
}
