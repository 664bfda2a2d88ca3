//! What is said while the store is away for one conversation.

use convene_client::proto::{
    error::ErrorCode,
    frame::{ClientFrame, RequestId, ServerFrame},
    position::Seq,
};

use crate::{house::House, valve::STUCK};

/// More than may wait.
const FLOOD: RequestId = 40;

#[tokio::test]
async fn one_conversation_holds_up_neither_pings_nor_another() {
    let house = House::open().await;
    let (stuck, well) = (
        house.conversation(STUCK).await,
        house.conversation("well").await,
    );
    let mut socket = house.socket().await;
    house.valve.shut();
    socket.subscribe(1, &stuck).await;
    socket.send(2, &stuck).await;
    socket.subscribe(3, &well).await;
    socket.send(4, &well).await;
    socket
        .until(|frame| {
            matches!(
                frame,
                ServerFrame::Snapshot {
                    request: Some(3),
                    ..
                }
            )
        })
        .await;
    socket.until(|frame| is_accepted(frame, 4)).await;
    socket.ping(5).await;
    assert!(
        !socket
            .passed
            .iter()
            .any(|frame| is_about(frame, 1) || is_about(frame, 2))
    );
    house.valve.open();
    socket.until(|frame| is_about(frame, 1)).await;
    socket.until(|frame| is_accepted(frame, 2)).await;
    house.close().await;
}

#[tokio::test]
async fn what_waits_keeps_its_order_and_is_bounded() {
    let house = House::open().await;
    let stuck = house.conversation(STUCK).await;
    let mut socket = house.socket().await;
    house.valve.shut();
    for request in 1..=FLOOD {
        socket.send(request, &stuck).await;
    }
    // Moments take no room: of each kind the last one waits.
    for seq in 1..=FLOOD {
        let conversation = stuck.clone();
        socket
            .say(ClientFrame::Read {
                conversation,
                seq: Seq(seq),
            })
            .await;
    }
    socket.ping(FLOOD + 1).await;
    let refused: Vec<_> = socket
        .passed
        .drain(..)
        .filter_map(|frame| match frame {
            ServerFrame::Error { request, problem } => {
                assert_eq!(problem.code, ErrorCode::Unavailable);
                assert!(problem.retryable);
                request
            }
            _ => None,
        })
        .collect();
    let kept = FLOOD - refused.len() as RequestId;
    assert!((2..FLOOD / 2).contains(&kept), "{kept} wait");
    assert_eq!(refused, (kept + 1..=FLOOD).collect::<Vec<_>>());

    house.valve.open();
    let mut taken = Vec::new();
    for _ in 0..kept {
        match socket
            .until(|frame| matches!(frame, ServerFrame::Accepted { .. }))
            .await
        {
            ServerFrame::Accepted { request, seq, .. } => taken.push((seq.unwrap(), request)),
            other => panic!("{other:?}"),
        }
    }
    taken.sort();
    let (_, requests): (Vec<_>, Vec<_>) = taken.into_iter().unzip();
    assert_eq!(requests, (1..=kept).collect::<Vec<_>>());
    assert!(house.valve.count("Signal") <= 1);
    house.close().await;
}

#[tokio::test]
async fn what_was_said_before_a_socket_ends_is_accepted_first() {
    let house = House::open().await;
    let stuck = house.conversation(STUCK).await;
    let mut socket = house.socket().await;
    house.valve.shut();
    socket.send(1, &stuck).await;
    socket.babble().await;
    house.valve.called("Submit", 1).await;
    house.valve.open();
    socket.until(|frame| is_accepted(frame, 1)).await;
    assert!(socket.passed.is_empty());
    socket
        .until(|frame| matches!(frame, ServerFrame::Error { request: None, .. }))
        .await;
    house.close().await;
}

#[tokio::test]
async fn a_store_that_is_well_refuses_nothing_that_is_said_at_once() {
    let house = House::open().await;
    let well = house.conversation("well").await;
    let mut socket = house.socket().await;
    for request in 1..=FLOOD {
        socket.send(request, &well).await;
    }
    for _ in 1..=FLOOD {
        let answer = socket.until(|_| true).await;
        assert!(matches!(answer, ServerFrame::Accepted { .. }), "{answer:?}");
    }
    house.close().await;
}

fn is_accepted(frame: &ServerFrame, asked: RequestId) -> bool {
    matches!(frame, ServerFrame::Accepted { request, .. } if *request == asked)
}

/// Whether it answers this request in any way.
fn is_about(frame: &ServerFrame, asked: RequestId) -> bool {
    match frame {
        ServerFrame::Error { request, .. } | ServerFrame::Snapshot { request, .. } => {
            *request == Some(asked)
        }
        other => is_accepted(other, asked),
    }
}
