//! The contract, inside one process.
#![expect(clippy::unwrap_used, reason = "tests say so when something is wrong")]

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use convene_bus::{Bus, DeadLetter, Doorbells, Rung, contract::Harness, local::LocalBroker};
use convene_proto::{bus::Doorbell, id::Pool};
use convene_runtime::{Tasks, trace::TraceContext};
use tempfile::TempDir;

fn open(folder: &Path) -> LocalBroker {
    LocalBroker::open_with(folder, &Tasks::new(), 256 * 1024, 100).unwrap()
}

async fn harness() -> Option<Harness> {
    let folder = TempDir::new().unwrap();
    let broker = Arc::new(Mutex::new(open(folder.path())));
    let again = Arc::clone(&broker);
    let connect = move || {
        let bus: Arc<dyn Bus> = broker.lock().unwrap().connect();
        async { bus }
    };
    let restart = move || *again.lock().unwrap() = open(folder.path());
    Some(Harness::new(connect, Duration::from_millis(200)).restarted_by(restart))
}

convene_bus::bus_contract!(harness);

#[test]
fn a_damaged_dead_letter_is_left_where_it_is_and_keeps_nobody_from_starting() {
    let folder = TempDir::new().unwrap();
    let damaged = folder.path().join("0123.letter");
    std::fs::write(&damaged, "not a letter").unwrap();
    open(folder.path());
    assert!(damaged.exists());
}

#[tokio::test]
async fn a_dead_letter_that_is_dropped_and_replayed_at_once_is_one_or_the_other() {
    let folder = TempDir::new().unwrap();
    let bus = open(folder.path()).connect();
    let pool = Pool::new("kitchen").unwrap();
    let letter = bury(&*bus, &pool).await;
    let (dropped, replayed) = tokio::join!(
        bus.drop_dead_letter(&pool, &letter),
        bus.replay(&pool, &letter)
    );
    assert_eq!((dropped.unwrap(), replayed.unwrap()), (true, false));
}

#[tokio::test]
async fn a_dead_letter_that_cannot_be_dropped_keeps_its_place() {
    let folder = TempDir::new().unwrap();
    let bus = open(folder.path()).connect();
    let pool = Pool::new("kitchen").unwrap();
    for _ in 0..3 {
        bury(&*bus, &pool).await;
    }
    let before = bus.dead_letters(&pool, 10).await.unwrap();
    let stuck = &before[1].id;
    let file = folder.path().join(stuck).with_extension("letter");
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    let dropped = bus.drop_dead_letter(&pool, stuck).await;
    assert!(dropped.is_err(), "{dropped:?}");
    let after = bus.dead_letters(&pool, 10).await.unwrap();
    let ids = |letters: &[DeadLetter]| -> Vec<_> {
        letters.iter().map(|letter| letter.id.clone()).collect()
    };
    assert_eq!(ids(&after), ids(&before));
}

/// Puts a doorbell among the dead letters.
async fn bury(bus: &dyn Bus, pool: &Pool) -> String {
    let doorbell = Doorbell {
        conversation: "c-1".to_owned(),
        pool: pool.to_string(),
        command: None,
    };
    bus.ring(&doorbell, &TraceContext::default()).await.unwrap();
    let mut doorbells = bus.doorbells(pool, 1).await.unwrap();
    let rung = doorbells.next().await.unwrap();
    rung.dead_letter("poison").await.unwrap();
    bus.dead_letters(pool, 1).await.unwrap().remove(0).id
}

/// A broker with one dead letter, which was replayed; nobody has taken its doorbell yet.
struct Replayed {
    folder: TempDir,
    bus: Arc<dyn Bus>,
    pool: Pool,
    letter: String,
}

impl Replayed {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let bus = open(folder.path()).connect();
        let pool = Pool::new("kitchen").unwrap();
        let letter = bury(&*bus, &pool).await;
        assert!(bus.replay(&pool, &letter).await.unwrap());
        assert!(
            !bus.replay(&pool, &letter).await.unwrap(),
            "it is rung once"
        );
        assert_eq!(bus.dead_letters(&pool, 1).await.unwrap().len(), 0);
        Self {
            folder,
            bus,
            pool,
            letter,
        }
    }

    async fn take(&self) -> (Box<dyn Doorbells>, Rung) {
        let mut doorbells = self.bus.doorbells(&self.pool, 1).await.unwrap();
        let rung = doorbells.next().await.unwrap();
        (doorbells, rung)
    }

    /// What the next process finds where this one dies now.
    async fn found(&self) -> Vec<DeadLetter> {
        let bus = open(self.folder.path()).connect();
        bus.dead_letters(&self.pool, 10).await.unwrap()
    }

    async fn is_still_dead(&self) {
        let found = self.found().await;
        let ids: Vec<_> = found.iter().map(|dead| &dead.id).collect();
        assert_eq!(ids, [&self.letter]);
    }
}

#[tokio::test]
async fn a_replayed_dead_letter_is_one_still_where_the_process_dies_before_it_is_settled() {
    let replayed = Replayed::new().await;
    replayed.is_still_dead().await;
    let (doorbells, rung) = replayed.take().await;
    replayed.is_still_dead().await;
    rung.requeue().await.unwrap();
    drop(doorbells);
    let (_doorbells, rung) = replayed.take().await;
    rung.keep(Duration::ZERO).await.unwrap();
    replayed.is_still_dead().await;
    let (_doorbells, rung) = replayed.take().await;
    rung.ack().await.unwrap();
    assert_eq!(replayed.found().await.len(), 0);
}

#[tokio::test]
async fn a_replayed_dead_letter_that_dies_anew_is_one_and_not_two() {
    let replayed = Replayed::new().await;
    let (_doorbells, rung) = replayed.take().await;
    rung.dead_letter("poison again").await.unwrap();
    let found = replayed.found().await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].reason, "poison again");
}

#[tokio::test]
async fn a_dead_letter_for_which_there_is_no_room_waits_and_drives_no_other_out() {
    let folder = TempDir::new().unwrap();
    let broker = LocalBroker::open_with(folder.path(), &Tasks::new(), 256 * 1024, 1).unwrap();
    let bus = broker.connect();
    let pool = Pool::new("kitchen").unwrap();
    for conversation in ["c-1", "c-2"] {
        let doorbell = Doorbell {
            conversation: conversation.to_owned(),
            pool: pool.to_string(),
            command: None,
        };
        bus.ring(&doorbell, &TraceContext::default()).await.unwrap();
    }
    let mut doorbells = bus.doorbells(&pool, 1).await.unwrap();
    let mut next = async || doorbells.next().await.unwrap();
    next().await.dead_letter("the first").await.unwrap();
    let refused = next().await.dead_letter("the second").await.unwrap_err();
    assert!(refused.to_string().contains("no room"), "{refused}");
    let [kept] = &bus.dead_letters(&pool, 10).await.unwrap()[..] else {
        panic!("one is kept");
    };
    assert_eq!(kept.reason, "the first");
    assert!(bus.drop_dead_letter(&pool, &kept.id).await.unwrap());
    let again = next().await;
    assert_eq!(again.doorbell.conversation, "c-2");
    again.dead_letter("the second").await.unwrap();
}
