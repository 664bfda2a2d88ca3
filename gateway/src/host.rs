//! Under which names the gateway may be asked.
//!
//! A page can have its own name lead to a loopback address once it is loaded (DNS rebinding), and
//! is then of the same origin as what listens there. But its requests still carry its name.

use std::{collections::HashSet, net::IpAddr};

use axum::{
    extract::{Request, State},
    http::{header, uri::Authority},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use convene_proto::error::ErrorCode;

use crate::{error::Refusal, gateway::Gateway, options::Options};

/// See the module.
pub(crate) struct Hosts {
    /// `None`: any.
    names: Option<HashSet<String>>,
}

impl Hosts {
    pub(crate) fn new(options: &Options) -> Self {
        let restricted = options.listen.ip().is_loopback() || !options.hosts.is_empty();
        let of_origins = options
            .origins
            .iter()
            .filter_map(|origin| Some(origin.split_once("://")?.1));
        let names = options
            .hosts
            .iter()
            .map(String::as_str)
            .chain(of_origins)
            .filter_map(name)
            .collect();
        Self {
            names: restricted.then_some(names),
        }
    }

    fn admits(&self, host: &str) -> bool {
        let Some(names) = &self.names else {
            return true;
        };
        name(host).is_some_and(|name| is_loopback(&name) || names.contains(&name))
    }
}

/// The name in `name:port`, in one spelling.
pub(crate) fn name(host: &str) -> Option<String> {
    let authority: Authority = host.parse().ok()?;
    if authority.as_str().contains('@') {
        return None;
    }
    let name = authority.host().trim_end_matches('.').to_ascii_lowercase();
    (!name.is_empty()).then_some(name)
}

fn is_loopback(name: &str) -> bool {
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost"
        || name.ends_with(".localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Refuses requests under a foreign name. Without any name it is no browser that asks.
pub(crate) async fn check(
    State(gateway): State<Gateway>,
    request: Request,
    next: Next,
) -> Response {
    let hosts = request.headers().get_all(header::HOST);
    let named = hosts.iter().map(|host| host.to_str().unwrap_or_default());
    let asked = request.uri().authority().map(Authority::as_str);
    let foreign = named
        .chain(asked)
        .find(|host| !gateway.hosts().admits(host));
    match foreign {
        None => next.run(request).await,
        Some(host) => Refusal::new(
            ErrorCode::Forbidden,
            format!("this gateway does not go by the name {host:?}: add it to gateway.hosts"),
        )
        .into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(listen: &str, hosts: &[&str], origins: &[&str]) -> Hosts {
        let list = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect();
        Hosts::new(&Options {
            listen: listen.parse().unwrap(),
            hosts: list(hosts),
            origins: list(origins),
            ..Options::default()
        })
    }

    #[test]
    fn on_loopback_only_loopback_names_and_configured_ones_are_admitted() {
        let hosts = hosts("127.0.0.1:8080", &["chat.lan"], &["https://a.example:444"]);
        for good in [
            "localhost",
            "LOCALHOST:8080",
            "localhost.",
            "app.localhost:1",
            "127.0.0.1:8080",
            "127.8.9.1",
            "[::1]:8080",
            "chat.lan:80",
            "A.example",
        ] {
            assert!(hosts.admits(good), "{good}");
        }
        for bad in [
            "",
            "evil.example:8080",
            "localhost.evil.example",
            "evil-localhost",
            "127.0.0.1.evil.example",
            "localhost@evil.example",
            "10.0.0.1",
            "a b",
        ] {
            assert!(!hosts.admits(bad), "{bad}");
        }
    }

    #[test]
    fn elsewhere_any_name_is_admitted_unless_names_are_configured() {
        assert!(hosts("0.0.0.0:8080", &[], &["https://a.example"]).admits("b.example"));
        let named = hosts("0.0.0.0:8080", &["a.example"], &[]);
        assert!(named.admits("a.example:8080"));
        assert!(!named.admits("b.example"));
    }
}
