//! What an agent is told: a claim, decoded.

use convene_agent::{Conversation, Happened, Message, PendingTimer, RunContext};
use convene_proto::{
    bus::Command,
    context::{Claimed, Entry},
    convert::{Invalid, field, list, optional},
    event::{EventBody, Kind},
    id::{AgentName, MessageId, ParticipantId, RunId},
    position::{Eid, Seq},
};

use super::recall::Past;

/// Why a claim cannot be acted on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    /// It is about something of a kind that is not known here: a newer worker's to do.
    #[error("an input is of a kind that only newer workers know")]
    FromTheFuture,
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

/// What earlier attempts have left in the log: what streams, and what was said whole.
pub(crate) fn left(claimed: &Claimed) -> Result<(Option<MessageId>, Vec<MessageId>), Invalid> {
    let streaming = optional("unfinished", &claimed.unfinished)?;
    Ok((streaming, list("said", &claimed.said)?))
}

/// A claim that the worker can act on.
pub(crate) struct Brief {
    pub(crate) context: RunContext,
    /// What an earlier attempt left streaming.
    pub(crate) streaming: Option<MessageId>,
    /// What earlier attempts had said whole, and was not taken back.
    pub(crate) complete: Vec<MessageId>,
}

impl Brief {
    /// Reads a claim; `past` is what was said before.
    ///
    /// # Errors
    /// See [`Unreadable`].
    pub(crate) fn read(claimed: &Claimed, past: &Past) -> Result<Self, Unreadable> {
        let run: RunId = field("run", &claimed.run)?;
        let agent: AgentName = field("agent", &claimed.agent)?;
        let conversation = claimed.conversation.clone();
        let conversation = conversation.ok_or_else(|| Invalid::missing("conversation"))?;
        let inputs: Vec<Seq> = claimed.inputs.iter().map(|input| Seq(input.seq)).collect();
        let history = past.before(&inputs, &run);
        let (streaming, complete) = left(claimed)?;
        let mut messages = Vec::new();
        let mut happened = None;
        for input in &claimed.inputs {
            match Input::read(input)? {
                Input::Said(message) => messages.push(message),
                Input::Happened(what) => happened = Some(what),
            }
        }
        if messages.is_empty() && happened.is_none() {
            return Err(Invalid::missing("inputs").into());
        }
        let timers = claimed.timers.iter().map(|timer| {
            Ok(PendingTimer {
                agent: field("timers.agent", &timer.agent)?,
                name: field("timers.name", &timer.name)?,
                at: timer.at,
            })
        });
        Ok(Self {
            context: RunContext {
                run,
                attempt: claimed.attempt,
                agent,
                conversation: Conversation::try_from(conversation)?,
                inputs: messages,
                happened,
                history,
                notes: Vec::new(),
                noted_in_vain: Vec::new(),
                noted_before_failing: Vec::new(),
                timers: timers.collect::<Result<_, Invalid>>()?,
            },
            complete,
            streaming,
        })
    }
}

/// What the run answers, for those who read logs.
pub(crate) fn asked(claimed: &Claimed) -> String {
    let inputs = claimed.inputs.iter();
    let inputs = inputs.filter_map(|input| Some(Input::read(input).ok()?.author_and_id(input)));
    let ids: Vec<_> = inputs.map(|(_, id)| id).collect();
    ids.join(",")
}

/// Something that a run is about.
enum Input {
    Said(Message),
    Happened(Happened),
}

impl Input {
    fn read(input: &Entry) -> Result<Self, Unreadable> {
        let body = match EventBody::decode(&input.body) {
            Ok(body) => body,
            Err(_) if EventBody::kind(&input.body) == Some(Kind::Other) => {
                return Err(Unreadable::FromTheFuture);
            }
            Err(invalid) => return Err(invalid.into()),
        };
        Ok(match body {
            EventBody::MessageCreated { message } => Self::Said(message),
            EventBody::TimerFired { name, .. } => Self::Happened(Happened::Timer(name)),
            EventBody::EventHappened { event } => Self::Happened(Happened::Event(event)),
            _ => return Err(Invalid::new("inputs", "an input is nothing to answer").into()),
        })
    }

    /// Who brought it, unless the agent itself, and under which id.
    fn author_and_id(&self, input: &Entry) -> (Option<ParticipantId>, String) {
        match self {
            Self::Said(message) => (Some(message.author.clone()), message.id.to_string()),
            Self::Happened(Happened::Event(event)) => {
                (Some(event.by.clone()), event.id.to_string())
            }
            Self::Happened(Happened::Timer(_)) => (None, format!("timer-{}", Eid(input.eid))),
        }
    }
}

