//! The library of Redis functions: one for each step of the port that touches a conversation.
//!
//! A function's effects are atomic, and it touches the keys of one hash tag only. The library is
//! named after what is in it, and its functions after the library: so servers of two versions run
//! beside each other during an update, each with its own. Those of past versions stay, at some
//! kilobytes each, until an operator does away with them (`FUNCTION DELETE`).

use std::{borrow::Cow, sync::LazyLock};

use convene_runtime::lies::{Lie, told};

/// The source, in the order in which the files build on each other.
pub(super) const SOURCE: &str = concat!(
    include_str!("scripts/lib.lua"),
    include_str!("scripts/mailbox.lua"),
    include_str!("scripts/timers.lua"),
    include_str!("scripts/submit.lua"),
    include_str!("scripts/conversations.lua"),
    include_str!("scripts/log.lua"),
    include_str!("scripts/audience.lua"),
    include_str!("scripts/runs.lua"),
    include_str!("scripts/append.lua"),
    include_str!("scripts/due.lua"),
    include_str!("scripts/agents.lua"),
    include_str!("scripts/revocations.lua"),
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
        let source = &*with_lies(source);
        let name = format!("convene_{:08x}", fnv1a(source));
        let code = format!("#!lua name={name}\nlocal LIBRARY = '{name}'\n{source}");
        Self { name, code }
    }

    /// The name of a function in it.
    pub(super) fn function(&self, name: &str) -> String {
        format!("{}_{name}", self.name)
    }
}

/// What a lie puts in the place of what.
const LIES: [(Lie, &str, &str); 9] = [
    (
        Lie::NoFencing,
        "local again, refused = is_again(fields, nonce, run, step)",
        "if fields.nonce ~= nonce then\n    for i, entry in ipairs(entries) do\n      local prev = write(keys, fields, at, entry.eid, entry.body)\n      if i == 1 then fields.noted = int(fields.seq) .. ' ' .. int(at) .. ' ' .. prev end\n    end\n    return answer()\n  end\n  local again, refused = is_again(fields, nonce, run, step)",
    ),
    (
        Lie::NoFencing,
        "local again, problem = is_again(fields, nonce, run, step)",
        "if holder ~= nonce then return { epoch, tonumber(seq), 0, audience(keys, now()), {} } end\n  local again, problem = is_again(fields, nonce, run, step)",
    ),
    (
        Lie::NoFencing,
        "if not fields or fields.nonce ~= nonce then return fail('fenced') end\n  local at = now()\n  fields.deadline",
        "if not fields then return fail('fenced') end\n  local at = now()\n  if fields.nonce ~= nonce then return { fields.epoch, fields.seq, 0, audience(keys, at), {} } end\n  fields.deadline",
    ),
    (
        Lie::NoRetraction,
        "if message then return nil, false, fail('streams_already') end",
        "",
    ),
    (
        Lie::LateAudience,
        "join(keys, at, tonumber(ttl), inbox, { viewer }, 1)",
        "",
    ),
    (
        Lie::ForgottenMailbox,
        "elseif take(keys, fields, at, lease) then",
        "elseif false then",
    ),
    (
        Lie::ForgottenMailbox,
        "local first = redis.call('ZRANGE', keys[MAILBOX], 0, 0)[1]\n  if not first and",
        "local first\n  if not first and",
    ),
    (
        Lie::ForgottenTimer,
        "fields[timer_field(fields.run_agent, name)] = int(rings)",
        "local _ = int(rings)",
    ),
    (
        Lie::ForgottenCancel,
        "fields.cancel = 1\n  fields.not_before = nil\n  stir(fields)",
        "do return { fields.run, '' } end",
    ),
];

/// The library of a process that breaks an invariant on purpose.
fn with_lies(source: &str) -> Cow<'_, str> {
    let mut source = Cow::Borrowed(source);
    for (_, truth, lie) in LIES.into_iter().filter(|(lie, ..)| told(*lie)) {
        debug_assert!(source.contains(truth), "there is nothing to break");
        source = source.replace(truth, lie).into();
    }
    source
}

/// The same in every version and on every machine, unlike the standard library's hashes.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use convene_proto::{event::MESSAGES_OF_A_RUN, timer::MOST_TIMERS};

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
            format!("local TIMERS = {MOST_TIMERS}\n"),
        ] {
            assert!(SOURCE.contains(&constant), "{constant}");
        }
    }

    #[test]
    fn every_lie_finds_what_it_breaks() {
        for (lie, truth, _) in LIES {
            assert_eq!(SOURCE.matches(truth).count(), 1, "{lie:?}");
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
