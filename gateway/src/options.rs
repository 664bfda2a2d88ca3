//! Settings of the gateway.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::{client_address, host, notes::NotesFor};

/// How the gateway listens and what it allows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Where HTTP and WebSocket clients connect.
    pub listen: SocketAddr,
    /// Origins (`https://chat.example.org`) whose pages may connect besides the gateway's own.
    pub origins: Vec<String>,
    /// Names by which clients may ask for this gateway. Empty: any name; but where `listen` is a
    /// loopback address, only loopback's own.
    pub hosts: Vec<String>,
    /// Addresses or networks (`10.0.0.0/8`) of balancers whose `X-Forwarded-For` says where a
    /// client is.
    pub trusted_proxies: Vec<String>,
    /// Connections at once; more are told to go elsewhere.
    pub max_connections: usize,
    /// Sockets and event streams that one user may have open at once, through this gateway.
    pub connections_per_user: usize,
    /// Connections from one address on which no good token was shown yet; more are closed at once.
    /// Those of `trusted_proxies` do not count.
    pub strangers_per_address: usize,
    /// Bytes of one WebSocket frame or REST body.
    pub max_frame_bytes: usize,
    /// Bytes of text in one message.
    pub max_message_bytes: usize,
    /// Conversations that one socket may be subscribed to at once.
    pub max_subscriptions: usize,
    /// Requests that one user may make each second, on average, through this gateway.
    pub requests_per_second: u32,
    /// And how many at once before that average counts.
    pub request_burst: u32,
    /// Conversations, guests and invitations that one user or address may make each minute.
    pub creations_per_minute: u32,
    /// Seconds between pings; a socket that answers neither of two is closed, resumably.
    pub ping_seconds: u64,
    /// Seconds without any progress in writing after which a connection is closed, resumably.
    pub slow_reader_seconds: u64,
    /// Seconds between audits of what is read here. When a gateway dies, those behind it are seen
    /// to leave within five times as long.
    pub audit_seconds: u64,
    /// Who sees what agents note: `staff` or `everyone`.
    pub notes: NotesFor,
    /// Events that a resume may bring and a snapshot holds, 1 to 1000.
    pub tail: u32,
    /// Milliseconds over which a draining gateway spreads its clients' reconnections.
    pub drain_spread_ms: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            origins: Vec::new(),
            hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            max_connections: 20_000,
            connections_per_user: 100,
            strangers_per_address: 1_000,
            max_frame_bytes: 64 * 1024,
            max_message_bytes: 32 * 1024,
            max_subscriptions: 200,
            requests_per_second: 20,
            request_burst: 60,
            creations_per_minute: 30,
            ping_seconds: 20,
            slow_reader_seconds: 30,
            audit_seconds: 20,
            notes: NotesFor::Staff,
            tail: 200,
            drain_spread_ms: 1_500,
        }
    }
}

impl Options {
    /// What is wrong with these settings: each fault with its key and a remedy.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut check = |holds: bool, fault: &str| {
            if !holds {
                faults.push(fault.to_owned());
            }
        };
        check(
            (1..=1000).contains(&self.tail),
            "gateway.tail must be from 1 to 1000",
        );
        check(
            self.max_connections > 0,
            "gateway.max_connections must be 1 or more",
        );
        check(
            self.connections_per_user > 0,
            "gateway.connections_per_user must be 1 or more",
        );
        check(
            self.strangers_per_address > 0,
            "gateway.strangers_per_address must be 1 or more",
        );
        check(
            self.max_frame_bytes >= 1024,
            "gateway.max_frame_bytes must be 1024 or more",
        );
        check(
            self.max_message_bytes > 0 && self.max_message_bytes < self.max_frame_bytes,
            "gateway.max_message_bytes must be from 1 to below gateway.max_frame_bytes",
        );
        check(
            self.max_subscriptions > 0,
            "gateway.max_subscriptions must be 1 or more",
        );
        check(
            self.requests_per_second > 0 && self.request_burst > 0,
            "gateway.requests_per_second and gateway.request_burst must be 1 or more",
        );
        check(
            self.creations_per_minute > 0,
            "gateway.creations_per_minute must be 1 or more",
        );
        check(
            (1..=60).contains(&self.ping_seconds),
            "gateway.ping_seconds must be from 1 to 60",
        );
        check(
            self.slow_reader_seconds > 0,
            "gateway.slow_reader_seconds must be 1 or more",
        );
        check(
            (1..=120).contains(&self.audit_seconds),
            "gateway.audit_seconds must be from 1 to 120",
        );
        for host in &self.hosts {
            if host::name(host).is_none_or(|name| name != host.to_ascii_lowercase()) {
                faults.push(format!(
                    "gateway.hosts has {host:?}, which is no name: write it without scheme and port"
                ));
            }
        }
        for proxy in &self.trusted_proxies {
            if client_address::network(proxy).is_none() {
                faults.push(format!(
                    "gateway.trusted_proxies has {proxy:?}, which is neither an address nor a network: write it as 10.0.0.7 or 10.0.0.0/8"
                ));
            }
        }
        for origin in &self.origins {
            let fits = ["http://", "https://"].iter().any(|scheme| {
                origin
                    .strip_prefix(scheme)
                    .is_some_and(|host| !host.is_empty() && !host.contains('/'))
            });
            if !fits {
                faults.push(format!(
                    "gateway.origins has {origin:?}, which is not an origin: write it as https://host or https://host:port"
                ));
            }
        }
        faults
    }
}
