//! What a folder of sentence-transformers says of its model, and where the tensors are in its file.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use xxhash_rust::xxh3::Xxh3Default;

use super::{Error, weights::Weights};

const CONFIG: &str = "config.json";
const TOKENIZER: &str = "tokenizer.json";
const WEIGHTS: &str = "model.safetensors";
const POOLING: &str = "1_Pooling/config.json";
const SENTENCE: &str = "sentence_bert_config.json";
const MODULES: &str = "modules.json";
/// Tokens of a sentence that are looked at where the folder does not say, or says more: what they cost grows with
/// their square.
const LONGEST: usize = 256;

/// A folder that was read, but for the weights.
pub(super) struct Folder {
    path: PathBuf,
    pub(super) config: Config,
    pub(super) pooling: Pooling,
    /// Tokens of a sentence, with those around it.
    pub(super) longest: usize,
    pub(super) weights: Weights,
}

/// `config.json`.
#[derive(Deserialize)]
pub(super) struct Config {
    model_type: String,
    hidden_act: String,
    #[serde(default)]
    position_embedding_type: Option<String>,
    pub(super) vocab_size: usize,
    pub(super) hidden_size: usize,
    pub(super) intermediate_size: usize,
    pub(super) num_attention_heads: usize,
    pub(super) num_hidden_layers: usize,
    pub(super) max_position_embeddings: usize,
    pub(super) type_vocab_size: usize,
    pub(super) layer_norm_eps: f32,
}

/// How the vectors of a sentence's tokens become its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pooling {
    Mean,
    /// That of the first token.
    First,
}

/// Each way of pooling is a field `pooling_mode_...`, and several of them stand for their vectors one behind the other.
#[derive(Deserialize)]
struct PoolingFile(BTreeMap<String, Value>);

#[derive(Deserialize)]
struct SentenceFile {
    max_seq_length: Option<usize>,
}

#[derive(Deserialize)]
struct Module {
    #[serde(rename = "type")]
    kind: String,
}

impl Folder {
    pub(super) fn read(path: PathBuf) -> Result<Self, Error> {
        let config: Config = json(&path.join(CONFIG))?;
        config.check(&path.join(CONFIG))?;
        if let Some(modules) = if_there::<Vec<Module>>(&path.join(MODULES))? {
            let known = ["Transformer", "Pooling", "Normalize"];
            let strange = |module: &Module| !known.iter().any(|end| module.kind.ends_with(end));
            if let Some(module) = modules.into_iter().find(strange) {
                let reason = format!("it has a part `{}`", module.kind);
                return Err(Error::unsupported(path.join(MODULES), reason));
            }
        }
        let pooling = match if_there::<PoolingFile>(&path.join(POOLING))? {
            Some(file) => file
                .pooling()
                .map_err(|reason| Error::unsupported(path.join(POOLING), reason))?,
            None => Pooling::Mean,
        };
        let said = if_there::<SentenceFile>(&path.join(SENTENCE))?;
        let longest = said.and_then(|said| said.max_seq_length).unwrap_or(LONGEST);
        let tokenizer = path.join(TOKENIZER);
        File::open(&tokenizer).map_err(|source| Error::unreadable(tokenizer, source))?;
        let weights = Weights::open(path.join(WEIGHTS))?;
        super::transformer::check(&config, &weights)?;
        Ok(Self {
            // Two are around it.
            longest: longest.clamp(3, config.max_position_embeddings.min(LONGEST)),
            config,
            pooling,
            weights,
            path,
        })
    }

    pub(super) fn tokenizer(&self) -> PathBuf {
        self.path.join(TOKENIZER)
    }

    /// Of the files that the vectors depend on.
    pub(super) fn hash(&self) -> Result<String, Error> {
        let mut hasher = Xxh3Default::new();
        for name in [CONFIG, TOKENIZER, WEIGHTS, POOLING, SENTENCE] {
            let path = self.path.join(name);
            let hashed = hash(&path, &mut hasher);
            hashed.map_err(|source| Error::unreadable(path, source))?;
        }
        Ok(format!("{:032x}", hasher.digest128()))
    }
}

/// A file that is not there counts as one that is not there.
fn hash(path: &Path, hasher: &mut Xxh3Default) -> io::Result<()> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            hasher.update(&u64::MAX.to_le_bytes());
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    hasher.update(&file.metadata()?.len().to_le_bytes());
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(()),
            read => hasher.update(&piece[..read]),
        }
    }
}

impl Config {
    fn check(&self, path: &Path) -> Result<(), Error> {
        let is = |name: &str, said: &str, must: &str| {
            let reason = format!("`{name}` is `{said}`, and only `{must}` is known");
            (said == must)
                .then_some(())
                .ok_or_else(|| Error::unsupported(path.to_owned(), reason))
        };
        is("model_type", &self.model_type, "bert")?;
        is("hidden_act", &self.hidden_act, "gelu")?;
        let positions = self.position_embedding_type.as_deref();
        is(
            "position_embedding_type",
            positions.unwrap_or("absolute"),
            "absolute",
        )?;
        let heads = self.num_attention_heads;
        let malformed = |reason: &str| Err(Error::malformed(path.to_owned(), reason));
        if heads == 0 || self.hidden_size == 0 || !self.hidden_size.is_multiple_of(heads) {
            return malformed("`hidden_size` must be a multiple of `num_attention_heads`");
        }
        if self.max_position_embeddings < 3 || self.type_vocab_size == 0 {
            return malformed("there is no place for a sentence");
        }
        if !(self.layer_norm_eps > 0.0 && self.layer_norm_eps < 1.0) {
            return malformed("`layer_norm_eps` must be between 0 and 1");
        }
        Ok(())
    }
}

impl PoolingFile {
    fn pooling(&self) -> Result<Pooling, String> {
        let modes = self.0.iter().filter_map(|(name, value)| {
            let mode = name.strip_prefix("pooling_mode_")?;
            (*value == Value::Bool(true)).then_some(mode)
        });
        match &*modes.collect::<Vec<_>>() {
            ["cls_token"] => Ok(Pooling::First),
            ["mean_tokens"] => Ok(Pooling::Mean),
            others => {
                let others = match others {
                    [] => "nothing".to_owned(),
                    some => format!("`{}`", some.join("` and `")),
                };
                Err(format!(
                    "it makes a sentence's vector of {others}, and only `mean_tokens` alone is known, or `cls_token` alone"
                ))
            }
        }
    }
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let bytes = fs::read(path).map_err(|source| Error::unreadable(path.to_owned(), source))?;
    serde_json::from_slice(&bytes).map_err(|error| Error::malformed(path.to_owned(), error))
}

fn if_there<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    match json(path) {
        Ok(read) => Ok(Some(read)),
        Err(Error::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

impl Error {
    pub(super) fn unreadable(path: PathBuf, source: io::Error) -> Self {
        Self::Unreadable { path, source }
    }

    pub(super) fn malformed(path: PathBuf, reason: impl ToString) -> Self {
        let reason = reason.to_string();
        Self::Malformed { path, reason }
    }

    pub(super) fn unsupported(path: PathBuf, reason: impl ToString) -> Self {
        let reason = reason.to_string();
        Self::Unsupported { path, reason }
    }
}
