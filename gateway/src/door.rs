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

/// Makes connections to a gateway, which are spoken on as those that it accepts. They come from
/// loopback's address, count against the same limit, and live in the gateway's tasks.
#[derive(Clone)]
pub struct Door {
    gateway: Gateway,
    router: Router,
    places: Arc<Semaphore>,
}

impl Gateway {
    /// A door behind which there is the socket, `GET /v1/ws`, and nothing else.
    #[must_use]
    pub fn door(&self) -> Door {
        let router = Router::new().route("/v1/ws", get(socket::upgrade));
        self.door_to(router.with_state(self.clone()))
    }

    /// A door behind which there is all that clients find, but the probes.
    #[must_use]
    pub fn whole_door(&self) -> Door {
        self.door_to(self.router(Router::new()))
    }

    fn door_to(&self, router: Router) -> Door {
        Door {
            gateway: self.clone(),
            router,
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
