//! Who is calling: tokens, the keys that they are checked with, and tokens that we issue.

mod extract;
mod issue;
mod jwks;
mod revocations;
mod standing;
mod verify;

use std::fmt;

use convene_proto::id::{ParticipantId, TokenId, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use self::standing::{Holder, linger};
pub(crate) use self::{
    extract::{Administrator, bearer},
    issue::{Invitation, guest, invitation, read_invitation, renewed_guest, void_invitation},
    revocations::is_over,
};
pub use self::{issue::sign, verify::Auth};
use crate::words::one_line;

/// The fewest bytes of a secret that signs tokens.
pub const SECRET_BYTES: usize = 32;

/// Settings of authentication.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The HS256 secret, of 32 bytes or more: checks tokens, and signs guests' and invitations.
    pub secret: String,
    /// Where the issuer publishes its keys; then RS256, ES256 and EdDSA tokens are taken too.
    pub jwks_url: Option<String>,
    /// Seconds after which its keys are fetched again: how long a withdrawn one is still trusted.
    pub jwks_refresh_seconds: u64,
    /// Seconds beyond that for which known keys serve on while the issuer is away.
    pub jwks_grace_seconds: u64,
    /// Milliseconds between readings of which tokens were revoked.
    pub revocations_ms: u64,
    /// The `iss` that tokens must have, if any.
    pub issuer: Option<String>,
    /// The `aud` that tokens must have, if any. An issuer has others to give tokens for, so that
    /// `jwks_url` needs it.
    pub audience: Option<String>,
    /// Whether anybody may come in under a name of their choice.
    pub guests: bool,
    /// Hours that a guest's token is good for.
    pub guest_hours: u32,
    /// Hours that an invitation is good for.
    pub invitation_hours: u32,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("jwks_url", &self.jwks_url)
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("guests", &self.guests)
            .finish_non_exhaustive()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            secret: String::new(),
            jwks_url: None,
            jwks_refresh_seconds: 300,
            jwks_grace_seconds: 3600,
            revocations_ms: 300,
            issuer: None,
            audience: None,
            guests: false,
            guest_hours: 24 * 7,
            invitation_hours: 24 * 7,
        }
    }
}

impl Options {
    /// What is wrong with these settings: each fault with its key and a remedy.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.secret.is_empty() && self.jwks_url.is_none() {
            faults.push("auth.secret and auth.jwks_url are both missing: nobody could come in; set one of them".into());
        }
        if !self.secret.is_empty() && self.secret.len() < SECRET_BYTES {
            faults.push(
                "auth.secret is shorter than 32 bytes: make one with `openssl rand -hex 32`".into(),
            );
        }
        if self.guests && self.secret.is_empty() {
            faults.push("auth.guests needs auth.secret, to sign guests' tokens".into());
        }
        if let Some(url) = &self.jwks_url
            && !(url.starts_with("https://") || url.starts_with("http://"))
        {
            faults.push(format!("auth.jwks_url {url:?} must begin with https://"));
        }
        if self.jwks_url.is_some() && self.audience.as_deref().is_none_or(str::is_empty) {
            faults.push(
                "auth.jwks_url needs auth.audience: without it, a token that the issuer gave for any other service \
                 would be good here; set what it writes into `aud` for this one"
                    .into(),
            );
        }
        if self.jwks_refresh_seconds == 0 {
            faults.push("auth.jwks_refresh_seconds must be 1 or more".into());
        }
        if self.revocations_ms == 0 {
            faults.push("auth.revocations_ms must be 1 or more".into());
        }
        if self.guest_hours == 0 || self.invitation_hours == 0 {
            faults.push("auth.guest_hours and auth.invitation_hours must be 1 or more".into());
        }
        faults
    }
}

/// What an account may do, beyond what it may in conversations of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    #[default]
    User,
    /// Staff: may join any conversation.
    Operator,
    Admin,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub sub: UserId,
    /// Seconds since 1970 (UTC).
    pub exp: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default)]
    pub role: Account,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aud: Option<serde_json::Value>,
}

/// What a token says, whether it is one that we gave to a guest, and what it can be revoked by.
#[derive(Serialize, Deserialize)]
struct Signed {
    #[serde(flatten)]
    claims: Claims,
    #[serde(default)]
    guest: bool,
    /// Seconds since 1970 (UTC); some issuers write fractions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iat: Option<serde_json::Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
}

impl Signed {
    /// A token of our own.
    fn new(claims: Claims, guest: bool, issued_at: u64) -> Self {
        Self {
            claims,
            guest,
            iat: Some(issued_at.into()),
            jti: Some(Uuid::new_v4().simple().to_string()),
        }
    }

    /// 0 where it does not say.
    fn issued_at(&self) -> u64 {
        let whole = |iat: &serde_json::Number| {
            iat.as_u64().or_else(|| {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a fraction of a second, or a time before 1970, counts for nothing"
                )]
                iat.as_f64().map(|seconds| seconds as u64)
            })
        };
        self.iat.as_ref().and_then(whole).unwrap_or(0)
    }
}

/// Somebody whose token was good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) id: UserId,
    pub(crate) name: String,
    pub(crate) account: Account,
    /// Came in under a name alone.
    pub(crate) is_guest: bool,
    /// Seconds since 1970 (UTC), as is the next; 0: their token does not say.
    pub(crate) issued_at: u64,
    pub(crate) expires_at: u64,
    /// By which their token can be revoked.
    pub(crate) token: Option<TokenId>,
}

impl Caller {
    pub(crate) fn participant(&self) -> ParticipantId {
        ParticipantId::User(self.id.clone())
    }

    pub(crate) fn is_staff(&self) -> bool {
        matches!(self.account, Account::Operator | Account::Admin)
    }
}

/// Longest name that is shown, in characters.
const NAME_CHARS: usize = 60;

/// A name fit to be shown: one line, trimmed, bounded. `None` where nothing is left.
pub(crate) fn tidy_name(name: &str) -> Option<String> {
    let tidy: String = one_line(name).chars().take(NAME_CHARS).collect();
    (!tidy.is_empty()).then_some(tidy)
}
