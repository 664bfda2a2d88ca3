//! Extractors that refuse in the registry's words.

use std::{error::Error as _, time::Duration};

use axum::{
    extract::{
        FromRequest, FromRequestParts, Request,
        path::ErrorKind,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::request::Parts,
};
use convene_proto::error::ErrorCode;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::error::Refusal;

/// A client that has not sent a request's body by then is refused.
const BODY_DEADLINE: Duration = Duration::from_secs(10);

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let reading = axum::Json::<T>::from_request(request, state);
        let read = timeout(BODY_DEADLINE, reading).await.map_err(|_| {
            Refusal::bad_request(format!("the body did not come within {BODY_DEADLINE:?}"))
        })?;
        match read {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(JsonRejection::BytesRejection(error)) if error.status() == 413 => {
                Err(Refusal::new(
                    ErrorCode::TooLarge,
                    "the body is larger than gateway.max_frame_bytes",
                ))
            }
            Err(error) => Err(Refusal::bad_request(unread(&error))),
        }
    }
}

/// What is wrong with a body, in words for whoever wrote the client.
fn unread(error: &JsonRejection) -> String {
    let found = error
        .source()
        .map_or_else(|| error.body_text(), ToString::to_string);
    match error {
        JsonRejection::JsonDataError(_) => format!(
            "the body is not what this operation takes (GET /v1/openapi.json has it): {}",
            told(&found)
        ),
        JsonRejection::JsonSyntaxError(_) => format!("the body is no JSON: {found}"),
        JsonRejection::MissingJsonContentType(_) => {
            "the body must be JSON, and say so: content-type: application/json".into()
        }
        _ => error.body_text(),
    }
}

/// serde's words without our names for what is wanted.
fn told(found: &str) -> String {
    let Some((before, behind)) = found.split_once(", expected struct ") else {
        return found.to_owned();
    };
    let place = behind.find(" at line ").and_then(|at| behind.get(at..));
    let at = before.find("invalid ").unwrap_or(before.len());
    let (path, what) = before.split_at(at);
    // A list is taken for the fields in their order.
    let what = match what.starts_with("invalid length") {
        true => "invalid type: a list",
        false => what,
    };
    format!(
        "{path}{what}, expected a JSON object{}",
        place.unwrap_or_default()
    )
}

/// Parts of the path.
pub(crate) struct Path<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(|error| Refusal::bad_request(lost_way(&error)))
    }
}

/// What is wrong with a path, in words for whoever wrote the client.
fn lost_way(error: &PathRejection) -> String {
    let PathRejection::FailedToDeserializePathParams(error) = error else {
        return error.body_text();
    };
    match error.kind() {
        ErrorKind::DeserializeError { key, message, .. } => {
            format!("`{key}` in the path cannot be what it is: {message}")
        }
        ErrorKind::ParseErrorAtKey { key, .. } | ErrorKind::InvalidUtf8InPathParam { key } => {
            format!("`{key}` in the path cannot be read")
        }
        kind => format!("the path cannot be what it is: {kind}"),
    }
}

/// The query.
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        axum::extract::Query::<T>::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|error| Refusal::bad_request(unasked(&error)))
    }
}

/// What is wrong with a query: which parameter, and what it takes.
fn unasked(error: &QueryRejection) -> String {
    let found = error
        .source()
        .map_or_else(|| error.body_text(), ToString::to_string);
    let (parameter, found) = match found.split_once(": ") {
        Some((parameter, found)) => (format!("`{parameter}` in the query"), found.to_owned()),
        None => ("the query".to_owned(), found),
    };
    let wanted = match found.as_str() {
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            "takes a whole number, 0 or above".to_owned()
        }
        "number too large to fit in target type" => "is too large a number".to_owned(),
        "provided string was not `true` or `false`" => "is `true` or `false`".to_owned(),
        _ => format!("cannot be what it is: {found}"),
    };
    format!("{parameter} {wanted} (GET /v1/openapi.json has what this operation takes)")
}
