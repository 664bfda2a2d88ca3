//! Failures heal, or are put aside; the conversation goes on.

use std::{
    sync::atomic::Ordering::SeqCst,
    time::{Duration, Instant},
};

use convene_agent::{AgentName, Agents, Error};
use convene_agent_worker::{Options, agents::guide::Guide};
use convene_bus::Bus as _;
use convene_proto::{
    context::{self, AnnounceRequest},
    event::{EventBody, MESSAGES_OF_A_RUN, Outcome},
    id::Pool,
};
use tokio::time::sleep;

use crate::{
    actors::{Actor, Calls},
    house::{House, OwnWorker, PATIENCE, name, quick, until_at_least},
    log::{answers, attempts, count, kinds, outcomes},
    room::Room,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_passes_heals_in_sight() {
    let house = House::new();
    let _worker = house.guide();
    let room = house.conversation().await;
    room.say("/fail 2").await;
    let log = room.finished(1).await;
    assert_eq!(outcomes(&log), ["completed"]);
    assert_eq!(answers(&log).len(), 1);
    assert!(answers(&log)[0].contains("attempt 3"));
    let attempt = [
        "run.started",
        "message.started",
        "message.retracted",
        "run.retrying",
    ];
    let last = [
        "run.started",
        "message.started",
        "message.completed",
        "run.finished",
    ];
    let expected = [&["message.created"][..], &attempt, &attempt, &last].concat();
    assert_eq!(kinds(&log), expected);
    let failures = log.iter().filter_map(|body| match body {
        EventBody::RunRetrying { error, attempt, .. } => Some((error.code.as_str(), *attempt)),
        _ => None,
    });
    assert_eq!(
        failures.collect::<Vec<_>>(),
        [("guide_failed", 1), ("guide_failed", 2)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_newer_workers_know_is_left_to_them() {
    let house = House::new();
    let room = house.conversation().await;
    let (context, claims) = house.of_an_older_worker();
    let guide = || Agents::new().with(name(), Guide::new());
    let old = house.worker_over(context, quick(), guide());
    room.say("/echo good morning").await;
    until_at_least(2, || claims.load(SeqCst)).await;
    assert_eq!(kinds(&room.log().await), ["message.created"]);
    old.kill().await;
    let _new = house.guide();
    let log = room.finished(1).await;
    assert_eq!(answers(&log), ["good morning"]);
    assert_eq!(outcomes(&log), ["completed"]);
    let dead = house.bus.dead_letters(&Pool::default(), 10).await.unwrap();
    assert!(dead.is_empty(), "{dead:?}");
}

/// Why the last run has failed.
fn failure(log: &[EventBody]) -> &str {
    let Some(EventBody::RunFinished {
        outcome: Outcome::Failed { error },
        ..
    }) = log.last()
    else {
        panic!("{:?}", log.last());
    };
    &error.code
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_newer_worker_comes_for_is_given_up() {
    let house = House::new();
    let room = house.conversation().await;
    let (context, claims) = house.of_an_older_worker();
    let options = Options {
        absence_ms: 500,
        ..quick()
    };
    let guide = Agents::new().with(name(), Guide::new());
    let _old = house.worker_over(context, options, guide);
    room.say("/echo good morning").await;
    let log = room.finished(1).await;
    assert_eq!(failure(&log), "input_unknown");
    assert!(claims.load(SeqCst) > 1, "it was given up at once");
    let dead = house.bus.dead_letters(&Pool::default(), 10).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].doorbell.conversation, room.id.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_newer_workers_know_is_tried_once_at_a_time_however_often_it_rings() {
    let house = House::new();
    let calls = Calls::default();
    let counted = calls.clone();
    let unknowing = Actor::new(move |run| {
        let text = run.input_text();
        if text == "hello" {
            counted.count();
        }
        Box::pin(async move {
            match text.as_str() {
                "hello" => Err(Error::from_the_future("note_unreadable", "Not here")),
                _ => run.write(text).await,
            }
        })
    });
    // One doorbell after the other; and the second try is further off than any test lasts.
    let options = Options {
        concurrency: 1,
        retry_base_ms: 3_600_000,
        retry_max_ms: 3_600_000,
        absence_ms: 24 * 3_600_000,
        ..quick()
    };
    let _old = house.worker(options, unknowing.alone());
    let (room, elsewhere) = (house.conversation().await, house.conversation().await);
    room.say("hello").await;
    for round in 1..=3 {
        room.ring_for_nothing().await;
        room.ring_for_nothing().await;
        elsewhere.say("behind them").await;
        elsewhere.finished(round).await;
    }
    assert_eq!(calls.so_far(), 1);
    // Nobody waits for what is not wanted any more.
    room.cancel().await;
    room.ring_for_nothing().await;
    assert_eq!(outcomes(&room.finished(1).await), ["cancelled"]);
    assert_eq!(calls.so_far(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_newer_workers_know_can_be_cancelled() {
    let house = House::new();
    let room = house.conversation().await;
    let (context, _) = house.of_an_older_worker();
    room.say("/echo good morning").await;
    room.cancel().await;
    let guide = Agents::new().with(name(), Guide::new());
    let _old = house.worker_over(context, quick(), guide);
    assert_eq!(outcomes(&room.finished(1).await), ["cancelled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_the_agent_is_a_failure_that_passes() {
    let house = House::new();
    let _worker = house.guide();
    let room = house.conversation().await;
    room.say("/crash").await;
    let log = room.finished(1).await;
    assert_eq!(outcomes(&log), ["completed"]);
    let crashed = log.iter().any(|body| {
        matches!(body, EventBody::RunRetrying { error, .. } if error.code == "agent_panicked")
    });
    assert!(crashed);
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_waits_for_an_operator_while_the_conversation_goes_on_and_can_be_replayed() {
    let house = House::new();
    let calls = Calls::default();
    let counted = calls.clone();
    let actor = Actor::new(move |run| {
        let text = run.input_text();
        let call = if text == "poison" { counted.count() } else { 0 };
        Box::pin(async move {
            match call {
                1..=3 => Err(Error::transient("bad_day", "Not today")),
                _ => run.write(format!("{text} is answered")).await,
            }
        })
    });
    let options = Options {
        max_attempts: 3,
        ..quick()
    };
    let _worker = house.worker(options, actor.alone());
    let room = house.conversation().await;
    let begun = Instant::now();
    let poison = room.say("poison").await;
    room.say("the next").await;
    let log = room.finished(2).await;
    let took = begun.elapsed();
    assert!(
        took.as_secs() < 12,
        "it was the sweeper that went on: {took:?}"
    );
    assert_eq!(outcomes(&log), ["failed", "completed"]);
    assert_eq!(answers(&log), ["the next is answered"]);
    assert_eq!(calls.so_far(), 3);

    let pool = Pool::default();
    let dead = house.bus.dead_letters(&pool, 10).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert!(dead[0].reason.contains("bad_day"), "{}", dead[0].reason);
    assert_eq!(dead[0].doorbell.command.as_ref().unwrap().seq, poison);

    assert!(house.bus.replay(&pool, &dead[0].id).await.unwrap());
    let log = room.finished(3).await;
    assert_eq!(outcomes(&log), ["failed", "completed", "completed"]);
    assert_eq!(
        answers(&log),
        ["the next is answered", "poison is answered"]
    );
    assert!(house.bus.dead_letters(&pool, 10).await.unwrap().is_empty());

    // The broker may deliver a replay twice, as any doorbell.
    let mut twice = dead[0].doorbell.clone();
    let command = twice.command.as_mut().unwrap();
    command.replay.clone_from(&dead[0].id);
    room.ring(&twice).await;
    room.say("the last").await;
    assert_eq!(
        answers(&room.finished(4).await)[1..],
        ["poison is answered", "the last is answered"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_fail_again_is_not_tried_again_and_its_words_are_taken_back() {
    let house = House::new();
    let calls = Calls::default();
    let counted = calls.clone();
    let actor = Actor::new(move |run| {
        counted.count();
        Box::pin(async move {
            run.write("whole").await?;
            run.end_message().await?;
            run.write("half").await?;
            sleep(Duration::from_millis(500)).await;
            Err(Error::permanent("never", "I cannot"))
        })
    });
    let _worker = house.worker(quick(), actor.alone());
    let room = house.conversation().await;
    room.say("go").await;
    let log = room.finished(1).await;
    assert_eq!(outcomes(&log), ["failed"]);
    assert!(kinds(&log).contains(&"message.completed".to_owned()));
    assert!(answers(&log).is_empty());
    assert_eq!(calls.so_far(), 1);
    assert_eq!(
        house
            .bus
            .dead_letters(&Pool::default(), 10)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_takes_too_long_has_failed() {
    let house = House::new();
    let dropped = crate::actors::Dropped::default();
    let options = Options {
        run_deadline_ms: 1_000,
        ..quick()
    };
    let _worker = house.worker(options, crate::actors::stuck_after("hm", &dropped).alone());
    let room = house.conversation().await;
    room.say("go").await;
    let log = room.finished(1).await;
    assert_eq!(outcomes(&log), ["failed"]);
    assert!(answers(&log).is_empty() && dropped.is_so());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_whole_is_taken_back_too_when_its_attempt_fails() {
    let house = House::new();
    let actor = Actor::new(|run| {
        Box::pin(async move {
            run.write("a whole message").await?;
            run.end_message().await?;
            run.write("and a half").await?;
            sleep(Duration::from_millis(500)).await;
            if run.context().attempt == 1 {
                return Err(Error::transient("bad_day", "Not today"));
            }
            Ok(())
        })
    });
    let _worker = house.worker(quick(), actor.alone());
    let room = house.conversation().await;
    room.say("go").await;
    let log = room.finished(1).await;
    assert_eq!(answers(&log), ["a whole message", "and a half"]);
    assert_eq!(
        kinds(&log)
            .iter()
            .filter(|kind| *kind == "message.retracted")
            .count(),
        2
    );
}

/// A worker that does not host the rooms' agent, but one that it finds in `elsewhere`, and takes one
/// doorbell after the other.
async fn without_the_agent(house: &House, absence_ms: u64) -> (OwnWorker, Room) {
    let options = Options {
        absence_ms,
        concurrency: 1,
        max_attempts: 1,
        ..quick()
    };
    let worker = house.worker(options, Agents::new().with(other(), Guide::new()));
    let elsewhere = house.conversation().await;
    elsewhere.bring(&other()).await;
    elsewhere.say_to(&other(), "/echo at your service").await;
    elsewhere.finished(1).await;
    (worker, elsewhere)
}

/// Whatever was rung for before this has been in the worker's hand when it returns, and more than
/// once.
async fn answers_meanwhile(elsewhere: &Room) {
    for round in 2..5 {
        elsewhere.say_to(&other(), "/echo and again").await;
        elsewhere.finished(round).await;
    }
}

fn other() -> AgentName {
    "other".parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_nobody_hosts_yet_is_waited_for_without_an_attempt() {
    let house = House::new();
    let (_without, elsewhere) = without_the_agent(&house, 600_000).await;
    let room = house.conversation().await;
    room.say("/echo here I am").await;
    answers_meanwhile(&elsewhere).await;
    assert_eq!(kinds(&room.log().await), ["message.created"]);
    let once = Options {
        max_attempts: 1,
        ..quick()
    };
    let _with = house.worker(once, Agents::new().with(name(), Guide::new()));
    let log = room.finished(1).await;
    assert_eq!(answers(&log), ["here I am"]);
    assert_eq!(attempts(&log), [1]);
}

/// Announces the rooms' agent in the name of a worker that has no hand for us, or has just died.
async fn announce(house: &House, ttl_ms: u32) {
    let announced = AnnounceRequest {
        inbox: "worker.busy".to_owned(),
        pool: Pool::default().to_string(),
        agents: vec![context::Agent {
            name: name().to_string(),
            pool: Pool::default().to_string(),
            ..context::Agent::default()
        }],
        ttl_ms,
    };
    house.context.clone().announce(announced).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_some_worker_hosts_is_left_to_it_however_long_that_takes() {
    let house = House::new();
    let (_without, elsewhere) = without_the_agent(&house, 0).await;
    announce(&house, 600_000).await;
    let room = house.conversation().await;
    room.say("/echo here I am").await;
    answers_meanwhile(&elsewhere).await;
    assert_eq!(kinds(&room.log().await), ["message.created"]);
    let _with = house.guide();
    assert_eq!(answers(&room.finished(1).await), ["here I am"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_message_waits_while_its_agents_only_worker_starts_anew() {
    let house = House::new();
    let (_without, elsewhere) = without_the_agent(&house, 6_000).await;
    announce(&house, 8_000).await;
    let room = house.conversation().await;
    room.say("/echo here I am").await;
    let gone = async {
        while house.hosts(&name()).await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.unwrap();
    answers_meanwhile(&elsewhere).await;
    let _with = house.guide();
    assert_eq!(answers(&room.finished(1).await), ["here I am"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_nobody_hosts_any_more_is_given_up() {
    let house = House::new();
    let (_without, _) = without_the_agent(&house, 0).await;
    let room = house.conversation().await;
    let said = room.say("/echo is anybody there").await;
    let log = room.finished(1).await;
    assert_eq!(failure(&log), "agent_unknown");
    let dead = house.bus.dead_letters(&Pool::default(), 10).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].doorbell.command.as_ref().unwrap().seq, said);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_another_pool_is_left_to_its_workers() {
    let house = House::new();
    let painter: convene_agent::AgentName = "painter".parse().unwrap();
    let once = || Options {
        max_attempts: 1,
        ..quick()
    };
    let gpu = Options {
        pool: "gpu".parse().unwrap(),
        ..once()
    };
    let _guide = house.worker(once(), Agents::new().with(name(), Guide::new()));
    let _painter = house.worker(gpu, Agents::new().with(painter.clone(), Guide::new()));
    let room = house.conversation().await;
    room.bring(&painter).await;
    // Whoever finishes one finds the other behind it.
    room.say("/stream 20 at 40").await;
    room.say_to(&painter, "/stream 21 at 40").await;
    room.say("/echo thanks").await;
    room.say_to(&painter, "/echo welcome").await;
    let answers = answers(&room.finished(4).await);
    assert_eq!(answers[..2], [count(20), count(21)]);
    assert_eq!(answers[2..], ["thanks", "welcome"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_says_too_many_messages_has_failed() {
    let house = House::new();
    let talker = Actor::new(|run| {
        Box::pin(async move {
            for n in 0..=MESSAGES_OF_A_RUN {
                run.write(n.to_string()).await?;
                run.end_message().await?;
            }
            Ok(())
        })
    });
    let _worker = house.worker(quick(), talker.alone());
    let room = house.conversation().await;
    room.say("go").await;
    let log = room.finished(1).await;
    assert!(answers(&log).is_empty());
    assert_eq!(failure(&log), "too_many_messages");
}
