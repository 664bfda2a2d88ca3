//! Which pages may speak for the people who have them open.

use axum::http::{HeaderMap, header};
use convene_proto::error::ErrorCode;

use crate::{
    error::{Refusal, Result},
    gateway::Gateway,
};

/// Refuses a request that a foreign page made a browser send. No `Origin`: not from a page.
pub(crate) fn check(gateway: &Gateway, headers: &HeaderMap) -> Result<()> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or_default();
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let own = origin
        .split_once("://")
        .is_some_and(|(_, its)| its.eq_ignore_ascii_case(host));
    let allowed = gateway
        .options()
        .origins
        .iter()
        .any(|allowed| allowed.eq_ignore_ascii_case(origin));
    if own || allowed {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::Forbidden,
        format!("pages of {origin:?} may not connect: add it to gateway.origins"),
    ))
}
