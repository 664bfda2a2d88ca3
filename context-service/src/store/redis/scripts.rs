//! The library of Redis functions: one for each step of the port that touches a conversation.
//!
//! A function's effects are atomic, and it touches the keys of one hash tag only. The library is
//! named after what is in it, and its functions after the library: so servers of two versions run
//! beside each other during an update, each with its own. Those of past versions stay, at some
//! kilobytes each, until an operator does away with them (`FUNCTION DELETE`).

use std::sync::LazyLock;

/// The source, in the order in which the files build on each other.
pub(super) const SOURCE: &str = concat!(
    include_str!("scripts/lib.lua"),
    include_str!("scripts/mailbox.lua"),
    include_str!("scripts/submit.lua"),
    include_str!("scripts/conversations.lua"),
    include_str!("scripts/log.lua"),
    include_str!("scripts/audience.lua"),
    include_str!("scripts/runs.lua"),
    include_str!("scripts/append.lua"),
    include_str!("scripts/due.lua"),
    include_str!("scripts/agents.lua"),
);

/// This version's.
pub(super) static LIBRARY: LazyLock<Library> = LazyLock::new(|| Library::of(SOURCE));

/// Functions as they are loaded.
pub(super) struct Library {
    name: String,
    pub(super) code: String,
}

impl Library {
    fn of(source: &str) -> Self {
        let name = format!("convene_{:08x}", fnv1a(source));
        let code = format!("#!lua name={name}\nlocal LIBRARY = '{name}'\n{source}");
        Self { name, code }
    }

    /// The name of a function in it.
    pub(super) fn function(&self, name: &str) -> String {
        format!("{}_{name}", self.name)
    }
}

/// The same in every version and on every machine, unlike the standard library's hashes.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use convene_proto::event::MESSAGES_OF_A_RUN;

    use super::*;
    use crate::store::{MERGED, REPLAYS, SWEEPS_AT_REST, TRIMMED};

    #[test]
    fn the_scripts_agree_with_the_port() {
        for constant in [
            format!("local MERGED = {MERGED}\n"),
            format!("local TRIMMED = {TRIMMED}\n"),
            format!("local REPLAYS = {REPLAYS}\n"),
            format!("local SAID = {MESSAGES_OF_A_RUN}\n"),
            format!("local REST = {SWEEPS_AT_REST}\n"),
        ] {
            assert!(SOURCE.contains(&constant), "{constant}");
        }
    }

    #[test]
    fn two_versions_stand_beside_each_other() {
        let (this, other) = (&*LIBRARY, Library::of(&format!("{SOURCE}-- changed")));
        assert_ne!(this.name, other.name);
        assert!(!this.function("ping").starts_with(&other.name));
        assert_eq!(SOURCE.matches("redis.register_function").count(), 1);
        assert!(SOURCE.contains("function_name = LIBRARY .. '_' .. name"));
    }
}
