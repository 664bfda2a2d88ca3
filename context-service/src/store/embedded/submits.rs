//! People's messages: said once, numbered, and put in the mailbox where they wake an agent.

use convene_proto::{
    event::{Participant, Role, TurnPolicy},
    id::{AgentName, ConversationId, MessageId, ParticipantId, Pool},
    position::Seq,
};
use redb::ReadableTable as _;

use super::{
    error::unreadable,
    records::{self, Input, Line, Place, Profile, State},
    step::{Step, Weight},
};
use crate::store::{
    Cancelled, Entry, Error, Needs, NewConversation, NewEntry, Restore, Result, Ring, Submit,
    Submitted, Wake,
};

impl Step<'_, '_> {
    pub(super) fn submit(&mut self, submit: Submit) -> Result<Submitted> {
        let id = &submit.conversation;
        let mut state = self.state(id)?.ok_or(Error::NotFound)?;
        let author = records::member(&self.tables.members, id, &submit.author)?;
        let author_name = match author {
            Some(author) => author.name,
            None if submit.outside => String::new(),
            None => return Err(Error::NotFound),
        };
        if let Some((seq, author)) = self.said(id, &submit.message)? {
            if author != submit.author.to_string() {
                return Err(Error::Conflict("another message has this id"));
            }
            return self.said_before(id, &state, seq, author_name);
        }
        self.pressable(id, &submit.needs)?;

        let profile = self.profile(id)?;
        let policy = submit.policy.unwrap_or(profile.policy);
        let input = self
            .woken(&profile, submit.wake)
            .map(|(agent, pool)| Input {
                agent,
                pool,
                policy,
                cancelled: false,
            });
        if let Some(input) = &input
            && !records::has_agent(&self.tables.members, id, &input.agent)?
        {
            return Err(Error::NoSuchParticipant);
        }
        let wakes = input.is_some();
        if wakes && policy == TurnPolicy::Reject && self.is_busy(id, &state)? {
            return Err(Error::Busy);
        }
        let ring = input.as_ref().map(ring);
        let written = Said {
            author: &submit.author,
            message: &submit.message,
            needs: &submit.needs,
            input,
        };
        let entry = self.say(id, &mut state, submit.entry, written)?;
        let interrupted = if wakes && policy == TurnPolicy::Interrupt {
            self.interrupt(id, &mut state)?
        } else {
            None
        };
        self.touch_all(id, &mut state)?;
        self.keep(id, &state)?;
        Ok(Submitted {
            epoch: state.epoch,
            entry,
            audience: self.memory.audience(id, self.now),
            duplicate: false,
            author_name,
            ring,
            interrupted,
        })
    }

    /// Where the log has this message, and whose it is.
    pub(super) fn said(
        &self,
        id: &ConversationId,
        message: &MessageId,
    ) -> Result<Option<(Seq, String)>> {
        let found = self.tables.messages.get((id.as_str(), message.as_str()))?;
        Ok(found.map(|found| {
            let (seq, author) = found.value();
            (Seq(seq), author.to_owned())
        }))
    }

    fn said_before(
        &self,
        id: &ConversationId,
        state: &State,
        seq: Seq,
        author_name: String,
    ) -> Result<Submitted> {
        let entry = self.entry(id, seq)?;
        Ok(Submitted {
            epoch: state.epoch,
            entry: entry.ok_or_else(|| unreadable("a message's place"))?,
            audience: self.memory.audience(id, self.now),
            duplicate: true,
            author_name,
            ring: self.find_input(id, seq)?.as_ref().map(ring),
            interrupted: None,
        })
    }

    fn woken(&self, profile: &Profile, wake: Wake) -> Option<(AgentName, Pool)> {
        let agent = match wake {
            Wake::Nobody => return None,
            Wake::Default => profile.agent.clone()?,
            Wake::Agent(agent) => agent,
        };
        let elsewhere = if profile.agent.as_ref() == Some(&agent) {
            None
        } else {
            self.memory.pool_of(&agent, self.now)
        };
        let pool = elsewhere.unwrap_or_else(|| profile.pool.clone());
        Some((agent, pool))
    }

    fn is_busy(&self, id: &ConversationId, state: &State) -> Result<bool> {
        Ok(state.run.is_some() || self.oldest_input(id)?.is_some())
    }

    /// Writes a message that the log does not have, and its input. The state is yet to be kept.
    fn say(
        &mut self,
        id: &ConversationId,
        state: &mut State,
        new: NewEntry,
        said: Said<'_>,
    ) -> Result<Entry> {
        let entry = self.push(id, state, new, Some(said.message))?;
        let author = said.author.to_string();
        let key = (id.as_str(), said.message.as_str());
        self.tables
            .messages
            .insert(key, (entry.seq.0, author.as_str()))?;
        self.mark_pressed(id, said.needs, said.message)?;
        if let Some(input) = &said.input {
            self.wait(id, state, entry.seq, input)?;
        }
        Ok(entry)
    }

