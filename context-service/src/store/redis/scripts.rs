//! The library of Redis functions: one for each step of the port that touches a conversation.
//!
//! A function's effects are atomic, and it touches the keys of one hash tag only. Change
//! [`VERSION`], here and in the scripts, with the meaning of a function: servers of two versions
//! then run beside each other during an update.

/// The library's name, and what the name of each of its functions begins with.
pub(super) const VERSION: &str = "convene_v1";

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

#[cfg(test)]
mod tests {
    use convene_proto::event::MESSAGES_OF_A_RUN;

    use super::*;
    use crate::store::{MERGED, SWEEPS_AT_REST, TRIMMED};

    #[test]
    fn the_scripts_agree_with_the_port_and_with_the_version() {
        assert!(SOURCE.starts_with(&format!("#!lua name={VERSION}\n")));
        assert!(SOURCE.contains(&format!("function_name = '{VERSION}_' .. name")));
        for constant in [
            format!("local MERGED = {MERGED}\n"),
            format!("local TRIMMED = {TRIMMED}\n"),
            format!("local SAID = {MESSAGES_OF_A_RUN}\n"),
            format!("local REST = {SWEEPS_AT_REST}\n"),
        ] {
            assert!(SOURCE.contains(&constant), "{constant}");
        }
    }
}
