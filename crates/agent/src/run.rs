//! A run in an agent's hands: what it is to answer, and where its words go.

use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use convene_proto::{
    event::{Conversation, Message, Part, Participant, Usage},
    id::{AgentName, NoteName, OfferName, ParticipantId, RunId, TimerName},
    note::{LARGEST_NOTE, Note},
    part::{Act, bounds},
    timer::{FARTHEST_TIMER, MOST_TIMERS, Rings},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Error,
    happened::{Happened, PendingTimer, TimerChange},
};

/// What an agent is to answer, and everything it may know about it.
#[derive(Debug, Clone)]
pub struct RunContext {
    pub run: RunId,
    /// 1 for the first.
    pub attempt: u32,
    pub agent: AgentName,
    pub conversation: Conversation,
    /// The messages to answer, oldest first; empty where something else [happened](Self::happened).
    pub inputs: Vec<Message>,
    /// What the run is about, where that is no message.
    pub happened: Option<Happened>,
    /// The conversation's last messages before the inputs, oldest first: what people said before,
    /// and every answer that an agent has given by now.
    pub history: Vec<Message>,
    /// What the agent noted before, oldest first, from the run of its last base on. Empty for who
    /// does not [keep notes](crate::Agent::keeps_notes).
    pub notes: Vec<Note>,
    /// What this run's earlier attempts noted, oldest first. It counts for nothing but for this
    /// attempt, which may find there what need not be asked for again.
    pub noted_in_vain: Vec<Note>,
    /// What the agent's runs before this one noted that failed for good, oldest first and over all their attempts: at most
    /// four in a row. It counts for nothing, and is told no more once a run that has noted something ends otherwise.
    pub noted_before_failing: Vec<Note>,
    /// The timers that are set in the conversation, whichever agent set them; the next one first.
    pub timers: Vec<PendingTimer>,
}

/// Where a run's words go: the worker implements it over the log, and
/// [`testing`](crate::testing) in memory.
#[async_trait]
pub trait Output: Send {
    /// Adds to the message that the run is writing, and begins one if there is none. Waits while
    /// the log is behind.
    async fn write(&mut self, text: String) -> Result<(), Error>;

    /// Ends the message under way: what is written next begins another.
    async fn end_message(&mut self) -> Result<(), Error>;

    /// Ends the message under way, or one that has no text, with these parts behind it. They have been
    /// checked.
    async fn offer(&mut self, parts: Vec<Part>) -> Result<(), Error>;

    /// Puts a note, which has been checked, behind what was written.
    async fn note(&mut self, note: Note) -> Result<(), Error>;

    /// Adds to what the run has used.
    fn add_usage(&mut self, usage: Usage);

    /// Changes a timer of the agent's once the attempt ends, unless it fails. Of several changes of one
    /// timer the last one counts.
    fn change_timer(&mut self, name: TimerName, change: TimerChange);

    /// Closes what the agent offers under this name once the attempt ends, unless it fails.
    fn close_offer(&mut self, name: OfferName);
}

/// A run under way.
pub struct Run {
    context: RunContext,
    output: Box<dyn Output>,
    /// The agent's timers, as they will be set when the run is over.
    timers: BTreeSet<TimerName>,
    /// The offers that it closes.
    closed: BTreeSet<OfferName>,
}

/// Offers that a run closes.
pub const MOST_CLOSED: usize = 64;

impl Run {
    /// A run over this context, with its words going to `output`.
    #[must_use]
    pub fn new(context: RunContext, output: Box<dyn Output>) -> Self {
        let own = context.timers.iter();
        let own = own.filter(|timer| timer.agent == context.agent);
        let timers = own.map(|timer| timer.name.clone()).collect();
        Self {
            context,
            output,
            timers,
            closed: BTreeSet::new(),
        }
    }

    #[must_use]
    pub fn context(&self) -> &RunContext {
        &self.context
    }

    /// The run's id: the same over all its attempts, so a key for what must happen once.
    #[must_use]
    pub fn id(&self) -> &RunId {
        &self.context.run
    }

    /// The text of all inputs, one after the other.
    #[must_use]
    pub fn input_text(&self) -> String {
        let texts: Vec<_> = self.context.inputs.iter().map(Message::text).collect();
        texts.join("\n")
    }

    /// What the run is about, where nobody said anything: a timer of the agent's rings, or something
    /// happened outside.
    #[must_use]
    pub fn happened(&self) -> Option<&Happened> {
        self.context.happened.as_ref()
    }

