//! Who one is.

use axum::{Json, extract::State};
use convene_proto::id::ParticipantId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use crate::{
    auth::{self, Account, Caller, Claims},
    client_address::ClientAddress,
    error::{Refusal, Result},
    gateway::Gateway,
    limits::Budget,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewGuest {
    /// What to call them on screen.
    name: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Guest {
    token: String,
    #[schema(value_type = String)]
    participant: ParticipantId,
    name: String,
    /// Seconds since 1970 (UTC).
    expires_at: u64,
}

impl Guest {
    fn of((claims, token): (Claims, String)) -> Self {
        Self {
            token,
            name: claims.name.unwrap_or_default(),
            participant: ParticipantId::User(claims.sub),
            expires_at: claims.exp,
        }
    }
}

/// A token for somebody who comes in under a name alone, where guests are let in.
#[utoipa::path(post, path = "/v1/auth/guest", tag = "people", request_body = NewGuest,
    responses((status = 200, body = Guest), Refusal))]
pub(super) async fn guest(
    State(gateway): State<Gateway>,
    ClientAddress(address): ClientAddress,
    Body(new): Body<NewGuest>,
) -> Result<Json<Guest>> {
    gateway.limits().check_stranger(address)?;
    let name = auth::tidy_name(&new.name)
        .ok_or_else(|| Refusal::bad_request("name must say something"))?;
    let issued = auth::guest(gateway.auth().options(), name)?;
    Ok(Json(Guest::of(issued)))
}

/// A fresh token for a guest whose token is still good: they stay who they are.
#[utoipa::path(post, path = "/v1/auth/renew", tag = "people", operation_id = "renew_guest",
    responses((status = 200, body = Guest), Refusal))]
pub(super) async fn renew(State(gateway): State<Gateway>, caller: Caller) -> Result<Json<Guest>> {
    gateway.limits().check(&caller.id, Budget::Creation)?;
    let issued = auth::renewed_guest(gateway.auth().options(), caller)?;
    Ok(Json(Guest::of(issued)))
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    #[schema(value_type = String)]
    participant: ParticipantId,
    name: String,
    role: Account,
    /// Seconds since 1970 (UTC).
    expires_at: u64,
}

/// Who the token says that one is.
#[utoipa::path(get, path = "/v1/me", tag = "people",
    responses((status = 200, body = Me), Refusal))]
pub(super) async fn me(caller: Caller) -> Json<Me> {
    Json(Me {
        participant: caller.participant(),
        name: caller.name,
        role: caller.account,
        expires_at: caller.expires_at,
    })
}
