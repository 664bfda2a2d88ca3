//! Tokens of somebody else's identity provider, checked with the keys that it publishes.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use convene_client::{Error, Options, Rest, proto::error::ErrorCode};
use convene_runtime::{Tasks, clock::now_ms};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use serde_json::{Value, json};

use crate::{
    harness::{Role, Stack},
    people::PATIENCE,
};

// Keys of these tests and nothing else, as PKCS #8.
pub(crate) const ED: &str = "MC4CAQAwBQYDK2VwBCIEIKAD4E3YPi/qIHDvhLdtyntsrnyJPQISz/ynE6C/NJut";
pub(crate) const EC: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgwVRYSLVLiZupQBWfaeW1N3pKa9iqZTtqbeFBVyLIUFyhRANCAATn+O7ht0XXKx3p6A6dNCSxp80IqgDxSGOy+O4RZ4YRCfJTiKDppaPRFYaerxpS4AdROwTJr1RsNc52GkdddbX+";
pub(crate) const UNPUBLISHED: &str =
    "MC4CAQAwBQYDK2VwBCIEINX3S8H8FN86CTbobKBHw/7i98PrgiTlb4dfwtKgOUyN";

const ISSUER: &str = "https://login.example.org";
const AUDIENCE: &str = "convene";

pub(crate) fn key(alg: Algorithm, pkcs8: &str) -> EncodingKey {
    let der = STANDARD.decode(pkcs8).unwrap();
    match alg {
        Algorithm::ES256 => EncodingKey::from_ec_der(&der),
        _ => EncodingKey::from_ed_der(&der),
    }
}

fn published(kid: &str, alg: Algorithm, pkcs8: &str) -> Jwk {
    let mut jwk = Jwk::from_encoding_key(&key(alg, pkcs8), alg).unwrap();
    jwk.common.key_id = Some(kid.to_owned());
    jwk
}

pub(crate) fn claims() -> Value {
    json!({
        "sub": "auth0|ada", "name": "Ada", "exp": now_ms() / 1000 + 600,
        "iss": ISSUER, "aud": AUDIENCE,
    })
}

pub(crate) fn sign(kid: Option<&str>, alg: Algorithm, key: &EncodingKey, claims: &Value) -> String {
    let mut header = Header::new(alg);
    header.kid = kid.map(ToOwned::to_owned);
    encode(&header, claims, key).unwrap()
}

#[derive(Clone)]
pub(crate) struct Issuer {
    pub(crate) keys: Arc<Mutex<Value>>,
    asked: Arc<AtomicUsize>,
    is_away: Arc<AtomicBool>,
}

/// How often an issuer is asked from some moment on.
pub(crate) struct Watched {
    issuer: Issuer,
    asked: usize,
    since: Instant,
}

impl Issuer {
    pub(crate) fn watched(&self) -> Watched {
        Watched {
            issuer: self.clone(),
            asked: self.asked.load(Ordering::Relaxed),
            since: Instant::now(),
        }
    }
}

impl Watched {
    /// Once in ten seconds at most, however long it took.
    pub(crate) fn seldom(&self) {
        let asked = self.issuer.asked.load(Ordering::Relaxed) - self.asked;
        let allowed = 1 + self.since.elapsed().as_secs() / 10;
        assert!(asked as u64 <= allowed, "it was asked {asked} times");
    }
}

async fn jwks(State(issuer): State<Issuer>) -> Result<Json<Value>, StatusCode> {
    issuer.asked.fetch_add(1, Ordering::Relaxed);
    if issuer.is_away.load(Ordering::Relaxed) {
        return Err(StatusCode::BAD_GATEWAY);
    }
    Ok(Json(issuer.keys.lock().unwrap().clone()))
}

/// Serves the keys, as long as the test's runtime lasts.
pub(crate) async fn publish() -> (Issuer, String) {
    let keys = [
        published("ed", Algorithm::EdDSA, ED),
        published("ec", Algorithm::ES256, EC),
    ];
    let issuer = Issuer {
        keys: Arc::new(Mutex::new(json!({ "keys": keys }))),
        asked: Arc::default(),
        is_away: Arc::default(),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/jwks", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/jwks", get(jwks))
        .with_state(issuer.clone());
    Tasks::new().spawn(async move { axum::serve(listener, router).await.unwrap() });
    (issuer, url)
}

async fn comes_in(stack: &Stack, token: String) -> Result<String, ErrorCode> {
    let rest = Rest::new(&Options::new(stack.gateway(0).url(), token)).unwrap();
    match rest.me().await {
        Ok(me) => Ok(me.participant.to_string()),
        Err(Error::Refused(problem)) => Err(problem.code),
        Err(other) => panic!("{other}"),
    }
}

pub(crate) async fn stack_of(url: String) -> Stack {
    stack_with(url, &[]).await
}