    /// Has the agent woken after this time: it gets a run that is about the [timer](Happened::Timer), once.
    /// One of its timers that has this name is replaced. Timers belong to the conversation, outlive
    /// every process, and ring when their time has come and everything that was said is answered.
    ///
    /// The timer is set when this attempt has ended well, or was cancelled, and its time counts from
    /// now. What an attempt sets that fails is not set.
    ///
    /// # Errors
    /// [`Error::permanent`] with the code `too_many_timers` where the conversation would have more than
    /// [`MOST_TIMERS`], and `timer_too_far` beyond [`FARTHEST_TIMER`].
    pub fn set_timer(&mut self, name: TimerName, after: Duration) -> Result<(), Error> {
        if after > FARTHEST_TIMER {
            return Err(too_far());
        }
        let wait = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        self.add_timer(name, Rings::AfterMs(wait))
    }

    /// The same at a time; at once, where that is past.
    ///
    /// # Errors
    /// As [`Run::set_timer`].
    pub fn set_timer_at(&mut self, name: TimerName, at: SystemTime) -> Result<(), Error> {
        let wait = at.duration_since(SystemTime::now()).unwrap_or_default();
        if wait > FARTHEST_TIMER {
            return Err(too_far());
        }
        let at = at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let at = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
        self.add_timer(name, Rings::AtMs(at))
    }

    fn add_timer(&mut self, name: TimerName, rings: Rings) -> Result<(), Error> {
        let others = self.context.timers.iter();
        let others = others.filter(|timer| timer.agent != self.context.agent);
        let count = others.count() + self.timers.len();
        if count >= MOST_TIMERS && !self.timers.contains(&name) {
            let many = format!("A conversation has at most {MOST_TIMERS} timers: clear one first");
            return Err(Error::permanent("too_many_timers", many));
        }
        self.timers.insert(name.clone());
        self.output.change_timer(name, TimerChange::Set(rings));
        Ok(())
    }

    /// Takes a timer of the agent's back, if it is set. As with [`Run::set_timer`], it is so when this
    /// attempt has ended.
    pub fn clear_timer(&mut self, name: &TimerName) {
        if !self.timers.remove(name) {
            return;
        }
        let own = |timer: &PendingTimer| timer.agent == self.context.agent && timer.name == *name;
        let change = if self.context.timers.iter().any(own) {
            TimerChange::Clear
        } else {
            TimerChange::Undo
        };
        self.output.change_timer(name.clone(), change);
    }

    /// The agent's timers that are set, as this run has left them by now.
    pub fn timers(&self) -> impl Iterator<Item = &TimerName> {
        self.timers.iter()
    }

    /// What to call somebody: their name in the conversation, or their id where they have left.
    #[must_use]
    pub fn name_of(&self, who: &ParticipantId) -> String {
        self.participant(who)
            .map_or_else(|| who.to_string(), |found| found.name.clone())
    }

    /// Somebody who is in the conversation.
    #[must_use]
    pub fn participant(&self, who: &ParticipantId) -> Option<&Participant> {
        let everyone = &self.context.conversation.participants;
        everyone.iter().find(|participant| participant.id == *who)
    }

    /// Says a piece of text, at once, to everyone in the conversation. It is Markdown.
    ///
    /// Waits while the log is behind, so a model is never read faster than its words are kept.
    ///
    /// # Errors
    /// When the log cannot be written any more. Pass it on with `?`.
    pub async fn write(&mut self, text: impl Into<String> + Send) -> Result<(), Error> {
        self.output.write(text.into()).await
    }

    /// Ends the message under way: what is written next begins another.
    ///
    /// # Errors
    /// As [`Run::write`].
    pub async fn end_message(&mut self) -> Result<(), Error> {
        self.output.end_message().await
    }

    /// Ends the message under way with these parts behind its text: actions, cards and forms. They
    /// appear with the whole message, in one step. Without text the parts are a message of their own.
    ///
    /// What people make of them comes as messages: see [`Run::acts`].
    ///
    /// # Errors
    /// [`Error::permanent`] with the code `offer_invalid` where that is too much, or cannot be
    /// answered: the limits are those of [`convene_proto::part::bounds`]. Otherwise as [`Run::write`].
    pub async fn say(&mut self, parts: impl IntoIterator<Item = Part> + Send) -> Result<(), Error> {
        let parts: Vec<Part> = parts.into_iter().collect();
        if parts.is_empty() {
            return self.end_message().await;
        }
        bounds::check(&parts)
            .map_err(|unfit| Error::permanent("offer_invalid", unfit.to_string()))?;
        self.output.offer(parts).await
    }

    /// The same with one part: [`Actions`](convene_proto::part::Actions), a
    /// [`Card`](convene_proto::part::Card) or a [`Form`](convene_proto::part::Form).
    ///
    /// # Errors
    /// As [`Run::say`].
    pub async fn offer(&mut self, part: impl Into<Part> + Send) -> Result<(), Error> {
        self.say([part.into()]).await
    }

