//! What is shown: the conversation as a transcript that only ever grows.

use std::{
    collections::{HashMap, HashSet},
    io::{self, Write},
    rc::Rc,
};

use convene_client::{
    ConversationView, MessageStatus, MessageView, RunStatus, RunView,
    proto::{
        event::Outcome,
        id::{MessageId, ParticipantId, RunId},
    },
};

use convene_flows::unescaped;

use super::{offers, tongue::Tongue};

/// How much of what was said before is shown at first.
const EARLIER: usize = 10;

/// Writes a transcript. Each [`Screen::draw`] adds what the view has and the transcript has not.
pub(super) struct Screen<W> {
    out: W,
    me: ParticipantId,
    tongue: Rc<Tongue>,
    /// Show one's own words, too: nobody sees them being typed.
    echo: bool,
    begun: bool,
    /// Bytes shown of each message that is not whole yet.
    partial: HashMap<MessageId, usize>,
    done: HashSet<MessageId>,
    /// The message on the last line, which has no end yet.
    open: Option<MessageId>,
    notes: HashMap<RunId, RunStatus>,
}

impl<W: Write> Screen<W> {
    pub(super) fn new(out: W, me: ParticipantId, echo: bool, tongue: Rc<Tongue>) -> Self {
        Self {
            out,
            me,
            tongue,
            echo,
            begun: false,
            partial: HashMap::new(),
            done: HashSet::new(),
            open: None,
            notes: HashMap::new(),
        }
    }

    /// This message is one's own, and stands on the terminal where it was typed.
    pub(super) fn typed(&mut self, message: &MessageId) {
        if !self.echo {
            self.done.insert(message.clone());
        }
    }

    /// A line about the conversation, rather than of it.
    pub(super) fn note(&mut self, text: &str) -> io::Result<()> {
        self.end_line()?;
        if !text.is_empty() {
            writeln!(self.out, "[{}]", tame(text))?;
        }
        self.out.flush()
    }

    /// Brings the transcript up to the view.
    pub(super) fn draw(&mut self, view: &ConversationView) -> io::Result<()> {
        if !self.begun && view.conversation().is_some() {
            self.begin(view);
        }
        let gone = self
            .open
            .as_ref()
            .is_some_and(|open| view.message(open).is_none());
        if gone {
            self.note(self.tongue.words.taken_back)?;
        }
        self.partial.retain(|id, _| view.message(id).is_some());
        for run in view.runs() {
            self.run(run, view)?;
        }
        for message in view.messages() {
            self.message(message, view)?;
        }
        self.out.flush()
    }

    /// Skips what is older than the last few messages, and how the runs of then went.
    fn begin(&mut self, view: &ConversationView) {
        self.begun = true;
        let earlier = view.messages().len().saturating_sub(EARLIER);
        self.done.extend(
            view.messages()[..earlier]
                .iter()
                .map(|message| message.id.clone()),
        );
        let runs = view
            .runs()
            .iter()
            .map(|run| (run.id.clone(), run.status.clone()));
        self.notes.extend(runs);
    }

    fn message(&mut self, message: &MessageView, view: &ConversationView) -> io::Result<()> {
        if self.done.contains(&message.id) {
            return Ok(());
        }
        let text = message.text();
        let shown = self.partial.get(&message.id).copied().unwrap_or(0);
        // The whole text may differ from what had streamed: then it is shown anew.
        let (again, rest) = match text.get(shown..) {
            Some(rest) => (false, rest),
            None => (true, text.as_str()),
        };
        let streaming = message.status == MessageStatus::Streaming;
        if !rest.is_empty() || (!streaming && shown == 0) {
            if self.open.as_ref() != Some(&message.id) || again {
                self.end_line()?;
                let name = if message.author == self.me {
                    self.tongue.words.you.to_owned()
                } else {
                    view.name_of(&message.author)
                };
                let goes_on = if shown > 0 { " ..." } else { "" };
                write!(self.out, "{}:{goes_on} ", tame(&name))?;
                self.open = Some(message.id.clone());
            }
            // Other signs of Markdown are as they are typed; an escape is for whoever draws it.
            let shown = match message.author {
                ParticipantId::Agent(_) => tame(&unescaped(rest)),
                _ => tame(rest),
            };
            write!(self.out, "{shown}")?;
        }
        if streaming {
            self.partial.insert(message.id.clone(), text.len());
        } else {
            self.partial.remove(&message.id);
            self.done.insert(message.id.clone());
            if self.open.as_ref() == Some(&message.id) {
                self.end_line()?;
            }
            let offered = offers::lines(message, &self.tongue.words.offers);
            if !offered.is_empty() {
                self.end_line()?;
            }
            for line in offered {
                writeln!(self.out, "{}", tame(&line))?;
            }
        }
        Ok(())
    }

    fn run(&mut self, run: &RunView, view: &ConversationView) -> io::Result<()> {
        if self.notes.get(&run.id) == Some(&run.status) {
            return Ok(());
        }
        self.notes.insert(run.id.clone(), run.status.clone());
        let agent = view.name_of(&ParticipantId::Agent(run.agent.clone()));
        let words = self.tongue.words;
        let note = match &run.status {
            RunStatus::Running | RunStatus::Finished(Outcome::Completed) => return Ok(()),
            RunStatus::Retrying(error) => (words.tries_again)(&agent, self.tongue.failure(error)),
            RunStatus::Finished(Outcome::Cancelled) => words.stopped.to_owned(),
            RunStatus::Finished(Outcome::Failed { error }) => {
                (words.has_no_answer)(&agent, self.tongue.failure(error))
            }
        };
        self.note(&note)
    }

    fn end_line(&mut self) -> io::Result<()> {
        if self.open.take().is_some() {
            writeln!(self.out)?;
        }
        Ok(())
    }
}

/// Without what would command the terminal rather than be shown on it.
fn tame(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t'))
        .collect()
}

#[cfg(test)]
mod tests;
