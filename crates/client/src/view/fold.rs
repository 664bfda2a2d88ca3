//! How each frame changes what one looks at.

use std::collections::BTreeSet;

use convene_proto::{
    event::{Event, EventBody, Message, Part, Participant},
    frame::{ServerFrame, Signal, State},
    id::{MessageId, OfferName, ParticipantId, RunId},
};

use super::{ConversationView, MessageStatus, MessageView, RunStatus, RunView};

impl ConversationView {
    /// Takes in a frame of this conversation.
    pub fn apply(&mut self, frame: &ServerFrame) {
        match frame {
            ServerFrame::Resumed { position, here, .. } => {
                self.here = here.iter().cloned().collect();
                self.position = Some(position.clone());
            }
            ServerFrame::Snapshot {
                position, state, ..
            }
            | ServerFrame::Reset {
                position, state, ..
            } => {
                self.replace(state);
                self.position = Some(position.clone());
            }
            ServerFrame::Event {
                position, event, ..
            } => {
                self.event(event);
                self.position = Some(position.clone());
            }
            ServerFrame::Delta {
                position,
                message,
                part,
                offset,
                text,
                ..
            } => {
                self.delta(message, *part, *offset, text);
                self.position = Some(position.clone());
            }
            ServerFrame::Signal {
                participant,
                signal: Signal::Presence { here },
                ..
            } => {
                if *here {
                    self.here.insert(participant.clone());
                } else {
                    self.here.remove(participant);
                }
            }
            _ => {}
        }
    }

    fn replace(&mut self, state: &State) {
        *self = Self {
            here: state.here.iter().cloned().collect(),
            ..Self::default()
        };
        for event in &state.events {
            self.event(event);
        }
        // After the events, which tell how it came to be so.
        self.conversation = Some(state.conversation.clone());
        if let Some(streaming) = &state.streaming
            && let Some(message) = self.streaming(&streaming.message)
        {
            let before = usize::from(streaming.part).min(message.parts.len());
            message.parts.truncate(before);
            message.parts.push(Part::Text {
                text: streaming.text.clone(),
            });
        }
    }

    fn streaming(&mut self, id: &MessageId) -> Option<&mut MessageView> {
        let message = self
            .messages
            .iter_mut()
            .rev()
            .find(|message| message.id == *id)?;
        (message.status == MessageStatus::Streaming).then_some(message)
    }

    fn delta(&mut self, message: &MessageId, part: u16, offset: u64, piece: &str) {
        let Some(message) = self.streaming(message) else {
            return;
        };
        if usize::from(part) == message.parts.len() && offset == 0 {
            message.parts.push(Part::Text {
                text: piece.to_owned(),
            });
        } else if usize::from(part) + 1 == message.parts.len()
            && let Some(Part::Text { text }) = message.parts.last_mut()
            && text.len() as u64 == offset
        {
            text.push_str(piece);
        }
    }

