//! `cargo xtask fuzz --guided`: libFuzzer on one of the targets. libFuzzer has the `main`, and its
//! options are the arguments; the target is named by the environment.
#![no_main]

use std::{env, sync::LazyLock};

use convene_fuzz::TARGETS;
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let wanted = env::var("CONVENE_FUZZ_TARGET").unwrap_or_default();
    let found = TARGETS.iter().find(|(name, _)| *name == wanted);
    found.map_or_else(|| std::process::exit(2), |(_, target)| *target)
});

fuzz_target!(|bytes: &[u8]| (TARGET)(bytes));
