//! A way to the socket from inside the process, without a listener: for simulations, and for whoever
//! has a stream of bytes of their own.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use axum::{Router, routing::get};
use tokio::{
    io::{DuplexStream, duplex},
    sync::Semaphore,
};

use crate::{accept, connection::Watched, gateway::Gateway, socket};

/// Makes connections to a gateway, on which `GET /v1/ws` is spoken as on those that it accepts. They
/// come from loopback's address, count against the same limit, and live in the gateway's tasks.
#[derive(Clone)]
pub struct Door {
    gateway: Gateway,
    router: Router,
    places: Arc<Semaphore>,
}

impl Gateway {
    /// A door of this gateway.
    #[must_use]
    pub fn door(&self) -> Door {
        let router = Router::new().route("/v1/ws", get(socket::upgrade));
        Door {
            gateway: self.clone(),
            router: router.with_state(self.clone()),
            places: Arc::new(Semaphore::new(self.options().max_connections)),
        }
    }
}

impl Door {
    /// The client's end of a new connection that holds so many bytes in each direction; `None` where
    /// there is no place for it.
    #[must_use]
    pub fn connect(&self, bytes: usize) -> Option<DuplexStream> {
        let place = self.places.clone().try_acquire_owned().ok()?;
        let (near, far) = duplex(bytes);
        let patience = Duration::from_secs(self.gateway.options().slow_reader_seconds);
        let stream = Watched::new(near, patience, place, None);
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        self.gateway.tasks().spawn(accept::welcome(
            self.gateway.clone(),
            stream,
            peer,
            self.router.clone(),
        ));
        Some(far)
    }
}
