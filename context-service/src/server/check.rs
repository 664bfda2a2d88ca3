//! What a request may hold. Ids are checked by their types; these are the bounds of the rest.

use std::time::Duration;

use bytes::Bytes;
use convene_proto::{
    convert::{self, Invalid},
    event::Participant,
    id::ConversationId,
};
use tracing::Span;

use super::refusal::{Refusal, Result};
use crate::store::Viewer;

/// The largest body of an event, in bytes. A message that streamed must fit, as JSON.
pub(super) const MAX_BODY: usize = 1 << 20;

/// The longest text of a part, in bytes.
pub(super) const MAX_TEXT: usize = 512 << 10;

/// Most entries that one append may write: the step that ends a run may set and take back all timers beside what it says.
pub(super) const MAX_ENTRIES: usize = 192;

/// Most conversations in one audit: the reply names those who are in them, and must fit.
pub(super) const MAX_AUDITED: usize = 256;

/// Most agents that one worker announces.
pub(super) const MAX_AGENTS: usize = 256;

/// The longest title, name or description, in bytes.
pub(super) const MAX_NAME: usize = 1000;

/// Most events in one page, one snapshot, one history.
const MAX_PAGE: u32 = 1000;

/// The longest lease.
const MAX_TTL: Duration = Duration::from_secs(600);

/// The conversation that a call is about; it is in the call's span from here on.
pub(super) fn conversation(id: &str) -> Result<ConversationId> {
    let id: ConversationId = convert::field("conversation", id)?;
    Span::current().record("conversation", id.as_str());
    Ok(id)
}

pub(super) fn viewer(id: &str) -> Result<Viewer> {
    Ok(convert::optional("viewer", id)?.map_or(Viewer::Service, Viewer::Participant))
}

pub(super) fn page(field: &'static str, size: u32) -> Result<usize> {
    if (1..=MAX_PAGE).contains(&size) {
        Ok(size as usize)
    } else {
        Err(Invalid::new(field, format!("it must be 1 to {MAX_PAGE}")).into())
    }
}

/// Like [`page`], where none at all is asked for, too.
pub(super) fn history(field: &'static str, size: u32) -> Result<usize> {
    if size == 0 { Ok(0) } else { page(field, size) }
}

pub(super) fn at_most(field: &'static str, size: usize, limit: usize) -> Result<()> {
    if size <= limit {
        Ok(())
    } else {
        Err(Refusal::TooLarge { field, limit })
    }
}

/// The JSON of an event's body: an object that begins with a field, as serde writes it.
pub(super) fn body(field: &'static str, body: Bytes) -> Result<Bytes> {
    at_most(field, body.len(), MAX_BODY)?;
    if body.starts_with(b"{\"") && body.ends_with(b"}") && std::str::from_utf8(&body).is_ok() {
        Ok(body)
    } else {
        Err(Invalid::new(field, "it is not a JSON object with a type").into())
    }
}

pub(super) fn name(field: &'static str, name: String) -> Result<String> {
    at_most(field, name.len(), MAX_NAME)?;
    if name.trim().is_empty() {
        return Err(Invalid::new(field, "it is empty").into());
    }
    Ok(name)
}

pub(super) fn ttl(field: &'static str, ms: u32) -> Result<Duration> {
    let ttl = Duration::from_millis(ms.into());
    if ttl.is_zero() || ttl > MAX_TTL {
        return Err(Invalid::new(field, format!("it must be 1 ms to {MAX_TTL:?}")).into());
    }
    Ok(ttl)
}

pub(super) fn participant(participant: convene_proto::context::Participant) -> Result<Participant> {
    let mut participant = Participant::try_from(participant)?;
    participant.name = name("participant.name", participant.name)?;
    Ok(participant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_whole_json_objects_of_bounded_size() {
        assert!(body("body", Bytes::from_static(br#"{"type":"x"}"#)).is_ok());
        for bad in [
            &b""[..],
            b"{}",
            b"[]",
            b"{\"type\":1",
            b" {\"type\":1}",
            b"{\"a\":\"\xff\"}",
        ] {
            let refused = body("body", Bytes::from_static(bad));
            assert!(matches!(refused, Err(Refusal::Invalid(_))), "{bad:?}");
        }
        let huge = format!(r#"{{"type":"{}"}}"#, "x".repeat(MAX_BODY));
        let refused = body("body", huge.into());
        assert!(matches!(refused, Err(Refusal::TooLarge { .. })));
    }

    #[test]
    fn sizes_and_times_have_bounds() {
        assert!(page("limit", 0).is_err() && page("limit", 1001).is_err());
        assert_eq!(page("limit", 1000).unwrap(), 1000);
        assert_eq!(history("history", 0).unwrap(), 0);
        assert!(ttl("ttl_ms", 0).is_err() && ttl("ttl_ms", 600_001).is_err());
        assert!(name("title", "  ".into()).is_err());
    }
}
