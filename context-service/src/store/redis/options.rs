//! How to reach Redis, and what to keep there.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::store::{Limits, RETENTION};

/// How to reach Redis (7.0 or newer), and what to keep there.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// `redis://[user:password@]host[:port]`, `rediss://` for TLS, or, for Redis Cluster,
    /// `redis+cluster://[user:password@]host[:port],host[:port]` (`rediss+cluster://` for TLS)
    /// with some of its nodes.
    pub url: String,
    /// What all keys begin with, so that several installations can share one Redis.
    pub namespace: String,
    /// How long to wait for a connection, in milliseconds.
    pub connect_timeout_ms: u64,
    /// How long to wait for an answer, in milliseconds.
    pub response_timeout_ms: u64,
    pub retention: Retention,
    pub durability: Durability,
}

/// What is forgotten, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// How many of a conversation's last events are kept; more where an older input still waits.
    pub max_events: u64,
    /// Forget a conversation in which nobody spoke, ran or read for so many days.
    pub idle_days: Option<u32>,
}

/// What an accepted message survives. It is Redis's own configuration that decides; a server that
/// is set up otherwise than the name says is warned of at start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// `appendfsync everysec`: a crash of the machine may lose its last second. The clients'
    /// retries and the commands in the queue restore what they still hold.
    #[default]
    Everysec,
    /// `appendfsync always`: nothing that was answered is lost with the machine.
    Strict,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            url: "redis://127.0.0.1:6379".to_owned(),
            namespace: String::new(),
            connect_timeout_ms: 2_000,
            response_timeout_ms: 2_000,
            retention: Retention::default(),
            durability: Durability::default(),
        }
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            max_events: RETENTION,
            idle_days: None,
        }
    }
}

impl Options {
    /// The port's limits, with this retention.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            retention: self.retention.max_events,
            ..Limits::default()
        }
    }

    pub(super) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(super) fn response_timeout(&self) -> Duration {
        Duration::from_millis(self.response_timeout_ms)
    }

    /// Milliseconds after which an idle conversation is forgotten; 0: never.
    pub(super) fn idle_ms(&self) -> u64 {
        self.retention
            .idle_days
            .map_or(0, |days| u64::from(days) * 24 * 60 * 60 * 1000)
    }

    /// The nodes of a cluster, as URLs; `None` where the URL names a single server.
    pub(super) fn cluster_nodes(&self) -> Option<Vec<String>> {
        let (scheme, rest) = self.url.split_once("+cluster://")?;
        let (login, hosts) = match rest.rsplit_once('@') {
            Some((login, hosts)) => (format!("{login}@"), hosts),
            None => (String::new(), rest),
        };
        let nodes = hosts.trim_end_matches('/').split(',');
        Some(
            nodes
                .map(|host| format!("{scheme}://{login}{host}"))
                .collect(),
        )
    }

    /// What is wrong with these options, if anything.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        if self.namespace.contains(['{', '}']) {
            return Err("the namespace must not contain { or }");
        }
        if self.retention.max_events == 0 {
            return Err("retention.max_events must be at least 1");
        }
        if self.retention.idle_days == Some(0) {
            return Err("retention.idle_days must be at least 1");
        }
        if self.connect_timeout_ms == 0 || self.response_timeout_ms == 0 {
            return Err("timeouts must be at least 1 ms");
        }
        Ok(())
    }
}

/// Without the password that the URL may hold.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = match (self.url.split_once("://"), self.url.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, hosts))) => &format!("{scheme}://***@{hosts}"),
            _ => &self.url,
        };
        f.debug_struct("Options")
            .field("url", url)
            .field("namespace", &self.namespace)
            .field("connect_timeout_ms", &self.connect_timeout_ms)
            .field("response_timeout_ms", &self.response_timeout_ms)
            .field("retention", &self.retention)
            .field("durability", &self.durability)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(url: &str) -> Options {
        Options {
            url: url.to_owned(),
            ..Options::default()
        }
    }

    #[test]
    fn a_cluster_is_told_by_its_scheme() {
        assert_eq!(at("redis://a:1").cluster_nodes(), None);
        assert_eq!(
            at("redis+cluster://a:1,b:2/").cluster_nodes(),
            Some(vec!["redis://a:1".to_owned(), "redis://b:2".to_owned()])
        );
        assert_eq!(
            at("rediss+cluster://me:p@ss@a,b").cluster_nodes(),
            Some(vec![
                "rediss://me:p@ss@a".to_owned(),
                "rediss://me:p@ss@b".to_owned()
            ])
        );
    }

    #[test]
    fn passwords_stay_out_of_logs() {
        for url in ["redis://me:secret@a", "redis+cluster://:secret@a,b"] {
            let shown = format!("{:?}", at(url));
            assert!(!shown.contains("secret"), "{shown}");
            assert!(shown.contains("***@a"), "{shown}");
        }
    }

    #[test]
    fn settings_are_read_strictly() {
        let options: Options =
            serde_json::from_str(r#"{"retention":{"idle_days":30},"durability":"strict"}"#)
                .unwrap();
        assert_eq!(options.idle_ms(), 2_592_000_000);
        assert_eq!(options.limits(), Limits::default());
        assert_eq!(options.durability, Durability::Strict);
        assert!(serde_json::from_str::<Options>(r#"{"uri":"redis://a"}"#).is_err());
        assert!(serde_json::from_str::<Options>(r#"{"retention":{"days":1}}"#).is_err());
    }

    #[test]
    fn impossible_settings_are_refused() {
        assert_eq!(Options::default().check(), Ok(()));
        let braces = Options {
            namespace: "a{b}".to_owned(),
            ..Options::default()
        };
        assert!(braces.check().is_err());
        let nothing_kept = Options {
            retention: Retention {
                max_events: 0,
                idle_days: None,
            },
            ..Options::default()
        };
        assert!(nothing_kept.check().is_err());
    }
}
