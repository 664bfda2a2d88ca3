//! How often gateways hold what they show against the log, whatever they were told.

use super::{Fault, Tier};

/// An audit heals whatever a subscription's promise has missed; where none comes in time, the promise
/// stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audits {
    Often,
    /// Not before a seed is over.
    Never,
}

impl Audits {
    /// Three of ten seeds are without, in a row, since it takes a cluster of its own.
    pub(crate) fn of(seed: u64) -> Self {
        match seed % 10 {
            7..=9 => Self::Never,
            _ => Self::Often,
        }
    }

    pub(crate) fn seconds(self) -> u64 {
        match self {
            Self::Often => 1,
            Self::Never => 120,
        }
    }

    /// Whether everybody must see everything with so many, though this strikes.
    pub(super) fn suffice(self, fault: &Fault) -> bool {
        self == Self::Often || !takes_letters(fault)
    }
}

/// Whether letters to inboxes may be lost by it, be it with who was about to send them, or places in
/// an audience: that is what audits are for.
fn takes_letters(fault: &Fault) -> bool {
    match fault {
        Fault::Kill(target) | Fault::Freeze(target) => {
            !matches!(target.tier, Tier::ContextService | Tier::Redis)
        }
        Fault::Restart(target) => target.tier == Tier::RabbitMq,
        Fault::Delay(..) => false,
        Fault::Cut(_, to) | Fault::Half(_, to, _) | Fault::Hole(_, to) => {
            to == "rabbitmq" || to == "*"
        }
        Fault::KillCaller(_) | Fault::LoseLetters(_) | Fault::Alarm | Fault::LoseTail(_) => true,
    }
}
