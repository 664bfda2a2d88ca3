//! The issuer's public keys: fetched at the start, again every so often, so that a key which the
//! issuer has withdrawn is soon trusted no more, and when an unknown one is named; but never more
//! often than once in a while, however many tokens name keys that do not exist.
//!
//! While the issuer is away the keys that are known serve on, for a grace period.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use convene_proto::error::ErrorCode;
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse},
};
use parking_lot::RwLock;
use tokio::sync::Semaphore;

use super::Options;
use crate::error::{Refusal, Result};

const FETCH_DEADLINE: Duration = Duration::from_secs(5);
/// Between two fetches that nobody planned, at least.
const FETCH_EVERY: Duration = Duration::from_secs(10);
/// A key set larger than this many bytes is refused.
const SET_BYTES: usize = 256 * 1024;

/// See the module.
pub(super) struct Jwks {
    url: String,
    refresh: Duration,
    grace: Duration,
    http: reqwest::Client,
    state: RwLock<State>,
    /// One fetch at a time.
    fetching: Semaphore,
}

type Keys = HashMap<String, (Algorithm, Arc<DecodingKey>)>;

#[derive(Default)]
struct State {
    keys: Keys,
    /// When these keys came.
    fetched: Option<Instant>,
    /// When they were last asked for.
    tried: Option<Instant>,
    /// And whether that failed.
    failed: bool,
}

impl Jwks {
    pub(super) fn new(url: String, options: &Options) -> std::result::Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .timeout(FETCH_DEADLINE)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            url,
            refresh: Duration::from_secs(options.jwks_refresh_seconds),
            grace: Duration::from_secs(options.jwks_grace_seconds),
            http,
            state: RwLock::default(),
            fetching: Semaphore::new(1),
        })
    }

    /// Keeps the keys as fresh as the settings want them.
    pub(super) async fn refresh_forever(&self) {
        loop {
            let came = match self.fetching.acquire().await {
                Ok(_permit) => self.fetch().await,
                Err(_) => return,
            };
            let wait = if came {
                self.refresh
            } else {
                self.refresh.min(FETCH_EVERY)
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// The key of that name, if it is for that algorithm.
    pub(super) async fn key(&self, kid: &str, alg: Algorithm) -> Result<Arc<DecodingKey>> {
        if let Some(key) = self.known(kid, alg)? {
            return Ok(key);
        }
        let Ok(_permit) = self.fetching.acquire().await else {
            return Err(unknown_key());
        };
        if let Some(key) = self.known(kid, alg)? {
            return Ok(key);
        }
        let (tried, failed) = {
            let state = self.state.read();
            (state.tried, state.failed)
        };
        let came = match tried {
            Some(at) if at.elapsed() < FETCH_EVERY => !failed,
            _ => self.fetch().await,
        };
        if !came {
            return Err(Refusal::unavailable(
                "the token issuer's keys cannot be fetched now; try again",
            ));
        }
        self.known(kid, alg)?.ok_or_else(unknown_key)
    }

    fn known(&self, kid: &str, alg: Algorithm) -> Result<Option<Arc<DecodingKey>>> {
        let state = self.state.read();
        let oldest = self.refresh.saturating_add(self.grace);
        if state.fetched.is_none_or(|at| at.elapsed() > oldest) {
            return Ok(None);
        }
        match state.keys.get(kid) {
            None => Ok(None),
            Some((its, key)) if *its == alg => Ok(Some(key.clone())),
            Some(_) => Err(Refusal::new(
                ErrorCode::Unauthenticated,
                "the token's key is for another algorithm",
            )),
        }
    }

    /// Fetches the keys, and says whether they came. The caller holds the permit.
    async fn fetch(&self) -> bool {
        let answer = self.ask().await;
        let mut state = self.state.write();
        let now = Instant::now();
        state.tried = Some(now);
        state.failed = answer.is_err();
        match answer {
            Ok(keys) => {
                state.keys = keys;
                state.fetched = Some(now);
            }
            Err(error) => {
                tracing::warn!(%error, url = self.url, "the issuer's keys could not be fetched");
            }
        }
        !state.failed
    }

    async fn ask(&self) -> std::result::Result<Keys, String> {
        let mut response = self
            .http
            .get(&self.url)
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .map_err(|error| error.to_string())?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| error.to_string())? {
            body.extend_from_slice(&chunk);
            if body.len() > SET_BYTES {
                return Err("the key set is too large".into());
            }
        }
        let set: JwkSet = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
        Ok(set.keys.iter().filter_map(usable).collect())
    }
}

/// A key that we can check signatures with; others in the set are passed over.
fn usable(jwk: &Jwk) -> Option<(String, (Algorithm, Arc<DecodingKey>))> {
    let alg = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            Algorithm::EdDSA
        }
        _ => return None,
    };
    if jwk.common.public_key_use == Some(PublicKeyUse::Encryption) {
        return None;
    }
    let kid = jwk.common.key_id.clone()?;
    let key = DecodingKey::from_jwk(jwk).ok()?;
    Some((kid, (alg, Arc::new(key))))
}

fn unknown_key() -> Refusal {
    Refusal::new(ErrorCode::Unauthenticated, "the token's key is not known")
}
