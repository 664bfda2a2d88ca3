//! What agents note is in the log: whoever takes a run over knows it, and nothing else counts.

use convene_agent::{Agent, Agents, Error, NoteName, Run, async_trait};
use convene_agent_worker::Options;
use convene_bus::Bus as _;
use convene_proto::{event::EventBody, id::Pool};

use crate::{
    actors::{Actor, Calls},
    house::{House, name, quick, until_at_least},
    log::answers,
};

/// Adds up what it is told. What ends in `stuck` has the first attempt note its sum and go no further.
#[derive(Clone, Default)]
struct Adder {
    /// So many notes are followed by a base.
    bases_after: usize,
    looked: Calls,
}

fn total() -> NoteName {
    "total".parse().unwrap()
}

#[async_trait]
impl Agent for Adder {
    async fn run(&self, run: &mut Run) -> Result<(), Error> {
        let notes = run.notes::<u64>(&total())?;
        let known = notes.last().copied().unwrap_or_default();
        let in_vain = run.noted_in_vain::<u64>(&total())?;
        let input = run.input_text();
        let (number, is_stuck) = match input.strip_suffix(" stuck") {
            Some(number) => (number.to_owned(), run.context().attempt == 1),
            None => (input, false),
        };
        let sum = known + number.parse::<u64>().unwrap();
        if notes.len() >= self.bases_after {
            run.note_base(total(), &sum).await?;
        } else {
            run.note(total(), &sum).await?;
        }
        if is_stuck {
            self.looked.count();
            std::future::pending::<()>().await;
        }
        run.write(format!("{sum} after {} and {in_vain:?}", notes.len()))
            .await
    }

    fn keeps_notes(&self) -> bool {
        true
    }
}

impl Adder {
    fn with_bases_after(notes: usize) -> Self {
        Self {
            bases_after: notes,
            ..Self::default()
        }
    }

    fn alone(&self) -> Agents {
        Agents::new().with(name(), self.clone())
    }
}

fn with_history(history: u32) -> Options {
    Options { history, ..quick() }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_worker_knows_what_was_noted_however_much_was_said_since() {
    for history in [0, 3, 200] {
        let house = House::new();
        let room = house.conversation().await;
        let adder = Adder::with_bases_after(4);
        for round in 1..=6_usize {
            let worker = house.worker(with_history(history), adder.alone());
            room.say(&round.to_string()).await;
            room.finished(2 * round - 1).await;
            // By now this worker remembers.
            room.say("0").await;
            room.finished(2 * round).await;
            worker.kill().await;
        }
        let log = room.finished(12).await;
        let answers = answers(&log);
        let sums = answers.iter().map(|answer| {
            let (sum, rest) = answer.split_once(" after ").unwrap();
            let (notes, _) = rest.split_once(' ').unwrap();
            (sum.parse::<u64>().unwrap(), notes.parse::<usize>().unwrap())
        });
        let (sums, notes): (Vec<_>, Vec<_>) = sums.unzip();
        assert_eq!(sums.last(), Some(&21), "with a history of {history}");
        assert!(sums.is_sorted());
        assert_eq!(
            &notes[..9],
            [0, 1, 2, 3, 4, 1, 2, 3, 4],
            "with a history of {history}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_attempt_noted_is_known_to_the_next_and_counts_for_nothing() {
    let house = House::new();
    let adder = Adder::with_bases_after(2);
    let doomed = house.worker(quick(), adder.alone());
    let room = house.conversation().await;
    room.say("1").await;
    room.finished(1).await;
    room.say("10 stuck").await;
    room.until("it has noted", |log| {
        let noted = |body: &&EventBody| matches!(body, EventBody::AgentNoted { .. });
        log.iter().filter(noted).count() == 2
    })
    .await;
    assert_eq!(adder.looked.so_far(), 1);
    let _heir = house.worker(with_history(2), adder.alone());
    doomed.kill().await;
    room.finished(2).await;
    room.say("100").await;
    let log = room.finished(3).await;
    assert_eq!(
        answers(&log),
        [
            "1 after 0 and []",
            "11 after 1 and [11]",
            "111 after 2 and []"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_is_too_large_fails_its_run_in_words() {
    let house = House::new();
    let _worker = house.worker(
        quick(),
        Actor::new(|run| Box::pin(async move { run.note(total(), &"x".repeat(1 << 20)).await }))
            .alone(),
    );
    let room = house.conversation().await;
    room.say("1").await;
    let log = room.finished(1).await;
    let last = format!("{:?}", log.last().unwrap());
    assert!(
        last.contains("note_invalid") && last.contains("65536"),
        "{last}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_noted_right_before_an_attempt_fails_is_known_to_the_next() {
    let house = House::new();
    let asker = Asker::default();
    let _worker = house.worker(quick(), Agents::new().with(name(), asker.clone()));
    let room = house.conversation().await;
    room.say("1").await;
    let log = room.finished(1).await;
    assert_eq!(answers(&log), ["answered 1"]);
    assert_eq!(asker.asked.so_far(), 1, "it is not asked again");
}

/// Asks somewhere, notes the answer, and fails the first time.
#[derive(Clone, Default)]
struct Asker {
    asked: Calls,
}

#[async_trait]
impl Agent for Asker {
    async fn run(&self, run: &mut Run) -> Result<(), Error> {
        match run.noted_in_vain::<usize>(&total())?.first() {
            Some(answer) => run.write(format!("answered {answer}")).await,
            None => {
                run.note(total(), &self.asked.count()).await?;
                Err(Error::transient("away", "The rest is away"))
            }
        }
    }

    fn keeps_notes(&self) -> bool {
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_noted_before_they_failed_is_told_to_the_next_one() {
    let house = House::new();
    let _worker = house.worker(quick(), Agents::new().with(name(), Failing));
    let room = house.conversation().await;
    for (round, said) in ["fail", "fail", "then", "later"].into_iter().enumerate() {
        room.say(said).await;
        room.finished(round + 1).await;
    }
    let log = room.log().await;
    assert_eq!(answers(&log), ["[1, 1]", "[]"]);
}

/// Notes 1 and fails for good, where it is told to; else says what failed runs have noted, and notes something itself.
struct Failing;

#[async_trait]
impl Agent for Failing {
    async fn run(&self, run: &mut Run) -> Result<(), Error> {
        let told = run.noted_before_failing::<u64>(&total())?;
        run.note(total(), &1).await?;
        if run.input_text() == "fail" {
            return Err(Error::permanent("bad", "It cannot be done"));
        }
        run.write(format!("{told:?}")).await
    }

    fn keeps_notes(&self) -> bool {
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_leaves_to_newer_ones_is_answered_by_them() {
    let house = House::new();
    let asked = Calls::default();
    let counted = asked.clone();
    let old = house.worker(
        quick(),
        Actor::new(move |_| {
            counted.count();
            let newer = Error::from_the_future("note_unreadable", "It cannot be read here");
            Box::pin(async move { Err(newer) })
        })
        .alone(),
    );
    let room = house.conversation().await;
    room.say("1").await;
    until_at_least(2, || asked.so_far()).await;
    old.kill().await;
    let _new = house.worker(quick(), Adder::default().alone());
    let log = room.finished(1).await;
    assert_eq!(answers(&log), ["1 after 0 and []"]);
    let dead = house.bus.dead_letters(&Pool::default(), 10).await.unwrap();
    assert!(dead.is_empty(), "{dead:?}");
}
