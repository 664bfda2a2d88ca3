//! Which tokens were revoked. The store knows; every gateway reads all of it when it starts, and from
//! then on, several times a second, what has come since. Until it has read all, it lets nobody in.

use std::{collections::HashMap, time::Duration};

use convene_proto::{
    context::{ListRevocationsRequest, Revocation},
    convert::{self, Invalid},
    id::{TokenId, UserId},
};
use parking_lot::RwLock;
use tokio::sync::watch;

use super::Caller;
use crate::{
    context::Context,
    error::{Refusal, Result},
};

/// How long a caller waits for the first reading.
const PATIENCE: Duration = Duration::from_secs(3);
/// After a reading that failed.
const AGAIN: Duration = Duration::from_secs(1);
const PAGE: u32 = 1000;
/// Numbers grow with the store's clock, in milliseconds. The clock of a replica that took its
/// primary's place may be so far behind.
const OVERLAP: u64 = 60_000;

/// See the module.
pub(crate) struct Revocations {
    known: RwLock<Known>,
    /// Moves with each that is new; true once all have been read.
    news: watch::Sender<bool>,
}

#[derive(Default)]
struct Known {
    tokens: HashMap<TokenId, Option<u64>>,
    /// Tokens that were issued at that time or before.
    users: HashMap<UserId, u64>,
}

/// Whether a token that expires then is good on no gateway any more, whatever its clock says.
pub(crate) fn is_over(expires_at: u64, now: u64) -> bool {
    expires_at.saturating_add(OVERLAP / 1000) <= now
}

impl Known {
    /// Whether that is news.
    fn learn(&mut self, revocation: &Revocation, now: u64) -> std::result::Result<bool, Invalid> {
        let Revocation { token, user, until } = revocation;
        if let Some(token) = convert::optional("revocation.token", token)? {
            let until = Some(*until).filter(|until| *until != 0);
            // The store lists it until somebody revokes another.
            if until.is_some_and(|until| is_over(until, now)) {
                return Ok(false);
            }
            return Ok(self.tokens.insert(token, until).is_none());
        }
        let known = self.users.entry(convert::field("revocation.user", user)?);
        let before = match &known {
            std::collections::hash_map::Entry::Occupied(known) => Some(*known.get()),
            std::collections::hash_map::Entry::Vacant(_) => None,
        };
        let is_news = before.is_none_or(|before| before < *until);
        if is_news {
            known.insert_entry(*until);
        }
        Ok(is_news)
    }
}

impl Revocations {
    pub(super) fn new() -> Self {
        Self {
            known: RwLock::default(),
            news: watch::Sender::new(false),
        }
    }

    /// Reads what is revoked as long as the gateway lives.
    pub(crate) async fn follow(&self, context: &Context, every: Duration) {
        let (mut last, mut is_well) = (0, true);
        loop {
            match self.read_on(context, &mut last).await {
                Ok(()) => is_well = true,
                Err(error) => {
                    if std::mem::take(&mut is_well) {
                        tracing::warn!(%error, "what is revoked cannot be read; what is known counts");
                    }
                }
            }
            let wait = if is_well { every } else { every.min(AGAIN) };
            tokio::time::sleep(wait).await;
        }
    }

    async fn read_on(&self, context: &Context, last: &mut u64) -> Result<()> {
        let mut after = last.saturating_sub(OVERLAP);
        loop {
            let request = ListRevocationsRequest { after, limit: PAGE };
            let page = context.list_revocations(request).await?;
            self.learn(&page.revocations)?;
            after = page.last;
            *last = after.max(*last);
            if page.revocations.len() < PAGE as usize {
                break;
            }
        }
        if !*self.news.borrow() {
            self.news.send_replace(true);
        }
        Ok(())
    }

    /// Takes in what was revoked.
    pub(crate) fn learn(&self, revocations: &[Revocation]) -> Result<()> {
        let mut is_news = false;
        {
            let now = convene_runtime::clock::now_ms() / 1000;
            let mut known = self.known.write();
            for revocation in revocations {
                is_news |= known.learn(revocation, now)?;
            }
            if is_news {
                let is_kept = |until: &Option<u64>| !until.is_some_and(|until| is_over(until, now));
                known.tokens.retain(|_, until| is_kept(until));
            }
        }
        if is_news {
            self.news.send_modify(|_| {});
        }
        Ok(())
    }

    /// Waits until all has been read for the first time.
    pub(super) async fn all_known(&self) -> Result<()> {
        if *self.news.borrow() {
            return Ok(());
        }
        let mut news = self.news.subscribe();
        let read = tokio::time::timeout(PATIENCE, news.wait_for(|all| *all)).await;
        match read {
            Ok(Ok(_)) => Ok(()),
            _ => Err(Refusal::unavailable(
                "which tokens were revoked cannot be read now; try again",
            )),
        }
    }

    /// As if all had been read.
    #[cfg(test)]
    pub(super) fn know_all(&self) {
        self.news.send_replace(true);
    }

    pub(crate) fn news(&self) -> watch::Receiver<bool> {
        self.news.subscribe()
    }

    pub(super) fn has(&self, caller: &Caller) -> bool {
        let known = self.known.read();
        let issued_until = known.users.get(&caller.id);
        issued_until.is_some_and(|until| caller.issued_at <= *until)
            || caller
                .token
                .as_ref()
                .is_some_and(|token| known.tokens.contains_key(token))
    }
}

#[cfg(test)]
mod tests {
    use convene_runtime::clock::now_ms;

    use super::*;

    fn token(id: &str, until: u64) -> Revocation {
        Revocation {
            token: id.to_owned(),
            user: String::new(),
            until,
        }
    }

    #[test]
    fn what_is_read_again_is_no_news_whether_it_has_expired_or_not() {
        let revocations = Revocations::new();
        let mut news = revocations.news();
        let mut is_news = |read: &[Revocation]| {
            revocations.learn(read).unwrap();
            let has_changed = news.has_changed().unwrap();
            news.mark_unchanged();
            has_changed
        };
        let now = now_ms() / 1000;
        let (expired, good) = (token("expired", now - 3600), token("good", now + 3600));
        // As long as nobody revokes another token, every reading brings the same.
        assert!(is_news(&[expired.clone(), good.clone()]));
        assert!(!is_news(&[expired.clone(), good.clone()]));
        assert!(!is_news(&[expired]));
        assert!(is_news(&[token("for good", 0)]));
        assert!(!is_news(&[good, token("for good", 0)]));
    }
}
