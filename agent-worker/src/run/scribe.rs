//! Turns what an agent writes into the run's events and text, and ends the run in each of the
//! ways in which it can end.

use std::time::Duration;

use convene_agent::{Error, Usage};
use convene_proto::{
    context::{NewEntry, Text},
    event::{MESSAGES_OF_A_RUN, Outcome, Part},
    id::{MessageId, OfferName},
};
use convene_runtime::lies::{Lie, told};

use super::{
    attempt::{self, Attempt, Result, Unwritten, unwritable},
    draft::Draft,
    lease::{Ending, Lease},
    pen::{Stroke, TimerChanges},
    timers,
};

/// Entries of one append: the log takes no more at once, but for what becomes of all timers, which is written in the step
/// that ends the run.
const MOST_ENTRIES: usize = 60;

/// What the log has of this attempt, and what it is to get next.
pub(super) struct Scribe<'lease> {
    lease: &'lease mut Lease,
    attempt: Attempt,
    /// The events that begin the attempt, until they are written.
    opening: Vec<NewEntry>,
    draft: Option<Draft>,
    /// Messages of this attempt that are complete: taken back if the attempt fails.
    said: Vec<MessageId>,
    /// What the agent wants of its timers: it is done in the step that ends the run, unless that failed.
    timers: TimerChanges,
    /// What it has offered and closes in that step.
    closes: Vec<OfferName>,
    /// The agent wrote more than a message may hold, or more messages than a run may have.
    excess: Option<Error>,
}

impl<'lease> Scribe<'lease> {
    /// Nothing is written yet. `streaming` is what an earlier attempt left half said, and
    /// `complete` what it had said whole: both are taken back first.
    pub(super) fn new(
        lease: &'lease mut Lease,
        attempt: Attempt,
        streaming: Option<MessageId>,
        complete: &[MessageId],
    ) -> Result<Self> {
        let mut opening = Vec::new();
        let dead = complete.iter().chain(&streaming);
        for message in dead.filter(|_| !told(Lie::NoRetraction)) {
            opening.push(attempt.retracted(message)?);
        }
        opening.push(attempt.started()?);
        Ok(Self {
            lease,
            attempt,
            opening,
            draft: None,
            said: Vec::new(),
            timers: TimerChanges::new(),
            closes: Vec::new(),
            excess: None,
        })
    }

    pub(super) fn lease(&mut self) -> &mut Lease {
        self.lease
    }

    pub(super) fn change_timers(&mut self, changes: TimerChanges) {
        self.timers = changes;
    }

    pub(super) fn close_offers(&mut self, names: Vec<OfferName>) {
        self.closes = names;
    }

    /// Whether the log knows nothing of this attempt yet.
    pub(super) fn is_unopened(&self) -> bool {
        !self.opening.is_empty()
    }

    /// Tells the audience where the log stands, once it knows of this attempt.
    pub(super) async fn publish_head(&self) {
        if self.is_unopened() {
            return;
        }
        let text = self.draft.as_ref();
        let text = text.map(|draft| (draft.id.as_str(), draft.logged as u64));
        self.lease.publish_head(text).await;
    }

    /// Writes the opening and the strokes, in one step. Returns how many bytes of text went.
    pub(super) async fn write(&mut self, strokes: Vec<Stroke>) -> Result<usize> {
        let entries = self.compose(strokes)?;
        let text = self.draft.as_mut().and_then(Draft::rest);
        let bytes = text.as_ref().map_or(0, |text| text.text.len());
        if !entries.is_empty() || text.is_some() {
            self.append(entries, text).await?;
        }
        match self.excess.take() {
            Some(excess) => Err(Unwritten::Refused(excess)),
            None => Ok(bytes),
        }
    }

