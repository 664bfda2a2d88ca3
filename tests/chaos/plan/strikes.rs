//! The faults there are, and how they are drawn.

use rand::{RngExt as _, rngs::StdRng};

use super::{ACTIVITY_MS, Course};
use crate::desk::Endpoint;

/// A kind of process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tier {
    Gateway,
    Worker,
    /// The worker with the side effect.
    Teller,
    ContextService,
    RabbitMq,
    Redis,
}

impl Tier {
    const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Worker => "worker",
            Self::Teller => "teller",
            Self::ContextService => "context-service",
            Self::RabbitMq => "rabbitmq",
            Self::Redis => "redis",
        }
    }

    const fn count(self) -> usize {
        match self {
            Self::Gateway | Self::Worker | Self::ContextService => 2,
            _ => 1,
        }
    }
}

/// A process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) tier: Tier,
    pub(crate) index: usize,
}

impl Target {
    /// As wires know it.
    fn name(self) -> String {
        match self.tier.count() {
            1 => self.tier.name().to_owned(),
            _ => format!("{}-{}", self.tier.name(), self.index),
        }
    }
}

/// Which way bytes stand still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

/// Something that strikes. Wires are named by both their ends; `*` is any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// SIGKILL; it is started again at the end.
    Kill(Target),
    /// The worker that calls this endpoint of the desk's next dies before it is answered, be it when all others have struck;
    /// it is started again at the end.
    KillCaller(Endpoint),
    /// SIGSTOP, and SIGCONT at the end.
    Freeze(Target),
    /// SIGTERM; it is started again at the end.
    Restart(Target),
    /// Connections end, and none is made until the end.
    Cut(String, String),
    Delay(String, String, u64),
    /// One direction stands still.
    Half(String, String, Way),
    /// Both do.
    Hole(String, String),
    /// So many of a thousand letters to inboxes are lost.
    LoseLetters(u32),
    /// RabbitMQ's memory alarm.
    Alarm,
    /// Redis dies, and its log has lost so many hundredths of its last moment, to the byte.
    LoseTail(u64),
}

impl Fault {
    /// What kind it is.
    pub(crate) fn name(&self) -> String {
        let place = |from: &str, to: &str| {
            let tier = |name: &str| {
                let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
                match name.trim_end_matches('-') {
                    "p" => "people".to_owned(),
                    "*" => "all".to_owned(),
                    name => name.to_owned(),
                }
            };
            format!("{}-{}", tier(from), tier(to))
        };
        match self {
            Self::Kill(target) => format!("kill-{}", target.tier.name()),
            Self::KillCaller(_) => "kill-caller".to_owned(),
            Self::Freeze(target) => format!("freeze-{}", target.tier.name()),
            Self::Restart(target) => format!("restart-{}", target.tier.name()),
            Self::Cut(from, to) => format!("cut-{}", place(from, to)),
            Self::Delay(from, to, _) => format!("delay-{}", place(from, to)),
            Self::Half(from, to, _) => format!("half-{}", place(from, to)),
            Self::Hole(from, to) => format!("hole-{}", place(from, to)),
            Self::LoseLetters(_) => "lose-letters".to_owned(),
            Self::Alarm => "alarm".to_owned(),
            Self::LoseTail(_) => "lose-tail".to_owned(),
        }
    }

    /// The process that it is about.
    pub(crate) fn target(&self) -> Option<Target> {
        match self {
            Self::Kill(target) | Self::Freeze(target) | Self::Restart(target) => Some(*target),
            Self::LoseTail(_) => Some(Target {
                tier: Tier::Redis,
                index: 0,
            }),
            Self::Alarm => Some(Target {
                tier: Tier::RabbitMq,
                index: 0,
            }),
            _ => None,
        }
    }
}

/// A fault in its time, in milliseconds.
#[derive(Debug, Clone)]
pub(crate) struct Strike {
    pub(crate) at: u64,
    pub(crate) lasts: u64,
    pub(crate) fault: Fault,
}

/// Draws some faults, no two at once about one process.
pub(super) fn draw(
    dice: &mut StdRng,
    people: &[Course],
    may_strike: impl Fn(&Fault) -> bool,
) -> Vec<Strike> {
    // Now and then they come in crowds.
    let count = match dice.random_range(0..4) {
        0 => dice.random_range(7..=12),
        _ => dice.random_range(2..=6),
    };
    let mut strikes: Vec<Strike> = Vec::new();
    // Where few kinds are allowed it takes many throws.
    for _ in 0..2_000 {
        if strikes.len() == count {
            break;
        }
        let strike = throw(dice, people);
        let fits = |other: &Strike| {
            let apart = other.at + other.lasts + 300 < strike.at
                || strike.at + strike.lasts + 300 < other.at;
            let once = other.fault.name() == strike.fault.name()
                && matches!(strike.fault, Fault::LoseTail(_) | Fault::LoseLetters(_));
            !once
                && (apart
                    || other.fault.target() != strike.fault.target()
                    || strike.fault.target().is_none())
        };
        if may_strike(&strike.fault) && strikes.iter().all(fits) {
            strikes.push(strike);
        }
    }
    strikes.sort_by_key(|strike| strike.at);
    strikes
}

