//! The broker that tests share, and what they say to it behind the bus's back.

use std::{env, sync::Arc, time::Duration};

use convene_bus::{
    Arrival, Bus, Doorbells, Letters, Result, Rung,
    rabbitmq::{Options, RabbitBus},
};
use convene_proto::{
    bus::{Command, Doorbell, Item, Letter},
    id::{ConversationId, Inbox, Pool},
};
use convene_runtime::{Tasks, trace::TraceContext};
use lapin::{Channel, Connection, ConnectionProperties};
use tokio::time::{sleep, timeout};

/// The delay tier that tests use.
pub(crate) const TIER: Duration = Duration::from_millis(400);

/// Longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Where the broker is. None, and a word about it, where there is none to test with.
pub(crate) fn url() -> Option<String> {
    match env::var("CONVENE_TEST_AMQP") {
        Ok(url) => Some(url),
        Err(_) if env::var_os("CONVENE_TEST_REQUIRE").is_some() => {
            panic!("CONVENE_TEST_AMQP is not set")
        }
        Err(_) => {
            println!("skipped: set CONVENE_TEST_AMQP, or run cargo xtask test");
            None
        }
    }
}

pub(crate) fn options(url: &str) -> Options {
    Options {
        url: url.to_owned(),
        inbox_max_bytes: 256 * 1024,
        retry_tiers_ms: vec![TIER.as_millis() as u64, 60_000],
        ..Options::default()
    }
}

/// A bus that is connected.
pub(crate) async fn connected(options: Options) -> Arc<RabbitBus> {
    let bus = RabbitBus::connect(options, &Tasks::new()).unwrap();
    answers(&bus).await;
    bus
}

/// Waits until the broker answers.
pub(crate) async fn answers(bus: &RabbitBus) {
    soon("an answer", async {
        while bus.ping().await.is_err() {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

/// A connection past the bus.
pub(crate) async fn channel(url: &str) -> (Connection, Channel) {
    let connection = Connection::connect(url, ConnectionProperties::default())
        .await
        .unwrap();
    let channel = connection.create_channel().await.unwrap();
    (connection, channel)
}

pub(crate) async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    soon(what, async {
        while !is_so().await {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

pub(crate) async fn soon<T>(what: &str, outcome: impl Future<Output = T>) -> T {
    timeout(PATIENCE, outcome)
        .await
        .unwrap_or_else(|_| panic!("waited too long for {what}"))
}

pub(crate) async fn ring(bus: &RabbitBus, pool: &Pool, conversation: &str) -> Result<()> {
    bus.ring(&doorbell(pool, conversation), &TraceContext::default())
        .await
}

pub(crate) async fn rung(doorbells: &mut Box<dyn Doorbells>) -> Rung {
    soon("a doorbell", doorbells.next()).await.unwrap()
}

pub(crate) async fn opened(letters: &mut Box<dyn Letters>) -> Inbox {
    match soon("an inbox", letters.next()).await {
        Some(Arrival::Opened(name)) => name,
        other => panic!("an inbox should open: {other:?}"),
    }
}

/// The conversation that the next letter is about.
pub(crate) async fn letter_about(letters: &mut Box<dyn Letters>) -> String {
    match soon("a letter", letters.next()).await {
        Some(Arrival::Letter(letter, _)) => letter.items[0].conversation.clone(),
        other => panic!("a letter should come: {other:?}"),
    }
}

/// A pool that no other test has.
pub(crate) fn pool() -> Pool {
    Pool::new(ConversationId::random().as_str()).unwrap()
}

pub(crate) fn doorbell(pool: &Pool, conversation: &str) -> Doorbell {
    Doorbell {
        conversation: conversation.to_owned(),
        pool: pool.to_string(),
        command: Some(Command::default()),
    }
}

pub(crate) fn letter(conversation: &str) -> Letter {
    Letter {
        items: vec![Item {
            conversation: conversation.to_owned(),
            ..Item::default()
        }],
    }
}