    /// Puts an input into the mailbox, and the conversation into the due set.
    fn wait(
        &mut self,
        id: &ConversationId,
        state: &mut State,
        seq: Seq,
        input: &Input,
    ) -> Result<()> {
        let line = match input.policy {
            TurnPolicy::Interrupt => Line::Ahead,
            TurnPolicy::Enqueue | TurnPolicy::Merge | TurnPolicy::Reject => Line::Regular,
        };
        let place = Place { line, seq };
        self.put_input(id, place, input)?;
        state.looks = 0;
        let due = self.after(self.limits.due_after);
        // A lease that runs out is not overlooked because of what is said meanwhile.
        let under_way = state.due.filter(|_| self.leased_until(id, state).is_some());
        let due = under_way.map_or(due, |earlier| earlier.min(due));
        self.set_due(id, state, Some(due))
    }

    fn interrupt(&mut self, id: &ConversationId, state: &mut State) -> Result<Option<Cancelled>> {
        if state.run.is_none() {
            return Ok(None);
        }
        self.cancel_run(id, state).map(Some)
    }

    /// Writes what a doorbell's command knows and the log does not; answers with the event, if
    /// one was written.
    pub(super) fn restore(&mut self, restore: Restore) -> Result<Option<Entry>> {
        let submit = restore.submit.clone();
        let id = &submit.conversation;
        let mut state = match self.state(id)? {
            Some(state) => state,
            None => {
                let new = made_anew(&restore);
                self.found(new, submit.author.clone())?
            }
        };
        let known = self.trace(id, &state, &restore)?;
        let waits = match known {
            Trace::At(seq) => self.find_input(id, seq)?.is_some(),
            Trace::Dropped | Trace::None => false,
        };
        let replay = match restore.replay {
            Some(letter) => state.is_first_replay(letter),
            None => false,
        };
        // Somebody else pressed while the log did not know of it: there may be no second one.
        let is_lost = matches!(known, Trace::None | Trace::Dropped);
        let outrun = is_lost && self.is_outrun(id, &submit.needs, &submit.message)?;
        if waits || outrun || (known != Trace::None && !replay) {
            if replay {
                self.weigh(Weight::Durable);
                self.keep(id, &state)?;
            }
            return Ok(None);
        }
        let policy = match submit.policy.unwrap_or(self.profile(id)?.policy) {
            // What it was to interrupt is long over.
            TurnPolicy::Interrupt => TurnPolicy::Enqueue,
            other => other,
        };
        let input = Input {
            agent: restore.agent,
            pool: restore.pool,
            policy,
            cancelled: false,
        };
        let restored = if let Trace::At(seq) = known {
            self.wait(id, &mut state, seq, &input)?;
            None
        } else {
            let said = Said {
                author: &submit.author,
                message: &submit.message,
                needs: &submit.needs,
                input: Some(input),
            };
            let same = restore.accepted.0 == state.epoch && restore.prev == state.head_eid;
            let new = NewEntry {
                eid: if same { submit.entry.eid } else { restore.anew },
                body: submit.entry.body,
            };
            let entry = self.say(id, &mut state, new, said)?;
            self.touch_all(id, &mut state)?;
            Some(entry)
        };
        self.weigh(Weight::Durable);
        self.keep(id, &state)?;
        Ok(restored)
    }

    fn trace(&self, id: &ConversationId, state: &State, restore: &Restore) -> Result<Trace> {
        if let Some((seq, _)) = self.said(id, &restore.submit.message)? {
            return Ok(Trace::At(seq));
        }
        let (epoch, seq) = restore.accepted;
        let there = self.entry(id, seq)?;
        if there.is_some_and(|there| there.eid == restore.submit.entry.eid) {
            return Ok(Trace::At(seq));
        }
        Ok(if epoch == state.epoch && seq < state.first {
            Trace::Dropped
        } else {
            Trace::None
        })
    }
}

/// Where the log has a command's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trace {
    At(Seq),
    /// Retention dropped it, which it does only to what was answered.
    Dropped,
    None,
}

/// A message to be written.
struct Said<'a> {
    author: &'a ParticipantId,
    message: &'a MessageId,
    needs: &'a Needs,
    input: Option<Input>,
}

fn ring(input: &Input) -> Ring {
    Ring {
        pool: input.pool.clone(),
        agent: input.agent.clone(),
        policy: input.policy,
    }
}

/// All that a command tells of its conversation.
fn made_anew(restore: &Restore) -> NewConversation {
    let author = Participant {
        id: restore.submit.author.clone(),
        name: restore.author_name.clone(),
        role: Role::Owner,
    };
    let agent = Participant {
        id: ParticipantId::Agent(restore.agent.clone()),
        name: restore.agent.to_string(),
        role: Role::Agent,
    };
    NewConversation {
        id: restore.submit.conversation.clone(),
        epoch: restore.epoch,
        title: None,
        agent: Some(restore.agent.clone()),
        pool: restore.pool.clone(),
        policy: TurnPolicy::Enqueue,
        participants: vec![author, agent],
        entry: restore.created.clone(),
    }
}
