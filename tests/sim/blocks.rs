//! Many seeds, block by block: each block is run by a process of its own, seed after seed, so that
//! what a seed does depends on nothing but its place in the block.

use std::{
    collections::BTreeSet,
    env,
    process::Stdio,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use tokio::{process::Command, time::timeout};

use crate::schedule::{self, Outcome};

/// Seeds of a block.
pub(crate) const BLOCK: u64 = 20;

/// Enough to see whether they do the same twice.
const FEW: u64 = 6;

/// A block that takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(300);

const FIRST: &str = "CONVENE_SIM_FIRST_SEED";
const SCHEDULES: &str = "CONVENE_SIM_SCHEDULES";
/// Print what every schedule did.
const TRACE: &str = "CONVENE_SIM_TRACE";
/// What a process of ours is to run, and from which seed on it tells: `first last`.
const BLOCK_OF: &str = "CONVENE_SIM_BLOCK";

/// As many as the tests have time for.
const BY_DEFAULT: u64 = 400;

/// Broken schedules that are shown in full.
const SHOWN: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn no_schedule_breaks_a_promise() {
    let first = number(FIRST).unwrap_or(0);
    let end = first + number(SCHEDULES).unwrap_or(BY_DEFAULT);
    let next = AtomicU64::new(first);
    let processes = std::thread::available_parallelism().unwrap().get();
    let run = async || {
        let mut told = Vec::new();
        loop {
            let seed = next.fetch_max(0, Relaxed);
            let last = ((seed / BLOCK + 1) * BLOCK).min(end);
            if seed >= end {
                return told;
            }
            if next.compare_exchange(seed, last, Relaxed, Relaxed).is_ok() {
                told.push(block(seed, last).await);
            }
        }
    };
    let begun = tokio::time::Instant::now();
    let told = futures_util::future::join_all((0..processes).map(|_| run())).await;
    let told: Vec<_> = told.into_iter().flatten().collect();
    let lines = told.iter().flat_map(|told| told.lines());
    let kept = lines.clone().filter(|line| line.contains(" kept ")).count();
    println!(
        "{kept} of {} schedules kept every promise, in {:.1?}: {}",
        end - first,
        begun.elapsed(),
        sums(lines.clone())
    );
    let broken: Vec<_> = told
        .iter()
        .filter(|told| told.contains(" BROKE "))
        .collect();
    for told in broken.iter().take(SHOWN) {
        println!("{told}");
    }
    let seeds: Vec<_> = lines.filter(|line| line.contains(" BROKE ")).collect();
    assert!(
        u64::try_from(kept).unwrap() == end - first,
        "broken, to be run again by `cargo xtask sim --schedules 1 --first-seed SEED`:\n{}",
        seeds.join("\n")
    );
}

/// Two processes that run the same block tell the same story, to the last line.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_makes_the_same_schedule() {
    let (one, other) = tokio::join!(block(0, FEW), block(0, FEW));
    assert_eq!(story(&one), story(&other));
    assert_eq!(story(&one).len(), usize::try_from(FEW).unwrap());
    let traces: BTreeSet<_> = story(&one)
        .iter()
        .filter_map(|line| line.split("trace=").nth(1))
        .collect();
    assert_eq!(traces.len(), story(&one).len(), "two seeds have one trace");
}

/// What a process of ours runs.
#[test]
#[ignore = "the other tests run it, in processes of its own"]
fn a_block() {
    let Ok(block) = env::var(BLOCK_OF) else {
        return;
    };
    let (first, last) = block.split_once(' ').unwrap();
    let (first, last): (u64, u64) = (first.parse().unwrap(), last.parse().unwrap());
    println!();
    for seed in first / BLOCK * BLOCK..last {
        let outcome = schedule::run(seed);
        if seed >= first {
            tell(seed, outcome);
        }
    }
}

fn tell(seed: u64, outcome: Result<Outcome, String>) {
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(panic) => {
            println!("seed {seed} BROKE by a panic: {panic}");
            return;
        }
    };
    let verdict = match outcome.broken.first() {
        None => "kept".to_owned(),
        Some(broken) => format!("BROKE {broken};"),
    };
    println!(
        "seed {seed} {verdict} events={} frames={} ms={} trace={:016x}",
        outcome.events,
        outcome.frames,
        outcome.took.as_millis(),
        outcome.digest,
    );
    if !outcome.broken.is_empty() || env::var_os(TRACE).is_some() {
        for line in &outcome.trace {
            println!("  {line}");
        }
    }
}

/// Runs seeds of one block, and answers with what was told of them.
async fn block(first: u64, last: u64) -> String {
    told_by(Command::new(env::current_exe().unwrap()), first, last).await
}

/// The same, by a build of these tests.
pub(crate) async fn told_by(mut process: Command, first: u64, last: u64) -> String {
    let process = process
        .args(["--exact", "blocks::a_block", "--ignored", "--nocapture"])
        .env(BLOCK_OF, format!("{first} {last}"))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    match timeout(PATIENCE, process.output()).await {
        Err(_) => format!("seed {first} BROKE or one behind it, up to {last}: it hangs\n"),
        Ok(output) => {
            let output = output.unwrap();
            let told = String::from_utf8_lossy(&output.stdout).into_owned();
            if output.status.success() {
                return told;
            }
            let why = String::from_utf8_lossy(&output.stderr);
            format!(
                "{told}\nseed {first} BROKE or one behind it, up to {last}: {}\n{why}",
                output.status
            )
        }
    }
}

/// The lines that tell of seeds.
fn story(told: &str) -> Vec<&str> {
    told.lines()
        .filter(|line| line.starts_with("seed "))
        .collect()
}

fn sums<'a>(lines: impl Iterator<Item = &'a str> + Clone) -> String {
    let sum = |name: &str| -> u64 {
        let words = lines.clone().filter(|line| line.starts_with("seed "));
        let words = words.flat_map(str::split_whitespace);
        let values = words.filter_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        values.filter_map(|value| value.parse::<u64>().ok()).sum()
    };
    format!(
        "{} events, {} frames, {} hours of their own time",
        sum("events"),
        sum("frames"),
        sum("ms") / 3_600_000
    )
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} must be a number, and is {text}")),
    )
}
