//! What can be set about the broker.

use std::{fmt, path::PathBuf, time::Duration};

use convene_runtime::{bounds::Bounds, tls};
use lapin::uri::AMQPUri;
use serde::{Deserialize, Serialize};

/// Settings of the connection to RabbitMQ; every one has a default that suits production, save
/// for the address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// `amqp://` or `amqps://user:password@host:port/vhost`; `%2f` is the virtual host `/`. Of a
    /// cluster, all nodes: `host:port,host:port`.
    pub url: String,
    /// The certificates (PEM) of the authority that `amqps://` brokers are checked with, besides
    /// the system's.
    pub ca_file: Option<PathBuf>,
    /// What the durable queues are. Queues that exist keep their kind, and are refused where it
    /// differs from this.
    pub queue_type: QueueType,
    /// Seconds between heartbeats; a silent broker is given up after a little more than twice
    /// that. 1 to 60. Overrides the URL's.
    pub heartbeat_s: u16,
    /// How long connecting may take, to the end of the handshake.
    pub connect_timeout_ms: u64,
    /// How long the broker may take to confirm a doorbell, with every repetition.
    pub ring_timeout_ms: u64,
    /// How long sending a letter may wait for room.
    pub send_timeout_ms: u64,
    /// How many bytes of letters may wait in an inbox; above that the oldest are dropped.
    pub inbox_max_bytes: u32,
    /// The delays that a doorbell can be put off by, rising; each is a queue for each pool.
    pub retry_tiers_ms: Vec<u64>,
}

/// What the durable queues are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueType {
    /// Replicated over the broker's cluster.
    #[default]
    Quorum,
    /// On one node, on its disk.
    Classic,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            url: "amqp://127.0.0.1:5672/%2f".into(),
            ca_file: None,
            queue_type: QueueType::default(),
            heartbeat_s: 10,
            connect_timeout_ms: 5_000,
            ring_timeout_ms: 5_000,
            send_timeout_ms: 500,
            inbox_max_bytes: 16 * 1024 * 1024,
            retry_tiers_ms: vec![1_000, 5_000, 15_000, 60_000, 300_000],
        }
    }
}

impl Options {
    /// What is wrong with these settings: each fault with its key and a remedy.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if let Err(reason) = self.nodes() {
            faults.push(format!(
                "broker.url must be like amqp://user:password@host:5672/vhost, or name the nodes \
                 of a cluster as host1:5672,host2:5672: {reason}"
            ));
        }
        if let Err(reason) = self.authority() {
            faults.push(reason);
        }
        let mut bounds = Bounds::of("broker");
        bounds.within("heartbeat_s", self.heartbeat_s.into(), 1, 60);
        bounds.within("connect_timeout_ms", self.connect_timeout_ms, 100, 60_000);
        bounds.within("ring_timeout_ms", self.ring_timeout_ms, 100, 60_000);
        bounds.within("send_timeout_ms", self.send_timeout_ms, 1, 10_000);
        bounds.within(
            "inbox_max_bytes",
            self.inbox_max_bytes.into(),
            64 * 1024,
            1 << 30,
        );
        faults.extend(bounds.into_faults());
        let tiers = &self.retry_tiers_ms;
        let rising = tiers.windows(2).all(|pair| pair[0] < pair[1]);
        let known = tiers.iter().all(|tier| (10..=86_400_000).contains(tier));
        if tiers.is_empty() || tiers.len() > 10 || !rising || !known {
            faults.push(
                "broker.retry_tiers_ms must be 1 to 10 rising numbers from 10 to 86400000".into(),
            );
        }
        faults
    }

    /// The address of each node as the client library wants it, with the heartbeat.
    pub(super) fn nodes(&self) -> Result<Vec<AMQPUri>, String> {
        let one_by_one = each_node(&self.url)?.into_iter().map(|url| {
            let mut uri: AMQPUri = url.parse()?;
            uri.query.heartbeat = Some(self.heartbeat_s);
            Ok(uri)
        });
        one_by_one.collect()
    }

    /// The private authority's certificates, if there is one.
    pub(super) fn authority(&self) -> Result<Option<String>, String> {
        let read = |file: &PathBuf| {
            tls::authority(file)
                .map_err(|error| format!("broker.ca_file {} {error}", file.display()))
        };
        self.ca_file.as_ref().map(read).transpose()
    }

    pub(super) const fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(super) const fn ring_timeout(&self) -> Duration {
        Duration::from_millis(self.ring_timeout_ms)
    }

    pub(super) const fn send_timeout(&self) -> Duration {
        Duration::from_millis(self.send_timeout_ms)
    }
}

