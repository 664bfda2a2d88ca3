//! Budgets: how often one user, or one address that has no user yet, may ask, and how many
//! connections either may have.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use convene_proto::{error::ErrorCode, id::UserId};
use governor::{Quota, RateLimiter, clock::DefaultClock, state::keyed::HashMapStateStore};
use parking_lot::Mutex;

use crate::{
    error::{Refusal, Result},
    options::Options,
};

type Keyed<K> = RateLimiter<K, HashMapStateStore<K>, DefaultClock>;

/// What a request costs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Budget {
    /// Any request or frame.
    Request,
    /// Something that stays: a conversation, an invitation.
    Creation,
}

/// See the module.
pub(crate) struct Limits {
    requests: Keyed<UserId>,
    creations: Keyed<UserId>,
    requests_of_strangers: Keyed<IpAddr>,
    strangers: Arc<Mutex<HashMap<IpAddr, usize>>>,
    strangers_per_address: usize,
    connections: Arc<Mutex<HashMap<UserId, usize>>>,
    connections_per_user: usize,
}

/// A connection of which nobody knows yet whose it is.
pub(crate) struct Stranger {
    address: IpAddr,
    strangers: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Drop for Stranger {
    fn drop(&mut self) {
        release(&self.strangers, &self.address);
    }
}

/// A user's place among the connections that they may have.
pub(crate) struct Place {
    user: UserId,
    connections: Arc<Mutex<HashMap<UserId, usize>>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        release(&self.connections, &self.user);
    }
}

fn release<K: Hash + Eq>(counts: &Mutex<HashMap<K, usize>>, key: &K) {
    let mut counts = counts.lock();
    if let Some(open) = counts.get_mut(key) {
        *open -= 1;
        if *open == 0 {
            counts.remove(key);
        }
    }
}

impl Limits {
    pub(crate) fn new(options: &Options) -> Self {
        let at_least_one = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let requests = Quota::per_second(at_least_one(options.requests_per_second))
            .allow_burst(at_least_one(options.request_burst));
        let creations = Quota::per_minute(at_least_one(options.creations_per_minute));
        Self {
            requests: keyed(requests),
            creations: keyed(creations),
            requests_of_strangers: keyed(creations),
            strangers: Arc::default(),
            strangers_per_address: options.strangers_per_address,
            connections: Arc::default(),
            connections_per_user: options.connections_per_user,
        }
    }

    pub(crate) fn check(&self, user: &UserId, budget: Budget) -> Result<()> {
        match budget {
            Budget::Request => check(&self.requests, user),
            Budget::Creation => check(&self.creations, user),
        }
    }

    /// For what may be done without a token.
    pub(crate) fn check_stranger(&self, address: IpAddr) -> Result<()> {
        check(&self.requests_of_strangers, &whole(address))
    }

    /// For a connection from that address, until it is known whose it is; `None` where there are
    /// too many such.
    pub(crate) fn meet(&self, address: IpAddr) -> Option<Stranger> {
        let address = whole(address);
        let mut strangers = self.strangers.lock();
        let open = strangers.entry(address).or_default();
        if *open >= self.strangers_per_address {
            return None;
        }
        *open += 1;
        Some(Stranger {
            address,
            strangers: self.strangers.clone(),
        })
    }

    /// For a socket or an event stream: the place is kept as long as it is open.
    pub(crate) fn connect(&self, user: &UserId) -> Result<Place> {
        let most = self.connections_per_user;
        let mut connections = self.connections.lock();
        let open = connections.entry(user.clone()).or_default();
        if *open >= most {
            return Err(Refusal::new(
                ErrorCode::RateLimited,
                format!("one user has at most {most} connections here: close some"),
            ));
        }
        *open += 1;
        Ok(Place {
            user: user.clone(),
            connections: self.connections.clone(),
        })
    }

    /// Forgets, each minute, whose budgets are whole again.
    pub(crate) async fn tidy_forever(&self) {
        loop {
            tokio::time::sleep(Duration::from_secs(60)).await;
            self.requests.retain_recent();
            self.creations.retain_recent();
            self.requests_of_strangers.retain_recent();
        }
    }
}

/// Whoever has an IPv6 address has the 2^64 beside it, too: they count as one.
fn whole(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
        v4 => v4,
    }
}

fn keyed<K: Hash + Eq + Clone>(quota: Quota) -> Keyed<K> {
    RateLimiter::new(quota, HashMapStateStore::default(), DefaultClock::default())
}

fn check<K: Hash + Eq + Clone>(limiter: &Keyed<K>, key: &K) -> Result<()> {
    limiter.check_key(key).map_err(|_| {
        Refusal::new(
            ErrorCode::RateLimited,
            "too many requests: wait a second and try again",
        )
    })
}
