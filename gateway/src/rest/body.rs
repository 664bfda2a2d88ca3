//! Extractors that refuse in the registry's words.

use std::{error::Error as _, time::Duration};

use axum::{
    extract::{FromRequest, FromRequestParts, Request, rejection::JsonRejection},
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
            "the body is not what this operation takes (GET /v1/openapi.json has it): {found}"
        ),
        JsonRejection::JsonSyntaxError(_) => format!("the body is no JSON: {found}"),
        JsonRejection::MissingJsonContentType(_) => {
            "the body must be JSON, and say so: content-type: application/json".into()
        }
        _ => error.body_text(),
    }
}

/// Parts of the path.
pub(crate) struct Path<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(|error| Refusal::bad_request(error.body_text()))
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
            .map_err(|error| Refusal::bad_request(error.body_text()))
    }
}
