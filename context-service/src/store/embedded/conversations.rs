//! Making and changing conversations, and who is in them.

use std::collections::VecDeque;

use convene_proto::{
    event::{Participant, Role},
    id::{AgentName, ConversationId, ParticipantId},
    position::{Eid, Seq},
};

use super::{
    records::{self, Member, Profile, State},
    step::{Step, Weight},
};
use crate::store::{
    Cancelled, Change, Created, Error, Found, NewConversation, NewEntry, Result, Signalled, Viewer,
    Written, error::UNINVITED,
};

impl Step<'_, '_> {
    pub(super) fn create(&mut self, new: NewConversation) -> Result<Created> {
        let Some(creator) = new.participants.first().map(|creator| creator.id.clone()) else {
            return Err(Error::Conflict("a conversation needs a creator"));
        };
        if let Some(state) = self.state(&new.id)? {
            let is_in = records::member(&self.tables.members, &new.id, &creator)?.is_some();
            // Who made it and was taken out is as much a stranger to it as anybody.
            if !is_in || self.profile(&new.id)?.creator != creator {
                return Err(Error::Conflict("another conversation has this id"));
            }
            return Ok(Created {
                conversation: self.seen(&new.id, &state)?,
                epoch: state.epoch,
                created: false,
            });
        }
        let id = new.id.clone();
        let state = self.found(new, creator)?;
        Ok(Created {
            conversation: self.seen(&id, &state)?,
            epoch: state.epoch,
            created: true,
        })
    }

    /// Writes a conversation that was not there, with its first event.
    pub(super) fn found(&mut self, new: NewConversation, creator: ParticipantId) -> Result<State> {
        let id = &new.id;
        let profile = Profile {
            title: new.title,
            agent: new.agent,
            pool: new.pool,
            policy: new.policy,
            creator,
            created_at: self.now,
        };
        let mut state = State {
            epoch: new.epoch,
            head: Seq(0),
            head_eid: Eid(0),
            first: Seq(1),
            uninvited: Seq(0),
            updated_at: self.now,
            touched: 0,
            due: None,
            looks: 0,
            lease: None,
            taken: None,
            spent: VecDeque::new(),
            wrote: None,
            replayed: VecDeque::new(),
            run: None,
            streaming: None,
        };
        self.push(id, &mut state, new.entry, None)?;
        self.put_profile(id, &profile)?;
        for (place, participant) in new.participants.iter().enumerate() {
            let joined = (state.head, place);
            self.put_member(id, participant, joined, Seq(0))?;
        }
        let people = new.participants.iter().map(|participant| &participant.id);
        self.touch(id, &mut state, people)?;
        self.keep(id, &state)?;
        Ok(state)
    }

    pub(super) fn conversation(&self, id: &ConversationId, viewer: &Viewer) -> Result<Found> {
        let state = self.state(id)?.ok_or(Error::NotFound)?;
        records::admit(&self.tables.members, id, viewer)?;
        Ok(Found {
            conversation: self.seen(id, &state)?,
            epoch: state.epoch,
            here: self.memory.here(id, self.now),
            uninvited: state.uninvited,
        })
    }

    pub(super) fn change(
        &mut self,
        id: &ConversationId,
        viewer: &Viewer,
        change: Change,
        new: NewEntry,
    ) -> Result<Written> {
        let mut state = self.state(id)?.ok_or(Error::NotFound)?;
        let member = records::admit(&self.tables.members, id, viewer)?;
        if !allowed(viewer, member.as_ref(), &change) {
            return Err(Error::Forbidden("only an owner may do this"));
        }
        let (entry, stopped) = if self.in_force(id, &change)? {
            (self.head(id, &state)?, None)
        } else {
            self.refuse(id, &state, viewer, &change)?;
            let entry = self.push(id, &mut state, new, None)?;
            let stopped = self.apply(id, &mut state, viewer, change)?;
            self.keep(id, &state)?;
            (entry, stopped)
        };
        Ok(Written {
            epoch: state.epoch,
            entry,
            audience: self.memory.audience(id, self.now),
            stopped,
        })
    }

    fn in_force(&self, id: &ConversationId, change: &Change) -> Result<bool> {
        let member = |who| records::member(&self.tables.members, id, who);
        Ok(match change {
            Change::Add(new) => member(&new.id)?.is_some_and(|old| {
                rank(old.role) > rank(new.role) || (&old.name, old.role) == (&new.name, new.role)
            }),
            Change::Join { participant, .. } => member(&participant.id)?.is_some(),
            Change::Remove(who) => member(who)?.is_none(),
            Change::Rename(title) => self.profile(id)?.title.as_ref() == Some(title),
        })
    }

    /// Refuses a change that the viewer may make, but not now.
    fn refuse(
        &self,
        id: &ConversationId,
        state: &State,
        viewer: &Viewer,
        change: &Change,
    ) -> Result<()> {
        let everybody = records::participants(&self.tables.members, id)?;
        match change {
            Change::Join { invited, .. } if *invited < state.uninvited => {
                Err(Error::Forbidden(UNINVITED))
            }
            Change::Add(new)
            | Change::Join {
                participant: new, ..
            } => {
                let is_in = everybody.iter().any(|one| one.id == new.id);
                let most = self.limits.participants;
                if !is_in && everybody.len() >= most {
                    return Err(Error::Full { most });
                }
                Ok(())
            }
            Change::Remove(who) => {
                let leaves = *viewer == Viewer::Participant(who.clone());
                if leaves && leaves_others_behind(&everybody, who) {
                    return Err(Error::LastOwner);
                }
                Ok(())
            }
            Change::Rename(_) => Ok(()),
        }
    }

