//! Several people, as the worker tells of them: who calls the assistant by its name, who has left, and where each of them is.

use convene_agent::{Participant, Role, testing::Rehearsal};

use crate::plain::Plain;

const ASSISTANT: &str = "name: Velo\nlanguages: [en]\nfallback: a\n";
const FLOWS: &str = "flows:\n  a:\n    slots: {what: {}}\n    steps: [{ask: what}, {say: kept}]\n";
const TEXTS: &str = "ask: {what: What?}\nkept: 'Kept {what}'\n";

/// A conversation of these people, by their ids and names.
struct Group {
    talk: Plain,
    there: Vec<(&'static str, &'static str)>,
}

impl Group {
    fn with(flows: &str, texts: &str) -> Self {
        Self {
            talk: Plain::begin(ASSISTANT, flows, texts),
            there: vec![("user:ada", "Ada"), ("user:bob", "Bob")],
        }
    }

    async fn says(&mut self, who: &str, text: &str) -> String {
        self.says_from(who, None, text).await
    }

    /// The same where their client tells in which zone they are.
    async fn says_from(&mut self, who: &str, zone: Option<&str>, text: &str) -> String {
        let people = self.there.iter().map(|(id, name)| Participant {
            id: id.parse().unwrap(),
            name: (*name).to_owned(),
            role: Role::Member,
        });
        let people: Vec<_> = people.collect();
        let scene = Rehearsal::new(text).with(|context| {
            context.agent = "desk".parse().unwrap();
            let there = &mut context.conversation.participants;
            there.retain(|one| one.role == Role::Agent);
            there.extend(people);
            for input in &mut context.inputs {
                input.author = who.parse().unwrap();
                input.timezone = zone.map(|zone| zone.parse().unwrap());
            }
        });
        self.talk.goes(scene).await.messages.join(" / ")
    }
}

#[tokio::test]
async fn its_name_is_no_part_of_what_is_said() {
    for (answer, kept) in [
        ("Velo, the saddle", "the saddle"),
        ("the saddle, Velo", "the saddle"),
        ("desk, the saddle", "the saddle"),
        ("the saddle of my Velo", "the saddle of my Velo"),
    ] {
        let mut group = Group::with(FLOWS, TEXTS);
        assert_eq!(group.says("user:ada", "Velo, hello").await, "What?");
        assert_eq!(
            group.says("user:ada", "Velo?").await,
            "What?",
            "alone it says nothing"
        );
        let said = group.says("user:ada", answer).await;
        assert_eq!(said, format!("Kept {kept}"), "{answer}");
    }
}

#[tokio::test]
async fn who_has_left_is_asked_nothing_any_more() {
    for ada_leaves in [false, true] {
        let mut group = Group::with(FLOWS, TEXTS);
        assert_eq!(group.says("user:ada", "Velo, hello").await, "What?");
        if ada_leaves {
            group.there.remove(0);
        }
        let said = group.says("user:bob", "Velo, hello").await;
        if ada_leaves {
            assert_eq!(said, "What?", "nothing of hers is left");
            let said = group.says("user:bob", "Velo, the bell").await;
            assert_eq!(said, "Kept the bell");
        } else {
            assert!(said.contains("somebody else"), "{said}");
        }
    }
}

/// Two zones whose days are never the same: they are 26 hours apart.
const FIRST: &str = "Pacific/Kiritimati";
const LAST: &str = "Etc/GMT+12";

#[tokio::test]
async fn the_day_is_that_of_who_says_something_and_stays_so() {
    let flows = "flows:\n  a:\n    steps: [{say: day}]\n";
    let mut group = Group::with(flows, "day: '{today}'\n");
    let (ada, bob) = ("user:ada", "user:bob");
    let first = group.says_from(ada, Some(FIRST), "Velo, when?").await;
    let last = group.says_from(bob, Some(LAST), "Velo, when?").await;
    assert!(!first.is_empty() && first != last, "{first} and {last}");
    let later = [
        group.says(ada, "Velo, when?").await,
        group.says(bob, "Velo, when?").await,
    ];
    assert!(later[0] != last && later[1] != first, "{later:?}");
    let moved = group.says_from(ada, Some(LAST), "Velo, when?").await;
    assert_ne!(moved, first, "she is elsewhere by now");
}
