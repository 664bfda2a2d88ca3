//! Taking an address, with a clear word where it is taken; and how this machine reaches it.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};

use anyhow::{Context as _, anyhow};
use tokio::net::TcpListener;

/// Listens on an address; `setting` is the key that says which.
pub(crate) async fn bind(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(anyhow!(
            "{address} is taken by another program: stop that, or set {setting} to another address"
        )),
        Err(error) => Err(error).with_context(|| {
            format!("cannot listen on {address}: set {setting} to an address of this machine")
        }),
    }
}

/// A service that listens on every address is asked on this machine's own.
pub(crate) fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            Ipv4Addr::LOCALHOST.into()
        } else {
            Ipv6Addr::LOCALHOST.into()
        });
    }
    address
}