    /// Closes what the agent has offered under these names, in this run or before: it is answered, or
    /// not asked any more, and clients show it so. Who presses it nevertheless is heard as ever. It is
    /// so when this attempt has ended well, or was cancelled. Of the names of a run the first
    /// [`MOST_CLOSED`] count.
    pub fn close_offers(&mut self, names: impl IntoIterator<Item = OfferName>) {
        for name in names {
            if self.closed.len() < MOST_CLOSED && self.closed.insert(name.clone()) {
                self.output.close_offer(name);
            }
        }
    }

    /// What people have pressed or submitted among the inputs, and who.
    pub fn acts(&self) -> impl Iterator<Item = (&ParticipantId, &Act)> {
        let inputs = self.context.inputs.iter();
        inputs.flat_map(|input| input.acts().map(|act| (&input.author, act)))
    }

    /// Puts something down in the log, behind what was written. It stands there as soon as that does,
    /// and counts if this attempt ends well, or is cancelled.
    ///
    /// # Errors
    /// [`Error::permanent`] with the code `note_invalid` where it is no JSON or more than
    /// [`LARGEST_NOTE`] bytes of it. Otherwise as [`Run::write`].
    pub async fn note(
        &mut self,
        name: NoteName,
        value: &(impl Serialize + Sync),
    ) -> Result<(), Error> {
        let note = noted(name, value, false)?;
        self.output.note(note).await
    }

    /// The same with something that contains all that the agent has noted before this run. Now and
    /// then an agent should note one, since a run is given all notes from the last one on.
    ///
    /// # Errors
    /// As [`Run::note`].
    pub async fn note_base(
        &mut self,
        name: NoteName,
        value: &(impl Serialize + Sync),
    ) -> Result<(), Error> {
        let note = noted(name, value, true)?;
        self.output.note(note).await
    }

    /// What the agent noted before under this name, oldest first.
    ///
    /// # Errors
    /// [`Error::permanent`] with the code `note_unreadable` where a note is not what is asked for.
    pub fn notes<T: DeserializeOwned>(&self, name: &NoteName) -> Result<Vec<T>, Error> {
        read(&self.context.notes, name)
    }

    /// What earlier attempts of this run noted under this name, oldest first.
    ///
    /// # Errors
    /// As [`Run::notes`].
    pub fn noted_in_vain<T: DeserializeOwned>(&self, name: &NoteName) -> Result<Vec<T>, Error> {
        read(&self.context.noted_in_vain, name)
    }

    /// What the agent's last runs noted under this name that failed for good, in a row, oldest first: nobody has read what
    /// they said, but what they have done elsewhere is done. A run that needs none of it done again notes it anew.
    ///
    /// # Errors
    /// As [`Run::notes`].
    pub fn noted_before_failing<T: DeserializeOwned>(
        &self,
        name: &NoteName,
    ) -> Result<Vec<T>, Error> {
        read(&self.context.noted_before_failing, name)
    }

    /// Adds to what the run has used.
    pub fn add_usage(&mut self, usage: Usage) {
        self.output.add_usage(usage);
    }
}

fn too_far() -> Error {
    let days = FARTHEST_TIMER.as_secs() / (24 * 60 * 60);
    Error::permanent("timer_too_far", format!("A timer rings within {days} days"))
}

fn noted(name: NoteName, value: &impl Serialize, base: bool) -> Result<Note, Error> {
    let invalid = |why: String| Error::permanent("note_invalid", why);
    let value = serde_json::to_value(value).map_err(|error| invalid(error.to_string()))?;
    let size = value.to_string().len();
    if size > LARGEST_NOTE {
        let excess =
            format!("A note has at most {LARGEST_NOTE} bytes as JSON, and this has {size}");
        return Err(invalid(excess));
    }
    Ok(Note { name, value, base })
}

fn read<T: DeserializeOwned>(notes: &[Note], name: &NoteName) -> Result<Vec<T>, Error> {
    let named = notes.iter().filter(|note| note.name == *name);
    named
        .map(|note| {
            // What serde says of it quotes the value, which is not for everyone.
            T::deserialize(&note.value).map_err(|_| {
                let other = format!("A note called {name} is not of the form that is asked for");
                Error::permanent("note_unreadable", other)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_that_cannot_be_read_is_not_quoted() {
        let name: NoteName = "key".parse().unwrap();
        let noted = [noted(name.clone(), &"sk-secret", false).unwrap()];
        let error = read::<u64>(&noted, &name).unwrap_err();
        assert_eq!(error.code, "note_unreadable");
        assert!(error.message.contains("key") && !error.message.contains("sk-"));
        assert_eq!(read::<String>(&noted, &name).unwrap(), ["sk-secret"]);
    }
}
