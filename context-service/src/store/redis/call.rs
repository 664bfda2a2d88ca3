//! A call of a script: its name, keys and arguments; and what can come back instead of an answer.

use std::time::Duration;

use convene_proto::position::{Eid, Seq};
use redis::{Cmd, ErrorKind, RedisError, ServerErrorKind, ToRedisArgs};

use super::{scripts::LIBRARY, shorthand::shorten};
use crate::store::{Error, Needs, error::UNINVITED};

/// A call under construction. The scripts take their arguments by position: say what each is.
pub(super) struct Call(Cmd);

impl Call {
    pub(super) fn new(function: &'static str, keys: &[String]) -> Self {
        let mut command = redis::cmd("FCALL");
        command
            .arg(LIBRARY.function(function))
            .arg(keys.len())
            .arg(keys);
        Self(command)
    }

    pub(super) fn arg(mut self, value: impl ToRedisArgs) -> Self {
        self.0.arg(value);
        self
    }

    /// An argument that has a text form.
    pub(super) fn text(self, value: impl ToString) -> Self {
        self.arg(value.to_string())
    }

    /// An event's tag, as the log has it.
    pub(super) fn eid(self, value: Eid) -> Self {
        self.arg(&value.0.to_be_bytes()[..])
    }

    /// An event's body, as the log has it.
    pub(super) fn body(self, body: &[u8]) -> Self {
        self.arg(shorten(body))
    }

    /// An argument that may be missing, and then is empty.
    pub(super) fn optional(self, value: Option<impl ToString>) -> Self {
        self.arg(value.map(|value| value.to_string()).unwrap_or_default())
    }

    pub(super) fn flag(self, value: bool) -> Self {
        self.arg(u8::from(value))
    }

    /// Whole milliseconds.
    pub(super) fn time(self, value: Duration) -> Self {
        self.arg(u64::try_from(value.as_millis()).unwrap_or(u64::MAX))
    }

    /// What a message presses; nothing where it presses nothing, so it must come last.
    pub(super) fn needs(self, needs: &Needs) -> Self {
        match needs {
            Needs::Nothing => self,
            Needs::ToBeKnown => self.arg("*").arg(0).flag(false),
            Needs::Offer(press) => self.text(&press.message).arg(press.part).flag(press.once),
        }
    }

    pub(super) fn command(&self) -> &Cmd {
        &self.0
    }
}

/// Why a call did nothing, or may have done nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// The conversation has left the due set up to this token since the call entered it.
    Late(u64),
    Refused(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        Self::Refused(match (error.code(), error.detail()) {
            (Some("CONVENE"), Some(reason)) => return refusal(reason),
            (Some("WRONGTYPE"), _) => Error::Corrupt(error.to_string()),
            _ => match error.kind() {
                // A script that stumbled: over what it did not write.
                ErrorKind::Server(ServerErrorKind::ResponseError) | ErrorKind::Parse => {
                    Error::Corrupt(error.to_string())
                }
                _ => Error::Unavailable(Box::new(error)),
            },
        })
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(error) => error,
            Failure::Late(_) => Self::Unavailable("the due set moves too fast".into()),
        }
    }
}

/// What a script says where the caller is wrong: see `fail` in `scripts/lib.lua`.
fn refusal(reason: &str) -> Failure {
    let (word, rest) = reason.split_once(' ').unwrap_or((reason, ""));
    let (number, name) = rest.split_once(' ').unwrap_or((rest, ""));
    let number = || number.parse::<u64>().unwrap_or_default();
    Failure::Refused(match word {
        "late" => return Failure::Late(number()),
        "gap" => Error::Gap { end: number() },
        "out_of_step" => Error::OutOfStep { last: number() },
        "not_found" => Error::NotFound,
        "owners_only" => Error::Forbidden("only an owner may do this"),
        "uninvited" => Error::Forbidden(UNINVITED),
        "full" => Error::Full {
            most: usize::try_from(number()).unwrap_or(usize::MAX),
        },
        "last_owner" => Error::LastOwner,
        "another_conversation" => Error::Conflict("another conversation has this id"),
        "another_author" => Error::Conflict("somebody else sent a message with this id"),
        "no_such_participant" => Error::NoSuchParticipant,
        "busy" => Error::Busy,
        "not_offered" => Error::NotOffered,
        "already_pressed" => Error::AlreadyPressed {
            by: name.to_owned(),
            seq: Seq(number()),
        },
        "unread" => Error::Unavailable("where the agent is at work cannot be read".into()),
        "nothing_to_cancel" => Error::NothingToCancel,
        "fenced" => Error::Fenced,
        "cancelled" => Error::Cancelled,
        "streams_already" => Error::Conflict("another message streams"),
        "said_too_much" => Error::Conflict("this run has said as many messages as it may"),
        "not_streaming" => Error::Conflict("this message does not stream"),
        "too_many_timers" => Error::Conflict("this conversation has as many timers as it may"),
        "no_run" => Error::Conflict("timers are a run's, and none is under way"),
        "part_over" => Error::Conflict("a later part of this message has begun"),
        _ => Error::Corrupt(format!("unexpected refusal: {reason}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::redis::scripts::SOURCE;

    #[test]
    fn every_refusal_of_the_scripts_is_understood() {
        let reasons: Vec<_> = SOURCE
            .match_indices("fail('")
            .filter_map(|(at, found)| SOURCE[at + found.len()..].split('\'').next())
            .collect();
        assert!(reasons.len() > 10, "{reasons:?}");
        for reason in reasons {
            let failure = refusal(&format!("{reason}7"));
            assert!(
                !matches!(failure, Failure::Refused(Error::Corrupt(_))) || !reason.ends_with(' '),
                "{reason}"
            );
            let failure = refusal(reason.trim_end());
            assert!(
                !matches!(failure, Failure::Refused(Error::Corrupt(_))),
                "{reason}"
            );
        }
        assert!(matches!(
            refusal("gap 12"),
            Failure::Refused(Error::Gap { end: 12 })
        ));
        assert!(matches!(
            refusal("already_pressed 12 user:a:b"),
            Failure::Refused(Error::AlreadyPressed { by, seq: Seq(12) }) if by == "user:a:b"
        ));
        assert!(matches!(
            refusal("late 1700000000001"),
            Failure::Late(1_700_000_000_001)
        ));
    }
}
