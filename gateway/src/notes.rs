//! Who sees what agents note, what they set their timers to, and what is known of events from outside.
//!
//! It may hold what the agent's makers know and people should not, such as the answers of other systems.
//! Everybody is told that there is something, since each event of a log is seen by everyone; what it was
//! is for staff, unless the settings say otherwise.

use convene_proto::event::{EventBody, Kind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{auth::Caller, options::Options};

/// Who sees what agents note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotesFor {
    /// Whose token is an operator's or an administrator's.
    Staff,
    Everyone,
}

/// How much of the log a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    WithoutNotes,
    Everything,
}

impl Sight {
    pub(crate) fn of(caller: &Caller, options: &Options) -> Self {
        if caller.is_staff() || options.notes == NotesFor::Everyone {
            Self::Everything
        } else {
            Self::WithoutNotes
        }
    }
}

/// The event for those who do not see notes, where that is another.
pub(crate) fn hidden(body: &[u8]) -> Option<Vec<u8>> {
    // The type comes first in whatever we write, and is short.
    const BEGINNING: &[u8] = br#"{"type":""#;
    let kind = if body.starts_with(BEGINNING) {
        let is = |secret: &&Secret| body[BEGINNING.len()..].starts_with(secret.kind.as_bytes());
        SECRETS.iter().find(is)
    } else {
        let kind = EventBody::kind(body);
        SECRETS.iter().find(|secret| Some(secret.is) == kind)
    }?;
    let bare = EventBody::decode(body).ok().and_then(without_secret);
    let bare = bare.and_then(|bare| bare.encode().ok());
    // What cannot be read is not shown either.
    Some(bare.map_or_else(
        || format!("{{\"type\":\"{}}}", kind.kind).into_bytes(),
        Into::into,
    ))
}

struct Secret {
    is: Kind,
    /// With the quotation mark behind it.
    kind: &'static str,
}

/// The events that have something to hide: what was noted, when a timer rings, and what is known of what
/// happened outside.
const SECRETS: [Secret; 3] = [
    Secret {
        is: Kind::AgentNoted,
        kind: "agent.noted\"",
    },
    Secret {
        is: Kind::TimerSet,
        kind: "timer.set\"",
    },
    Secret {
        is: Kind::EventHappened,
        kind: "event.happened\"",
    },
];

fn without_secret(mut body: EventBody) -> Option<EventBody> {
    match &mut body {
        EventBody::AgentNoted { note, .. } => note.value = Value::Null,
        EventBody::TimerSet { rings, .. } => *rings = None,
        EventBody::EventHappened { event } => event.data = Value::Null,
        _ => return None,
    }
    Some(body)
}

#[cfg(test)]
mod tests {
    use convene_proto::note::Note;
    use serde_json::json;

    use super::*;

    #[test]
    fn of_a_note_it_is_shown_that_there_is_one_however_it_is_written() {
        let noted = EventBody::AgentNoted {
            agent: "shop".parse().unwrap(),
            run: "r".parse().unwrap(),
            attempt: 1,
            note: Note {
                name: "result".parse().unwrap(),
                value: json!({"secret": 7}),
                base: true,
            },
        };
        let written = noted.encode().unwrap();
        let spaced = format!(" {}", String::from_utf8(written.to_vec()).unwrap());
        let bare = br#"{"type":"agent.noted","agent":"shop","run":"r","attempt":1,"note":{"name":"result","base":true}}"#;
        for body in [&written[..], spaced.as_bytes()] {
            assert_eq!(hidden(body).unwrap(), bare);
        }
        let newer = br#"{"type":"agent.noted","secret":7}"#;
        assert_eq!(hidden(newer).unwrap(), br#"{"type":"agent.noted"}"#);
        assert!(hidden(br#"{"type":"run.finished","run":"agent.noted"}"#).is_none());
        for (whole, bare) in [
            (
                r#"{"type":"timer.set","agent":"shop","run":"r","name":"tea","rings":{"after_ms":5}}"#,
                r#"{"type":"timer.set","agent":"shop","run":"r","name":"tea"}"#,
            ),
            (
                r#"{"type":"event.happened","event":{"id":"e","name":"paid","by":"user:ops","data":7}}"#,
                r#"{"type":"event.happened","event":{"id":"e","name":"paid","by":"user:ops"}}"#,
            ),
        ] {
            assert_eq!(hidden(whole.as_bytes()).unwrap(), bare.as_bytes());
        }
        assert!(hidden(b"{}").is_none());
    }
}
