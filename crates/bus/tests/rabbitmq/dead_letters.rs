//! Looking through dead letters, however many there are.

use convene_bus::Bus;
use lapin::{
    BasicProperties,
    options::{BasicPublishOptions, ConfirmSelectOptions},
};

use crate::broker::{channel, connected, options, pool, ring, url};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_letter_is_found_behind_ten_thousand_others() {
    const LETTERS: usize = 10_050;
    let Some(url) = url() else { return };
    let (bus, pool) = (connected(options(&url)).await, pool());
    ring(&bus, &pool, "c-1").await.unwrap();
    let (_connection, broker) = channel(&url).await;
    broker
        .confirm_select(ConfirmSelectOptions::default())
        .await
        .unwrap();
    let mut confirms = Vec::new();
    for number in 0..LETTERS {
        let queue = format!("runs.dead.{pool}").into();
        let properties = BasicProperties::default().with_message_id(id(number).into());
        let options = BasicPublishOptions::default();
        let published = broker.basic_publish("".into(), queue, options, b"", properties);
        confirms.push(published.await.unwrap());
    }
    for confirm in confirms {
        confirm.await.unwrap();
    }
    let newest = id(LETTERS - 1);
    assert!(bus.drop_dead_letter(&pool, &newest).await.unwrap());
    assert!(!bus.drop_dead_letter(&pool, &newest).await.unwrap());
    let oldest = bus.dead_letters(&pool, 2).await.unwrap();
    let oldest: Vec<_> = oldest.into_iter().map(|letter| letter.id).collect();
    assert_eq!(oldest, [id(0), id(1)]);
    let all = bus.dead_letters(&pool, LETTERS).await.unwrap();
    assert_eq!(all.len(), LETTERS - 1);
}

/// In the order of their numbers.
fn id(number: usize) -> String {
    format!("{number:05}")
}
