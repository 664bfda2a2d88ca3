//! Timers: an agent is woken at its time, by whichever worker there is, and by nothing that did not count.

use std::time::Duration;

use convene_agent::{Agent, Agents, Error, Happened, Run, TimerName, async_trait};
use convene_proto::{event::EventBody, timer::MOST_TIMERS};

use crate::{
    house::{House, name, quick},
    log::{answers, kinds, outcomes},
};

/// Does what it is told: `wake <name> <milliseconds>`, `clear <name>`, `fail`, which fails the first attempt,
/// `give up`, or `stay`, which never ends, each in a line.
struct Waker;

#[async_trait]
impl Agent for Waker {
    async fn run(&self, run: &mut Run) -> Result<(), Error> {
        if let Some(Happened::Timer(name)) = run.happened() {
            let text = format!("{name} rings");
            return run.write(text).await;
        }
        let first = run.context().attempt == 1;
        for line in run.input_text().lines() {
            let words: Vec<_> = line.split(' ').collect();
            match words[..] {
                ["wake", name, ms] => {
                    run.set_timer(timer(name), Duration::from_millis(ms.parse().unwrap()))?;
                }
                ["clear", name] => run.clear_timer(&timer(name)),
                ["fail"] if first => return Err(Error::transient("tired", "Not now")),
                ["fail"] => {}
                ["once", ..] if first => {
                    run.set_timer(timer(words[1]), Duration::from_millis(1))?;
                }
                ["once", ..] => {}
                ["stay"] => {
                    run.write("staying").await?;
                    std::future::pending::<()>().await;
                }
                ["give", "up"] => return Err(Error::permanent("tired", "Never")),
                _ => panic!("{line}"),
            }
        }
        let set: Vec<_> = run.timers().map(ToString::to_string).collect();
        run.write(set.join(",")).await
    }
}

fn timer(name: &str) -> TimerName {
    name.parse().unwrap()
}

fn waker() -> Agents {
    Agents::new().with(name(), Waker)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_outlives_the_worker_that_set_it_and_rings_once() {
    let house = House::new();
    let room = house.conversation().await;
    let first = house.worker(quick(), waker());
    room.say("wake tea 1200\nwake cake 60000").await;
    room.finished(1).await;
    first.kill().await;
    let _second = house.worker(quick(), waker());
    let log = room.finished(2).await;
    assert_eq!(answers(&log), ["cake,tea", "tea rings"]);
    let kinds = kinds(&log);
    let of_timers: Vec<_> = kinds
        .iter()
        .filter(|kind| kind.starts_with("timer"))
        .collect();
    assert_eq!(of_timers, ["timer.set", "timer.set", "timer.fired"]);
    let finished = kinds.iter().position(|kind| kind == "run.finished");
    let set = kinds.iter().rposition(|kind| kind == "timer.set");
    assert_eq!(
        set.map(|set| set + 1),
        finished,
        "in the step that ends the run"
    );
    room.say("clear cake").await;
    let log = room.finished(3).await;
    assert_eq!(answers(&log).len(), 2);
    assert_eq!(outcomes(&log), ["completed"; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_attempt_sets_that_fails_is_not_set() {
    let house = House::new();
    let room = house.conversation().await;
    let _worker = house.worker(quick(), waker());
    room.say("wake tea 1\ngive up").await;
    room.finished(1).await;
    room.say("once never\nwake cake 100\nfail").await;
    let log = room.finished(3).await;
    assert_eq!(answers(&log), ["cake", "cake rings"]);
    let set = log.iter().filter_map(|body| match body {
        EventBody::TimerSet { name, .. } => Some(name.to_string()),
        _ => None,
    });
    assert_eq!(set.collect::<Vec<_>>(), ["cake"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_has_set_and_cleared_until_it_is_stopped_counts() {
    let house = House::new();
    let room = house.conversation().await;
    let _worker = house.worker(quick(), waker());
    room.say("wake tea 60000\nwake pie 60000").await;
    room.finished(1).await;
    room.say("clear tea\nwake cake 1\nstay\nclear pie").await;
    room.until("it stays", |log| {
        matches!(log.last(), Some(EventBody::MessageStarted { .. }))
    })
    .await;
    room.cancel().await;
    let log = room.finished(3).await;
    assert_eq!(outcomes(&log), ["completed", "cancelled", "completed"]);
    assert_eq!(answers(&log), ["pie,tea", "staying", "cake rings"]);
    room.say("clear nothing").await;
    let log = room.finished(4).await;
    assert_eq!(answers(&log).last().map(String::as_str), Some("pie"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_that_is_cleared_or_set_again_in_time_does_not_ring() {
    let house = House::new();
    let room = house.conversation().await;
    let _worker = house.worker(quick(), waker());
    room.say("wake tea 60000\nwake cake 60000\nwake pie 1\nclear pie")
        .await;
    room.finished(1).await;
    room.say("clear tea\nclear pie\nwake cake 50").await;
    let log = room.finished(3).await;
    assert_eq!(answers(&log), ["cake,tea", "cake", "cake rings"]);
    let kinds = kinds(&log);
    let cleared = kinds.iter().filter(|kind| *kind == "timer.cleared");
    assert_eq!(cleared.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_timers_are_taken_back_and_others_set_by_one_run() {
    let house = House::new();
    let room = house.conversation().await;
    let _worker = house.worker(quick(), waker());
    let wake = |what: &str| -> Vec<_> {
        let each = 0..MOST_TIMERS;
        each.map(|number| format!("wake {what}{number} 60000"))
            .collect()
    };
    room.say(&wake("tea").join("\n")).await;
    room.finished(1).await;
    let clear = (0..MOST_TIMERS).map(|number| format!("clear tea{number}"));
    let all: Vec<_> = clear.chain(wake("pie")).collect();
    room.say(&all.join("\n")).await;
    let log = room.finished(2).await;
    let kinds = kinds(&log);
    let count = |what: &str| kinds.iter().filter(|kind| *kind == what).count();
    assert_eq!(
        (count("timer.set"), count("timer.cleared")),
        (2 * MOST_TIMERS, MOST_TIMERS)
    );
    assert_eq!(outcomes(&log).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_timers_fail_their_run_in_words() {
    let house = House::new();
    let room = house.conversation().await;
    let _worker = house.worker(quick(), waker());
    let wishes: Vec<_> = (0..=MOST_TIMERS)
        .map(|number| format!("wake t{number} 60000"))
        .collect();
    room.say(&wishes.join("\n")).await;
    let log = room.finished(1).await;
    let last = format!("{:?}", log.last().unwrap());
    assert!(
        last.contains("too_many_timers") && last.contains(&MOST_TIMERS.to_string()),
        "{last}"
    );
}
