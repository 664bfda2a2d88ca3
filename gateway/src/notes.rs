//! Who sees what agents note: it may hold what the agent's makers know and people should not, such as
//! the answers of other systems. Everybody is told that something was noted, since each event of a log
//! is seen by everyone; what it was is for staff, unless the settings say otherwise.

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
    const NOTED: &[u8] = br#"{"type":"agent.noted""#;
    let is_note = if body.starts_with(BEGINNING) {
        body.starts_with(NOTED)
    } else {
        EventBody::kind(body) == Some(Kind::AgentNoted)
    };
    if !is_note {
        return None;
    }
    let bare = match EventBody::decode(body) {
        Ok(EventBody::AgentNoted {
            agent,
            run,
            attempt,
            mut note,
        }) => {
            note.value = Value::Null;
            let noted = EventBody::AgentNoted {
                agent,
                run,
                attempt,
                note,
            };
            noted.encode().ok()
        }
        _ => None,
    };
    // What cannot be read is not shown either.
    Some(bare.map_or_else(|| br#"{"type":"agent.noted"}"#.to_vec(), Into::into))
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
        assert!(hidden(b"{}").is_none());
    }
}
