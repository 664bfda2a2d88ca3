//! What is true for a moment in one conversation: who is here, who is typing, how far each has
//! read.
//!
//! Of each kind the last by each participant is kept, so a reader that was busy sees how things
//! stand now, misses nothing, and holds no memory of its own.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    mem::{Discriminant, discriminant},
};

use convene_proto::{
    frame::{ServerFrame, Signal},
    id::{ConversationId, ParticipantId},
};

use litemap::LiteMap;

use super::wire::Encoded;

/// More than any conversation that people can follow has of them; the oldest go.
const MOST: usize = 1024;

type Kind = (ParticipantId, Discriminant<Signal>);

/// See the module. In most conversations one participant is here, so there are no tables.
#[derive(Debug, Default)]
pub(super) struct Moments {
    /// In the order in which they came, each with its number.
    shown: VecDeque<(u64, Kind, Encoded)>,
    /// The number of the last that ever came.
    end: u64,
    here: LiteMap<ParticipantId, ()>,
}

impl Moments {
    /// Shows a moment to those who read now.
    pub(super) fn show(
        &mut self,
        conversation: &ConversationId,
        participant: ParticipantId,
        signal: Signal,
    ) {
        let kind = (participant, discriminant(&signal));
        let before = self.shown.iter().rev().find(|(_, shown, _)| *shown == kind);
        let before = before.map(|(number, ..)| *number);
        self.put(conversation, kind, signal, before);
    }

    /// In place of the moment with the number `before`.
    fn put(
        &mut self,
        conversation: &ConversationId,
        kind: Kind,
        signal: Signal,
        before: Option<u64>,
    ) {
        let participant = kind.0.clone();
        match signal {
            Signal::Presence { here: true } => {
                self.here.insert(participant.clone(), ());
            }
            Signal::Presence { here: false } => {
                self.here.remove(&participant);
            }
            Signal::Typing | Signal::Read { .. } => {}
        }
        let frame = Encoded::of(&ServerFrame::Signal {
            conversation: conversation.clone(),
            participant,
            signal,
        });
        if let Some(before) = before {
            let place = self
                .shown
                .binary_search_by_key(&before, |(shown, ..)| *shown);
            // It may have been among the oldest, and gone.
            place.ok().and_then(|place| self.shown.remove(place));
        }
        self.end += 1;
        if self.shown.is_empty() {
            self.shown.reserve_exact(1);
        }
        self.shown.push_back((self.end, kind, frame));
        if self.shown.len() > MOST {
            self.shown.pop_front();
        }
    }

    /// The next moment after this number, and its own.
    pub(super) fn next(&self, after: u64) -> Option<(u64, &Encoded)> {
        let (number, _, frame) = self.shown.get(self.after(after))?;
        Some((*number, frame))
    }

    /// Where those begin that came after this number.
    fn after(&self, number: u64) -> usize {
        self.shown.partition_point(|(shown, ..)| *shown <= number)
    }

    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Who is here, as readers have been told.
    pub(super) fn here(&self) -> Vec<ParticipantId> {
        self.here.keys().cloned().collect()
    }

    /// Hears from the store who is here, asked when the last moment was `since`, and shows what
    /// readers did not know. Whoever was heard of meanwhile is left as they said.
    pub(super) fn compare(
        &mut self,
        conversation: &ConversationId,
        said: &[ParticipantId],
        since: u64,
    ) -> bool {
        let presence = discriminant(&Signal::Presence { here: true });
        let known: BTreeSet<_> = self.here.keys().collect();
        let said: BTreeSet<_> = said.iter().collect();
        let mut changed: Vec<(Kind, bool)> = known
            .symmetric_difference(&said)
            .map(|who| (((*who).clone(), presence), said.contains(who)))
            .collect();
        if changed.is_empty() {
            return false;
        }
        let shown = self.shown.iter();
        let heard: HashMap<Kind, u64> = shown
            .filter(|(_, (_, kind), _)| *kind == presence)
            .map(|(number, kind, _)| (kind.clone(), *number))
            .collect();
        changed.retain(|(kind, _)| heard.get(kind).is_none_or(|heard| *heard <= since));
        let is_news = !changed.is_empty();
        for (kind, here) in changed {
            let before = heard.get(&kind).copied();
            self.put(conversation, kind, Signal::Presence { here }, before);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use convene_proto::position::Seq;

    use super::*;

    fn who(name: &str) -> ParticipantId {
        format!("user:{name}").parse().unwrap()
    }

    fn conversation() -> ConversationId {
        "c".parse().unwrap()
    }

    fn presence(moments: &mut Moments, name: &str, here: bool) {
        moments.show(&conversation(), who(name), Signal::Presence { here });
    }

    /// What a reader sees after that number.
    fn seen(moments: &Moments, mut after: u64) -> Vec<(String, Signal)> {
        let mut seen = Vec::new();
        while let Some((number, frame)) = moments.next(after) {
            after = number;
            match serde_json::from_str(&frame.json).unwrap() {
                ServerFrame::Signal {
                    participant,
                    signal,
                    ..
                } => seen.push((participant.to_string(), signal)),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(after, moments.end());
        seen
    }

    #[test]
    fn a_busy_reader_sees_the_last_of_each_and_misses_nobody() {
        let mut moments = Moments::default();
        for number in 0..200 {
            presence(&mut moments, &format!("u{number}"), true);
        }
        for seq in 1..50 {
            let read = Signal::Read { seq: Seq(seq) };
            moments.show(&conversation(), who("u0"), read);
        }
        presence(&mut moments, "u7", false);
        let seen = seen(&moments, 0);
        assert_eq!(seen.len(), 201);
        assert_eq!(seen[199].1, Signal::Read { seq: Seq(49) });
        let left = ("user:u7".to_owned(), Signal::Presence { here: false });
        assert_eq!(seen[200], left);
        assert_eq!(moments.here().len(), 199);
    }

    #[test]
    fn what_the_store_says_is_shown_where_it_differs() {
        let mut moments = Moments::default();
        presence(&mut moments, "ada", true);
        presence(&mut moments, "bob", true);
        let since = moments.end();
        assert!(!moments.compare(&conversation(), &[who("ada"), who("bob")], since));
        assert!(moments.compare(&conversation(), &[who("ada"), who("eve")], since));
        let changes = [
            ("user:bob".to_owned(), Signal::Presence { here: false }),
            ("user:eve".to_owned(), Signal::Presence { here: true }),
        ];
        assert_eq!(seen(&moments, since), changes);
        assert_eq!(moments.here(), [who("ada"), who("eve")]);
    }

    #[test]
    fn whoever_came_or_went_since_the_store_was_asked_is_left_as_they_said() {
        let mut moments = Moments::default();
        presence(&mut moments, "bob", true);
        let asked = moments.end();
        presence(&mut moments, "ada", true);
        presence(&mut moments, "bob", false);
        assert!(!moments.compare(&conversation(), &[who("bob")], asked));
        assert_eq!(moments.here(), [who("ada")]);
    }

    #[test]
    fn no_crowd_makes_them_grow_without_end() {
        let mut moments = Moments::default();
        for number in 0..2 * MOST {
            let typing = Signal::Typing;
            moments.show(&conversation(), who(&number.to_string()), typing);
        }
        assert_eq!(moments.shown.len(), MOST);
    }
}
