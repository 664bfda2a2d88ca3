//! Where settings come from, the later over the earlier: defaults, the file, the environment,
//! flags. What `OPENAI_*` says fills in where all of them are silent.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use figment::{
    Error, Figment, Metadata, Profile, Provider, Source,
    providers::{Format as _, Serialized, Toml},
    value::{Dict, Map, Value},
};

use super::{Config, Role, fault::Fault};

/// The file that is read where none is named and this one is there.
const FILE: &str = "convene.toml";

/// The source of what such a variable says, up to the rest of its name.
const OPENAI: &str = "the environment variable OPENAI_";

/// Environment variables of settings are `CONVENE_SECTION__KEY`.
const PREFIX: &str = "CONVENE_";

/// What may say how Convene is set up, besides its defaults.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The settings file; absent: `convene.toml`, if there is one.
    pub file: Option<PathBuf>,
    pub environment: BTreeMap<String, String>,
    /// Dotted keys and their values, as flags give them.
    pub flags: Vec<(String, String)>,
}

impl Sources {
    /// The process's own environment, with flags.
    pub fn of_process(file: Option<PathBuf>, flags: Vec<(String, String)>) -> Self {
        Self {
            file,
            environment: std::env::vars().collect(),
            flags,
        }
    }

    /// All of them, merged.
    pub(super) fn merge(&self, role: Role) -> Result<Figment, Fault> {
        let mut figment = Figment::from(Serialized::defaults(Config::defaults(role)));
        let file = match &self.file {
            Some(file) => Some(file.clone()),
            None => Some(PathBuf::from(FILE)).filter(|file| file.exists()),
        };
        if let Some(file) = file {
            check_file(&file)?;
            figment = figment.merge(Toml::file_exact(file));
        }
        for setting in self.variables().chain(self.set()) {
            figment = figment.merge(setting);
        }
        for setting in self.openai(&figment) {
            figment = figment.join(setting);
        }
        Ok(figment)
    }

    fn variables(&self) -> impl Iterator<Item = Text> {
        self.environment.iter().filter_map(|(name, value)| {
            let key = name.strip_prefix(PREFIX)?;
            // Others begin alike without being settings: CONVENE_CONFIG, and what Kubernetes
            // adds for a service of that name, CONVENE_GATEWAY_PORT.
            key.contains("__").then(|| Text {
                key: key.to_lowercase().replace("__", "."),
                value: value.clone(),
                from: format!("the environment variable {name}"),
            })
        })
    }

    fn set(&self) -> impl Iterator<Item = Text> {
        self.flags.iter().map(|(key, value)| Text {
            key: key.clone(),
            value: value.clone(),
            from: "the command line".into(),
        })
    }

    /// The variables that OpenAI's own tools read. They make an agent `llm` where none is named, or
    /// bring the key that one with a model lacks.
    fn openai(&self, settings: &Figment) -> Vec<Text> {
        let variable = |name| {
            let value = self
                .environment
                .get(&format!("OPENAI_{name}"))
                .filter(|value| !value.is_empty())?;
            Some((name, value.as_str()))
        };
        let [key, url, model] = ["API_KEY", "BASE_URL", "MODEL"].map(variable);
        let agents = settings
            .find_value("agents")
            .ok()
            .and_then(Value::into_dict)
            .unwrap_or_default();
        let with_model: Vec<_> = agents
            .iter()
            .filter(|(_, agent)| text_at(agent, "kind") == Some("llm"))
            .collect();
        let text = |agent: &str, setting: &str, (name, value): (&str, &str)| Text {
            key: format!("agents.{agent}.{setting}"),
            value: value.to_owned(),
            from: format!("{OPENAI}{name}"),
        };
        let Some((first, _)) = key.or(url).or(model) else {
            return Vec::new();
        };
        if agents.is_empty() {
            let model = model.unwrap_or((first, DEFAULT_MODEL));
            let settings = [
                ("kind", Some((first, "llm"))),
                ("api_key", key),
                ("base_url", url),
                ("model", Some(model)),
            ];
            return settings
                .into_iter()
                .filter_map(|(setting, value)| Some(text("llm", setting, value?)))
                .collect();
        }
        let at_openai = with_model
            .into_iter()
            .filter(|(_, agent)| text_at(agent, "base_url").is_none());
        at_openai
            .filter_map(|(name, _)| Some(text(name, "api_key", key?)))
            .collect()
    }
}

/// The model of an agent that `OPENAI_API_KEY` alone has made.
const DEFAULT_MODEL: &str = "gpt-4o-mini";

fn text_at<'a>(agent: &'a Value, key: &str) -> Option<&'a str> {
    agent.find_ref(key)?.as_str()
}

/// Says in one line what keeps a file from being read.
fn check_file(file: &Path) -> Result<(), Fault> {
    let name = file.display().to_string();
    let text = fs::read_to_string(file)
        .map_err(|error| Fault::new(&name, format!("cannot be read: {error}")))?;
    toml::from_str::<toml::Table>(&text).map_err(|error| {
        let line = error
            .span()
            .map_or(1, |span| text[..span.start].lines().count().max(1));
        Fault::new(
            &name,
            format!(
                "is not TOML at line {line}: {}",
                error.message().replace('\n', ", ")
            ),
        )
    })?;
    Ok(())
}

/// A setting that comes as text, whatever its type: its reader makes of it what it needs.
struct Text {
    key: String,
    value: String,
    from: String,
}

/// Whether a value was filled in from `OPENAI_*`.
pub(super) fn is_from_openai(metadata: &Metadata) -> bool {
    is_text(metadata) && metadata.name.starts_with(OPENAI)
}

/// Whether a value came as text.
pub(super) fn is_text(metadata: &Metadata) -> bool {
    matches!(metadata.source, Some(Source::Custom(_)))
}

impl Provider for Text {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.from.clone()).source(Source::Custom("text".into()))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let value = Value::from(self.value.clone());
        let value = figment::util::nest(&self.key, value);
        Ok(value
            .into_dict()
            .map(|dict| Map::from([(Profile::Default, dict)]))
            .unwrap_or_default())
    }
}
