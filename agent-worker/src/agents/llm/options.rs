//! Settings of the agent `llm`.

use std::{collections::BTreeMap, fmt, time::Duration};

use reqwest::{Url, header::HeaderMap};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Prompt,
    connection::{self, ApiKey},
};
use crate::agents::InvalidOptions;

/// Settings of the agent `llm`. All but `model` have defaults.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Where the API is, with its version: `https://api.openai.com/v1`,
    /// `http://127.0.0.1:11434/v1` (Ollama).
    #[serde(default = "default::base_url")]
    pub base_url: String,
    /// The model's name, as the provider spells it.
    pub model: String,
    /// Sent as a bearer token; absent: none is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<ApiKey>,
    /// Further headers of each request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Further fields of each request, such as `temperature`, `top_p` or `max_tokens`.
    #[serde(default)]
    pub parameters: Map<String, Value>,
    /// What the model is told before the conversation.
    #[serde(default = "default::system")]
    pub system: String,
    /// At most so many earlier messages go along, the newest.
    #[serde(default = "default::history_messages")]
    pub history_messages: usize,
    /// At most so many bytes of them.
    #[serde(default = "default::history_bytes")]
    pub history_bytes: usize,
    /// Until the connection stands.
    #[serde(default = "default::connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// From the request to the first token.
    #[serde(default = "default::first_token_timeout_ms")]
    pub first_token_timeout_ms: u64,
    /// Between two tokens.
    #[serde(default = "default::idle_timeout_ms")]
    pub idle_timeout_ms: u64,
    /// For the whole answer.
    #[serde(default = "default::answer_timeout_ms")]
    pub answer_timeout_ms: u64,
    /// A longer answer is cut here.
    #[serde(default = "default::max_answer_bytes")]
    pub max_answer_bytes: usize,
    /// How often a request is made when the provider is away or overloaded, before its first
    /// token: 1 to 10. The worker retries the whole run beyond that.
    #[serde(default = "default::attempts")]
    pub attempts: usize,
}

impl Options {
    /// The defaults, for this model.
    #[must_use]
    pub fn new(model: impl Into<String>) -> Self {
        Self {
            base_url: default::base_url(),
            model: model.into(),
            api_key: None,
            headers: BTreeMap::new(),
            parameters: Map::new(),
            system: default::system(),
            history_messages: default::history_messages(),
            history_bytes: default::history_bytes(),
            connect_timeout_ms: default::connect_timeout_ms(),
            first_token_timeout_ms: default::first_token_timeout_ms(),
            idle_timeout_ms: default::idle_timeout_ms(),
            answer_timeout_ms: default::answer_timeout_ms(),
            max_answer_bytes: default::max_answer_bytes(),
            attempts: default::attempts(),
        }
    }

    /// The model and where it is, in a few words for people; nothing secret.
    #[must_use]
    pub fn describe(&self) -> String {
        let place = connection::place(&self.base_url);
        format!("{} at {place}", self.model)
    }

    pub(in crate::agents) fn prompt(&self) -> Prompt {
        Prompt {
            system: self.system.clone(),
            history_messages: self.history_messages,
            history_bytes: self.history_bytes,
        }
    }

    /// Checks what a type cannot.
    pub(super) fn check(&self) -> Result<(), InvalidOptions> {
        if self.model.trim().is_empty() {
            return Err(InvalidOptions::new("model", "name the model to use"));
        }
        for (setting, value) in [
            ("connect_timeout_ms", self.connect_timeout_ms),
            ("first_token_timeout_ms", self.first_token_timeout_ms),
            ("idle_timeout_ms", self.idle_timeout_ms),
            ("answer_timeout_ms", self.answer_timeout_ms),
            ("max_answer_bytes", self.max_answer_bytes as u64),
        ] {
            if value == 0 {
                return Err(InvalidOptions::new(setting, "must be more than 0"));
            }
        }
        if !(1..=10).contains(&self.attempts) {
            return Err(InvalidOptions::new("attempts", "must be 1 to 10"));
        }
        for ours in ["model", "messages", "stream", "stream_options", "n"] {
            if self.parameters.contains_key(ours) {
                let reason = format!("`{ours}` is not yours to set here");
                return Err(InvalidOptions::new("parameters", reason));
            }
        }
        Ok(())
    }

