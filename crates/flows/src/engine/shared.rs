//! What a slot of `assistant.yaml` holds in a conversation: each person's own value, and what is nobody's in particular.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{frame::Filled, state::State};
use crate::name::Who;

/// So many people's values of a slot are kept: the last ones.
const MOST: usize = 32;

/// Whose a value is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Of whoever said it; where nobody has, of nobody in particular.
    #[default]
    Teller,
    /// Of this person, whoever or whatever said it: it was set for what they had begun.
    Person(Who),
    /// Of everybody.
    Everybody,
}

impl Whose {
    pub(super) fn is_tellers(&self) -> bool {
        *self == Self::Teller
    }

    /// Whose it is, where this is who said it; none where it is nobody's in particular.
    pub(super) const fn owner<'a>(&'a self, teller: Option<&'a Who>) -> Option<&'a Who> {
        match self {
            Self::Teller => teller,
            Self::Person(who) => Some(who),
            Self::Everybody => None,
        }
    }
}

impl Filled {
    /// Whose it is; none where it is nobody's in particular.
    pub(super) fn owner(&self) -> Option<&Who> {
        self.whose.owner(self.who.as_ref())
    }
}

/// The values of one slot, the one that was set last in front. No two are the same person's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Values(VecDeque<Filled>);

impl Values {
    /// The value as somebody's flows see it: their own, else what is nobody's. What nobody in particular has begun
    /// sees what was set last.
    pub(super) fn seen_by(&self, who: Option<&Who>) -> Option<&Filled> {
        if who.is_none() {
            return self.0.front();
        }
        let of = |owner: Option<&Who>| self.0.iter().find(|filled| filled.owner() == owner);
        of(who).or_else(|| of(None))
    }

    /// A value is set: it stands for what its owner had before, and what is everybody's for all.
    pub(super) fn set(&mut self, filled: Filled) {
        if filled.whose == Whose::Everybody {
            self.0.clear();
        }
        self.0.retain(|other| other.owner() != filled.owner());
        self.0.push_front(filled);
        self.0.truncate(MOST);
    }

    /// It is empty to this person now; to nobody in particular: to all.
    pub(super) fn forget(&mut self, who: Option<&Who>) {
        let is_anothers = |filled: &Filled| filled.owner().is_some_and(|own| Some(own) != who);
        self.0.retain(|filled| who.is_some() && is_anothers(filled));
    }

    /// The value of this owner.
    pub(super) fn of(&mut self, owner: Option<&Who>) -> Option<&mut Filled> {
        self.0.iter_mut().find(|filled| filled.owner() == owner)
    }

    /// Without the value of this owner.
    pub(super) fn remove(&mut self, owner: Option<&Who>) {
        self.0.retain(|filled| filled.owner() != owner);
    }

    /// Whose value a log means that says of none whose it is: it may be of before there were several.
    pub(super) fn owner_meant(&self, of: Option<&Who>) -> Option<Who> {
        let is_there = self.0.iter().any(|filled| filled.owner() == of);
        let meant = if is_there {
            of
        } else {
            self.0.front()?.owner()
        };
        meant.cloned()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one that was set last in front.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Filled> {
        self.0.iter()
    }
}

impl State {
    /// A value of the conversation as the flow at a place of the stack sees it; while nothing runs, whoever has done something last.
    pub(super) fn shared_at(&self, frame: usize, name: &str) -> Option<&Filled> {
        let root = self.stack.get(self.root_of(frame));
        let who = root.map_or(self.who.as_ref(), |root| root.of.as_ref());
        self.slots.get(name)?.seen_by(who)
    }

    /// Whose a value is that is set for the flow at this place: theirs who began that, else whoever's says it, else theirs
    /// who alone has done something here.
    pub(super) fn whose_at(&self, frame: Option<usize>, who: Option<&Who>) -> Whose {
        let root = frame.and_then(|frame| self.stack.get(self.root_of(frame)));
        let mut known = self.languages.keys();
        let alone = known.next().filter(|_| known.next().is_none());
        let owner = root.and_then(|root| root.of.as_ref()).or(who).or(alone);
        match owner {
            Some(owner) if Some(owner) != who => Whose::Person(owner.clone()),
            _ => Whose::Teller,
        }
    }

    /// What a slot of the conversation holds once this is set, or it is emptied for its owner.
    pub(super) fn shared_after(&self, slot: &str, filled: Result<Filled, Option<&Who>>) -> Values {
        let mut values = self.slots.get(slot).cloned().unwrap_or_default();
        match filled {
            Ok(filled) => values.set(filled),
            Err(owner) => values.forget(owner),
        }
        values
    }
}
