//! The judges are judged: schedules of a build that breaks an invariant on purpose
//! (`convene_runtime::lies`) must be found broken, by name, within a few hundred.
//!
//! Three lies of the store are told by Redis's scripts, and there is no Redis here: `tests/chaos`
//! catches those.

use std::{env, ffi::OsString};

use tokio::process::Command;

use crate::blocks::{BLOCK, told_by};

/// Schedules that a lie may take.
const SCHEDULES: u64 = 300;

/// Has the build that lies tell this one until a schedule breaks this invariant.
async fn is_caught(lie: &str, invariant: &str) {
    let Some(liar) = liar() else { return };
    let found = format!(" {invariant}: ");
    let mut others = Vec::new();
    for first in (0..SCHEDULES).step_by(usize::try_from(BLOCK).unwrap()) {
        let told = block(&liar, lie, first).await;
        let broken = told.lines().filter(|line| line.contains(" BROKE "));
        let (caught, rest): (Vec<_>, Vec<_>) = broken.partition(|line| line.contains(&found));
        if let Some(line) = caught.first() {
            println!("{lie}: {line}");
            return;
        }
        others.extend(rest.into_iter().map(str::to_owned));
    }
    panic!(
        "{lie} broke no {invariant} within {SCHEDULES} schedules, but\n{}",
        others.join("\n")
    );
}

/// What is told of a block of schedules by the build that lies. An empty name is no lie.
async fn block(liar: &OsString, lie: &str, first: u64) -> String {
    let mut process = Command::new(liar);
    process.env("CONVENE_LIE", lie);
    told_by(process, first, first + BLOCK).await
}

fn liar() -> Option<OsString> {
    let liar = env::var_os("CONVENE_TEST_LYING_SIMULATION").filter(|liar| !liar.is_empty());
    if liar.is_none() {
        println!(
            "skipped: `cargo xtask test`, or `cargo xtask test lies`, makes the build that lies"
        );
    }
    liar
}

#[tokio::test]
async fn the_build_that_lies_keeps_every_promise_where_it_tells_none() {
    let Some(liar) = liar() else { return };
    let told = block(&liar, "", 0).await;
    let are = |word| told.lines().filter(|line| line.contains(word)).count();
    assert_eq!(are(" BROKE "), 0, "{told}");
    assert_eq!(are(" kept "), usize::try_from(BLOCK).unwrap(), "{told}");
}

#[tokio::test]
async fn text_that_is_shown_before_it_is_written() {
    is_caught("publish-first", "log-first").await;
}

#[tokio::test]
async fn messages_that_are_accepted_before_they_are_written() {
    is_caught("accept-first", "accepted-is-durable").await;
}

#[tokio::test]
async fn messages_that_are_refused() {
    is_caught("refuse-all", "accepted-is-durable").await;
}

#[tokio::test]
async fn messages_that_are_never_accepted() {
    is_caught("never-accept", "accepted-is-durable").await;
}

#[tokio::test]
async fn returns_that_leave_something_out() {
    is_caught("resume-with-hole", "prefix").await;
}

#[tokio::test]
async fn events_that_are_shown_over_a_gap() {
    is_caught("gaps-shown", "prefix").await;
}

#[tokio::test]
async fn slow_readers_who_lose_something() {
    is_caught("slow-readers-skip", "prefix").await;
}

#[tokio::test]
async fn dead_attempts_that_are_not_taken_back() {
    is_caught("no-retraction", "heals-in-sight").await;
}

#[tokio::test]
async fn stops_that_are_forgotten() {
    is_caught("forgotten-cancel", "one-writer").await;
}

#[tokio::test]
async fn timers_that_are_forgotten() {
    is_caught("forgotten-timer", "no-lost-wake-up").await;
}

#[tokio::test]
async fn a_store_that_answers_the_last_message_first() {
    is_caught("other-order", "no-lost-wake-up").await;
}
