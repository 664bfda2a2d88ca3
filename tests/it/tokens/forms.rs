//! Tokens that are good for nothing: each form, and how it is refused.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use convene_client::proto::error::ErrorCode;
use convene_runtime::clock::now_ms;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::{
    harness::Stack,
    issuer::{EC, ED, UNPUBLISHED, claims, key, sign},
};

const BAD: ErrorCode = ErrorCode::Unauthenticated;

const OVER: ErrorCode = ErrorCode::TokenExpired;

fn part(value: &str) -> String {
    URL_SAFE_NO_PAD.encode(value)
}

/// A token of parts that are what they are, with a good signature under the published Ed25519 key.
fn signed_as_it_is(header: &str, claims: &str) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let key = key(Algorithm::EdDSA, ED);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA).unwrap();
    format!("{message}.{signature}")
}

fn hmac(header: &str, claims: &str, secret: &[u8]) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let key = EncodingKey::from_secret(secret);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

/// With the published key's header.
pub(super) fn said(claims: &str) -> String {
    signed_as_it_is(r#"{"alg":"EdDSA","kid":"ed"}"#, claims)
}

fn with(name: &str, value: Value) -> String {
    let mut claims = claims();
    claims[name] = value;
    said(&claims.to_string())
}

fn without(name: &str) -> String {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    said(&claims.to_string())
}

/// With something in place of the `exp` that is no JSON value of its own.
fn expiring(exp: &str) -> String {
    let claims = without_value("exp");
    said(&claims.replacen('{', &format!("{{\"exp\":{exp},"), 1))
}

fn without_value(name: &str) -> String {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims.to_string()
}

fn headed(header: &str) -> String {
    signed_as_it_is(header, &claims().to_string())
}

/// Each form, and how it is refused.
pub(super) fn forms(published: &Value) -> Vec<(&'static str, String, ErrorCode)> {
    let now = now_ms() / 1000;
    let good = claims().to_string();
    let (ed, ec) = (key(Algorithm::EdDSA, ED), key(Algorithm::ES256, EC));
    let foreign = key(Algorithm::EdDSA, UNPUBLISHED);
    let whole = said(&good);
    let parts: Vec<_> = whole.split('.').collect();
    let attacker =
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let public = published["keys"][1]["x"].as_str().unwrap().to_owned();
    let set = published.to_string();
    let hs = |alg| {
        let key = EncodingKey::from_secret(Stack::secret().as_bytes());
        encode(&Header::new(alg), &claims(), &key).unwrap()
    };
    let mut forms = vec![
        // Algorithms.
        (
            "none, unsigned",
            format!("{}.{}.", part(r#"{"alg":"none"}"#), part(&good)),
            BAD,
        ),
        (
            "None",
            format!("{}.{}.", part(r#"{"alg":"None","kid":"ed"}"#), part(&good)),
            BAD,
        ),
        (
            "the set of keys as a secret",
            hmac(r#"{"alg":"HS256","kid":"ed"}"#, &good, set.as_bytes()),
            BAD,
        ),
        (
            "a public key as a secret",
            hmac(r#"{"alg":"HS256","kid":"ec"}"#, &good, public.as_bytes()),
            BAD,
        ),
        (
            "an empty secret",
            hmac(r#"{"alg":"HS256"}"#, &good, b""),
            BAD,
        ),
        ("HS384", hs(Algorithm::HS384), BAD),
        ("HS512", hs(Algorithm::HS512), BAD),
        (
            "hs256",
            hmac(r#"{"alg":"hs256"}"#, &good, Stack::secret().as_bytes()),
            BAD,
        ),
        (
            "an algorithm that nobody has",
            headed(r#"{"alg":"XX256","kid":"ed"}"#),
            BAD,
        ),
        ("no algorithm", headed(r#"{"kid":"ed"}"#), BAD),
        (
            "an algorithm that is a list",
            headed(r#"{"alg":["EdDSA"],"kid":"ed"}"#),
            BAD,
        ),
        (
            "RS256 over a key of EdDSA",
            headed(r#"{"alg":"RS256","kid":"ed"}"#),
            BAD,
        ),
        (
            "ES256 over a key of EdDSA",
            headed(r#"{"alg":"ES256","kid":"ed"}"#),
            BAD,
        ),
        (
            "EdDSA over a key of ES256",
            sign(Some("ec"), Algorithm::EdDSA, &ed, &claims()),
            BAD,
        ),
        ("ES384", headed(r#"{"alg":"ES384","kid":"ec"}"#), BAD),
        // Keys.
        (
            "no key named",
            sign(None, Algorithm::EdDSA, &ed, &claims()),
            BAD,
        ),
        (
            "a key without a name",
            sign(Some(""), Algorithm::EdDSA, &ed, &claims()),
            BAD,
        ),
        (
            "an unknown key",
            sign(Some("gone"), Algorithm::EdDSA, &ed, &claims()),
            BAD,
        ),
        (
            "another key under a known name",
            sign(Some("ed"), Algorithm::EdDSA, &foreign, &claims()),
            BAD,
        ),
        (
            "the other known key",
            sign(Some("ed"), Algorithm::ES256, &ec, &claims()),
            BAD,
        ),
        (
            "a file for a key",
            headed(r#"{"alg":"EdDSA","kid":"../../../../dev/null"}"#),
            BAD,
        ),
        (
            "a query for a key",
            headed(r#"{"alg":"EdDSA","kid":"' OR 1=1 --"}"#),
            BAD,
        ),
        (
            "a list for a key",
            headed(r#"{"alg":"EdDSA","kid":["ed"]}"#),
            BAD,
        ),
        (
            "a key of its own",
            headed(&format!(r#"{{"alg":"EdDSA","jwk":{attacker}}}"#)),
            BAD,
        ),
        (
            "a key elsewhere",
            headed(r#"{"alg":"EdDSA","kid":"mine","jku":"http://127.0.0.1:9/jwks"}"#),
            BAD,
        ),
        (
            "a certificate elsewhere",
            headed(r#"{"alg":"EdDSA","x5u":"http://127.0.0.1:9/cert"}"#),
            BAD,
        ),
        (
            "what must be understood and is not",
            headed(r#"{"alg":"EdDSA","kid":"ed","crit":["x-of-theirs"],"x-of-theirs":1}"#),
            BAD,
        ),
        (
            "an unencoded payload",
            headed(r#"{"alg":"EdDSA","kid":"ed","crit":["b64"],"b64":false}"#),
            BAD,
        ),
        // Claims.
        ("no subject", without("sub"), BAD),
        ("an empty subject", with("sub", json!("")), BAD),
        (
            "an overlong subject",
            with("sub", json!("x".repeat(129))),
            BAD,
        ),
        ("a subject that is a number", with("sub", json!(7)), BAD),
        ("a subject that is a list", with("sub", json!(["ada"])), BAD),
        (
            "a subject that breaks out of keys",
            with("sub", json!("ada}:meta")),
            BAD,
        ),
        ("a subject of look-alikes", with("sub", json!("аda")), BAD),
        (
            "a subject with a line break",
            with("sub", json!("ada\nadmin")),
            BAD,
        ),
        ("no issuer", without("iss"), BAD),
        (
            "another issuer",
            with("iss", json!("https://evil.example.org")),
            BAD,
        ),
        (
            "an issuer with a tail",
            with("iss", json!("https://login.example.org.evil.org")),
            BAD,
        ),
        ("an empty issuer", with("iss", json!("")), BAD),
        ("no audience", without("aud"), BAD),
        ("another audience", with("aud", json!("billing")), BAD),
        ("no audience in a list", with("aud", json!([])), BAD),
        (
            "other audiences in a list",
            with("aud", json!(["billing", "Convene"])),
            BAD,
        ),
        (
            "an audience that is an object",
            with("aud", json!({ "convene": true })),
            BAD,
        ),
        ("a role that nobody has", with("role", json!("root")), BAD),
        ("two roles", with("role", json!(["user", "admin"])), BAD),
        ("a name that is a number", with("name", json!(7)), BAD),
        // Clocks.
        ("expired", with("exp", json!(now - 60)), OVER),
        ("expired long ago", with("exp", json!(0)), OVER),
        ("no expiry", without("exp"), BAD),
        ("an expiry that is null", expiring("null"), BAD),
        (
            "an expiry in words",
            with("exp", json!((now + 600).to_string())),
            BAD,
        ),
        ("an expiry beyond all numbers", expiring("1e400"), BAD),
        (
            "an expiry beyond 64 bits",
            expiring("18446744073709551616"),
            BAD,
        ),
        ("an expiry before all time", expiring("-1"), BAD),
        ("not good yet", with("nbf", json!(now + 300)), BAD),
        ("good in words", with("nbf", json!("tomorrow")), BAD),
        ("issued in words", with("iat", json!("yesterday")), BAD),
        // Structure.
        ("nothing", String::new(), BAD),
        ("one part", parts[0].to_owned(), BAD),
        ("two parts", format!("{}.{}", parts[0], parts[1]), BAD),
        ("four parts", format!("{whole}.{}", parts[2]), BAD),
        (
            "five parts, as if encrypted",
            format!("{whole}.{}.{}", parts[1], parts[2]),
            BAD,
        ),
        ("dots alone", "..".to_owned(), BAD),
        ("no signature", format!("{}.{}.", parts[0], parts[1]), BAD),
        (
            "half a signature",
            whole[..whole.len() - 40].to_owned(),
            BAD,
        ),
        (
            "another's claims",
            format!(
                "{}.{}.{}",
                parts[0],
                part(&json!({"sub": "root"}).to_string()),
                parts[2]
            ),
            BAD,
        ),
        (
            "padded",
            format!("{}=.{}.{}", parts[0], parts[1], parts[2]),
            BAD,
        ),
        (
            "of the other alphabet",
            format!("{}.{}+/.{}", parts[0], parts[1], parts[2]),
            BAD,
        ),
        (
            "claims twice",
            said(&good.replacen('{', r#"{"sub":"root","#, 1)),
            BAD,
        ),
        ("claims that go on", said(&format!("{good}{good}")), BAD),
        ("claims that are a list", said(&format!("[{good}]")), BAD),
        (
            "claims in another encoding",
            {
                let claims = URL_SAFE_NO_PAD.encode([0xff, 0xfe, b'{', 0, b'}', 0]);
                format!("{}.{claims}.{}", parts[0], parts[2])
            },
            BAD,
        ),
        (
            "a deep header",
            headed(&format!(
                r#"{{"alg":"EdDSA","kid":"ed","x":{}{}}}"#,
                "[".repeat(900),
                "]".repeat(900)
            )),
            BAD,
        ),
        (
            "a huge header",
            headed(&format!(
                r#"{{"alg":"EdDSA","kid":"ed","x":"{}"}}"#,
                "x".repeat(9000)
            )),
            BAD,
        ),
        (
            "an invitation's audience",
            with("aud", json!("convene:invitation")),
            BAD,
        ),
    ];
    forms.push((
        "our own secret, and not for us",
        {
            let key = EncodingKey::from_secret(Stack::secret().as_bytes());
            encode(
                &Header::new(Algorithm::HS256),
                &json!({ "sub": "ada", "exp": now + 600 }),
                &key,
            )
            .unwrap()
        },
        BAD,
    ));
    forms
}
