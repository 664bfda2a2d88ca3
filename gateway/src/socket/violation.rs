//! A client that breaks the WebSocket protocol itself, below our frames, is told so as that says.

use std::error::Error as _;

use axum::extract::ws::{CloseFrame, close_code};
use tokio_tungstenite::tungstenite::{Error, error::ProtocolError};

/// How to close a socket that cannot be read any further; `None` where nobody is there to be told.
#[doc(hidden)]
pub fn violation(error: &axum::Error) -> Option<CloseFrame> {
    let (code, reason) = match error.source()?.downcast_ref::<Error>()? {
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => return None,
        Error::Protocol(_) => (close_code::PROTOCOL, "that is no WebSocket frame"),
        Error::Utf8(_) => (close_code::INVALID, "text must be UTF-8"),
        Error::Capacity(_) => (close_code::SIZE, "the frame is far over the limit"),
        _ => return None,
    };
    Some(CloseFrame {
        code,
        reason: reason.into(),
    })
}
