//! Reading a conversation over connections that break.

use std::time::Duration;

use convene_client::{
    Client, Error, Live, MessageStatus, Update, Violation,
    proto::{
        error::ErrorCode,
        frame::{ClientFrame, Problem, ServerFrame},
        position::Seq,
    },
};
use tokio::time::timeout;

use crate::{
    frames::{
        at, completed, conversation, delta, event, id, inside, resumed, run_finished, run_started,
        said, snapshot, started,
    },
    server::{PATIENCE, Peer, Server},
};

/// A client that reads the conversation, from a snapshot on.
async fn open(client: &Client, peer: &mut Peer) -> Live {
    let conversation = conversation();
    let (live, ()) = tokio::join!(client.open(&conversation, None), async {
        let (request, after) = peer.receive_subscribe().await;
        assert_eq!(after, None);
        peer.send(snapshot(Some(request))).await;
    });
    live.unwrap()
}

async fn next(live: &mut Live) -> Update {
    timeout(PATIENCE, live.next())
        .await
        .expect("an update")
        .expect("not the end")
}

#[tokio::test]
async fn a_cut_in_mid_text_resumes_at_the_byte() {
    let mut server = Server::start().await;
    let (client, mut peer) = server.client().await;
    let mut live = open(&client, &mut peer).await;
    peer.send(event(2, run_started(1))).await;
    peer.send(event(3, started("m"))).await;
    peer.send(delta(3, "m", 0, "Grü")).await;
    live.until(PATIENCE, |view| view.position() == Some(&inside(3, "m", 4)))
        .await
        .unwrap();
    drop(peer);

    let mut peer = server.welcome().await;
    let (request, after) = peer.receive_subscribe().await;
    assert_eq!(after, Some(inside(3, "m", 4)));
    peer.send(resumed(request, inside(3, "m", 4))).await;
    peer.send(delta(3, "m", 4, "ße")).await;
    let view = live
        .until(PATIENCE, |view| {
            view.message(&id("m")).unwrap().text() == "Grüße"
        })
        .await
        .unwrap();
    assert_eq!(
        view.message(&id("m")).unwrap().status,
        MessageStatus::Streaming
    );
    peer.send(event(4, completed("m", "Grüße!"))).await;
    peer.send(event(5, run_finished())).await;
    let view = live
        .until(PATIENCE, |view| view.is_answered(Seq(1)))
        .await
        .unwrap();
    assert_eq!(view.messages().len(), 2);
    assert_eq!(view.message(&id("m")).unwrap().text(), "Grüße!");
}

