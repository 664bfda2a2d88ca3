//! Which pages may speak for the people who have them open.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, Method, header};
use convene_proto::error::ErrorCode;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::{
    error::{Refusal, Result},
    gateway::Gateway,
    options::Options,
};

/// For so long a browser need not ask again.
const PREFLIGHT_LASTS: Duration = Duration::from_secs(600);

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
    if own || allowed(&gateway.options().origins, origin) {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::Forbidden,
        format!("pages of {origin:?} may not connect: add it to gateway.origins"),
    ))
}

fn allowed(origins: &[String], origin: &str) -> bool {
    origins
        .iter()
        .any(|allowed| allowed.eq_ignore_ascii_case(origin))
}

/// Lets pages of `gateway.origins` call what a token in a header opens. Cookies stay at home: such
/// a page has a token of its own.
pub(crate) fn cors(options: &Options) -> CorsLayer {
    let origins = options.origins.clone();
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| {
            allowed(&origins, origin.to_str().unwrap_or_default())
        }))
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("traceparent"),
            HeaderName::from_static("tracestate"),
        ])
        .expose_headers([header::RETRY_AFTER])
        .max_age(PREFLIGHT_LASTS)
}
