//! How both stores write down what was revoked: a name, and a time of which the later one counts.

use super::{Error, Result, Revocation};

/// A time that never comes; a script's numbers are exact up to here.
const NEVER: u64 = (1 << 53) - 1;

pub(super) fn row(revocation: &Revocation) -> (String, u64) {
    match revocation {
        Revocation::Token { id, expires_at } => {
            (format!("t {id}"), expires_at.unwrap_or(NEVER).min(NEVER))
        }
        Revocation::User { id, issued_until } => (format!("u {id}"), (*issued_until).min(NEVER)),
    }
}

pub(super) fn read(name: &str, time: u64) -> Result<Revocation> {
    let corrupt = || Error::Corrupt(format!("{name:?} is nothing that can be revoked"));
    match name.split_once(' ').ok_or_else(corrupt)? {
        ("t", id) => Ok(Revocation::Token {
            id: id.parse().map_err(|_| corrupt())?,
            expires_at: (time != NEVER).then_some(time),
        }),
        ("u", id) => Ok(Revocation::User {
            id: id.parse().map_err(|_| corrupt())?,
            issued_until: time,
        }),
        _ => Err(corrupt()),
    }
}
