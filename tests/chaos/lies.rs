//! The judges are judged: a build that breaks an invariant on purpose (`convene_runtime::lies`) must
//! be caught at it, one invariant after the other.

use std::{env, process::Command};

use convene_client::{Client, Error, NewConversation, Options, message, proto::id::ConversationId};
use convene_invariants::{Ledger, Order};

use crate::{
    cluster::{PATIENCE, retried},
    harness::{Role, Stack},
    orders::Orders,
};

/// The chaos test and the single process's, by their names.
const CHAOS: &str = "every_promise_is_kept_whatever_fails";
const SINGLE: &str = "lies::one_process_answers_everything_in_its_turn";

/// A lie, and how it comes to light.
struct Lie {
    name: &'static str,
    /// The test that is to find it.
    test: &'static str,
    /// What that finds broken, and a piece of the sentence that says so.
    found: &'static str,
    says: &'static str,
    /// The faults that bring it to light.
    faults: &'static str,
    /// Settings without which it would heal too soon.
    set: &'static str,
    /// Seeds that it may take.
    seeds: u64,
}

impl Lie {
    const fn of(name: &'static str, found: &'static str, faults: &'static str) -> Self {
        Self {
            name,
            test: CHAOS,
            found,
            says: "",
            faults,
            set: "",
            seeds: 20,
        }
    }

    /// Runs the test, in a process of its own, on a build that tells this lie; or, with an empty
    /// name, on one that tells none.
    fn is_told(&self) {
        let liar = env::var_os("CONVENE_TEST_LIAR").filter(|liar| !liar.is_empty());
        let Some(liar) = liar else {
            println!(
                "skipped: `cargo xtask test`, or `cargo xtask test lies`, makes the build that lies"
            );
            return;
        };
        let run = Command::new(env::current_exe().unwrap())
            .args(["--exact", self.test, "--nocapture"])
            .env("CONVENE_TEST_BINARY", liar)
            .env("CONVENE_LIE", self.name)
            .env("CONVENE_CHAOS_EXPECT", self.found)
            .env("CONVENE_CHAOS_FAULTS", self.faults)
            .env("CONVENE_CHAOS_SET", self.set)
            .env("CONVENE_CHAOS_SEEDS", self.seeds.to_string())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        let mut broken = said.lines().filter(|line| line.starts_with("invariant"));
        let first = broken.find(|line| line.contains(self.says));
        println!("{}: {}", self.name, first.unwrap_or("nothing is broken"));
        let complaint = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "not caught:\n{said}\n{complaint}");
        assert!(said.contains("1 passed"), "nothing was run:\n{said}");
        let is_said = first.is_some() || self.says.is_empty();
        assert!(is_said, "caught, but not because {:?}:\n{said}", self.says);
    }
}

/// With audits that come later than anybody waits, gateways have a subscription's
/// promise alone.
const NO_AUDITS: &str = "gateway.audit_seconds=120";

#[test]
fn text_that_is_shown_before_it_is_written() {
    Lie::of("publish-first", "log-first", "cut").is_told();
}

#[test]
fn messages_that_are_accepted_before_they_are_written() {
    Lie::of("accept-first", "accepted-is-durable", "kill-gateway").is_told();
}

#[test]
fn messages_that_are_refused() {
    Lie::of("refuse-all", "accepted-is-durable", "none").is_told();
}

#[test]
fn messages_that_are_never_accepted() {
    Lie::of("never-accept", "accepted-is-durable", "none").is_told();
}

#[test]
fn workers_that_write_without_a_lease() {
    Lie::of("no-fencing", "one-writer", "freeze-worker,freeze-teller").is_told();
}

#[test]
fn a_mailbox_that_is_forgotten() {
    Lie::of("forgotten-mailbox", "no-lost-wake-up", "none").is_told();
}

#[test]
fn timers_that_are_forgotten() {
    Lie::of("forgotten-timer", "no-lost-wake-up", "none").is_told();
}

