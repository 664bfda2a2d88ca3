//! What is asked for: which seeds, which faults, and what is to be found. The environment says so,
//! since a test binary has no arguments of its own.

use std::{env, path::PathBuf};

use convene_invariants::Invariant;

/// As many as CI has time for.
const SEEDS: u64 = 9;

pub(crate) struct Orders {
    first: u64,
    count: u64,
    every: u64,
    faults: Vec<String>,
    expects: Option<Invariant>,
    out: PathBuf,
    keeps_traces: bool,
    settings: Vec<(&'static str, String)>,
}

impl Orders {
    /// `CONVENE_CHAOS_FIRST`, `_SEEDS` and `_EVERY` (of so many processes that share the seeds, one
    /// takes each so many-th), `_FAULTS` (beginnings of their names, with commas between), `_EXPECT`
    /// (an invariant that must be found broken), `_OUT` (the folder for
    /// traces), `_KEEP` (those of seeds that pass, too), `_SET` (further
    /// settings of the services, `key=value` with semicolons between).
    pub(crate) fn from_environment() -> Self {
        let asked = |name: &str| env::var(format!("CONVENE_CHAOS_{name}")).ok();
        let number = |name, default| {
            let said = asked(name);
            said.map_or(default, |said| said.parse().expect("a number"))
        };
        let faults = asked("FAULTS").unwrap_or_default();
        let faults = faults.split(',').map(str::trim);
        let expects = asked("EXPECT").filter(|name| !name.is_empty());
        let default_out = concat!(env!("CARGO_MANIFEST_DIR"), "/target/chaos");
        Self {
            first: number("FIRST", 1),
            count: number("SEEDS", SEEDS),
            every: number("EVERY", 1).max(1),
            faults: faults
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
            expects: expects.map(|name| Invariant::parse(&name).expect("an invariant")),
            settings: settings(asked("SET").unwrap_or_default()),
            keeps_traces: asked("KEEP").is_some(),
            out: asked("OUT").unwrap_or_else(|| default_out.into()).into(),
        }
    }

    pub(crate) fn seeds(&self) -> impl Iterator<Item = u64> {
        let (first, every) = (self.first, self.every);
        (0..self.count).map(move |index| first + index * every)
    }

    /// Whether a fault of this name may strike.
    pub(crate) fn allow(&self, fault: &str) -> bool {
        self.faults.is_empty() || self.faults.iter().any(|name| fault.starts_with(name))
    }

    /// The invariant that must be found broken, where one must.
    pub(crate) fn expects(&self) -> Option<Invariant> {
        self.expects
    }

    /// Further settings of the services.
    pub(crate) fn settings(&self) -> &[(&'static str, String)] {
        &self.settings
    }

    /// Whether seeds that pass leave a trace, too.
    pub(crate) fn keeps_traces(&self) -> bool {
        self.keeps_traces
    }

    /// Where a failed seed leaves its trace.
    pub(crate) fn folder(&self, seed: u64) -> PathBuf {
        self.out.join(seed.to_string())
    }
}

/// Kept for as long as the process runs, as the settings of other tests are.
fn settings(text: String) -> Vec<(&'static str, String)> {
    let text: &'static str = text.leak();
    let pairs = text.split(';').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').expect("key=value"))
        .map(|(key, value)| (key, value.to_owned()))
        .collect()
}