    pub(super) fn endpoint(&self) -> Result<Url, InvalidOptions> {
        connection::endpoint(&self.base_url, "chat/completions")
    }

    pub(super) fn header_map(&self) -> Result<HeaderMap, InvalidOptions> {
        connection::header_map(self.api_key.as_ref(), &self.headers)
    }

    pub(super) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("model", &self.describe())
            .field("api_key", &self.api_key)
            .field("headers", &self.headers.keys())
            .finish_non_exhaustive()
    }
}

mod default {
    pub(super) fn base_url() -> String {
        "https://api.openai.com/v1".into()
    }
    pub(super) fn system() -> String {
        "You are a helpful assistant in a live chat. Answer in the language that you are spoken \
         to, briefly unless asked for more, in Markdown."
            .into()
    }
    pub(super) const fn history_messages() -> usize {
        50
    }
    pub(super) const fn history_bytes() -> usize {
        32 * 1024
    }
    pub(super) const fn connect_timeout_ms() -> u64 {
        5_000
    }
    pub(super) const fn first_token_timeout_ms() -> u64 {
        60_000
    }
    pub(super) const fn idle_timeout_ms() -> u64 {
        30_000
    }
    pub(super) const fn answer_timeout_ms() -> u64 {
        600_000
    }
    pub(super) const fn max_answer_bytes() -> usize {
        256 * 1024
    }
    pub(super) const fn attempts() -> usize {
        3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_named() {
        let good = Options::new("m");
        let cases = [
            (
                Options {
                    base_url: "localhost:8080/v1".into(),
                    ..good.clone()
                },
                "base_url",
            ),
            (
                Options {
                    base_url: "https://a/v1?x=1".into(),
                    ..good.clone()
                },
                "base_url",
            ),
            (
                Options {
                    model: " ".into(),
                    ..good.clone()
                },
                "model",
            ),
            (
                Options {
                    attempts: 0,
                    ..good.clone()
                },
                "attempts",
            ),
            (
                Options {
                    idle_timeout_ms: 0,
                    ..good.clone()
                },
                "idle_timeout_ms",
            ),
            (
                Options {
                    headers: [("a b".into(), "c".into())].into(),
                    ..good.clone()
                },
                "headers",
            ),
            (
                Options {
                    api_key: Some(ApiKey::new("a\nb")),
                    ..good.clone()
                },
                "api_key",
            ),
            (
                Options {
                    parameters: [("stream".into(), false.into())].into_iter().collect(),
                    ..good.clone()
                },
                "parameters",
            ),
        ];
        for (options, setting) in cases {
            assert_eq!(
                super::super::OpenAi::new(&options).err().unwrap().setting,
                setting
            );
        }
        assert!(super::super::OpenAi::new(&good).is_ok());
    }

    #[test]
    fn unknown_settings_are_refused_and_absent_ones_have_defaults() {
        let options: Options = serde_json::from_str(r#"{"model":"m"}"#).unwrap();
        assert_eq!(options.describe(), "m at api.openai.com");
        assert!(serde_json::from_str::<Options>(r#"{"model":"m","modle":"n"}"#).is_err());
    }

    #[test]
    fn secrets_do_not_show() {
        let options = Options {
            base_url: "http://me:hunter2@127.0.0.1:8399/v1".into(),
            api_key: Some(ApiKey::new("sk-secret")),
            headers: [("api-key".into(), "sk-other".into())].into(),
            ..Options::new("smol")
        };
        assert_eq!(options.describe(), "smol at 127.0.0.1:8399");
        let shown = format!(
            "{options:?} {:?} {}",
            options.header_map().unwrap(),
            serde_json::to_string(&options.api_key).unwrap()
        );
        assert!(
            !shown.contains("sk-") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}
