//! Workers die, freeze and are cut off; doorbells get lost. Conversations go on.

use std::{
    sync::{Arc, Mutex, atomic::Ordering::SeqCst, mpsc},
    time::Duration,
};

use convene_agent::{Agents, Error};
use convene_agent_worker::{Options, agents::guide::Guide};
use convene_bus::Bus as _;
use convene_context_service::store::Limits;
use convene_proto::{
    event::{EventBody, TurnPolicy},
    id::Pool,
};

use crate::{
    actors::{Actor, Dropped, stuck_after},
    house::{House, PATIENCE, name, quick, until_at_least},
    log::{answers, kinds, outcomes},
    room::Room,
    unheard::Deafness,
};

/// A store that lets conversations be swept at once.
fn soon_due() -> Limits {
    Limits {
        due_after: Duration::from_millis(200),
        ..Limits::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_run_of_a_killed_worker_is_taken_over_when_its_lease_is_over() {
    // Not for having been overlooked for long.
    let house = House::with(Limits {
        due_after: Duration::from_secs(3_600),
        ..Limits::default()
    });
    let dropped = Dropped::default();
    let doomed = house.worker(quick(), stuck_after("half an answer", &dropped).alone());
    let room = house.conversation().await;
    room.say("/echo a whole answer").await;
    room.say("/echo and the next").await;
    room.writes().await;
    let _heir = house.guide();
    doomed.kill().await;
    let retracted = |log: &[EventBody]| kinds(log).contains(&"message.retracted".to_owned());
    room.until("the dead worker's words are taken back", retracted)
        .await;
    let log = room.finished(2).await;
    assert_eq!(answers(&log), ["a whole answer", "and the next"]);
    assert_eq!(outcomes(&log), ["completed", "completed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_a_killed_worker_said_is_taken_back_however_short_the_history() {
    let house = House::new();
    let said = 70;
    let talker = Actor::new(move |run| {
        Box::pin(async move {
            for n in 0..said {
                run.write(format!("message {n}")).await?;
                run.end_message().await?;
            }
            run.write("and half of").await?;
            std::future::pending().await
        })
    });
    let doomed = house.worker(quick(), talker.alone());
    let room = house.conversation().await;
    room.say("/echo once").await;
    let begun = |log: &[EventBody]| {
        let begun = log
            .iter()
            .filter(|body| matches!(body, EventBody::MessageStarted { .. }));
        begun.count()
    };
    room.until("it is in its last message", |log| begun(log) > said)
        .await;
    doomed.kill().await;
    let forgetful = Options {
        history: 5,
        ..quick()
    };
    let _heir = house.worker(forgetful, Agents::new().with(name(), Guide::new()));
    let log = room.finished(1).await;
    assert_eq!(answers(&log), ["once"]);
    let retracted = kinds(&log);
    let retracted = retracted.iter().filter(|kind| *kind == "message.retracted");
    assert_eq!(retracted.count(), said + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_worker_wakes_up_fenced_and_writes_nothing_more() {
    let house = House::with(soon_due());
    let dropped = Dropped::default();
    let (wake, woken) = mpsc::channel::<()>();
    let woken = Arc::new(Mutex::new(woken));
    let gone = dropped.clone();
    let sleeper = Actor::new(move |run| {
        let (woken, guard) = (woken.clone(), gone.guard());
        Box::pin(async move {
            run.write("before").await?;
            tokio::time::sleep(Duration::from_millis(100)).await;
            // The worker's only thread: everything of it stands still, its lease too.
            woken.lock().unwrap().recv().ok();
            run.write(" after").await?;
            std::future::pending::<()>().await;
            drop(guard);
            Ok(())
        })
    });
    let _frozen = house.worker(quick(), sleeper.alone());
    let room = house.conversation().await;
    room.say("/echo the heir's").await;
    room.writes().await;
    let _heir = house.guide();
    // Its doorbell stays in its hands, so it is the sweeper's ring that wakes the heir.
    room.say("/echo again").await;
    let log = room.finished(2).await;
    assert_eq!(answers(&log), ["the heir's", "again"]);
    assert!(!dropped.is_so());

    wake.send(()).unwrap();
    let stops = async {
        while !dropped.is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let stopped = tokio::time::timeout(PATIENCE, stops).await;
    assert!(stopped.is_ok(), "the agent goes on writing in vain");
    assert_eq!(room.log().await, log, "a fenced worker writes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_given_up_keeps_its_lease_however_long_that_takes() {
    let house = House::with(soon_due());
    let fail = Arc::new(tokio::sync::Notify::new());
    let fails = fail.clone();
    let hopeless = Actor::new(move |run| {
        let fails = fails.clone();
        Box::pin(async move {
            run.write("half an answer").await?;
            fails.notified().await;
            Err(Error::permanent("never", "I cannot"))
        })
    });
    let worker = house.worker(quick(), hopeless.alone());
    let disk = worker.stall_disk();
    let room = house.conversation().await;
    room.say("/echo the heir's").await;
    room.writes().await;
    let _heir = house.guide();
    fail.notify_one();
    // Were its lease to run out, the heir would have it by then.
    tokio::time::sleep(3 * Duration::from_millis(quick().lease_ttl_ms)).await;
    drop(disk);
    let log = room.finished(1).await;
    assert_eq!(outcomes(&log), ["failed"]);
    assert!(answers(&log).is_empty());
    let dead = house.bus.dead_letters(&Pool::default(), 10).await.unwrap();
    assert_eq!(dead.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_kills_its_workers_is_given_up_without_another_try() {
    let house = House::new();
    let options = || Options {
        max_attempts: 2,
        ..quick()
    };
    let room = house.conversation().await;
    room.say("deadly").await;
    for attempt in 1..=2 {
        let dropped = Dropped::default();
        let doomed = house.worker(options(), stuck_after("the last words", &dropped).alone());
        room.until("it writes", |log| {
            let started = log
                .iter()
                .filter(|body| matches!(body, EventBody::MessageStarted { .. }));
            started.count() == attempt
        })
        .await;
        doomed.kill().await;
    }
    let _survivor = house.worker(options(), Agents::new().with(name(), Guide::new()));
    let log = room.finished(1).await;
    assert_eq!(outcomes(&log), ["failed"]);
    assert!(answers(&log).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_doorbell_is_swept() {
    let house = House::with(soon_due());
    let _worker = house.guide();
    let room = house.conversation().await;
    room.submit("user:ada", "/echo found", TurnPolicy::Enqueue)
        .await
        .unwrap();
    assert_eq!(answers(&room.finished(1).await), ["found"]);
}

/// A conversation that the store gives out to a sweeper at once, and then not for an hour.
async fn due_once(house: &House) -> Room {
    let room = house.conversation().await;
    room.submit("user:ada", "/echo never mind", TurnPolicy::Enqueue)
        .await
        .unwrap();
    // What is cancelled is due at once.
    room.cancel().await;
    room
}

fn giving_out_once() -> House {
    House::with(Limits {
        due_after: Duration::from_secs(3600),
        ..Limits::default()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweepers_ring_that_the_broker_did_not_take_is_rung_again() {
    let house = giving_out_once();
    let room = due_once(&house).await;
    let deafness = Deafness {
        refuses: 2.into(),
        ..Deafness::default()
    };
    let _worker = house.guide_unheard(deafness.into());
    assert_eq!(outcomes(&room.finished(1).await), ["cancelled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ring_that_is_never_confirmed_keeps_the_sweeper_from_no_other() {
    let house = giving_out_once();
    let stuck = due_once(&house).await;
    let deafness = Arc::new(Deafness {
        never_confirms: Some(stuck.id.clone()),
        ..Deafness::default()
    });
    let _worker = house.guide_unheard(deafness.clone());
    until_at_least(1, || deafness.unconfirmed.load(SeqCst)).await;
    let other = due_once(&house).await;
    assert_eq!(outcomes(&other.finished(1).await), ["cancelled"]);
}

/// As after its queue was doubted, while what it had in hand goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_given_more_than_it_has_hands_for_leaves_it_to_others() {
    let house = House::new();
    let (long, other) = (house.conversation().await, house.conversation().await);
    let one_hand = Options {
        concurrency: 1,
        ..quick()
    };
    let given_more = Deafness {
        gives_more: 1,
        ..Deafness::default()
    };
    let _busy = house.unheard(house.context.clone(), one_hand, given_more.into());
    long.say("/stream 9000 at 20").await;
    long.writes().await;
    other.say("/echo second").await;
    let _idle = house.guide();
    assert_eq!(answers(&other.finished(1).await), ["second"]);
    assert_eq!(outcomes(&long.log().await), [""; 0], "it was not over");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_swept_while_the_broker_is_away() {
    let house = giving_out_once();
    let room = due_once(&house).await;
    let deafness = Arc::new(Deafness {
        // What is taken now cannot be rung.
        refuses: usize::MAX.into(),
        is_away: true.into(),
        ..Deafness::default()
    });
    let worker = house.guide_unheard(deafness.clone());
    // A ping comes some seconds after the one before: there were sweeps between the two.
    until_at_least(1, || deafness.unanswered.load(SeqCst).saturating_sub(1)).await;
    // What it took would be this worker's, and with it gone nobody's.
    worker.kill().await;
    let _heir = house.guide();
    assert_eq!(outcomes(&room.finished(1).await), ["cancelled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doorbell_that_rings_twice_is_answered_once() {
    let house = House::new();
    let room = house.conversation().await;
    let (_, doorbell) = room
        .submit("user:ada", "/echo once", TurnPolicy::Enqueue)
        .await
        .unwrap();
    for _ in 0..5 {
        room.ring(&doorbell).await;
    }
    let workers = [house.guide(), house.guide()];
    room.finished(1).await;
    room.ring(&doorbell).await;
    room.say("/echo twice").await;
    assert_eq!(answers(&room.finished(2).await), ["once", "twice"]);
    for worker in workers {
        worker.drain().await;
    }
    assert_eq!(outcomes(&room.log().await).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agents_at_work_are_announced_and_the_worker_is_ready() {
    let house = House::new();
    let worker = house.guide();
    let agent = house.announced(|_| worker.worker.faults().is_empty()).await;
    assert_eq!(
        (agent.name.as_str(), agent.pool.as_str()),
        ("guide", "default")
    );
    assert!(!agent.description.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redelivered_doorbell_of_a_run_that_lives_holds_no_hand() {
    let house = House::new();
    let one_hand = || Options {
        lease_ttl_ms: 4_000,
        concurrency: 1,
        ..quick()
    };
    let dropped = Dropped::default();
    let busy = house.worker(one_hand(), stuck_after("for ever", &dropped).alone());
    let room = house.conversation().await;
    let (_, doorbell) = room
        .submit("user:ada", "go", TurnPolicy::Enqueue)
        .await
        .unwrap();
    room.ring(&doorbell).await;
    room.writes().await;
    // The only hand of the worker is full, so this one is ours; and we die with it.
    room.ring(&doorbell).await;
    let mut doorbells = house.bus.doorbells(&Pool::default(), 1).await.unwrap();
    drop(doorbells.next().await.unwrap());
    drop(doorbells);

    let _other = house.worker(one_hand(), Agents::new().with(name(), Guide::new()));
    let elsewhere = house.conversation().await;
    elsewhere.say("/echo answered meanwhile").await;
    assert_eq!(
        answers(&elsewhere.finished(1).await),
        ["answered meanwhile"]
    );
    assert!(outcomes(&room.log().await).is_empty() && !dropped.is_so());
    drop(busy);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_attempt_said_is_taken_back_however_little_history_an_agent_sees() {
    let house = House::new();
    let options = || Options {
        history: 0,
        ..quick()
    };
    let doomed = Actor::new(|run| {
        Box::pin(async move {
            for words in ["one", "two", "three"] {
                run.write(words).await?;
                run.end_message().await?;
            }
            run.write("half of four").await?;
            std::future::pending::<()>().await;
            Ok(())
        })
    });
    let doomed = house.worker(options(), doomed.alone());
    let room = house.conversation().await;
    room.say("/echo the heir's").await;
    room.until("it has said all that", |log| {
        let started = log
            .iter()
            .filter(|body| matches!(body, EventBody::MessageStarted { .. }));
        started.count() == 4
    })
    .await;
    doomed.kill().await;
    let _heir = house.worker(options(), Agents::new().with(name(), Guide::new()));
    assert_eq!(answers(&room.finished(1).await), ["the heir's"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_can_take_no_more_doorbells_says_so() {
    let house = House::new();
    let worker = house.guide();
    let room = house.conversation().await;
    room.say("/echo it works").await;
    room.finished(1).await;
    worker.bus.close(PATIENCE).await;
    let broken = tokio::time::timeout(PATIENCE, worker.tasks.broken());
    assert_eq!(broken.await.unwrap(), "doorbells");
    assert!(
        worker
            .worker
            .faults()
            .join("; ")
            .contains("no doorbells are taken")
    );
}
