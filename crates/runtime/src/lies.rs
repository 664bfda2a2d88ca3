//! Lies: the ten invariants, each broken on purpose, to see that the tests notice.
//!
//! A build with the feature `lies` tells the one lie that `CONVENE_LIE` names; `tests/chaos` runs
//! such a build and must catch it. Without the feature, and in every release, [`told`] is a constant
//! `false` and nothing of this is left in the binary.

#[cfg(all(feature = "lies", not(debug_assertions)))]
compile_error!("the feature `lies` breaks the product on purpose: no release has it");

/// What is done wrong: one for each invariant of ARCHITECTURE.md, in its order, then more of the
/// same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// 1: a worker shows text, and some time later writes it to the log.
    PublishFirst,
    /// 2: a gateway says `accepted`, and some time later submits the message.
    AcceptFirst,
    /// 3: the store takes the end of a run from a worker that has lost the lease.
    NoFencing,
    /// 4: the store lets go of the lease with input waiting, and its sweeps find none.
    ForgottenMailbox,
    /// 5: the store reads the log for a subscriber, and only an audit adds it to the audience.
    LateAudience,
    /// 6: a gateway leaves out the first event after the position of a client that returns.
    ResumeWithHole,
    /// 7: a gateway shows an event though the one in front of it has not come.
    GapsShown,
    /// 8: a gateway goes on from its oldest event with a reader that has fallen behind that.
    SlowReadersSkip,
    /// 9: a worker does not take back what a dead attempt has said.
    NoRetraction,
    /// 9: a worker tells its agents nothing of what they have noted.
    BlankMemory,
    /// 10: the embedded store answers the last message first.
    OtherOrder,
    /// 2: a gateway refuses whatever is said.
    RefuseAll,
    /// 2: a gateway submits what is said, and never says `accepted`.
    NeverAccept,
    /// 4: the store forgets each timer that an agent sets.
    ForgottenTimer,
    /// 3: the store accepts that a run be stopped, and forgets it.
    ForgottenCancel,
    /// 9: a worker tells its agents nothing of what the attempts before have noted.
    ForgottenAttempts,
    /// 9: a call is named otherwise in each attempt.
    KeyPerAttempt,
    /// 9: a flow fills its slots, and notes nothing of it.
    UnnotedSlots,
}

impl Lie {
    /// Every one, as `CONVENE_LIE` names it.
    pub const ALL: [(&str, Self); 18] = [
        ("publish-first", Self::PublishFirst),
        ("accept-first", Self::AcceptFirst),
        ("no-fencing", Self::NoFencing),
        ("forgotten-mailbox", Self::ForgottenMailbox),
        ("late-audience", Self::LateAudience),
        ("resume-with-hole", Self::ResumeWithHole),
        ("gaps-shown", Self::GapsShown),
        ("slow-readers-skip", Self::SlowReadersSkip),
        ("no-retraction", Self::NoRetraction),
        ("blank-memory", Self::BlankMemory),
        ("other-order", Self::OtherOrder),
        ("refuse-all", Self::RefuseAll),
        ("never-accept", Self::NeverAccept),
        ("forgotten-timer", Self::ForgottenTimer),
        ("forgotten-cancel", Self::ForgottenCancel),
        ("forgotten-attempts", Self::ForgottenAttempts),
        ("key-per-attempt", Self::KeyPerAttempt),
        ("unnoted-slots", Self::UnnotedSlots),
    ];
}

/// How long what is done too late is put off.
pub const LATE: std::time::Duration = std::time::Duration::from_millis(400);

/// Whether this process tells this lie.
#[cfg(not(feature = "lies"))]
#[must_use]
#[inline]
pub const fn told(_: Lie) -> bool {
    false
}

/// Whether this process tells this lie.
#[cfg(feature = "lies")]
#[must_use]
pub fn told(lie: Lie) -> bool {
    use std::sync::LazyLock;

    static TOLD: LazyLock<Option<Lie>> = LazyLock::new(|| {
        let name = std::env::var("CONVENE_LIE").ok()?;
        let (name, lie) = Lie::ALL.into_iter().find(|(one, _)| *one == name)?;
        tracing::error!(name, "this process breaks an invariant on purpose");
        Some(lie)
    });
    *TOLD == Some(lie)
}
