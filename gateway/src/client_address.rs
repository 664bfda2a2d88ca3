//! Whose address a request comes from, where balancers and proxies stand in between.
//!
//! Each proxy adds the address that it was called from to the end of `X-Forwarded-For`; what is in
//! front of that is hearsay. So the list is read from its end, as long as those who speak are
//! trusted. `Forwarded` is not read: a proxy that writes one of the two lets the other through.

use std::net::{IpAddr, SocketAddr};

use axum::{
    Extension,
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};
use ipnet::IpNet;

use crate::{accept::Peer, error::Refusal, gateway::Gateway, options::Options};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies whose word counts.
pub(crate) struct Proxies(Vec<IpNet>);

impl Proxies {
    pub(crate) fn new(options: &Options) -> Self {
        let proxies = options.trusted_proxies.iter();
        Self(proxies.filter_map(|proxy| network(proxy)).collect())
    }

    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|proxy| proxy.contains(&address))
    }

    /// Who called the first of the proxies that are trusted.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lists: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
        let callers = lists
            .iter()
            .rev()
            .flat_map(|list| list.to_str().unwrap_or_default().rsplit(','));
        for caller in callers {
            if !self.trusts(client) {
                break;
            }
            match address(caller.trim()) {
                Some(caller) => client = caller,
                None => break,
            }
        }
        client
    }
}

/// `10.0.0.0/8` or a single address.
pub(crate) fn network(text: &str) -> Option<IpNet> {
    let single = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(single)
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let with_port = || text.parse::<SocketAddr>().ok().map(|both| both.ip());
    let address: Option<IpAddr> = bare.parse().ok().or_else(with_port);
    address.map(|address| address.to_canonical())
}

/// The address of the client behind a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

impl FromRequestParts<Gateway> for ClientAddress {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Refusal> {
        let Extension(Peer(peer)) = Extension::from_request_parts(parts, gateway)
            .await
            .map_err(|_| Refusal::broken())?;
        Ok(Self(gateway.proxies().client(peer, &parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn client(trusted: &[&str], peer: &str, lists: &[&str]) -> String {
        let proxies = Proxies::new(&Options {
            trusted_proxies: trusted.iter().map(|one| (*one).to_owned()).collect(),
            ..Options::default()
        });
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(FORWARDED_FOR, list.parse().unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn the_last_address_that_no_trusted_proxy_has_is_the_client() {
        for (trusted, peer, lists, expected) in [
            // Nobody is trusted: what the client says of itself is nothing.
            (&[][..], "1.1.1.1", &["9.9.9.9"][..], "1.1.1.1"),
            (&["10.0.0.0/8"], "1.1.1.1", &["9.9.9.9"], "1.1.1.1"),
            (&["10.0.0.0/8"], "10.0.0.1", &[], "10.0.0.1"),
            (&["10.0.0.0/8"], "10.0.0.1", &["1.1.1.1"], "1.1.1.1"),
            (&["10.0.0.1"], "10.0.0.1", &["9.9.9.9, 1.1.1.1"], "1.1.1.1"),
            (
                &["10.0.0.1"],
                "10.0.0.1",
                &["9.9.9.9", "1.1.1.1"],
                "1.1.1.1",
            ),
            (
                &["10.0.0.0/8"],
                "10.0.0.1",
                &["9.9.9.9, 1.1.1.1, 10.0.0.2"],
                "1.1.1.1",
            ),
            (&["10.0.0.0/8"], "10.0.0.1", &["10.0.0.3"], "10.0.0.3"),
            // What cannot be read ends the trust.
            (
                &["10.0.0.0/8"],
                "10.0.0.1",
                &["1.1.1.1, unknown"],
                "10.0.0.1",
            ),
            (
                &["10.0.0.0/8"],
                "::ffff:10.0.0.1",
                &["1.1.1.1:4711"],
                "1.1.1.1",
            ),
            (&["::1"], "::1", &["[2001:db8::7]:80"], "2001:db8::7"),
        ] {
            assert_eq!(client(trusted, peer, lists), expected, "{peer} {lists:?}");
        }
    }

    proptest! {
        #[test]
        fn no_list_makes_it_panic_and_an_untrusted_peer_is_never_believed(list in "[ -~]{0,80}") {
            prop_assert_eq!(client(&["10.0.0.0/8"], "1.1.1.1", &[&list]), "1.1.1.1");
            client(&["0.0.0.0/0", "::/0"], "1.1.1.1", &[&list]);
        }
    }
}
