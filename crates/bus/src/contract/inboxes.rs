//! Sending letters, and reading them.

use convene_runtime::trace::TraceContext;

use super::harness::{
    Harness, PATIENCE, letter, next_letter, no_letter, opened, sized_letter, soon, trace,
};

pub async fn an_inbox_is_named_for_its_owner_and_brings_letters_in_order(harness: Harness) {
    const LETTERS: u64 = 1000;
    let (reader, writer) = (harness.bus().await, harness.bus().await);
    let mut letters = reader.open_inbox("gateway-7").await.expect("an inbox");
    let name = opened(&mut letters).await;
    assert!(name.as_str().starts_with("gateway-7."), "{name}");
    for number in 0..LETTERS {
        let to = std::slice::from_ref(&name);
        writer
            .send(to, &letter(number), &trace(number as u8))
            .await
            .expect("sent");
    }
    for number in 0..LETTERS {
        assert_eq!(
            next_letter(&mut letters).await,
            (number, trace(number as u8))
        );
    }
    no_letter(&mut letters).await;
}

pub async fn inboxes_of_one_owner_have_different_names(harness: Harness) {
    let bus = harness.bus().await;
    let mut one = bus.open_inbox("gateway-7").await.expect("an inbox");
    let mut two = bus.open_inbox("gateway-7").await.expect("an inbox");
    let (first, second) = (opened(&mut one).await, opened(&mut two).await);
    assert_ne!(first, second);
    bus.send(&[second], &letter(2), &TraceContext::default())
        .await
        .expect("sent");
    assert_eq!(next_letter(&mut two).await.0, 2);
    no_letter(&mut one).await;
}

pub async fn one_letter_reaches_several_inboxes_once_each(harness: Harness) {
    let bus = harness.bus().await;
    let (mut names, mut inboxes) = (Vec::new(), Vec::new());
    for number in 0..5 {
        let mut letters = bus
            .open_inbox(&format!("g-{number}"))
            .await
            .expect("an inbox");
        names.push(opened(&mut letters).await);
        inboxes.push(letters);
    }
    // To name one twice changes nothing.
    names.push(names[0].clone());
    for number in 0..2 {
        bus.send(&names, &letter(number), &trace(1))
            .await
            .expect("sent");
    }
    for letters in &mut inboxes {
        assert_eq!(next_letter(letters).await, (0, trace(1)));
        assert_eq!(next_letter(letters).await, (1, trace(1)));
        no_letter(letters).await;
    }
    bus.send(&[], &letter(9), &trace(1))
        .await
        .expect("sent to nobody");
}

pub async fn a_letter_to_an_inbox_that_is_gone_is_skipped(harness: Harness) {
    let (bus, closing) = (harness.bus().await, harness.bus().await);
    let mut dropped = bus.open_inbox("dropped").await.expect("an inbox");
    let mut closed = closing.open_inbox("closed").await.expect("an inbox");
    let mut there = bus.open_inbox("there").await.expect("an inbox");
    let names = [
        opened(&mut dropped).await,
        opened(&mut closed).await,
        opened(&mut there).await,
    ];
    drop(dropped);
    closing.close(PATIENCE).await;
    for number in 0..3 {
        bus.send(&names, &letter(number), &TraceContext::default())
            .await
            .expect("sent");
        bus.send(&names[..2], &letter(9), &TraceContext::default())
            .await
            .expect("sent");
    }
    for number in 0..3 {
        assert_eq!(next_letter(&mut there).await.0, number);
    }
    no_letter(&mut there).await;
    bus.ping().await.expect("the bus is none the worse");
}

/// 24 MiB into an inbox that holds a quarter of one.
pub async fn an_inbox_that_nobody_reads_holds_up_nobody_and_keeps_the_newest(harness: Harness) {
    const LETTERS: u64 = 1500;
    const BYTES: usize = 16 * 1024;
    let (reader, other) = (harness.bus().await, harness.bus().await);
    let writer = harness.bus().await;
    let mut unread = reader.open_inbox("unread").await.expect("an inbox");
    let mut read = other.open_inbox("read").await.expect("an inbox");
    let names = [opened(&mut unread).await, opened(&mut read).await];
    for number in 0..LETTERS {
        let letter = sized_letter(number, BYTES);
        soon(
            "room",
            writer.send(&names, &letter, &TraceContext::default()),
        )
        .await
        .expect("sent");
        assert_eq!(next_letter(&mut read).await.0, number);
    }
    let (mut last, mut count) = (next_letter(&mut unread).await.0, 1);
    while last < LETTERS - 1 {
        let (number, _) = next_letter(&mut unread).await;
        assert!(number > last, "out of order");
        (last, count) = (number, count + 1);
    }
    assert!(count < LETTERS / 2, "{count} letters were kept");
}