/// The command of a run that was given up on: its last input, which an answer may take for the
/// whole, since the inputs before it will stand in its history.
pub(crate) fn command(claimed: &Claimed) -> Option<Command> {
    let input = claimed.inputs.last()?;
    let (author, message) = Input::read(input).ok()?.author_and_id(input);
    let author = match author {
        Some(author) => author.to_string(),
        None => ParticipantId::Agent(claimed.agent.parse().ok()?).to_string(),
    };
    let conversation = claimed.conversation.as_ref()?;
    let known = conversation
        .participants
        .iter()
        .find(|known| known.id == author);
    Some(Command {
        epoch: conversation.epoch,
        seq: input.seq,
        eid: input.eid,
        author_name: known.map(|known| known.name.clone()).unwrap_or_default(),
        author,
        message,
        body: input.body.clone(),
        agent: claimed.agent.clone(),
        policy: conversation.policy.clone(),
        replay: String::new(),
        prev: input.prev,
    })
}

#[cfg(test)]
mod tests {
    use convene_proto::{
        context,
        event::{Outcome, Part},
    };

    use super::*;
    use crate::run::recall::Recall;

    fn entry(seq: u64, body: &EventBody) -> Entry {
        Entry {
            seq,
            eid: seq,
            prev: seq - 1,
            at: 0,
            body: body.encode().unwrap(),
        }
    }

    fn message(id: &str, author: &str) -> Message {
        Message {
            id: id.parse().unwrap(),
            author: author.parse().unwrap(),
            parts: vec![Part::Text {
                text: id.to_owned(),
            }],
            to: None,
            timezone: None,
        }
    }

    fn asks(seq: u64, id: &str) -> Entry {
        entry(
            seq,
            &EventBody::MessageCreated {
                message: message(id, "user:ada"),
            },
        )
    }

    fn answers(seq: u64, id: &str, run: &str) -> Entry {
        let run = run.parse().unwrap();
        let message = message(id, "agent:guide");
        entry(
            seq,
            &EventBody::MessageCompleted {
                message,
                run,
                whole: true,
            },
        )
    }

    fn takes_back(seq: u64, id: &str, run: &str) -> Entry {
        let (message, run) = (id.parse().unwrap(), run.parse().unwrap());
        entry(seq, &EventBody::MessageRetracted { message, run })
    }

    fn claimed(history: Vec<Entry>, inputs: Vec<Entry>) -> Claimed {
        Claimed {
            run: "r2".to_owned(),
            attempt: 2,
            agent: "guide".to_owned(),
            inputs,
            history,
            conversation: Some(context::Conversation {
                id: "c1".to_owned(),
                policy: "enqueue".to_owned(),
                epoch: 7,
                participants: vec![context::Participant {
                    id: "user:ada".to_owned(),
                    name: "Ada".to_owned(),
                    role: "owner".to_owned(),
                }],
                ..context::Conversation::default()
            }),
            ..Claimed::default()
        }
    }

    #[test]
    fn an_agent_sees_what_was_said_and_not_what_was_taken_back_or_waits() {
        let finished = EventBody::RunFinished {
            run: "r1".parse().unwrap(),
            outcome: Outcome::Completed,
            usage: None,
            closes: Vec::new(),
        };
        let inputs = vec![asks(3, "second")];
        let history = vec![
            asks(2, "first"),
            asks(3, "second"),
            asks(4, "third"),
            answers(5, "draft", "r1"),
            takes_back(6, "draft", "r1"),
            answers(7, "answer", "r1"),
            entry(8, &finished),
            Entry {
                seq: 9,
                body: "{}".into(),
                ..Entry::default()
            },
            answers(10, "half", "r2"),
        ];
        let claim = Claimed {
            said: vec!["long-ago".to_owned(), "half".to_owned()],
            ..claimed(history, inputs)
        };
        let past = Recall::new(100).learn(&claim, None).unwrap();
        let brief = Brief::read(&claim, &past).unwrap();
        let seen: Vec<_> = brief.context.history.iter().map(Message::text).collect();
        assert_eq!(seen, ["first", "answer"]);
        assert_eq!(brief.context.inputs[0].text(), "second");
        let complete: Vec<_> = brief.complete.iter().map(MessageId::as_str).collect();
        assert_eq!(complete, ["long-ago", "half"], "however short the history");
    }

    #[test]
    fn a_dead_letter_carries_the_input_as_it_was_accepted() {
        let command = command(&claimed(
            Vec::new(),
            vec![asks(2, "first"), asks(3, "second")],
        ))
        .unwrap();
        assert_eq!((command.seq, command.epoch), (3, 7));
        assert_eq!(command.message, "second");
        assert_eq!(
            (command.author.as_str(), command.author_name.as_str()),
            ("user:ada", "Ada")
        );
    }

    #[test]
    fn a_claim_that_cannot_be_read_says_which_field_is_wrong() {
        let nothing = Brief::read(&claimed(Vec::new(), Vec::new()), &Past::default());
        let finished = answers(2, "m", "r1");
        let wrong = Brief::read(&claimed(Vec::new(), vec![finished]), &Past::default());
        for unreadable in [nothing, wrong] {
            let is_told =
                matches!(&unreadable, Err(Unreadable::Invalid(why)) if why.field() == "inputs");
            assert!(is_told, "{:?}", unreadable.err());
        }
    }
}
