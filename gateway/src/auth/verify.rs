//! Checks tokens. The algorithms are pinned by the kind of key, never chosen by the token.

use std::sync::Arc;

use convene_proto::error::ErrorCode;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, errors::ErrorKind};

use super::{Caller, Options, Signed, jwks::Jwks, revocations::Revocations, tidy_name};
use crate::error::{Refusal, Result};

/// Clocks may differ by this many seconds.
const LEEWAY: u64 = 5;
/// A token longer than this many bytes is refused unread.
const TOKEN_BYTES: usize = 8 * 1024;

/// Checks tokens. Clones share the keys.
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

struct Inner {
    options: Options,
    secret: Option<DecodingKey>,
    jwks: Option<Jwks>,
    revocations: Revocations,
}

impl Auth {
    /// # Errors
    /// Where the HTTP client that fetches keys cannot be made.
    pub fn new(options: Options) -> std::result::Result<Self, reqwest::Error> {
        let secret = (!options.secret.is_empty())
            .then(|| DecodingKey::from_secret(options.secret.as_bytes()));
        let url = options.jwks_url.clone();
        let jwks = url.map(|url| Jwks::new(url, &options)).transpose()?;
        Ok(Self(Arc::new(Inner {
            options,
            secret,
            jwks,
            revocations: Revocations::new(),
        })))
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    pub(crate) fn revocations(&self) -> &Revocations {
        &self.0.revocations
    }

    /// Keeps the issuer's keys fresh, where there is an issuer.
    pub(crate) async fn refresh_forever(&self) {
        if let Some(jwks) = &self.0.jwks {
            jwks.refresh_forever().await;
        }
    }

    /// Who holds this token.
    pub(crate) async fn verify(&self, token: &str) -> Result<Caller> {
        if token.len() > TOKEN_BYTES {
            return Err(refuse("the token is too long"));
        }
        let header = decode_header(token).map_err(|_| refuse("the token is not a JWT"))?;
        if header.crit.is_some() {
            return Err(refuse(
                "the token has extensions that must be understood (`crit`), and none is",
            ));
        }
        let signed = match header.alg {
            Algorithm::HS256 => {
                let key = self.0.secret.as_ref().ok_or_else(|| {
                    refuse("tokens signed with a shared secret are not taken here")
                })?;
                self.check(token, key, Algorithm::HS256)?
            }
            alg @ (Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA) => {
                let jwks =
                    self.0.jwks.as_ref().ok_or_else(|| {
                        refuse("tokens signed with a public key are not taken here")
                    })?;
                let kid = header
                    .kid
                    .ok_or_else(|| refuse("the token names no key (`kid`)"))?;
                let key = jwks.key(&kid, alg).await?;
                self.check(token, &key, alg)?
            }
            _ => return Err(refuse("the token's algorithm is not taken here")),
        };
        let issued_at = signed.issued_at();
        let Signed {
            claims, guest, jti, ..
        } = signed;
        let is_guest = guest && header.alg == Algorithm::HS256;
        if is_guest && !self.0.options.guests {
            return Err(refuse("guests are not let in here: log in with a token"));
        }
        let name = claims
            .name
            .as_deref()
            .and_then(tidy_name)
            .unwrap_or_else(|| claims.sub.to_string());
        let caller = Caller {
            id: claims.sub,
            name,
            account: claims.role,
            is_guest,
            issued_at,
            expires_at: claims.exp,
            token: jti.and_then(|jti| jti.parse().ok()),
        };
        self.revocations().all_known().await?;
        if self.revocations().has(&caller) {
            let why = "the token was revoked: get a fresh one";
            return Err(Refusal::new(ErrorCode::TokenExpired, why));
        }
        Ok(caller)
    }

    fn check(&self, token: &str, key: &DecodingKey, alg: Algorithm) -> Result<Signed> {
        let mut validation = Validation::new(alg);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "sub"]);
        if let Some(issuer) = &self.0.options.issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".to_owned());
        }
        match &self.0.options.audience {
            Some(audience) => {
                validation.set_audience(&[audience]);
                validation.required_spec_claims.insert("aud".to_owned());
            }
            None => validation.validate_aud = false,
        }
        let signed = decode::<Signed>(token, key, &validation)
            .map(|data| data.claims)
            .map_err(|error| match error.kind() {
                ErrorKind::ExpiredSignature => {
                    Refusal::new(ErrorCode::TokenExpired, "the token has expired; get a fresh one")
                }
                ErrorKind::InvalidSignature => refuse("the token's signature is wrong"),
                ErrorKind::InvalidIssuer => refuse("the token's issuer (`iss`) is not taken here"),
                ErrorKind::InvalidAudience => refuse("the token is for somebody else (`aud`)"),
                ErrorKind::ImmatureSignature => refuse("the token is not good yet (`nbf`)"),
                ErrorKind::MissingRequiredClaim(_) => {
                    refuse("the token lacks a claim: it needs exp and sub, and iss and aud where configured")
                }
                _ => refuse("the token cannot be read"),
            })?;
        // Invitations are signed with the same secret, and are no tokens.
        if signed
            .claims
            .aud
            .as_ref()
            .is_some_and(|aud| *aud == super::issue::INVITATION_AUDIENCE)
        {
            return Err(refuse("an invitation is not a token"));
        }
        Ok(signed)
    }
}

fn refuse(why: &str) -> Refusal {
    Refusal::new(ErrorCode::Unauthenticated, why)
}

#[cfg(test)]
mod tests {
    use super::{super::guest, *};

    #[tokio::test]
    async fn guests_are_let_in_only_where_they_still_are() {
        let options = |guests| Options {
            secret: "0123456789abcdef0123456789abcdef".into(),
            guests,
            ..Options::default()
        };
        let (_, token) = guest(&options(true), "Ada".into()).unwrap();
        let open = Auth::new(options(true)).unwrap();
        open.revocations().know_all();
        assert!(open.verify(&token).await.unwrap().is_guest);
        let closed = Auth::new(options(false)).unwrap();
        let refused = closed.verify(&token).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Unauthenticated);
    }
}
