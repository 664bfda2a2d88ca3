//! What the desk answers, by what it was asked before: the project's flow, once more.

use std::collections::VecDeque;

#[cfg(test)]
use convene_invariants::Question;
use convene_invariants::{Asked, Woke};

/// What it keeps where nothing was stamped in time.
const LATE: &str = "late";
/// So many events are kept that come before they are waited for.
const EARLY: usize = 8;

/// Where its flow stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// No flow runs.
    Idle,
    /// It has asked for a thing, and asked whether somebody is there or not.
    Asks { silence: bool },
    /// It waits for a stamp, for a while.
    Waits,
}

struct Desk {
    stands: Stands,
    kept: Vec<String>,
    /// What was stamped before anything waited for it.
    early: VecDeque<String>,
}

impl Desk {
    fn after(before: &[Asked]) -> Self {
        let mut desk = Self {
            stands: Stands::Idle,
            kept: Vec::new(),
            early: VecDeque::new(),
        };
        for asked in before {
            desk.answers(asked);
        }
        desk
    }

    fn keeps(&mut self, thing: &str) -> String {
        self.kept.push(thing.to_owned());
        format!("{}: {}. ", self.kept.len(), self.kept.join(" "))
    }

    fn asks(&mut self) -> &'static str {
        self.stands = Stands::Asks { silence: false };
        "What is it?"
    }

    fn answers(&mut self, asked: &Asked) -> String {
        match (self.stands, asked) {
            (Stands::Asks { .. }, Asked::Said(said)) => {
                self.stands = Stands::Waits;
                let kept = self.keeps(&said.text);
                match self.early.pop_front() {
                    Some(stamp) => kept + &self.keeps(&stamp) + self.asks(),
                    None => kept,
                }
            }
            (Stands::Idle, Asked::Said(_)) => self.asks().to_owned(),
            // Whoever speaks while it waits has it wait on.
            (Stands::Waits, Asked::Said(_)) => "Soon. ".to_owned(),
            (Stands::Waits, Asked::Woke(woke)) => {
                let kept = self.keeps(&word(woke));
                kept + self.asks()
            }
            (Stands::Asks { .. }, Asked::Woke(woke @ Woke::Event(_))) => {
                self.early.push_back(word(woke));
                if self.early.len() > EARLY {
                    self.early.pop_front();
                }
                // Nobody hears of it: whoever is silent has no more time.
                String::new()
            }
            (Stands::Asks { silence: false }, Asked::Woke(Woke::Timer(_))) => {
                self.stands = Stands::Asks { silence: true };
                "Is anybody there? ".to_owned()
            }
            (Stands::Asks { silence: true }, Asked::Woke(Woke::Timer(_))) => {
                self.stands = Stands::Idle;
                self.early.clear();
                "Goodbye. ".to_owned()
            }
            (Stands::Idle, Asked::Woke(_)) => String::new(),
        }
    }
}

/// What it keeps of what happens while it waits.
fn word(woke: &Woke) -> String {
    match woke {
        Woke::Timer(_) => LATE.to_owned(),
        Woke::Event(event) => event.data["word"].as_str().unwrap_or_default().to_owned(),
    }
}

/// What is stamped, of which nobody says the like.
pub(crate) fn stamped(number: u32) -> String {
    format!("stamp-{number}")
}

pub(super) fn is_no_message(thing: &str) -> bool {
    thing == LATE || thing.starts_with("stamp-")
}

/// What it answers to these, after those.
pub(crate) fn answer(before: &[Asked], now: &[Asked]) -> String {
    let mut desk = Desk::after(before);
    now.iter().map(|asked| desk.answers(asked)).collect()
}

/// Whether it hands something in that nobody has said.
pub(super) fn hands_in(before: &[Asked], now: &[Asked]) -> bool {
    let waits = Desk::after(before).stands == Stands::Waits;
    waits && matches!(now, [Asked::Woke(_)])
}

/// What the project's own story tells.
#[cfg(test)]
pub(super) fn story() -> Vec<Asked> {
    let said = |text: &str| {
        Asked::Said(Question {
            name: "p0".into(),
            text: text.into(),
        })
    };
    let timer = || Asked::Woke(Woke::Timer("t1".parse().unwrap()));
    let stamp = |number| {
        Asked::Woke(Woke::Event(convene_client::proto::event::Happening {
            id: "e".parse().unwrap(),
            name: super::STAMP.parse().unwrap(),
            by: "user:backend".parse().unwrap(),
            data: serde_json::json!({ "word": stamped(number) }),
        }))
    };
    vec![
        said("p0-0"),
        said("p0-1"),
        said("p0-2"),
        stamp(0),
        said("p0-3"),
        stamp(1),
        stamp(2),
        said("p0-4"),
        said("p0-5"),
        timer(),
        timer(),
        timer(),
        stamp(3),
        said("p0-6"),
        said("p0-7"),
    ]
}
