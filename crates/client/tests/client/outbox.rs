//! Messages over connections that break: each said once, in order.

use std::time::Duration;

use convene_client::{
    Error, Options, message,
    proto::{
        error::ErrorCode,
        frame::{ClientFrame, NewAct, NewMessage, Problem, ServerFrame},
        id::MessageId,
        position::Seq,
    },
};

use crate::{
    frames::conversation,
    server::{PATIENCE, Server},
};

#[tokio::test]
async fn what_was_not_accepted_is_sent_again_under_the_same_id() {
    let mut server = Server::start().await;
    let (client, mut peer) = server.client().await;
    let conversation = conversation();
    let sending = client.send(&conversation, message("hello"));
    let serving = async {
        let (_, first, _) = peer.receive_send().await;
        drop(peer);
        let mut peer = server.welcome().await;
        let (request, second, words) = peer.receive_send().await;
        assert_eq!((second, words.as_str()), (first, "hello"));
        peer.accept(request, 5).await;
        peer
    };
    let (seq, mut peer) = tokio::join!(sending, serving);
    assert_eq!(seq.unwrap(), Seq(5));
    let again = peer.receive_within(Duration::from_millis(200)).await;
    assert_eq!(again, None, "accepted is accepted");
}

#[tokio::test]
async fn messages_of_one_conversation_keep_their_order_over_refusals_and_losses() {
    let mut server = Server::start().await;
    let (client, mut peer) = server.client().await;
    let conversation = conversation();
    let send = |words: &str| client.send(&conversation, message(words));
    let serving = async {
        let (request, _, words) = peer.receive_send().await;
        assert_eq!(words, "one");
        let problem = Problem::new(ErrorCode::Unavailable, "try again");
        peer.send(ServerFrame::Error {
            request: Some(request),
            problem,
        })
        .await;
        let (_, _, words) = peer.receive_send().await;
        assert_eq!(words, "one");
        drop(peer);
        let mut peer = server.welcome().await;
        for (seq, expected) in [(1, "one"), (2, "two"), (3, "three")] {
            let (request, _, words) = peer.receive_send().await;
            assert_eq!(words, expected);
            peer.accept(request, seq).await;
        }
        peer
    };
    let (one, two, three, _peer) = tokio::join!(send("one"), send("two"), send("three"), serving);
    assert_eq!(
        [one.unwrap(), two.unwrap(), three.unwrap()],
        [Seq(1), Seq(2), Seq(3)]
    );
}

#[tokio::test]
async fn what_is_refused_for_good_is_given_back_and_the_next_goes_on() {
    let mut server = Server::start().await;
    let (client, mut peer) = server.client().await;
    let conversation = conversation();
    let problem = Problem::new(ErrorCode::Busy, "a run is under way");
    let serving = async {
        let (request, ..) = peer.receive_send().await;
        peer.send(ServerFrame::Error {
            request: Some(request),
            problem: problem.clone(),
        })
        .await;
        let (request, ..) = peer.receive_send().await;
        peer.accept(request, 1).await;
    };
    let (refused, accepted, ()) = tokio::join!(
        client.send(&conversation, message("one")),
        client.send(&conversation, message("two")),
        serving
    );
    assert_eq!(refused.unwrap_err(), Error::Refused(problem));
    assert_eq!(accepted.unwrap(), Seq(1));
}

#[tokio::test]
async fn what_is_written_without_a_connection_is_sent_with_the_next_up_to_a_bound() {
    let mut server = Server::start().await;
    let options = Options {
        outbox: 1,
        ..server.options()
    };
    let (client, peer) = server.client_with(options).await;
    let mut status = client.status();
    drop(peer);
    let away =
        status.wait_for(|status| !matches!(status, convene_client::Status::Connected { .. }));
    tokio::time::timeout(PATIENCE, away).await.unwrap().unwrap();

    let conversation = conversation();
    let serving = async {
        let mut peer = server.welcome().await;
        let (request, _, words) = peer.receive_send().await;
        peer.accept(request, 1).await;
        words
    };
    let (one, two, words) = tokio::join!(
        client.send(&conversation, message("one")),
        client.send(&conversation, message("two")),
        serving
    );
    assert_eq!((one.unwrap(), words.as_str()), (Seq(1), "one"));
    assert_eq!(two.unwrap_err(), Error::OutboxFull(1));
}

#[tokio::test]
async fn all_that_is_said_tells_where_the_person_is() {
    let mut server = Server::start().await;
    let tokyo = Options {
        timezone: Some("Asia/Tokyo".parse().unwrap()),
        ..server.options()
    };
    let (client, mut peer) = server.client_with(tokyo).await;
    let conversation = conversation();
    let elsewhere = NewMessage {
        timezone: Some("Europe/Berlin".parse().unwrap()),
        ..message("from elsewhere")
    };
    let act = NewAct {
        id: MessageId::random(),
        seq: Seq(1),
        message: None,
        action: "yes".parse().unwrap(),
        value: None,
        policy: None,
        timezone: None,
    };
    let said = async {
        client.send(&conversation, message("hi")).await.unwrap();
        client.send(&conversation, elsewhere).await.unwrap();
        client.act(&conversation, act).await.unwrap();
    };
    let serving = async {
        for (seq, zone) in [(2, "Asia/Tokyo"), (3, "Europe/Berlin"), (4, "Asia/Tokyo")] {
            let (request, told) = match peer.receive().await {
                ClientFrame::Send {
                    request, message, ..
                } => (request, message.timezone),
                ClientFrame::Act { request, act, .. } => (request, act.timezone),
                other => panic!("{other:?}"),
            };
            assert_eq!(told.unwrap().as_str(), zone);
            peer.accept(request, seq).await;
        }
    };
    tokio::join!(said, serving);
}
