//! Finds the token in a request, and the caller behind it.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use convene_proto::error::ErrorCode;

use super::{Account, Caller};
use crate::{
    connection::Pulse,
    error::{Refusal, Result},
    gateway::Gateway,
    limits::Budget,
    origin,
};

/// The cookie in which a token may come.
const COOKIE: &str = "convene_token";

/// The token of a request, and whether a browser sent it on its own account (a cookie).
pub(crate) fn bearer(headers: &HeaderMap) -> Option<(&str, bool)> {
    let header = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| (token.trim(), false));
    header.or_else(|| cookie(headers).map(|token| (token, true)))
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, token)| token)
}

impl FromRequestParts<Gateway> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self> {
        let (token, from_cookie) = bearer(&parts.headers).ok_or_else(|| {
            Refusal::new(
                ErrorCode::Unauthenticated,
                "no token: send `Authorization: Bearer <token>`",
            )
        })?;
        // A foreign page can make a browser send its cookies, but cannot hide where it is from.
        if from_cookie && !parts.method.is_safe() {
            origin::check(gateway, &parts.headers)?;
        }
        let caller = gateway.auth().verify(token).await?;
        if let Some(pulse) = parts.extensions.get::<Arc<Pulse>>() {
            pulse.is_known();
        }
        gateway.limits().check(&caller.id, Budget::Request)?;
        Ok(caller)
    }
}

/// A caller who looks after all of Convene.
pub(crate) struct Administrator;

impl FromRequestParts<Gateway> for Administrator {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self> {
        let caller = Caller::from_request_parts(parts, gateway).await?;
        if caller.account != Account::Admin {
            let why = "only administrators may do this";
            return Err(Refusal::new(ErrorCode::Forbidden, why));
        }
        Ok(Self)
    }
}