#[test]
fn stops_that_are_forgotten() {
    Lie::of("forgotten-cancel", "one-writer", "none").is_told();
}

#[test]
fn subscribers_who_join_the_audience_late() {
    // Some of the seeds are without audits by themselves.
    Lie::of("late-audience", "no-window", "none").is_told();
}

#[test]
fn and_without_that_lie_nobody_misses_anything() {
    Lie {
        set: NO_AUDITS,
        seeds: 2,
        ..Lie::of("", "", "none")
    }
    .is_told();
}

#[test]
fn returns_that_leave_something_out() {
    Lie::of("resume-with-hole", "prefix", "cut-people,kill-gateway").is_told();
}

#[test]
fn events_that_are_shown_over_a_gap() {
    Lie::of("gaps-shown", "prefix", "lose-letters").is_told();
}

#[test]
fn slow_readers_who_lose_something() {
    Lie::of("slow-readers-skip", "prefix", "none").is_told();
}

#[test]
fn dead_attempts_that_are_not_taken_back() {
    Lie::of("no-retraction", "heals-in-sight", "kill-worker,kill-teller").is_told();
}

#[test]
fn agents_that_are_told_nothing_of_their_notes() {
    Lie::of("blank-memory", "heals-in-sight", "none").is_told();
}

#[test]
fn calls_that_are_made_again_though_they_were_answered() {
    Lie {
        says: "though its answer was noted",
        seeds: 10,
        ..Lie::of("forgotten-attempts", "heals-in-sight", "kill-caller")
    }
    .is_told();
}

#[test]
fn calls_that_each_attempt_names_otherwise() {
    Lie {
        says: "was done under {",
        seeds: 10,
        ..Lie::of("key-per-attempt", "heals-in-sight", "kill-caller")
    }
    .is_told();
}

#[test]
fn what_a_flow_knows_and_its_notes_do_not() {
    Lie {
        says: "the fold of its notes is",
        seeds: 10,
        ..Lie::of("unnoted-slots", "heals-in-sight", "none")
    }
    .is_told();
}

#[test]
fn a_single_process_that_is_not_like_many() {
    Lie {
        test: SINGLE,
        ..Lie::of("other-order", "no-lost-wake-up", "none")
    }
    .is_told();
}

/// What the chaos test judges on many processes, on one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_answers_everything_in_its_turn() {
    let orders = Orders::from_environment();
    let stack = Stack::embedded().await;
    let token = stack.token("ada", Role::User);
    let client = Client::connect(Options::new(stack.gateway(0).url(), token));
    let client = client.await.unwrap();
    let new = NewConversation::default();
    let begun = client.rest().create(&new);
    let conversation = begun.await.unwrap().id;
    talk(&client, &conversation).await.unwrap();
    let rest = client.rest();
    let log = retried(|| rest.history_after(&conversation, Default::default(), 1000)).await;
    let ledger = Ledger::of(&conversation, Order::AsSaid, &log.events);
    let broken = ledger.broken();
    match orders.expects() {
        None => assert!(broken.is_empty(), "{broken:?}"),
        Some(invariant) => assert!(
            broken.iter().any(|broken| broken.invariant == invariant),
            "nobody broke {invariant}, but {broken:?}"
        ),
    }
    assert_eq!(ledger.runs().len(), 5);
}

/// Says several things while the first is answered, and waits for every answer.
async fn talk(client: &Client, conversation: &ConversationId) -> Result<(), Error> {
    let mut live = client.open(conversation, None).await?;
    let mut asked = vec![
        client
            .send(conversation, message("/stream 60 at 100"))
            .await?,
    ];
    for number in 1..=4 {
        let text = format!("/echo {number}");
        asked.push(client.send(conversation, message(&text)).await?);
    }
    let answered = live.until(PATIENCE, |view| {
        asked.iter().all(|input| view.is_answered(*input))
    });
    answered.await.map(drop)
}
