//! Between the generated messages and the domain's own types: what is text or a bare number on
//! the wire is checked here, once, on either side of it.
//!
//! Into a message nothing can fail. Out of one everything can, and the error names the field. The
//! receiver of a request turns it into [`Invalid::bad_request`], the receiver of a reply into
//! [`Invalid::internal`].

mod body;
mod messages;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt::Display, str::FromStr};

pub use self::body::{event_json, push_event_json};
use crate::error::ErrorCode;

/// A message that breaks the contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the field `{field}` is wrong: {reason}")]
pub struct Invalid {
    field: &'static str,
    reason: Cow<'static, str>,
}

impl Invalid {
    /// `reason` goes on from "the field `x` is wrong:".
    #[must_use]
    pub fn new(field: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field,
            reason: reason.into(),
        }
    }

    /// A message that must be there is not.
    #[must_use]
    pub fn missing(field: &'static str) -> Self {
        Self::new(field, "it is missing")
    }

    /// The field that is wrong.
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// The caller's mistake.
    #[must_use]
    pub fn bad_request(&self) -> tonic::Status {
        ErrorCode::BadRequest.status(self.to_string())
    }

    /// Our own server's mistake.
    #[must_use]
    pub fn internal(&self) -> tonic::Status {
        ErrorCode::Internal.status(format!("a reply cannot be read: {self}"))
    }
}

/// Reads a field that must be there.
///
/// # Errors
/// Where the text is not of the type's form.
pub fn field<T>(name: &'static str, text: &str) -> Result<T, Invalid>
where
    T: FromStr<Err: Display>,
{
    text.parse()
        .map_err(|error: T::Err| Invalid::new(name, error.to_string()))
}

/// Reads a field that may be empty.
///
/// # Errors
/// Where it is neither empty nor of the type's form.
pub fn optional<T>(name: &'static str, text: &str) -> Result<Option<T>, Invalid>
where
    T: FromStr<Err: Display>,
{
    if text.is_empty() {
        Ok(None)
    } else {
        field(name, text).map(Some)
    }
}

/// Reads a repeated field.
///
/// # Errors
/// At the first that is not of the type's form.
pub fn list<T>(name: &'static str, texts: &[impl AsRef<str>]) -> Result<Vec<T>, Invalid>
where
    T: FromStr<Err: Display>,
{
    texts
        .iter()
        .map(|text| field(name, text.as_ref()))
        .collect()
}

/// Reads the index of a part.
///
/// # Errors
/// Where it is past 65535.
pub fn part(name: &'static str, index: u32) -> Result<u16, Invalid> {
    u16::try_from(index).map_err(|_| Invalid::new(name, "a message has at most 65536 parts"))
}

/// Writes a repeated field.
pub fn texts<T: Display>(values: impl IntoIterator<Item = T>) -> Vec<String> {
    values.into_iter().map(|value| value.to_string()).collect()
}

/// Writes a field that is empty where there is nothing.
pub fn or_empty(value: Option<&impl Display>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}
