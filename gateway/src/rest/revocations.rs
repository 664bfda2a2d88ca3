//! Taking tokens back before they expire.

use axum::{extract::State, http::StatusCode};
use convene_proto::{
    context::{self, RevokeRequest},
    id::{TokenId, UserId},
};
use convene_runtime::clock::now_ms;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::Body;
use crate::{
    auth::{Administrator, is_over},
    error::{Refusal, Result},
    gateway::Gateway,
};

/// Clocks may differ by this many seconds.
const LEEWAY: u64 = 5;

/// Either `token` or `user`. Times are in seconds since 1970 (UTC).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Revoked {
    /// The token's `jti`.
    #[schema(value_type = Option<String>)]
    token: Option<TokenId>,
    /// Whose tokens: their `sub`.
    #[schema(value_type = Option<String>)]
    user: Option<UserId>,
    /// With `token`: when it expires, so that it need not be remembered longer; one that has expired is
    /// refused. Absent: it is remembered for good.
    expires_at: Option<u64>,
    /// With `user`: tokens that were issued at that time or before, and those that do not say when
    /// (`iat`). Absent: now.
    issued_until: Option<u64>,
}

impl Revoked {
    fn read(self, now: u64) -> Result<context::Revocation> {
        match self {
            Self {
                token: Some(token),
                user: None,
                expires_at,
                issued_until: None,
            } => {
                if expires_at.is_some_and(|expires_at| is_over(expires_at, now)) {
                    return Err(Refusal::bad_request(
                        "expires_at has passed: a token that has expired is good nowhere, and need not be revoked",
                    ));
                }
                Ok(context::Revocation {
                    token: token.to_string(),
                    user: String::new(),
                    until: expires_at.unwrap_or(0),
                })
            }
            Self {
                token: None,
                user: Some(user),
                expires_at: None,
                issued_until,
            } => {
                let until = issued_until.unwrap_or(now);
                if until > now + LEEWAY {
                    return Err(Refusal::bad_request(
                        "issued_until lies ahead: tokens that are yet to be issued are for their issuer to refuse",
                    ));
                }
                Ok(context::Revocation {
                    token: String::new(),
                    user: user.to_string(),
                    until,
                })
            }
            _ => Err(Refusal::bad_request(
                "give either token, with expires_at or without, or user, with issued_until or without",
            )),
        }
    }
}

/// Has tokens be good no longer. Their sockets and event streams are closed within a second, on
/// every gateway. For administrators.
#[utoipa::path(post, path = "/v1/revocations", tag = "operations", request_body = Revoked,
    responses((status = 204), Refusal))]
pub(super) async fn revoke(
    State(gateway): State<Gateway>,
    _: Administrator,
    Body(revoked): Body<Revoked>,
) -> Result<StatusCode> {
    let revocation = revoked.read(now_ms() / 1000)?;
    let request = RevokeRequest {
        revocation: Some(revocation.clone()),
    };
    gateway.context().revoke(request).await?;
    tracing::info!(
        token = revocation.token,
        user = revocation.user,
        until = revocation.until,
        "revoked"
    );
    gateway.auth().revocations().learn(&[revocation])?;
    Ok(StatusCode::NO_CONTENT)
}
