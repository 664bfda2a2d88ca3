//! Where settings come from, the later over the earlier: defaults, the file, `OPENAI_*`, the
//! environment, flags.

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

/// Environment variables of settings are `CONVENE_SECTION__KEY`.
const PREFIX: &str = "CONVENE_";

/// What may say how Convene is set up, besides its defaults.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    /// The settings file; absent: `convene.toml`, if there is one.
    pub(crate) file: Option<PathBuf>,
    pub(crate) environment: BTreeMap<String, String>,
    /// Dotted keys and their values, as flags give them.
    pub(crate) flags: Vec<(String, String)>,
}

impl Sources {
    /// The process's own environment, with flags.
    pub(crate) fn of_process(file: Option<PathBuf>, flags: Vec<(String, String)>) -> Self {
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
        for setting in self
            .openai(&figment)
            .into_iter()
            .chain(self.variables())
            .chain(self.set())
        {
            figment = figment.merge(setting);
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

    /// The variables that OpenAI's own tools read make an agent `llm`, unless the file has an
    /// agent with a model already.
    fn openai(&self, file: &Figment) -> Vec<Text> {
        let variable = |name: &str| self.environment.get(name).filter(|value| !value.is_empty());
        let found: Vec<_> = [
            ("api_key", "OPENAI_API_KEY"),
            ("base_url", "OPENAI_BASE_URL"),
            ("model", "OPENAI_MODEL"),
        ]
        .into_iter()
        .filter_map(|(key, name)| Some((key, name, variable(name)?)))
        .collect();
        let Some((_, first, _)) = found.first() else {
            return Vec::new();
        };
        let agents = file
            .find_value("agents")
            .ok()
            .and_then(Value::into_dict)
            .unwrap_or_default();
        if agents.values().any(|agent| kind_of(agent) == Some("llm")) {
            return Vec::new();
        }
        let mut settings = vec![("kind", *first, "llm".to_owned())];
        settings.push(("model", *first, DEFAULT_MODEL.to_owned()));
        settings.extend(
            found
                .iter()
                .map(|(key, name, value)| (*key, *name, (*value).clone())),
        );
        settings
            .into_iter()
            .map(|(key, name, value)| Text {
                key: format!("agents.llm.{key}"),
                value,
                from: format!("the environment variable {name}"),
            })
            .collect()
    }
}

/// The model of an agent that `OPENAI_API_KEY` alone has made.
const DEFAULT_MODEL: &str = "gpt-4o-mini";

fn kind_of(agent: &Value) -> Option<&str> {
    agent.find_ref("kind")?.as_str()
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
            format!("is not TOML at line {line}: {}", error.message()),
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
