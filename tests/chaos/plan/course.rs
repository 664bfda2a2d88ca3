//! A person's course through a seed: what they say and do, and when.

use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};

use super::{ACTIVITY_MS, Agent};

const FLOOD: usize = 50;

/// By what a person reads and speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Socket,
    /// Server-sent events and REST.
    Stream,
}

/// What a person does.
#[derive(Debug)]
pub(crate) struct Course {
    pub(crate) name: String,
    pub(crate) talk: usize,
    pub(crate) protocol: Protocol,
    pub(crate) gateway: usize,
    /// They are invited and join in the middle of it all.
    pub(crate) joins_at: Option<u64>,
    /// In the order of their time, in milliseconds.
    pub(crate) acts: Vec<(u64, Act)>,
}

#[derive(Debug, Clone)]
pub(crate) enum Act {
    Say(Line),
    /// Says so many large things to nobody, one after the other: more than a gateway keeps for its
    /// readers, and more than a connection holds that stands still.
    Flood(usize),
    /// Stops whichever run is under way.
    Cancel,
    /// A backend stamps something.
    Stamp(u32),
    /// Goes offline without a word.
    Leave,
    /// Comes back to a gateway, and goes on from where they were.
    Return(usize),
    /// Their connection breaks, and the next one is to this gateway.
    Move(usize),
}

/// Something to say.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) to: To,
    /// It is said once more when it was accepted, to the other gateway.
    pub(crate) again: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum To {
    TheAgent,
    /// It stops the run under way, and goes first.
    TheAgentAtOnce,
    /// One run answers it together with others like it that wait.
    TheAgentTogether,
    Nobody,
}

impl Course {
    /// Somebody in this conversation with this agent; `stops` where people stop runs there.
    pub(super) fn draw(
        dice: &mut StdRng,
        name: String,
        (talk, agent): (usize, Agent),
        stops: bool,
    ) -> Self {
        let protocol = *[Protocol::Socket, Protocol::Socket, Protocol::Stream]
            .choose(dice)
            .unwrap();
        let mut acts = Vec::new();
        for number in 0..dice.random_range(2..=5) {
            let at = dice.random_range(0..ACTIVITY_MS - 500);
            let unique = format!("{name}-{number}");
            acts.push((at, Act::Say(line(dice, &unique, agent, stops))));
            if stops && dice.random_range(0..4) == 0 {
                acts.push((at + dice.random_range(50..800), Act::Cancel));
            }
        }
        if dice.random_range(0..16) == 0 {
            acts.push((dice.random_range(1_000..4_000), Act::Flood(FLOOD)));
        }
        match dice.random_range(0..4) {
            0 => {
                let (leave, back) = (
                    dice.random_range(300..3_500),
                    dice.random_range(3_600..ACTIVITY_MS),
                );
                acts.push((leave, Act::Leave));
                acts.push((back, Act::Return(dice.random_range(0..2))));
            }
            1 => {
                let at = dice.random_range(300..ACTIVITY_MS);
                acts.push((at, Act::Move(dice.random_range(0..2))));
            }
            _ => {}
        }
        acts.sort_by_key(|(at, _)| *at);
        Self {
            name,
            talk,
            protocol,
            gateway: dice.random_range(0..2),
            joins_at: None,
            acts,
        }
    }
}

fn line(dice: &mut StdRng, unique: &str, agent: Agent, stops: bool) -> Line {
    let to = match dice.random_range(0..8) {
        0 => To::Nobody,
        1 if stops => To::TheAgentAtOnce,
        2 => To::TheAgentTogether,
        _ => To::TheAgent,
    };
    let text = match (agent, dice.random_range(0..8)) {
        (Agent::Teller | Agent::Desk, _) => unique.to_owned(),
        (Agent::Guide, 0..=2) => format!("/echo {unique}"),
        (Agent::Guide, 3) => format!("/messages {}", dice.random_range(2..=5)),
        (Agent::Guide, 4) => "/fail 1".to_owned(),
        (Agent::Guide, _) => {
            let (count, rate) = (dice.random_range(20..150), dice.random_range(60..200));
            format!("/stream {count} at {rate}")
        }
    };
    let again = dice.random_range(0..4) == 0;
    Line { text, to, again }
}