/// A URL for each of the hosts that one names. Only what lies between the user and the virtual
/// host is a list: a password may have a comma.
fn each_node(url: &str) -> Result<Vec<String>, String> {
    let scheme = url.find("://").map_or(0, |at| at + 3);
    let end = url[scheme..]
        .find(['/', '?'])
        .map_or(url.len(), |at| scheme + at);
    let begin = url[scheme..end]
        .rfind('@')
        .map_or(scheme, |at| scheme + at + 1);
    let hosts: Vec<_> = url[begin..end].split(',').map(str::trim).collect();
    if hosts.len() > 1 && hosts.contains(&"") {
        return Err("a host is missing before or after a comma".into());
    }
    let one = |host: &&str| format!("{}{host}{}", &url[..begin], &url[end..]);
    Ok(hosts.iter().map(one).collect())
}

/// Without the URL, which may hold a password.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("queue_type", &self.queue_type)
            .field("heartbeat_s", &self.heartbeat_s)
            .field("retry_tiers_ms", &self.retry_tiers_ms)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_have_no_fault_and_every_fault_is_named_by_its_key() {
        assert_eq!(Options::default().faults(), Vec::<String>::new());
        let broken = Options {
            url: "rabbit".into(),
            ca_file: Some("/nowhere".into()),
            heartbeat_s: 0,
            connect_timeout_ms: 1,
            ring_timeout_ms: 1,
            send_timeout_ms: 0,
            inbox_max_bytes: 1,
            retry_tiers_ms: vec![5_000, 1_000],
            ..Options::default()
        };
        let faults = broken.faults();
        for (fault, key) in faults.iter().zip([
            "broker.url",
            "broker.ca_file",
            "broker.heartbeat_s",
            "broker.connect_timeout_ms",
            "broker.ring_timeout_ms",
            "broker.send_timeout_ms",
            "broker.inbox_max_bytes",
            "broker.retry_tiers_ms",
        ]) {
            assert!(fault.starts_with(key), "{fault}");
        }
        assert_eq!(faults.len(), 8);
    }

    #[test]
    fn a_url_may_name_every_node_of_a_cluster() {
        let nodes = |url: &str| {
            let options = Options {
                url: url.into(),
                ..Options::default()
            };
            let nodes = options.nodes()?;
            let one = |uri: AMQPUri| {
                let AMQPUri { authority, .. } = uri;
                let user = authority.userinfo.password;
                format!("{user}@{}:{}/{}", authority.host, authority.port, uri.vhost)
            };
            Ok::<_, String>(nodes.into_iter().map(one).collect::<Vec<_>>())
        };
        assert_eq!(
            nodes("amqp://me:a,b@one:5673,two, three:5674/chats").unwrap(),
            [
                "a,b@one:5673/chats",
                "a,b@two:5672/chats",
                "a,b@three:5674/chats"
            ]
        );
        assert_eq!(
            nodes("amqp://one,two").unwrap(),
            ["guest@one:5672//", "guest@two:5672//"]
        );
        nodes("amqp://one,,two").unwrap_err();
        nodes("amqp://one,two:port").unwrap_err();
    }

    #[test]
    fn a_password_is_never_shown() {
        let options = Options {
            url: "amqp://me:hunter2@host".into(),
            ..Options::default()
        };
        assert!(!format!("{options:?}").contains("hunter2"));
        let broken = Options {
            url: "amq://me:hunter2@host".into(),
            ..Options::default()
        };
        assert!(!broken.faults().concat().contains("hunter2"));
    }
}
