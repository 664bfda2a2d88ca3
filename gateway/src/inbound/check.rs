//! What people may say, before the log is asked.

use convene_proto::{
    convert,
    error::ErrorCode,
    event::Part,
    frame::NewMessage,
    id::{MessageId, ParticipantId},
};

use crate::{
    error::{Refusal, Result},
    gateway::Gateway,
};

const PARTS: usize = 16;

const ADDRESSEES: usize = 16;

pub(super) fn check_id(id: &MessageId) -> Result<()> {
    if id.is_of_agent() {
        return Err(Refusal::bad_request(
            "ids that begin with agent- are for what agents say: choose another",
        ));
    }
    Ok(())
}

pub(super) fn check(gateway: &Gateway, new: &NewMessage) -> Result<()> {
    check_id(&new.id)?;
    if new.parts.is_empty() || new.parts.len() > PARTS {
        return Err(Refusal::bad_request(format!(
            "a message has from 1 to {PARTS} parts"
        )));
    }
    let mut bytes = 0;
    for part in &new.parts {
        match part {
            Part::Text { text } => {
                if text.trim().is_empty() {
                    return Err(Refusal::bad_request("a text part must say something"));
                }
                bytes += text.len();
            }
            Part::Act(_) => {
                return Err(Refusal::bad_request(
                    "what is pressed or submitted is handed in by `act`",
                ));
            }
            Part::Actions(_) | Part::Card(_) | Part::Form(_) | Part::Unknown => {
                return Err(Refusal::bad_request(
                    "people say text: a part has the type `text`",
                ));
            }
        }
    }
    let most = gateway.options().max_message_bytes;
    if bytes > most {
        return Err(Refusal::new(
            ErrorCode::TooLarge,
            format!("a message has at most {most} bytes of text; this one has {bytes}"),
        ));
    }
    if new.to.as_ref().is_some_and(|to| to.len() > ADDRESSEES) {
        return Err(Refusal::bad_request(format!(
            "a message is addressed to at most {ADDRESSEES} participants"
        )));
    }
    Ok(())
}

pub(super) fn whom_to_wake(to: Option<&[ParticipantId]>) -> Result<(String, bool)> {
    let Some(to) = to else {
        return Ok((String::new(), true));
    };
    let mut agents = to.iter().filter_map(|participant| match participant {
        ParticipantId::Agent(name) => Some(name),
        ParticipantId::User(_) => None,
    });
    match (agents.next(), agents.next()) {
        (Some(_), Some(_)) => Err(Refusal::bad_request(
            "a message can wake one agent: name only one in `to`",
        )),
        (agent, _) => Ok((convert::or_empty(agent), false)),
    }
}