async fn stack_with(url: String, settings: &[(&'static str, String)]) -> Stack {
    let own = [
        ("auth.jwks_url", url),
        ("auth.issuer", ISSUER.to_owned()),
        ("auth.audience", AUDIENCE.to_owned()),
    ];
    Stack::embedded_with(&[&own, settings].concat()).await
}

/// Asks until the answer is this one.
async fn in_the_end(stack: &Stack, token: &str, answer: Result<&str, ErrorCode>) {
    let begun = std::time::Instant::now();
    loop {
        let came = comes_in(stack, token.to_owned()).await;
        if came.as_deref().map_err(|code| *code) == answer {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{came:?}, and not {answer:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn published_keys_let_in_and_nothing_else_does() {
    let (issuer, url) = publish().await;
    let stack = stack_of(url).await;
    let (ed, ec) = (key(Algorithm::EdDSA, ED), key(Algorithm::ES256, EC));
    let good = claims();
    for (kid, alg, key) in [("ed", Algorithm::EdDSA, &ed), ("ec", Algorithm::ES256, &ec)] {
        let token = sign(Some(kid), alg, key, &good);
        assert_eq!(
            comes_in(&stack, token).await.as_deref(),
            Ok("user:auth0|ada")
        );
    }

    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        sign(Some("ed"), Algorithm::EdDSA, &ed, &claims)
    };
    let without = |name: &str| {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        sign(Some("ed"), Algorithm::EdDSA, &ed, &claims)
    };
    let other = key(Algorithm::EdDSA, UNPUBLISHED);
    let published_secret = issuer.keys.lock().unwrap().to_string();
    let published_secret = EncodingKey::from_secret(published_secret.as_bytes());
    let refused = [
        (
            "another issuer",
            with("iss", json!("https://evil.example.org")),
        ),
        ("another audience", with("aud", json!("billing"))),
        ("not yet good", with("nbf", json!(now_ms() / 1000 + 300))),
        ("no issuer", without("iss")),
        ("no audience", without("aud")),
        ("no subject", without("sub")),
        ("no expiry", without("exp")),
        ("no key named", sign(None, Algorithm::EdDSA, &ed, &good)),
        (
            "a key of another algorithm",
            sign(Some("ec"), Algorithm::EdDSA, &ed, &good),
        ),
        (
            "another key under a known name",
            sign(Some("ed"), Algorithm::EdDSA, &other, &good),
        ),
        (
            "an unknown key",
            sign(Some("new"), Algorithm::EdDSA, &other, &good),
        ),
        (
            "public text as a secret",
            sign(Some("ed"), Algorithm::HS256, &published_secret, &good),
        ),
        (
            "our own secret, without issuer",
            stack.token("ada", Role::User),
        ),
    ];
    for (what, token) in refused {
        assert_eq!(
            comes_in(&stack, token).await,
            Err(ErrorCode::Unauthenticated),
            "{what}"
        );
    }
    let expired = with("exp", json!(now_ms() / 1000 - 60));
    assert_eq!(
        comes_in(&stack, expired).await,
        Err(ErrorCode::TokenExpired)
    );

    let asked = issuer.watched();
    for flood in 0..50 {
        let token = sign(Some(&format!("k{flood}")), Algorithm::EdDSA, &other, &good);
        assert!(comes_in(&stack, token).await.is_err());
    }
    asked.seldom();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issuer_that_is_away_is_no_fault_of_the_token() {
    let (issuer, url) = publish().await;
    issuer.is_away.store(true, Ordering::Relaxed);
    let stack = stack_of(url).await;
    let token = sign(
        Some("ed"),
        Algorithm::EdDSA,
        &key(Algorithm::EdDSA, ED),
        &claims(),
    );
    for _ in 0..2 {
        assert_eq!(
            comes_in(&stack, token.clone()).await,
            Err(ErrorCode::Unavailable)
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawn_key_is_soon_trusted_no_more() {
    let (issuer, url) = publish().await;
    let stack = stack_with(url, &[("auth.jwks_refresh_seconds", "1".to_owned())]).await;
    let of = |kid: &str, alg, pkcs8| sign(Some(kid), alg, &key(alg, pkcs8), &claims());
    let (ed, ec) = (
        of("ed", Algorithm::EdDSA, ED),
        of("ec", Algorithm::ES256, EC),
    );
    for token in [&ed, &ec] {
        in_the_end(&stack, token, Ok("user:auth0|ada")).await;
    }
    let left = json!({ "keys": [published("ec", Algorithm::ES256, EC)] });
    *issuer.keys.lock().unwrap() = left;
    in_the_end(&stack, &ed, Err(ErrorCode::Unauthenticated)).await;
    assert_eq!(comes_in(&stack, ec).await.as_deref(), Ok("user:auth0|ada"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn known_keys_serve_on_for_a_while_when_the_issuer_is_away() {
    let (issuer, url) = publish().await;
    let settings = [
        ("auth.jwks_refresh_seconds", "1".to_owned()),
        ("auth.jwks_grace_seconds", "5".to_owned()),
    ];
    let stack = stack_with(url, &settings).await;
    let token = sign(
        Some("ed"),
        Algorithm::EdDSA,
        &key(Algorithm::EdDSA, ED),
        &claims(),
    );
    in_the_end(&stack, &token, Ok("user:auth0|ada")).await;
    issuer.is_away.store(true, Ordering::Relaxed);
    let asked = issuer.asked.load(Ordering::Relaxed);
    while issuer.asked.load(Ordering::Relaxed) < asked + 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(
        comes_in(&stack, token.clone()).await.as_deref(),
        Ok("user:auth0|ada")
    );
    in_the_end(&stack, &token, Err(ErrorCode::Unavailable)).await;
    issuer.is_away.store(false, Ordering::Relaxed);
    in_the_end(&stack, &token, Ok("user:auth0|ada")).await;
}