    /// Makes the change, and says which run it stopped.
    fn apply(
        &mut self,
        id: &ConversationId,
        state: &mut State,
        viewer: &Viewer,
        change: Change,
    ) -> Result<Option<Cancelled>> {
        let mut stopped = None;
        match change {
            Change::Add(new)
            | Change::Join {
                participant: new, ..
            } => {
                let old = records::member(&self.tables.members, id, &new.id)?;
                let (joined, read) =
                    old.map_or(((state.head, 0), Seq(0)), |old| (old.joined, old.read));
                self.put_member(id, &new, joined, read)?;
            }
            Change::Remove(who) => {
                let key = who.to_string();
                self.tables.members.remove((id.as_str(), key.as_str()))?;
                self.unlist(id, state.touched, &who)?;
                self.memory.remove(id, &who);
                if let ParticipantId::Agent(agent) = &who {
                    stopped = self.dismiss(id, state, agent)?;
                } else if *viewer != Viewer::Participant(who) {
                    state.uninvited = state.head;
                }
            }
            Change::Rename(title) => {
                let profile = Profile {
                    title: Some(title),
                    ..self.profile(id)?
                };
                self.put_profile(id, &profile)?;
                return Ok(None);
            }
        }
        self.touch_all(id, state)?;
        Ok(stopped)
    }

    /// What it means that an agent is in the conversation no longer. The state is yet to be kept.
    fn dismiss(
        &mut self,
        id: &ConversationId,
        state: &mut State,
        agent: &AgentName,
    ) -> Result<Option<Cancelled>> {
        let profile = self.profile(id)?;
        if profile.agent.as_ref() == Some(agent) {
            let agent = None;
            self.put_profile(id, &Profile { agent, ..profile })?;
        }
        let runs = state.run.as_ref().is_some_and(|run| run.agent == *agent);
        let stopped = runs.then(|| self.cancel_run(id, state)).transpose()?;
        self.hurry(id, state)?;
        Ok(stopped)
    }

    fn put_profile(&mut self, id: &ConversationId, profile: &Profile) -> Result<()> {
        let json = records::encode(profile)?;
        self.weigh(Weight::Durable);
        self.tables.profiles.insert(id.as_str(), &json[..])?;
        Ok(())
    }

    /// Moves the conversation to the top of everybody's list.
    pub(super) fn touch_all(&mut self, id: &ConversationId, state: &mut State) -> Result<()> {
        let everybody = records::participants(&self.tables.members, id)?;
        self.touch(
            id,
            state,
            everybody.iter().map(|participant| &participant.id),
        )
    }

    fn put_member(
        &mut self,
        id: &ConversationId,
        participant: &Participant,
        joined: (Seq, usize),
        read: Seq,
    ) -> Result<()> {
        let member = Member {
            name: participant.name.clone(),
            role: participant.role,
            joined,
            read,
        };
        self.weigh(Weight::Durable);
        self.write_member(id, &participant.id, &member)
    }

    /// Remembers how far somebody has read; it only grows.
    pub(super) fn signal(
        &mut self,
        id: &ConversationId,
        viewer: &ParticipantId,
        read: Option<Seq>,
    ) -> Result<Signalled> {
        let state = self.state(id)?.ok_or(Error::NotFound)?;
        let found = records::member(&self.tables.members, id, viewer)?;
        let mut member = found.ok_or(Error::NotFound)?;
        if let Some(read) = read.map(|read| read.min(state.head))
            && read > member.read
        {
            member.read = read;
            self.weigh(Weight::Relaxed);
            self.write_member(id, viewer, &member)?;
        }
        Ok(Signalled {
            audience: self.memory.audience(id, self.now),
            read: read.map(|_| member.read),
        })
    }

    fn write_member(
        &mut self,
        id: &ConversationId,
        who: &ParticipantId,
        member: &Member,
    ) -> Result<()> {
        let (key, json) = (who.to_string(), records::encode(member)?);
        self.tables
            .members
            .insert((id.as_str(), key.as_str()), &json[..])?;
        Ok(())
    }
}

/// Which of two roles is the stronger one.
fn rank(role: Role) -> u8 {
    match role {
        Role::Agent => 0,
        Role::Member => 1,
        Role::Operator => 2,
        Role::Owner => 3,
    }
}

/// Whether somebody is the only owner of a conversation with other people in it.
fn leaves_others_behind(everybody: &[Participant], who: &ParticipantId) -> bool {
    let owns = |one: &&Participant| one.role == Role::Owner;
    let (own, others): (Vec<_>, Vec<_>) = everybody
        .iter()
        .filter(|one| matches!(one.id, ParticipantId::User(_)))
        .partition(|one| one.id == *who);
    own.iter().any(owns) && !others.is_empty() && !others.iter().any(owns)
}

/// Services may do anything, owners too, and everybody may leave.
fn allowed(viewer: &Viewer, member: Option<&Member>, change: &Change) -> bool {
    match (viewer, change) {
        (Viewer::Service, _) => true,
        (Viewer::Participant(viewer), Change::Remove(who)) if viewer == who => true,
        _ => member.is_some_and(|member| member.role == Role::Owner),
    }
}
