//! Refusals: whatever went wrong, in the registry's codes, said the same way by every protocol.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use convene_proto::{convert::Invalid, error::ErrorCode, frame::Problem};

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
                Self::new(code, "something broke on our side; it has been logged")
            }
            ErrorCode::Unavailable => {
                tracing::debug!(%status, "the context service is away");
                Self::unavailable("the conversation store is away for a moment; try again")
            }
            _ => Self::new(code, status.message()),
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
        Self::new(
            ErrorCode::Internal,
            "something broke on our side; it has been logged",
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.code.http_status())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self.0)).into_response();
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
