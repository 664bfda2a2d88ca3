//! Budgets: how often one user, or one address that has no user yet, may ask.

use std::{hash::Hash, net::IpAddr, num::NonZeroU32, time::Duration};

use convene_proto::{error::ErrorCode, id::UserId};
use governor::{Quota, RateLimiter, clock::DefaultClock, state::keyed::HashMapStateStore};

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
    strangers: Keyed<IpAddr>,
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
            strangers: keyed(creations),
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
        check(&self.strangers, &address)
    }

    /// Forgets, each minute, whose budgets are whole again.
    pub(crate) async fn tidy_forever(&self) {
        loop {
            tokio::time::sleep(Duration::from_secs(60)).await;
            self.requests.retain_recent();
            self.creations.retain_recent();
            self.strangers.retain_recent();
        }
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
