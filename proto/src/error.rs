//! The registry of errors that clients can see: stable codes, and what each means to HTTP, gRPC
//! and the WebSocket.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::part::FieldFault;

/// A stable error code. Clients may match on it; the words beside it may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The request cannot be read: bad JSON, an unknown field, an id that breaks the rules.
    BadRequest,
    /// No token, or one that is forged, or of the wrong issuer or audience.
    Unauthenticated,
    /// The token was good once: it has expired, or was revoked. Get a fresh one.
    TokenExpired,
    /// The caller is known, and may not do this.
    Forbidden,
    /// No such thing, or none that the caller may know of.
    NotFound,
    /// The same id was used before for something else.
    Conflict,
    /// The conversation's turn policy refuses messages while a run is under way.
    Busy,
    /// Nothing is under way that could be cancelled.
    NothingToCancel,
    /// The only owner would leave other people behind: somebody else must be made one first.
    LastOwner,
    /// The message is for an agent that is not in the conversation.
    NoSuchParticipant,
    /// What was pressed is not offered, or not to the caller: it never was, or was taken back.
    NotOffered,
    /// Only one press counted, and somebody was first: the message says who.
    AlreadyPressed,
    /// The value is not what was asked for: of a form, `faults` says so field by field.
    InvalidValue,
    /// Larger than the limit that the message names.
    TooLarge,
    /// More requests than the caller's budget.
    RateLimited,
    /// A part that this needs is away; try again.
    Unavailable,
    /// The lease is no longer the caller's: stop writing at once. Only workers see it.
    Fenced,
    /// Text was written at another offset than where the log stands. Only workers see it.
    Gap,
    /// Somebody has stopped the run: it can only end as cancelled. Only workers see it.
    Cancelled,
    /// A defect on the server. It is logged there with the request's trace id.
    Internal,
}

impl ErrorCode {
    /// Every code, for documents and tests.
    pub const ALL: [Self; 20] = [
        Self::BadRequest,
        Self::Unauthenticated,
        Self::TokenExpired,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::Busy,
        Self::NothingToCancel,
        Self::LastOwner,
        Self::NoSuchParticipant,
        Self::NotOffered,
        Self::AlreadyPressed,
        Self::InvalidValue,
        Self::TooLarge,
        Self::RateLimited,
        Self::Unavailable,
        Self::Fenced,
        Self::Gap,
        Self::Cancelled,
        Self::Internal,
    ];

    /// The code as it is written on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Unauthenticated => "unauthenticated",
            Self::TokenExpired => "token_expired",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Busy => "busy",
            Self::NothingToCancel => "nothing_to_cancel",
            Self::LastOwner => "last_owner",
            Self::NoSuchParticipant => "no_such_participant",
            Self::NotOffered => "not_offered",
            Self::AlreadyPressed => "already_pressed",
            Self::InvalidValue => "invalid_value",
            Self::TooLarge => "too_large",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::Fenced => "fenced",
            Self::Gap => "gap",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
        }
    }

    /// The code that is written `text`, if there is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }

    /// The HTTP status that goes with it.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthenticated | Self::TokenExpired => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict
            | Self::Busy
            | Self::NothingToCancel
            | Self::LastOwner
            | Self::NoSuchParticipant
            | Self::NotOffered
            | Self::AlreadyPressed
            | Self::Fenced
            | Self::Gap
            | Self::Cancelled => 409,
            Self::InvalidValue => 422,
            Self::TooLarge => 413,
            Self::RateLimited => 429,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }

    /// Whether the same request may succeed later, unchanged.
    #[must_use]
    pub const fn retryable(self) -> bool {
        matches!(
            self,
            Self::Busy | Self::RateLimited | Self::Unavailable | Self::Internal
        )
    }

    fn grpc(self) -> tonic::Code {
        match self {
            Self::BadRequest | Self::TooLarge | Self::InvalidValue => tonic::Code::InvalidArgument,
            Self::Unauthenticated | Self::TokenExpired => tonic::Code::Unauthenticated,
            Self::Forbidden => tonic::Code::PermissionDenied,
            Self::NotFound => tonic::Code::NotFound,
            Self::Conflict => tonic::Code::AlreadyExists,
            Self::Busy
            | Self::NothingToCancel
            | Self::LastOwner
            | Self::NoSuchParticipant
            | Self::NotOffered
            | Self::AlreadyPressed => tonic::Code::FailedPrecondition,
            Self::Fenced | Self::Gap | Self::Cancelled => tonic::Code::Aborted,
            Self::RateLimited => tonic::Code::ResourceExhausted,
            Self::Unavailable => tonic::Code::Unavailable,
            Self::Internal => tonic::Code::Internal,
        }
    }

    /// This code as a gRPC status; [`ErrorCode::of`] reads it back.
    #[must_use]
    pub fn status(self, message: impl Into<String>) -> tonic::Status {
        self.status_with(message, &[])
    }

    /// The same with what is wrong with a form, which [`faults`] reads back.
    #[must_use]
    pub fn status_with(self, message: impl Into<String>, faults: &[FieldFault]) -> tonic::Status {
        let details = if faults.is_empty() {
            Vec::new()
        } else {
            serde_json::to_vec(faults).unwrap_or_default()
        };
        let mut status = tonic::Status::with_details(self.grpc(), message, details.into());
        if let Ok(value) = self.as_str().parse() {
            status.metadata_mut().insert(METADATA_KEY, value);
        }
        status
    }

    /// The code inside a gRPC status, whether our server made it or the transport did.
    #[must_use]
    pub fn of(status: &tonic::Status) -> Self {
        let named = status.metadata().get(METADATA_KEY);
        if let Some(code) = named.and_then(|value| Self::parse(value.to_str().ok()?)) {
            return code;
        }
        match status.code() {
            tonic::Code::Unavailable
            | tonic::Code::DeadlineExceeded
            | tonic::Code::Cancelled
            | tonic::Code::Unknown => Self::Unavailable,
            // Made on this side, from an error of the connection: a server that goes away may
            // leave its calls `internal` (h2's GOAWAY and RST_STREAM without an error).
            _ if std::error::Error::source(status).is_some() => Self::Unavailable,
            tonic::Code::ResourceExhausted | tonic::Code::OutOfRange => Self::TooLarge,
            _ => Self::Internal,
        }
    }
}

/// What a gRPC status says is wrong with a form, field by field.
#[must_use]
pub fn faults(status: &tonic::Status) -> Vec<FieldFault> {
    serde_json::from_slice(status.details()).unwrap_or_default()
}

const METADATA_KEY: &str = "convene-error";

/// Why the server closed a WebSocket. 4000 to 4499: connect again, resuming; 4500 to 4999: the
/// same request would be refused again, so change something first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    /// The gateway is draining.
    Draining = 4000,
    /// No write made progress for too long. The position still holds.
    SlowReader = 4008,
    /// Two pings were not answered. The position still holds.
    Silent = 4009,
    /// A part behind the gateway is away.
    Unavailable = 4013,
    /// No good token came in time, or it was refused.
    Unauthenticated = 4501,
    /// The token expired, or was revoked, and no fresh one came. Get one, then connect again.
    TokenExpired = 4502,
    /// The client broke the protocol: the error frame before this says how.
    Protocol = 4503,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_survive_json_and_grpc() {
        for code in ErrorCode::ALL {
            let json = serde_json::to_string(&code).unwrap();
            assert_eq!(json, format!("\"{}\"", code.as_str()));
            assert_eq!(ErrorCode::of(&code.status("why")), code);
        }
    }
}