#[tokio::test]
async fn an_event_that_comes_twice_is_reported_and_healed() {
    let mut server = Server::start().await;
    let (client, mut peer) = server.client().await;
    let mut live = open(&client, &mut peer).await;
    assert!(matches!(next(&mut live).await, Update::Frame(_)));
    peer.send(event(2, said("a", "A"))).await;
    peer.send(event(2, said("a", "A"))).await;
    assert!(matches!(next(&mut live).await, Update::Frame(_)));
    assert_eq!(
        next(&mut live).await,
        Update::Violation(Violation::Duplicate(Seq(2)))
    );

    let mut peer = server.welcome().await;
    let (request, after) = peer.receive_subscribe().await;
    assert_eq!(after, Some(at(2)));
    peer.send(resumed(request, at(2))).await;
    peer.send(event(3, said("b", "B"))).await;
    live.until(PATIENCE, |view| view.messages().len() == 3)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_busy_reader_misses_nothing_and_holds_up_nobody() {
    let mut server = Server::start().await;
    let options = convene_client::Options {
        buffer: 4,
        ..server.options()
    };
    let (client, mut peer) = server.client_with(options).await;
    let mut live = open(&client, &mut peer).await;
    for seq in 2..=20 {
        peer.send(event(seq, said(&format!("m{seq}"), "text")))
            .await;
    }
    // The server is told to stop, though the reader has read nothing yet ...
    let ClientFrame::Unsubscribe { .. } = peer.receive().await else {
        panic!("unsubscribe")
    };
    // ... and the client still answers for other things.
    let of = conversation();
    let (sent, ()) = tokio::join!(client.send(&of, convene_client::message("hello")), async {
        let (request, ..) = peer.receive_send().await;
        peer.accept(request, 21).await;
    });
    assert_eq!(sent.unwrap(), Seq(21));

    let reading = live.until(PATIENCE, |view| view.messages().len() == 20);
    let serving = async {
        let (request, after) = peer.receive_subscribe().await;
        let from = after.expect("a position").seq.0;
        assert!((2..20).contains(&from), "{from}");
        peer.send(resumed(request, at(from))).await;
        for seq in from + 1..=20 {
            peer.send(event(seq, said(&format!("m{seq}"), "text")))
                .await;
            // As slow as the reader, so that it falls behind no more.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (read, ()) = tokio::join!(reading, serving);
    read.unwrap();
}

#[tokio::test]
async fn leaving_ends_the_subscription_and_it_can_begin_anew() {
    let mut server = Server::start().await;
    let (client, mut peer) = server.client().await;
    let live = open(&client, &mut peer).await;
    assert_eq!(
        client.subscribe(&conversation(), None).await.unwrap_err(),
        Error::AlreadySubscribed
    );
    drop(live);
    let ClientFrame::Unsubscribe { .. } = peer.receive().await else {
        panic!("unsubscribe")
    };
    // Still under way when the subscription ended.
    peer.send(event(2, said("a", "A"))).await;
    let mut live = open(&client, &mut peer).await;
    live.until(PATIENCE, |view| view.messages().len() == 1)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_refused_subscription_is_an_error_at_once() {
    let mut server = Server::start().await;
    let (client, mut peer) = server.client().await;
    let problem = Problem::new(ErrorCode::NotFound, "no such conversation");
    let conversation = conversation();
    let (refused, ()) = tokio::join!(client.subscribe(&conversation, Some(at(9))), async {
        let (request, after) = peer.receive_subscribe().await;
        assert_eq!(after, Some(at(9)));
        peer.send(ServerFrame::Error {
            request: Some(request),
            problem: problem.clone(),
        })
        .await;
    });
    assert_eq!(refused.unwrap_err(), Error::Refused(problem));
}

#[tokio::test]
async fn after_a_reconnection_what_may_pass_is_asked_again_and_what_may_not_is_told() {
    let mut server = Server::start().await;
    let (client, mut peer) = server.client().await;
    let mut live = open(&client, &mut peer).await;
    drop(peer);
    let mut peer = server.welcome().await;
    let (request, _) = peer.receive_subscribe().await;
    let problem = Problem::new(ErrorCode::Unavailable, "away");
    peer.send(ServerFrame::Error {
        request: Some(request),
        problem,
    })
    .await;
    let (request, after) = peer.receive_subscribe().await;
    assert_eq!(after, Some(at(1)));
    let problem = Problem::new(ErrorCode::NotFound, "you were removed");
    peer.send(ServerFrame::Error {
        request: Some(request),
        problem: problem.clone(),
    })
    .await;
    assert!(
        matches!(next(&mut live).await, Update::Frame(_)),
        "the snapshot"
    );
    assert_eq!(next(&mut live).await, Update::Ended(problem));
    assert_eq!(timeout(PATIENCE, live.next()).await.unwrap(), None);
}

#[tokio::test]
async fn an_ended_subscription_is_asked_for_again_where_that_may_help_and_else_told() {
    let mut server = Server::start().await;
    let (client, mut peer) = server.client().await;
    let mut live = open(&client, &mut peer).await;
    let ended = |problem| ServerFrame::Ended {
        conversation: conversation(),
        problem,
    };
    peer.send(ended(Problem::new(ErrorCode::Unavailable, "away")))
        .await;
    let (request, after) = peer.receive_subscribe().await;
    assert_eq!(after, Some(at(1)));
    let problem = Problem::new(ErrorCode::NotFound, "you were removed");
    // About the subscription before: this one has not begun.
    peer.send(ended(problem.clone())).await;
    peer.send(ServerFrame::Resumed {
        request: Some(request),
        conversation: conversation(),
        position: at(1),
        here: Vec::new(),
    })
    .await;
    peer.send(ended(problem.clone())).await;
    for told in ["the snapshot", "resumed"] {
        assert!(matches!(next(&mut live).await, Update::Frame(_)), "{told}");
    }
    assert_eq!(next(&mut live).await, Update::Ended(problem));
    assert_eq!(timeout(PATIENCE, live.next()).await.unwrap(), None);
}

#[tokio::test]
async fn a_log_that_was_lost_is_shown_anew() {
    let mut server = Server::start().await;
    let (client, mut peer) = server.client().await;
    let mut live = open(&client, &mut peer).await;
    peer.send(event(2, said("a", "A"))).await;
    live.until(PATIENCE, |view| view.messages().len() == 2)
        .await
        .unwrap();
    drop(peer);
    let mut peer = server.welcome().await;
    let (request, _) = peer.receive_subscribe().await;
    let ServerFrame::Snapshot {
        conversation,
        position,
        state,
        ..
    } = snapshot(None)
    else {
        panic!()
    };
    peer.send(ServerFrame::Reset {
        request: Some(request),
        conversation,
        position,
        state,
    })
    .await;
    live.until(PATIENCE, |view| view.messages().len() == 1)
        .await
        .unwrap();
}
