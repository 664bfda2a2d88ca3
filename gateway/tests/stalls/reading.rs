//! What is read while the store is away for one conversation, and by a client that reads nothing.

use std::collections::HashSet;

use convene_client::{
    message,
    proto::{
        frame::{NewMessage, ServerFrame},
        id::ConversationId,
        position::Seq,
    },
};

use crate::{
    house::{House, Socket},
    valve::STUCK,
};

/// Large messages: more than a gateway keeps for its readers, and than systems hold for them.
const MANY: u64 = 60;

#[tokio::test]
async fn one_that_has_to_read_the_log_delays_no_other() {
    let house = House::open().await;
    let (stuck, well) = (
        house.conversation(STUCK).await,
        house.conversation("well").await,
    );
    let mut socket = house.socket().await;
    for (request, conversation) in [(1, &stuck), (2, &well)] {
        socket.subscribe(request, conversation).await;
        socket
            .until(|frame| matches!(frame, ServerFrame::Snapshot { .. }))
            .await;
    }
    // It reads nothing meanwhile, and falls behind.
    fill(&house, &stuck).await;
    house.valve.shut();
    say(&house, &well, "hello").await;
    socket.until(|frame| event(frame, &well).is_some()).await;
    socket.ping(3).await;
    let before = seqs(&mut socket, &stuck);
    assert!(before.len() < MANY as usize, "it was not behind");
    house.valve.open();
    let last = Seq(MANY + 1);
    socket
        .until(|frame| event(frame, &stuck) == Some(last))
        .await;
    let mut seen = before;
    seen.extend(seqs(&mut socket, &stuck));
    seen.push(last);
    assert_eq!(seen, (2..=MANY + 1).map(Seq).collect::<Vec<_>>());
    house.close().await;
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_told_one_beginning_at_a_time() {
    let house = House::open().await;
    let large = house.conversation("large").await;
    fill(&house, &large).await;
    let other = house.conversation("other").await;
    let mut all = vec![large];
    for number in 0..12 {
        all.push(house.conversation(&format!("c{number}")).await);
    }
    let mut socket = house.socket().await;
    for (request, conversation) in (1..).zip(&all) {
        socket.subscribe(request, conversation).await;
    }
    // What is asked last is carried out after what could have been by then.
    let submitted = house.valve.count("Submit");
    socket.send(100, &other).await;
    house.valve.called("Submit", submitted + 1).await;
    assert_eq!(house.valve.count("Subscribe"), 1);
    let mut begun = HashSet::new();
    while begun.len() < all.len() {
        let frame = socket
            .until(|frame| matches!(frame, ServerFrame::Snapshot { .. }))
            .await;
        if let ServerFrame::Snapshot { conversation, .. } = frame {
            begun.insert(conversation);
        }
    }
    house.close().await;
}

async fn fill(house: &House, conversation: &ConversationId) {
    for _ in 0..MANY {
        say(house, conversation, &"x".repeat(30_000)).await;
    }
}

async fn say(house: &House, conversation: &ConversationId, text: &str) {
    let said = NewMessage {
        to: Some(Vec::new()),
        ..message(text)
    };
    house.ada.say(conversation, &said).await.unwrap();
}

/// The number of an event of this conversation.
fn event(frame: &ServerFrame, of: &ConversationId) -> Option<Seq> {
    match frame {
        ServerFrame::Event {
            conversation,
            event,
            ..
        } if conversation == of => Some(event.seq),
        _ => None,
    }
}

fn seqs(socket: &mut Socket, of: &ConversationId) -> Vec<Seq> {
    let passed = socket.passed.drain(..);
    passed.filter_map(|frame| event(&frame, of)).collect()
}