/// Ambushes at the desk's endpoints.
pub(super) fn ambushes(dice: &mut StdRng) -> Vec<Strike> {
    let mut strikes = Vec::new();
    let mut at = dice.random_range(300..1_500);
    for _ in 0..dice.random_range(1..=2) {
        let lasts = dice.random_range(1_500..2_500);
        let endpoint = match dice.random() {
            true => Endpoint::Things,
            false => Endpoint::Marks,
        };
        let fault = Fault::KillCaller(endpoint);
        strikes.push(Strike { at, lasts, fault });
        at += lasts + dice.random_range(100..800);
    }
    strikes
}

fn throw(dice: &mut StdRng, people: &[Course]) -> Strike {
    // Some outlast a gateway's place in an audience, too.
    let long = dice.random_range(0..5) == 0;
    let outlasting = |lasts| if long { lasts + 4_500 } else { lasts };
    let (fault, lasts) = match dice.random_range(0..100) {
        0..=24 => (Fault::Kill(target(dice)), dice.random_range(100..2_500)),
        25..=39 => {
            let lasts = outlasting(dice.random_range(800..4_000));
            (Fault::Freeze(target(dice)), lasts)
        }
        40..=49 => (Fault::Restart(target(dice)), dice.random_range(100..2_000)),
        50..=59 => {
            let (from, to) = place(dice, people);
            (Fault::Cut(from, to), dice.random_range(0..1_500))
        }
        60..=67 => {
            let (from, to) = place(dice, people);
            let late = dice.random_range(20..400);
            (
                Fault::Delay(from, to, late),
                dice.random_range(1_000..4_000),
            )
        }
        68..=75 => {
            let (from, to) = place(dice, people);
            let way = if dice.random() { Way::Up } else { Way::Down };
            (Fault::Half(from, to, way), dice.random_range(800..5_000))
        }
        76..=83 => {
            let (from, to) = place(dice, people);
            (
                Fault::Hole(from, to),
                outlasting(dice.random_range(800..4_000)),
            )
        }
        84..=91 => {
            let lost = if dice.random_range(0..3) == 0 {
                100
            } else {
                10
            };
            (Fault::LoseLetters(lost), ACTIVITY_MS)
        }
        92..=94 => (Fault::Alarm, dice.random_range(1_000..3_000)),
        _ => {
            let share = dice.random_range(20..=100);
            (Fault::LoseTail(share), dice.random_range(100..600))
        }
    };
    let at = match fault {
        Fault::LoseLetters(_) => 0,
        Fault::LoseTail(_) => dice.random_range(2_500..ACTIVITY_MS - 500),
        _ => dice.random_range(500..ACTIVITY_MS - 500),
    };
    Strike { at, lasts, fault }
}

fn target(dice: &mut StdRng) -> Target {
    let tier = match dice.random_range(0..20) {
        0..=4 => Tier::Gateway,
        5..=9 => Tier::Worker,
        10..=12 => Tier::Teller,
        13..=16 => Tier::ContextService,
        17..=18 => Tier::Redis,
        _ => Tier::RabbitMq,
    };
    Target {
        tier,
        index: dice.random_range(0..tier.count()),
    }
}

/// Wires: one, or all of a process.
fn place(dice: &mut StdRng, people: &[Course]) -> (String, String) {
    let one = |dice: &mut StdRng, tier: Tier| {
        let index = dice.random_range(0..tier.count());
        Target { tier, index }.name()
    };
    let host = |dice: &mut StdRng| {
        let tier = [Tier::Gateway, Tier::Worker, Tier::Teller][dice.random_range(0..3)];
        one(dice, tier)
    };
    match dice.random_range(0..10) {
        0..=2 => (
            people[dice.random_range(0..people.len())].name.clone(),
            "gateway".to_owned(),
        ),
        3..=4 => (host(dice), "rabbitmq".to_owned()),
        5..=6 => (host(dice), one(dice, Tier::ContextService)),
        7 => (host(dice), "*".to_owned()),
        8 => (one(dice, Tier::ContextService), "redis".to_owned()),
        _ => {
            let to = [Tier::RabbitMq, Tier::Redis, Tier::ContextService][dice.random_range(0..3)];
            ("*".to_owned(), one(dice, to))
        }
    }
}