    /// Ends the run well, or as cancelled where somebody has stopped it by now: what was said stays.
    pub(super) async fn complete(
        &mut self,
        rest: Vec<Stroke>,
        usage: Option<Usage>,
    ) -> Result<Ending> {
        let mut entries = self.compose(rest)?;
        if self.excess.is_some() {
            self.opening = entries;
            return self.write(Vec::new()).await.map(|_| Ending::Written);
        }
        entries.extend(self.end_draft(true)?);
        let mut entries = self.with_timers(entries).await?;
        entries.push(self.finished(Outcome::Completed, usage)?);
        let ending = self.lease.append_unless_cancelled(entries.clone()).await?;
        if ending == Ending::Stopped {
            entries.pop();
            entries.push(self.finished(Outcome::Cancelled, usage)?);
            self.lease.append(entries, None).await?;
        }
        Ok(ending)
    }

    /// Ends the run because somebody wished so; what was said stays.
    pub(super) async fn cancel(&mut self, rest: Vec<Stroke>, usage: Option<Usage>) -> Result<()> {
        let mut entries = self.compose(rest)?;
        entries.extend(self.end_draft(false)?);
        let mut entries = self.with_timers(entries).await?;
        entries.push(self.finished(Outcome::Cancelled, usage)?);
        Ok(self.lease.append(entries, None).await?)
    }

    /// Takes the attempt's words back and ends the run as failed, unless somebody has stopped it by now:
    /// then they stay, and it ends as cancelled. What is noted among the rest is told to the agent's next run.
    pub(super) async fn fail(
        &mut self,
        rest: Vec<Stroke>,
        error: &Error,
        usage: Option<Usage>,
    ) -> Result<Ending> {
        let outcome = Outcome::Failed {
            error: attempt::failure(error),
        };
        let last = self.finished(outcome, usage)?;
        self.end_without_words(rest, last, usage).await
    }

    /// Takes the attempt's words back and gives the lease up until the next one is due, for which what
    /// is among the rest is noted.
    pub(super) async fn retry(
        &mut self,
        rest: Vec<Stroke>,
        error: &Error,
        delay: Duration,
    ) -> Result<Ending> {
        let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        let last = self.attempt.retrying(error, delay_ms)?;
        self.end_without_words(rest, last, None).await
    }

    /// Takes the attempt's words back, if any stand in the log, so that another worker can begin
    /// anew, with what is noted.
    pub(super) async fn abandon(&mut self, rest: Vec<Stroke>) -> Result<()> {
        let notes = rest.iter().any(|stroke| matches!(stroke, Stroke::Note(_)));
        if self.is_unopened() && !notes {
            return Ok(());
        }
        let entries = self.take_back(&rest)?;
        if !entries.is_empty() {
            self.append(entries, None).await?;
        }
        Ok(())
    }

    /// Takes the attempt's words back behind what is noted among the rest, and writes what ends the attempt;
    /// or ends the run as cancelled, with its words, where somebody has stopped it by now.
    async fn end_without_words(
        &mut self,
        rest: Vec<Stroke>,
        last: NewEntry,
        usage: Option<Usage>,
    ) -> Result<Ending> {
        let mut entries = self.take_back(&rest)?;
        entries.push(last);
        let mut begun = false;
        loop {
            let later = entries.split_off(MOST_ENTRIES.min(entries.len()));
            match self.lease.append_unless_cancelled(entries.clone()).await? {
                Ending::Written if later.is_empty() => return Ok(Ending::Written),
                Ending::Written => (entries, begun) = (later, true),
                Ending::Stopped if begun => {
                    // Words that are taken back do not come back.
                    entries.extend(later);
                    entries.pop();
                    entries.push(self.finished(Outcome::Cancelled, usage)?);
                    self.append(entries, None).await?;
                    return Ok(Ending::Stopped);
                }
                Ending::Stopped => {
                    self.cancel(rest, usage).await?;
                    return Ok(Ending::Stopped);
                }
            }
        }
    }

    /// Adds what becomes of the timers, and writes what has no room beside that in the step that ends the
    /// run. Whatever becomes of us in between: timers are set by runs that are over.
    async fn with_timers(&mut self, mut entries: Vec<NewEntry>) -> Result<Vec<NewEntry>> {
        let of = (&self.attempt.agent, &self.attempt.run);
        let timers = timers::entries(of, &self.timers).map_err(unwritable)?;
        while entries.len() >= MOST_ENTRIES {
            let rest = entries.split_off(MOST_ENTRIES);
            self.lease.append(entries, None).await?;
            entries = rest;
        }
        entries.extend(timers);
        Ok(entries)
    }