    fn event(&mut self, event: &Event) {
        if let Some(conversation) = &mut self.conversation {
            conversation.head = event.seq;
            conversation.updated_at = event.at;
        }
        match &event.body {
            EventBody::ConversationCreated {
                title,
                participants,
                ..
            } => {
                if let Some(conversation) = &mut self.conversation {
                    conversation.title.clone_from(title);
                    conversation.participants.clone_from(participants);
                }
            }
            EventBody::ConversationRenamed { title, .. } => {
                if let Some(conversation) = &mut self.conversation {
                    conversation.title = Some(title.clone());
                }
            }
            EventBody::ParticipantJoined { participant } => self.join(participant),
            EventBody::ParticipantLeft { participant } => self.leave(participant),
            EventBody::MessageCreated { message } => {
                self.whole(event, message, None, MessageStatus::Whole);
            }
            EventBody::MessageStarted {
                message,
                author,
                run,
            } => self.begin(event, message, author, run),
            EventBody::MessageCompleted {
                message,
                run,
                whole,
            } => {
                let status = if *whole {
                    MessageStatus::Whole
                } else {
                    MessageStatus::Cut
                };
                self.whole(event, message, Some(run), status);
            }
            EventBody::MessageRetracted { message, .. } => {
                self.messages.retain(|known| known.id != *message);
            }
            EventBody::RunStarted {
                run,
                agent,
                attempt,
                inputs,
            } => {
                let started = RunView {
                    id: run.clone(),
                    agent: agent.clone(),
                    attempt: *attempt,
                    inputs: inputs.clone(),
                    status: RunStatus::Running,
                    usage: None,
                };
                match self.run(run) {
                    Some(known) => *known = started,
                    None => self.runs.push(started),
                }
            }
            EventBody::RunRetrying { run, error, .. } => {
                if let Some(run) = self.run(run) {
                    run.status = RunStatus::Retrying(error.clone());
                }
            }
            EventBody::RunFinished {
                run,
                outcome,
                usage,
                closes,
            } => {
                self.close(run, closes);
                if let Some(run) = self.run(run) {
                    run.status = RunStatus::Finished(outcome.clone());
                    run.usage = *usage;
                }
            }
            // What agents note, their timers, and what happens outside, is nothing that is said.
            EventBody::AgentNoted { .. }
            | EventBody::TimerSet { .. }
            | EventBody::TimerCleared { .. }
            | EventBody::TimerFired { .. }
            | EventBody::EventHappened { .. } => {}
        }
    }

    /// What the agent of a run has offered under these names is closed; of a run whose beginning is not in
    /// sight, what any has.
    fn close(&mut self, run: &RunId, names: &[OfferName]) {
        if names.is_empty() {
            return;
        }
        let agent = self
            .run(run)
            .map(|run| ParticipantId::Agent(run.agent.clone()));
        for message in &mut self.messages {
            if agent.as_ref().is_some_and(|agent| *agent != message.author) {
                continue;
            }
            let parts = message.parts.iter().enumerate();
            let named = parts.filter(|(_, part)| {
                let name = part.offer().and_then(|offer| offer.name.as_ref());
                name.is_some_and(|name| names.contains(name))
            });
            message.closed.extend(named.map(|(place, _)| place));
        }
    }

    fn run(&mut self, id: &RunId) -> Option<&mut RunView> {
        self.runs.iter_mut().rev().find(|run| run.id == *id)
    }

    fn join(&mut self, participant: &Participant) {
        self.leave(&participant.id);
        if let Some(conversation) = &mut self.conversation {
            conversation.participants.push(participant.clone());
        }
    }

    fn leave(&mut self, participant: &ParticipantId) {
        if let Some(conversation) = &mut self.conversation {
            conversation
                .participants
                .retain(|known| known.id != *participant);
            conversation
                .agent
                .take_if(|agent| ParticipantId::Agent(agent.clone()) == *participant);
        }
    }

    fn begin(&mut self, event: &Event, message: &MessageId, author: &ParticipantId, run: &RunId) {
        if self.message(message).is_none() {
            self.messages.push(MessageView {
                id: message.clone(),
                author: author.clone(),
                parts: Vec::new(),
                closed: BTreeSet::new(),
                to: None,
                seq: event.seq,
                whole: None,
                at: event.at,
                run: Some(run.clone()),
                status: MessageStatus::Streaming,
            });
        }
    }

    fn whole(
        &mut self,
        event: &Event,
        message: &Message,
        run: Option<&RunId>,
        status: MessageStatus,
    ) {
        let known = self
            .messages
            .iter_mut()
            .rev()
            .find(|known| known.id == message.id);
        match known {
            // Nobody says over again what a run has said.
            Some(known) if run.is_none() && known.run.is_some() => {}
            Some(known) => {
                known.parts.clone_from(&message.parts);
                known.to.clone_from(&message.to);
                known.status = status;
                known.whole = Some(event.seq);
            }
            None => self.messages.push(MessageView {
                id: message.id.clone(),
                author: message.author.clone(),
                parts: message.parts.clone(),
                closed: BTreeSet::new(),
                to: message.to.clone(),
                seq: event.seq,
                whole: Some(event.seq),
                at: event.at,
                run: run.cloned(),
                status,
            }),
        }
    }
}
