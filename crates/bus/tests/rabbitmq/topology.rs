//! What stands in the broker, and that it comes back.

use convene_bus::{
    Bus, Error,
    rabbitmq::{Options, QueueType},
};
use convene_runtime::trace::TraceContext;
use lapin::{
    BasicProperties,
    options::{BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeleteOptions},
};

use crate::{
    broker::{
        TIER, channel, connected, doorbell, eventually, letter, letter_about, opened, options,
        pool, ring, rung, url,
    },
    proxy::{Mode, Proxy},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_is_deleted_comes_back() {
    let Some(url) = url() else { return };
    let (bus, pool) = (connected(options(&url)).await, pool());
    let (_connection, broker) = channel(&url).await;
    let delete = async || {
        let queue = format!("runs.{pool}").into();
        broker
            .queue_delete(queue, QueueDeleteOptions::default())
            .await
            .unwrap();
    };
    // For who rings:
    ring(&bus, &pool, "c-1").await.unwrap();
    delete().await;
    ring(&bus, &pool, "c-2").await.unwrap();
    let mut doorbells = bus.doorbells(&pool, 1).await.unwrap();
    let taken = rung(&mut doorbells).await;
    assert_eq!(taken.doorbell.conversation, "c-2");
    taken.ack().await.unwrap();
    // And for who listens:
    delete().await;
    let (taken, rang) = tokio::join!(rung(&mut doorbells), ring(&bus, &pool, "c-3"));
    rang.unwrap();
    assert_eq!(taken.doorbell.conversation, "c-3");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delay_whose_queue_is_deleted_comes_back() {
    let Some(url) = url() else { return };
    let (bus, pool) = (connected(options(&url)).await, pool());
    let (_connection, broker) = channel(&url).await;
    ring(&bus, &pool, "c-1").await.unwrap();
    let mut doorbells = bus.doorbells(&pool, 1).await.unwrap();
    let taken = rung(&mut doorbells).await;
    let tier = format!("runs.{pool}.retry.{}", TIER.as_millis());
    broker
        .queue_delete(tier.into(), QueueDeleteOptions::default())
        .await
        .unwrap();
    taken.retry_later(TIER).await.unwrap();
    assert_eq!(rung(&mut doorbells).await.doorbell.conversation, "c-1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queues_of_another_kind_are_refused_and_the_connection_goes_on() {
    let Some(url) = url() else { return };
    let (quorum, pool) = (connected(options(&url)).await, pool());
    ring(&quorum, &pool, "c-1").await.unwrap();
    let classic = connected(Options {
        queue_type: QueueType::Classic,
        ..options(&url)
    })
    .await;
    let ringing = ring(&classic, &pool, "c-2").await;
    assert!(matches!(ringing, Err(Error::Refused(_))), "{ringing:?}");
    assert!(matches!(
        classic.doorbells(&pool, 1).await.err(),
        Some(Error::Refused(_))
    ));
    classic.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_doorbell_that_cannot_be_read_is_put_among_the_dead() {
    let Some(url) = url() else { return };
    let (bus, pool) = (connected(options(&url)).await, pool());
    let mut doorbells = bus.doorbells(&pool, 10).await.unwrap();
    let (_connection, broker) = channel(&url).await;
    broker
        .confirm_select(ConfirmSelectOptions::default())
        .await
        .unwrap();
    let (queue, plain) = (format!("runs.{pool}"), BasicPublishOptions::default());
    let properties = BasicProperties::default();
    let publishing = broker.basic_publish(
        "".into(),
        queue.into(),
        plain,
        b"\xff\xff not ours",
        properties,
    );
    publishing.await.unwrap().await.unwrap();
    ring(&bus, &pool, "c-1").await.unwrap();
    assert_eq!(rung(&mut doorbells).await.doorbell.conversation, "c-1");
    let mut dead = Vec::new();
    eventually("a dead letter", async || {
        dead = bus.dead_letters(&pool, 10).await.unwrap();
        !dead.is_empty()
    })
    .await;
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].reason, "it cannot be read");
    assert!(dead[0].died_at > 0);
    assert!(matches!(
        bus.replay(&pool, &dead[0].id).await,
        Err(Error::Refused(_))
    ));
    assert!(bus.drop_dead_letter(&pool, &dead[0].id).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doorbells_are_kept_on_disk_and_have_names() {
    const PERSISTENT: u8 = 2;
    let Some(url) = url() else { return };
    let (bus, pool) = (connected(options(&url)).await, pool());
    let trace = TraceContext {
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
        tracestate: None,
    };
    bus.ring(&doorbell(&pool, "c-1"), &trace).await.unwrap();
    let (_connection, broker) = channel(&url).await;
    let queue = format!("runs.{pool}").into();
    let found = broker
        .basic_get(queue, BasicGetOptions::default())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(*found.properties.delivery_mode(), Some(PERSISTENT));
    assert!(found.properties.message_id().is_some());
    let headers = found.properties.headers().clone().unwrap();
    assert!(headers.contains_key("traceparent"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_ever_bound() {
    const EXCHANGE_DECLARE: (u16, u16) = (40, 10);
    const EXCHANGE_BIND: (u16, u16) = (40, 30);
    const QUEUE_DECLARE: (u16, u16) = (50, 10);
    const QUEUE_BIND: (u16, u16) = (50, 20);
    const BASIC_PUBLISH: (u16, u16) = (60, 40);
    let Some(url) = url() else { return };
    let proxy = Proxy::before(&url, Mode::Open).await;
    let (bus, pool) = (connected(options(proxy.url())).await, pool());
    let trace = TraceContext::default();
    let mut letters = bus.open_inbox("gateway-7").await.unwrap();
    let to = [opened(&mut letters).await];
    bus.send(&to, &letter("c-1"), &trace).await.unwrap();
    letter_about(&mut letters).await;
    ring(&bus, &pool, "c-1").await.unwrap();
    let mut doorbells = bus.doorbells(&pool, 1).await.unwrap();
    rung(&mut doorbells).await.retry_later(TIER).await.unwrap();
    rung(&mut doorbells)
        .await
        .dead_letter("poison")
        .await
        .unwrap();
    let dead = bus.dead_letters(&pool, 1).await.unwrap();
    assert!(bus.replay(&pool, &dead[0].id).await.unwrap());
    rung(&mut doorbells).await.ack().await.unwrap();
    let heard = proxy.heard();
    assert!(
        heard.contains(&QUEUE_DECLARE) && heard.contains(&BASIC_PUBLISH),
        "{heard:?}"
    );
    for method in [EXCHANGE_DECLARE, EXCHANGE_BIND, QUEUE_BIND] {
        assert!(!heard.contains(&method), "{method:?}");
    }
}
