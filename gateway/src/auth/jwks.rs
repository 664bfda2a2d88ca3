//! The issuer's public keys: fetched when an unknown one is named, kept, and never asked for more
//! often than once in a while, however many tokens name keys that do not exist.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use convene_proto::error::ErrorCode;
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, Jwk, JwkSet},
};
use parking_lot::RwLock;
use tokio::sync::Semaphore;

use crate::error::{Refusal, Result};

const FETCH_DEADLINE: Duration = Duration::from_secs(5);
/// Between two fetches, at least.
const FETCH_EVERY: Duration = Duration::from_secs(10);
/// A key set larger than this many bytes is refused.
const SET_BYTES: usize = 256 * 1024;

/// See the module.
pub(super) struct Jwks {
    url: String,
    http: reqwest::Client,
    state: RwLock<State>,
    /// One fetch at a time.
    fetching: Semaphore,
}

#[derive(Default)]
struct State {
    keys: HashMap<String, (Algorithm, Arc<DecodingKey>)>,
    fetched: Option<Instant>,
    /// The last fetch failed.
    failed: bool,
}

impl Jwks {
    pub(super) fn new(url: String) -> std::result::Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .timeout(FETCH_DEADLINE)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            url,
            http,
            state: RwLock::default(),
            fetching: Semaphore::new(1),
        })
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
        let recent = self
            .state
            .read()
            .fetched
            .is_some_and(|at| at.elapsed() < FETCH_EVERY);
        if recent {
            return Err(if self.state.read().failed {
                unreachable_issuer()
            } else {
                unknown_key()
            });
        }
        let fetched = self.fetch().await;
        let mut state = self.state.write();
        state.fetched = Some(Instant::now());
        state.failed = fetched.is_err();
        match fetched {
            Ok(keys) => state.keys = keys,
            Err(error) => {
                tracing::warn!(%error, url = self.url, "the issuer's keys could not be fetched");
                return Err(unreachable_issuer());
            }
        }
        drop(state);
        self.known(kid, alg)?.ok_or_else(unknown_key)
    }

    fn known(&self, kid: &str, alg: Algorithm) -> Result<Option<Arc<DecodingKey>>> {
        match self.state.read().keys.get(kid) {
            None => Ok(None),
            Some((its, key)) if *its == alg => Ok(Some(key.clone())),
            Some(_) => Err(Refusal::new(
                ErrorCode::Unauthenticated,
                "the token's key is for another algorithm",
            )),
        }
    }

    async fn fetch(
        &self,
    ) -> std::result::Result<HashMap<String, (Algorithm, Arc<DecodingKey>)>, String> {
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
        AlgorithmParameters::EllipticCurve(_) => Algorithm::ES256,
        AlgorithmParameters::OctetKeyPair(_) => Algorithm::EdDSA,
        _ => return None,
    };
    let kid = jwk.common.key_id.clone()?;
    let key = DecodingKey::from_jwk(jwk).ok()?;
    Some((kid, (alg, Arc::new(key))))
}

fn unreachable_issuer() -> Refusal {
    Refusal::unavailable("the token issuer's keys cannot be fetched now; try again")
}

fn unknown_key() -> Refusal {
    Refusal::new(ErrorCode::Unauthenticated, "the token's key is not known")
}
