//! How to reach Redis, and what to keep there.

use std::{fmt, path::PathBuf, time::Duration};

use convene_runtime::tls;
use redis::IntoConnectionInfo as _;
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
    /// The certificates (PEM) of the authority that servers behind TLS are checked with, instead of
    /// the system's.
    pub ca_file: Option<PathBuf>,
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

impl Durability {
    /// How long it takes until what was written is safe. Redis syncs each second, and puts that
    /// off for another where the disk is busy.
    pub(super) fn settling(self) -> Duration {
        match self {
            Self::Everysec => Duration::from_secs(2),
            Self::Strict => Duration::ZERO,
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            url: "redis://127.0.0.1:6379".to_owned(),
            ca_file: None,
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

    /// The private authority's certificates, if there is one.
    pub(super) fn authority(&self) -> Result<Option<String>, String> {
        let read = |file: &PathBuf| {
            tls::authority(file)
                .map_err(|error| format!("store.ca_file {} {error}", file.display()))
        };
        self.ca_file.as_ref().map(read).transpose()
    }

    /// What is wrong with these settings: each fault with its key and a remedy.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let nodes = self.cluster_nodes();
        let mut urls = nodes.unwrap_or_else(|| vec![self.url.clone()]).into_iter();
        if let Some(Err(error)) = urls
            .by_ref()
            .map(|url| url.into_connection_info())
            .find(Result::is_err)
        {
            faults.push(format!(
                "store.url must be like redis://user:password@host:6379, rediss://host or \
                 redis+cluster://host:6379,host:6379: {error}"
            ));
        }
        faults.extend(self.authority().err());
        let mut check = |holds: bool, fault: &str| {
            if !holds {
                faults.push(fault.to_owned());
            }
        };
        check(
            !self.namespace.contains(['{', '}']),
            "store.namespace must not contain { or }",
        );
        check(
            self.retention.max_events > 0,
            "store.retention.max_events must be 1 or more",
        );
        check(
            self.retention.idle_days != Some(0),
            "store.retention.idle_days must be 1 or more",
        );
        check(
            self.connect_timeout_ms > 0,
            "store.connect_timeout_ms must be 1 or more",
        );
        check(
            self.response_timeout_ms > 0,
            "store.response_timeout_ms must be 1 or more",
        );
        faults
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
    fn impossible_settings_are_refused_each_by_its_key() {
        assert_eq!(Options::default().faults(), Vec::<String>::new());
        let broken = Options {
            url: "mysql://me:hunter2@a".to_owned(),
            ca_file: Some("/nowhere".into()),
            namespace: "a{b}".to_owned(),
            connect_timeout_ms: 0,
            response_timeout_ms: 0,
            retention: Retention {
                max_events: 0,
                idle_days: Some(0),
            },
            ..Options::default()
        };
        let faults = broken.faults();
        assert!(!faults.concat().contains("hunter2"), "{faults:?}");
        let keys = [
            "url",
            "ca_file",
            "namespace",
            "retention.max_events",
            "retention.idle_days",
            "connect_timeout_ms",
            "response_timeout_ms",
        ];
        assert_eq!(faults.len(), keys.len(), "{faults:?}");
        for (fault, key) in faults.iter().zip(keys) {
            assert!(fault.starts_with(&format!("store.{key} ")), "{fault}");
        }
        let one_node = at("redis+cluster://a:1,b:nowhere").faults();
        assert_eq!(one_node.len(), 1, "{one_node:?}");
    }
}
