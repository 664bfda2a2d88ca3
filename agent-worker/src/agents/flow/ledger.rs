//! What the agent has noted in a conversation: the facts whose fold is its state.

use convene_agent::{Error, Message, MessageId, NoteName, Run};
use convene_flows::{Heard, Recorded, State};
use serde::{Deserialize, Serialize};

/// After so many notes the state itself is noted, so that the log need not be read from its beginning.
const NOTES: usize = 24;

/// Entities that are noted of a message.
const ENTITIES: usize = 20;
/// Bytes of a note of ours, well below the most that one may have.
const LARGEST: usize = 48 << 10;

/// The notes with facts: each holds a list of [`Recorded`].
pub const FACTS: &str = "flow";
/// The notes about what a message was taken for: a [`Heard`] without its text.
pub const UNDERSTOOD: &str = "understood";

/// A note about what a message was taken for.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Understood {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<MessageId>,
    #[serde(flatten)]
    heard: Heard,
}

/// See the module.
pub(super) struct Ledger {
    facts: NoteName,
    understood: NoteName,
    state: State,
    /// Notes since the last base.
    notes: usize,
    /// What earlier attempts at this run have recorded, oldest first.
    in_vain: Vec<Recorded>,
    /// What they have taken the run's messages for.
    heard_in_vain: Vec<Understood>,
    /// What was recorded and not noted yet.
    fresh: Vec<Recorded>,
}

impl Ledger {
    pub(super) fn open(run: &Run) -> Result<Self, Error> {
        let name = |name: &str| {
            NoteName::new(name).map_err(|error| Error::permanent("note_invalid", error.to_string()))
        };
        let facts = name(FACTS)?;
        let notes = run.notes::<Vec<Recorded>>(&facts)?;
        let understood = name(UNDERSTOOD)?;
        let in_vain = run.noted_in_vain::<Vec<Recorded>>(&facts)?;
        let state = State::fold(notes.iter().flatten());
        Ok(Self {
            // A turn that somebody stopped never was; what comes next is another, however alike.
            state: state.without_half_turn(),
            notes: notes.len(),
            in_vain: in_vain.into_iter().flatten().collect(),
            fresh: Vec::new(),
            heard_in_vain: run.noted_in_vain(&understood)?,
            understood,
            facts,
        })
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// Takes up what an earlier attempt recorded of the turn that comes next, if it did.
    pub(super) async fn take_up(&mut self, run: &mut Run) -> Result<(), Error> {
        let next = self.state.turns() + 1;
        let begins =
            |fact: &Recorded| matches!(fact, Recorded::TurnStarted { turn, .. } if *turn == next);
        let Some(begin) = self.in_vain.iter().rposition(begins) else {
            return Ok(());
        };
        let of_turn = self.in_vain[begin..].iter().enumerate();
        let end = of_turn
            .skip(1)
            .find(|(_, fact)| {
                matches!(
                    fact,
                    Recorded::TurnStarted { .. } | Recorded::TurnEnded { .. }
                )
            })
            .map_or(self.in_vain.len(), |(ahead, _)| begin + ahead);
        let taken = self.in_vain[begin..end].to_vec();
        for fact in taken {
            self.record(fact);
        }
        self.note(run).await
    }

    /// A fact: it is noted with the next ones.
    pub(super) fn record(&mut self, fact: Recorded) {
        self.state.apply(&fact);
        self.fresh.push(fact);
    }

    /// Notes what was recorded.
    pub(super) async fn note(&mut self, run: &mut Run) -> Result<(), Error> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        let mut facts = Vec::new();
        let mut bytes = 0;
        for fact in std::mem::take(&mut self.fresh) {
            let size = size(&fact);
            if bytes + size > LARGEST && !facts.is_empty() {
                self.notes += 1;
                run.note(self.facts.clone(), &std::mem::take(&mut facts))
                    .await?;
                bytes = 0;
            }
            bytes += size;
            facts.push(fact);
        }
        self.notes += 1;
        run.note(self.facts.clone(), &facts).await
    }

    /// What an earlier attempt has taken this message for. It is not understood anew: by now "now" is another
    /// time, and what was recorded would not be of the same turn.
    pub(super) fn heard_before(&self, message: &Message) -> Option<Heard> {
        let is_of = |one: &&Understood| one.message.as_ref() == Some(&message.id);
        let mut heard = self.heard_in_vain.iter().find(is_of)?.heard.clone();
        heard.text = message.text();
        Some(heard)
    }

    /// Notes what a message was taken for, and keeps no more of it than is noted. Its text is in the log.
    pub(super) async fn understood(
        &self,
        run: &mut Run,
        message: &MessageId,
        heard: &mut Heard,
    ) -> Result<(), Error> {
        heard.entities.truncate(ENTITIES);
        let text = std::mem::take(&mut heard.text);
        if size(heard) > LARGEST {
            heard.entities.clear();
        }
        let note = Understood {
            message: Some(message.clone()),
            heard: heard.clone(),
        };
        heard.text = text;
        run.note(self.understood.clone(), &note).await
    }

    /// Ends the run's notes: each turn has noted its facts.
    pub(super) async fn close(self, run: &mut Run) -> Result<(), Error> {
        if self.notes + 1 < NOTES {
            return Ok(());
        }
        let whole = [self.state.checkpoint()];
        if size(&whole) > LARGEST {
            // People have said more than fits: then the log is read further back.
            return Ok(());
        }
        run.note_base(self.facts, &whole).await
    }
}

/// Bytes as JSON.
fn size(value: &impl Serialize) -> usize {
    serde_json::to_vec(value).map_or(0, |json| json.len())
}
