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

use super::wire::Encoded;

/// More than any conversation that people can follow has of them; the oldest go.
const MOST: usize = 1024;

type Kind = (ParticipantId, Discriminant<Signal>);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Moments {
    /// In the order in which they came, each with its number.
    shown: VecDeque<(u64, Kind, Encoded)>,
    latest: HashMap<Kind, u64>,
    /// The number of the last that ever came.
    end: u64,
    here: BTreeSet<ParticipantId>,
}

impl Moments {
    /// Shows a moment to those who read now.
    pub(super) fn show(
        &mut self,
        conversation: &ConversationId,
        participant: ParticipantId,
        signal: Signal,
    ) {
        let kind = (participant.clone(), discriminant(&signal));
        match signal {
            Signal::Presence { here: true } => self.here.insert(participant.clone()),
            Signal::Presence { here: false } => self.here.remove(&participant),
            Signal::Typing | Signal::Read { .. } => false,
        };
        let frame = Encoded::of(&ServerFrame::Signal {
            conversation: conversation.clone(),
            participant,
            signal,
        });
        self.end += 1;
        if let Some(before) = self.latest.insert(kind.clone(), self.end) {
            self.shown.remove(self.after(before - 1));
        }
        self.shown.push_back((self.end, kind, frame));
        if self.shown.len() > MOST
            && let Some((_, kind, _)) = self.shown.pop_front()
        {
            self.latest.remove(&kind);
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
        self.here.iter().cloned().collect()
    }

    /// Hears from the store who is here, asked when the last moment was `since`, and shows what
    /// readers did not know. Whoever was heard of meanwhile is left as they said.
    pub(super) fn compare(
        &mut self,
        conversation: &ConversationId,
        said: &[ParticipantId],
        since: u64,
    ) -> bool {
        let said: BTreeSet<_> = said.iter().cloned().collect();
        let presence = discriminant(&Signal::Presence { here: true });
        let changed: Vec<_> = self
            .here
            .symmetric_difference(&said)
            .filter(|who| {
                let heard = self.latest.get(&((*who).clone(), presence));
                heard.is_none_or(|heard| *heard <= since)
            })
            .cloned()
            .collect();
        for who in &changed {
            let here = said.contains(who);
            self.show(conversation, who.clone(), Signal::Presence { here });
        }
        !changed.is_empty()
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
        assert_eq!(moments.latest.len(), MOST);
    }
}
