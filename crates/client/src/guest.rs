//! A guest's token, renewed in time.

use std::time::Duration;

use convene_runtime::clock::now_ms;
use futures_util::future::{BoxFuture, FutureExt as _};
use tokio::sync::Mutex;

use crate::{Error, Guest, Options, Rest, TokenSource};

/// A guest's token. Once half of its time is over a fresh one is got, whenever there is occasion:
/// so a guest who comes back now and then stays who they are.
#[derive(Debug)]
pub struct GuestTokens {
    url: String,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    token: String,
    /// In milliseconds since 1970.
    renew_at: u64,
}

impl Held {
    fn new(guest: Guest) -> Self {
        let (now, expires_at) = (now_ms(), guest.expires_at.saturating_mul(1000));
        Self {
            token: guest.token,
            renew_at: now + expires_at.saturating_sub(now) / 2,
        }
    }
}

/// After an attempt to renew that failed, before the next.
const TRY_AGAIN: Duration = Duration::from_secs(30);

impl GuestTokens {
    /// Of a guest who has just come in at this address.
    #[must_use]
    pub fn new(url: impl Into<String>, guest: Guest) -> Self {
        Self {
            url: url.into(),
            held: Mutex::new(Held::new(guest)),
        }
    }

    async fn current(&self) -> Result<String, Error> {
        let mut held = self.held.lock().await;
        let now = now_ms();
        if now < held.renew_at {
            return Ok(held.token.clone());
        }
        let rest = Rest::new(&Options::new(&self.url, &held.token))?;
        match rest.renew().await {
            Ok(guest) => *held = Held::new(guest),
            // The old one is good for a while yet.
            Err(error) => {
                tracing::debug!(%error, "a guest's token was not renewed");
                let wait = u64::try_from(TRY_AGAIN.as_millis()).unwrap_or(u64::MAX);
                held.renew_at = now.saturating_add(wait);
            }
        }
        Ok(held.token.clone())
    }
}

impl TokenSource for GuestTokens {
    fn token(&self) -> BoxFuture<'_, Result<String, Error>> {
        self.current().boxed()
    }
}