    /// In one step, unless there are too many entries for one. What ends the run comes last.
    async fn append(&mut self, mut entries: Vec<NewEntry>, text: Option<Text>) -> Result<()> {
        while entries.len() > MOST_ENTRIES {
            let rest = entries.split_off(MOST_ENTRIES);
            self.lease.append(entries, None).await?;
            entries = rest;
        }
        Ok(self.lease.append(entries, text).await?)
    }

    /// The opening if it is still to be written, then what the strokes begin and end.
    fn compose(&mut self, strokes: Vec<Stroke>) -> Result<Vec<NewEntry>> {
        let mut entries = std::mem::take(&mut self.opening);
        for stroke in strokes {
            match stroke {
                Stroke::Text(text) => self.add(&text, &mut entries)?,
                Stroke::End => entries.extend(self.end_draft(true)?),
                Stroke::Offer(parts, json) => self.offer(parts, json, &mut entries)?,
                Stroke::Note(note) => entries.push(self.attempt.noted(note)?),
            }
        }
        Ok(entries)
    }

    fn finished(&self, outcome: Outcome, usage: Option<Usage>) -> Result<NewEntry> {
        let closes = match &outcome {
            Outcome::Completed | Outcome::Cancelled => self.closes.clone(),
            Outcome::Failed { .. } => Vec::new(),
        };
        self.attempt.finished(outcome, usage, closes)
    }

    fn add(&mut self, text: &str, entries: &mut Vec<NewEntry>) -> Result<()> {
        if let Some(Err(excess)) = self.draft(entries)?.map(|draft| draft.add(text)) {
            self.excess = Some(excess);
        }
        Ok(())
    }

    /// Ends the message under way, or one of its own, with what it offers.
    fn offer(&mut self, parts: Vec<Part>, json: usize, entries: &mut Vec<NewEntry>) -> Result<()> {
        match self.draft(entries)?.map(|draft| draft.offer(parts, json)) {
            Some(Ok(())) => entries.extend(self.end_draft(true)?),
            Some(Err(excess)) => self.excess = Some(excess),
            None => {}
        }
        Ok(())
    }

    /// The message under way, or a new one; none where the run has said as many as it may.
    fn draft(&mut self, entries: &mut Vec<NewEntry>) -> Result<Option<&mut Draft>> {
        Ok(Some(match &mut self.draft {
            Some(draft) => draft,
            _ if self.said.len() >= MESSAGES_OF_A_RUN => {
                let excess = format!("The answer has more than {MESSAGES_OF_A_RUN} messages");
                self.excess = Some(Error::permanent("too_many_messages", excess));
                return Ok(None);
            }
            none => {
                let draft = Draft::new();
                entries.push(self.attempt.begun(&draft.id)?);
                none.insert(draft)
            }
        }))
    }

    /// The whole text goes with the event, so its last piece needs no append of its own.
    fn end_draft(&mut self, whole: bool) -> Result<Option<NewEntry>> {
        let Some(draft) = self.draft.take() else {
            return Ok(None);
        };
        let effect = draft.effect();
        let (id, parts) = draft.into_parts();
        let entry = self.attempt.said(&id, parts, (whole, effect))?;
        self.said.push(id);
        Ok(Some(entry))
    }

    /// The opening if it is still to be written, what was noted meanwhile, then the retraction of what
    /// the log has.
    fn take_back(&self, rest: &[Stroke]) -> Result<Vec<NewEntry>> {
        let mut entries = self.opening.clone();
        for stroke in rest {
            if let Stroke::Note(note) = stroke {
                entries.push(self.attempt.noted(note.clone())?);
            }
        }
        let draft = self.draft.as_ref().map(|draft| &draft.id);
        for message in self.said.iter().chain(draft) {
            entries.push(self.attempt.retracted(message)?);
        }
        Ok(entries)
    }
}
