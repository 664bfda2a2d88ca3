//! The queue keeps a doorbell's command until it is answered, or safe in the log.

use std::{sync::Arc, time::Duration};

use convene_agent::Agents;
use convene_agent_worker::{Options, agents::guide::Guide};
use convene_bus::Bus as _;
use convene_proto::{bus::Doorbell, event::TurnPolicy, id::Pool};

use crate::{
    actors::held_by,
    house::{House, PATIENCE, endless, name, quick},
    log::{answers, outcomes},
    room::Room,
    unheard::Deafness,
};

/// How long the store may yet lose what it took: longer than a worker has it in hand.
const UNSETTLED: Duration = Duration::from_secs(5);

/// The next doorbell in a pool's queue.
async fn next_in(house: &House, pool: &Pool) -> Doorbell {
    let mut doorbells = house.bus.doorbells(pool, 1).await.unwrap();
    let next = tokio::time::timeout(PATIENCE, doorbells.next()).await;
    assert!(next.is_ok(), "the queue is empty");
    let rung = next.unwrap().unwrap();
    let doorbell = rung.doorbell.clone();
    rung.ack().await.unwrap();
    doorbell
}

/// Says something, and nobody hears of it but from the log.
async fn say_unheard(room: &Room, text: &str) {
    room.submit("user:ada", text, TurnPolicy::Enqueue)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_waits_behind_another_pools_stays_in_the_queue() {
    let house = House::new();
    let painter = "painter".parse().unwrap();
    let gpu: Pool = "gpu".parse().unwrap();
    let options = Options {
        pool: gpu.clone(),
        ..quick()
    };
    let gone = house.worker(
        options,
        Agents::new().with("painter".parse().unwrap(), Guide::new()),
    );
    let room = house.conversation().await;
    room.bring(&painter).await;
    gone.kill().await;
    room.say_to(&painter, "/echo first").await;
    next_in(&house, &gpu).await;
    let said = room.say("/echo second").await;

    let worker = house.worker_over(
        house.settling_within(UNSETTLED),
        endless(),
        Agents::new().with(name(), Guide::new()),
    );
    assert_eq!(next_in(&house, &gpu).await.command, None, "handed over");
    worker.drain().await;
    let kept = next_in(&house, &Pool::default()).await;
    assert_eq!(kept.command.expect("its command").seq, said);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_a_draining_worker_leaves_behind_stays_in_the_queue() {
    let house = House::new();
    let room = house.conversation().await;
    say_unheard(&room, "hold").await;
    let said = room.say("/echo second").await;
    let gate = Arc::default();
    let worker = house.worker_over(
        house.settling_within(UNSETTLED),
        endless(),
        held_by(&gate).alone(),
    );
    room.writes().await;
    worker.begin_to_drain().await;
    gate.notify_one();
    worker.drain().await;
    assert_eq!(outcomes(&room.log().await), ["completed"]);
    let pool = Pool::default();
    assert_eq!(next_in(&house, &pool).await.command, None, "rung for it");
    let kept = next_in(&house, &pool).await;
    assert_eq!(kept.command.expect("its command").seq, said);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doorbell_that_is_buried_with_another_command_leaves_its_own_in_the_queue() {
    let house = House::new();
    let room = house.conversation().await;
    say_unheard(&room, "/poison").await;
    let said = room.say("/echo second").await;
    let deafness = Arc::new(Deafness::default());
    // A sweeper that rings between two attempts has the last one made for its own doorbell.
    let context = house.settling_within(UNSETTLED);
    let _worker = house.unheard(context, endless(), deafness.clone());
    let log = room.finished(2).await;
    assert_eq!(outcomes(&log), ["failed", "completed"]);
    assert_eq!(answers(&log).last().unwrap(), "second");
    let rung = std::mem::take(&mut *deafness.rung.lock().unwrap());
    let commands = rung.into_iter().filter_map(|doorbell| doorbell.command);
    let commands: Vec<_> = commands.map(|command| command.seq).collect();
    assert_eq!(commands, [said]);
    let dead = house.bus.dead_letters(&Pool::default(), 10).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_ne!(dead[0].doorbell.command.as_ref().unwrap().seq, said);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_was_answered_leaves_the_queue_at_once() {
    let house = House::new();
    let room = house.conversation().await;
    let settles = Duration::from_secs(1);
    let gate = Arc::default();
    let worker = house.worker_over(
        house.settling_within(settles),
        endless(),
        held_by(&gate).alone(),
    );
    room.say("hold").await;
    room.writes().await;
    say_unheard(&room, "/echo second").await;
    worker.begin_to_drain().await;
    gate.notify_one();
    worker.drain().await;
    let pool = Pool::default();
    let rung = next_in(&house, &pool).await;
    assert_eq!(rung.command, None, "rung for the second");
    let mut doorbells = house.bus.doorbells(&pool, 1).await.unwrap();
    // It would be back by then.
    let kept = tokio::time::timeout(settles * 3 / 2, doorbells.next()).await;
    assert!(kept.is_err(), "{kept:?}");
}
