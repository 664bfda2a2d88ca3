//! Refusals: whatever went wrong, in the registry's codes, said the same way by every protocol.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use convene_proto::{
    convert::Invalid,
    error::{self, ErrorCode},
    frame::Problem,
};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};

/// Why a request was refused. Becomes an error frame or an HTTP answer.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}: {}", .0.code.as_str(), .0.message)]
pub(crate) struct Refusal(pub(crate) Problem);

/// Result of anything that a client asked for.
pub(crate) type Result<T> = std::result::Result<T, Refusal>;

impl Refusal {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(Problem::new(code, message))
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadRequest, message)
    }

    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Unavailable, message)
    }

    /// A defect of ours, of which clients need not know more.
    pub(crate) fn broken() -> Self {
        Self::new(
            ErrorCode::Internal,
            "something broke on our side; it has been logged",
        )
    }

    pub(crate) fn code(&self) -> ErrorCode {
        self.0.code
    }
}

impl From<tonic::Status> for Refusal {
    fn from(status: tonic::Status) -> Self {
        let code = ErrorCode::of(&status);
        match code {
            ErrorCode::Internal => {
                tracing::error!(%status, "the context service failed");
                Self::broken()
            }
            ErrorCode::Unavailable => {
                tracing::debug!(%status, "the context service is away");
                Self::unavailable("the conversation store is away for a moment; try again")
            }
            _ => {
                let mut problem = Problem::new(code, status.message());
                problem.faults = error::faults(&status);
                Self(problem)
            }
        }
    }
}

impl From<convene_bus::Error> for Refusal {
    fn from(error: convene_bus::Error) -> Self {
        tracing::warn!(%error, "the message was stored, its doorbell was not confirmed");
        Self::unavailable(
            "the message is stored, but the agents' queue did not confirm; send it again with the same id",
        )
    }
}

impl From<Invalid> for Refusal {
    fn from(error: Invalid) -> Self {
        tracing::error!(%error, "the context service answered what cannot be read");
        Self::broken()
    }
}

/// Every endpoint may refuse, and does so in one form.
impl utoipa::IntoResponses for Refusal {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let because = |whose: &str| {
            let body = ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("Problem")))
                .build();
            ResponseBuilder::new()
                .description(whose)
                .content("application/json", body)
                .build()
                .into()
        };
        [
            ("4XX".to_owned(), because("Refused")),
            ("5XX".to_owned(), because("Something is away or broken")),
        ]
        .into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.code.http_status())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = self.code();
        let mut response = (status, Json(self.0)).into_response();
        // For whoever counts refusals.
        response.extensions_mut().insert(code);
        let extra = match status {
            StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "Bearer")),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                Some((header::RETRY_AFTER, "1"))
            }
            _ => None,
        };
        if let Some((name, value)) = extra {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        response
    }
}
