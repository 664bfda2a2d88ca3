//! Tokens and invitations that we sign ourselves.

use convene_proto::{
    error::ErrorCode,
    id::{ConversationId, UserId},
    position::{Epoch, Seq},
};
use convene_runtime::clock::now_ms;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Account, Caller, Claims, Options, Signed};
use crate::error::{Refusal, Result};

pub(super) const INVITATION_AUDIENCE: &str = "convene:invitation";

/// Signs a token with the shared secret, issued now and under an id of its own, by which it can be
/// revoked.
///
/// # Errors
/// Where the claims cannot be encoded.
pub fn sign(
    secret: &str,
    claims: &Claims,
) -> std::result::Result<String, jsonwebtoken::errors::Error> {
    encode(
        &Header::new(Algorithm::HS256),
        &Signed::new(claims.clone(), false, now_s()),
        &EncodingKey::from_secret(secret.as_bytes()),
    )
}

/// A token for somebody who came in under a name alone.
pub(crate) fn guest(options: &Options, name: String) -> Result<(Claims, String)> {
    let id = format!("guest-{}", Uuid::new_v4().simple());
    let sub = UserId::new(id).map_err(|_| broken())?;
    sign_guest(options, sub, name, now_s())
}

/// A fresh token for a guest whose token is still good. It is as old as the first one, so that it falls
/// with it: the revocation may not have come here yet.
pub(crate) fn renewed_guest(options: &Options, guest: Caller) -> Result<(Claims, String)> {
    if !guest.is_guest {
        return Err(Refusal::new(
            ErrorCode::Forbidden,
            "only guests get a fresh token here: get one where this one came from",
        ));
    }
    sign_guest(options, guest.id, guest.name, guest.issued_at)
}

fn sign_guest(
    options: &Options,
    sub: UserId,
    name: String,
    issued_at: u64,
) -> Result<(Claims, String)> {
    if !options.guests {
        return Err(Refusal::new(
            ErrorCode::Forbidden,
            "guests are not let in here: log in with a token",
        ));
    }
    let claims = Claims {
        sub,
        exp: in_hours(options.guest_hours),
        name: Some(name),
        role: Account::User,
        iss: options.issuer.clone(),
        aud: options.audience.clone().map(Into::into),
    };
    let signed = Signed::new(claims.clone(), true, issued_at);
    let key = EncodingKey::from_secret(options.secret.as_bytes());
    let token = encode(&Header::new(Algorithm::HS256), &signed, &key).map_err(|_| broken())?;
    Ok((claims, token))
}

/// A bearer's right to join one conversation. It is void once somebody was removed from there
/// after the event `head`; and where the log is another by now, whose numbers say nothing of that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Invitation {
    pub(crate) conversation: ConversationId,
    pub(crate) epoch: Epoch,
    /// The log's last event when it was made.
    pub(crate) head: Seq,
    /// What whoever made it was called then.
    pub(crate) by: String,
    pub(crate) exp: u64,
    aud: String,
}

pub(crate) fn invitation(
    options: &Options,
    conversation: ConversationId,
    (epoch, head): (Epoch, Seq),
    by: String,
) -> Result<(Invitation, String)> {
    let invitation = Invitation {
        conversation,
        epoch,
        head,
        by,
        exp: in_hours(options.invitation_hours),
        aud: INVITATION_AUDIENCE.to_owned(),
    };
    let key = EncodingKey::from_secret(secret(options)?.as_bytes());
    let text = encode(&Header::new(Algorithm::HS256), &invitation, &key).map_err(|_| broken())?;
    Ok((invitation, text))
}

pub(crate) fn read_invitation(options: &Options, text: &str) -> Result<Invitation> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&[INVITATION_AUDIENCE]);
    let key = DecodingKey::from_secret(secret(options)?.as_bytes());
    decode(text, &key, &validation)
        .map(|data| data.claims)
        .map_err(|_| void_invitation())
}

pub(crate) fn void_invitation() -> Refusal {
    Refusal::new(
        ErrorCode::Forbidden,
        "the invitation is not good any more; ask for another",
    )
}

fn secret(options: &Options) -> Result<&str> {
    if options.secret.is_empty() {
        return Err(Refusal::new(
            ErrorCode::Forbidden,
            "invitations are switched off here: they need auth.secret",
        ));
    }
    Ok(&options.secret)
}

fn now_s() -> u64 {
    now_ms() / 1000
}

fn in_hours(hours: u32) -> u64 {
    now_s() + u64::from(hours) * 3600
}

fn broken() -> Refusal {
    Refusal::new(ErrorCode::Internal, "the token could not be signed")
}
