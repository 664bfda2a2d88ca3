//! The events of one attempt at a run, as entries for the log.

use convene_agent::{Error, Note, Usage};
use convene_proto::{
    context::{Effect, NewEntry},
    convert::Invalid,
    event::{EventBody, Failure, Message, Outcome, Part},
    id::{AgentName, MessageId, OfferName, ParticipantId, RunId},
    position::{Eid, Seq},
};

use super::lease::Lost;

/// Why the scribe could not write.
#[derive(Debug)]
pub(super) enum Unwritten {
    Lost(Lost),
    /// The agent wrote what cannot be kept.
    Refused(Error),
}

impl From<Lost> for Unwritten {
    fn from(lost: Lost) -> Self {
        Self::Lost(lost)
    }
}

pub(super) type Result<T, E = Unwritten> = std::result::Result<T, E>;

/// What identifies an attempt in its events.
pub(super) struct Attempt {
    pub(super) run: RunId,
    pub(super) number: u32,
    pub(super) agent: AgentName,
    pub(super) inputs: Vec<Seq>,
}

impl Attempt {
    pub(super) fn started(&self) -> Result<NewEntry> {
        let started = EventBody::RunStarted {
            run: self.run.clone(),
            agent: self.agent.clone(),
            attempt: self.number,
            inputs: self.inputs.clone(),
        };
        entry(&started, Effect::None, None)
    }

    pub(super) fn retrying(&self, error: &Error, delay_ms: u64) -> Result<NewEntry> {
        let retrying = EventBody::RunRetrying {
            run: self.run.clone(),
            attempt: self.number,
            error: failure(error),
            delay_ms,
        };
        Ok(NewEntry {
            delay_ms,
            ..entry(&retrying, Effect::Retry, None)?
        })
    }

    pub(super) fn finished(
        &self,
        outcome: Outcome,
        usage: Option<Usage>,
        closes: Vec<OfferName>,
    ) -> Result<NewEntry> {
        let finished = EventBody::RunFinished {
            run: self.run.clone(),
            outcome,
            usage,
            closes,
        };
        entry(&finished, Effect::Finish, None)
    }

    /// It begins to write this message.
    pub(super) fn begun(&self, message: &MessageId) -> Result<NewEntry> {
        let started = EventBody::MessageStarted {
            message: message.clone(),
            author: ParticipantId::Agent(self.agent.clone()),
            run: self.run.clone(),
        };
        entry(&started, Effect::Start, Some(message))
    }

    pub(super) fn said(
        &self,
        message: &MessageId,
        parts: Vec<Part>,
        (whole, effect): (bool, Effect),
    ) -> Result<NewEntry> {
        let completed = EventBody::MessageCompleted {
            message: Message {
                id: message.clone(),
                author: ParticipantId::Agent(self.agent.clone()),
                parts,
                to: None,
                timezone: None,
            },
            run: self.run.clone(),
            whole,
        };
        entry(&completed, effect, Some(message))
    }

    pub(super) fn retracted(&self, message: &MessageId) -> Result<NewEntry> {
        let body = EventBody::MessageRetracted {
            message: message.clone(),
            run: self.run.clone(),
        };
        entry(&body, Effect::Retract, Some(message))
    }

    pub(super) fn noted(&self, note: Note) -> Result<NewEntry> {
        let noted = EventBody::AgentNoted {
            agent: self.agent.clone(),
            run: self.run.clone(),
            attempt: self.number,
            note,
        };
        entry(&noted, Effect::None, None)
    }
}

fn entry(body: &EventBody, effect: Effect, message: Option<&MessageId>) -> Result<NewEntry> {
    Ok(NewEntry {
        eid: Eid::random().0,
        body: body.encode().map_err(unwritable)?,
        effect: effect.into(),
        message: message.map(ToString::to_string).unwrap_or_default(),
        ..NewEntry::default()
    })
}

pub(super) fn unwritable(error: Invalid) -> Unwritten {
    Unwritten::Refused(Error::permanent("internal", error.to_string()))
}

pub(super) fn failure(error: &Error) -> Failure {
    Failure {
        code: error.code.to_owned(),
        message: error.message.clone(),
    }
}
