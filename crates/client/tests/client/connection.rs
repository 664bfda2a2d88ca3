//! Keeping a connection.

use std::{
    sync::Arc,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use axum::{Json, Router, http::StatusCode, routing::get};
use convene_client::{
    Client, Error, Options, Status, TokenSource, message,
    proto::{
        error::{CloseCode, ErrorCode},
        frame::{ClientFrame, Problem, ServerFrame},
    },
};
use futures_util::future::{BoxFuture, FutureExt as _, ready};
use tokio::{net::TcpListener, time::timeout};

use crate::{
    frames::conversation,
    server::{PATIENCE, Server},
};

#[tokio::test]
async fn the_token_comes_in_the_header_and_the_welcome_says_who_one_is() {
    let mut server = Server::start().await;
    let (client, peer) = server.client().await;
    assert_eq!(peer.token, "Bearer secret");
    assert_eq!(client.participant().to_string(), "user:ada");
}

#[tokio::test]
async fn nobody_there_and_a_refused_token_are_errors_at_once() {
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let nobody = Client::connect(Options::new(format!("http://{free}"), "t")).await;
    assert!(
        matches!(nobody, Err(Error::Unreachable { .. })),
        "{nobody:?}"
    );

    let problem = Problem::new(ErrorCode::TokenExpired, "it has expired");
    let answer = problem.clone();
    let refuse = get(move || ready((StatusCode::UNAUTHORIZED, Json(answer.clone()))));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let tasks = convene_runtime::Tasks::new();
    let app = Router::new().route("/v1/ws", refuse);
    tasks.spawn_until_stop(async move { axum::serve(listener, app).await.unwrap() });
    let refused = Client::connect(Options::new(url, "t")).await;
    assert_eq!(refused.unwrap_err(), Error::Refused(problem));
    tasks.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn a_draining_gateway_is_left_for_as_long_as_it_says() {
    let mut server = Server::start().await;
    let (client, mut peer) = server.client().await;
    let asked = Instant::now();
    peer.send(ServerFrame::Drain { delay_ms: 300 }).await;
    let _peer = server.welcome().await;
    assert!(asked.elapsed() >= Duration::from_millis(300));
    assert!(matches!(
        &*client.status().borrow(),
        Status::Connected { .. } | Status::Reconnecting { .. }
    ));
}

#[tokio::test]
async fn close_codes_say_whether_to_come_back() {
    for code in [
        CloseCode::Draining,
        CloseCode::SlowReader,
        CloseCode::Unavailable,
    ] {
        let mut server = Server::start().await;
        let (_client, peer) = server.client().await;
        peer.close(code as u16).await;
        server.welcome().await;
    }
    for code in [
        CloseCode::Unauthenticated,
        CloseCode::TokenExpired,
        CloseCode::Protocol,
    ] {
        let mut server = Server::start().await;
        let (client, mut peer) = server.client().await;
        let conversation = conversation();
        let (sent, ()) = tokio::join!(client.send(&conversation, message("hi")), async {
            peer.receive_send().await;
            peer.close(code as u16).await;
        });
        assert!(!sent.unwrap_err().may_pass(), "{code:?}");
        assert!(
            matches!(&*client.status().borrow(), Status::Closed(_)),
            "{code:?}"
        );
        assert!(
            server.is_left_alone(Duration::from_millis(200)).await,
            "{code:?}"
        );
        assert!(client.send(&conversation, message("hi")).await.is_err());
    }
}

#[tokio::test]
async fn a_server_that_goes_silent_is_given_up() {
    let mut server = Server::start().await;
    let options = server.options();
    let (client, silent) = tokio::join!(Client::connect(options), async {
        let mut peer = server.accept().await;
        peer.welcome(300).await;
        // Held, and not read from: pings go unanswered.
        peer
    });
    let client = client.unwrap();
    let _peer = timeout(PATIENCE, server.welcome()).await.unwrap();
    drop((client, silent));
}

#[tokio::test]
async fn attempts_go_on_while_the_server_is_away() {
    let mut server = Server::start().await;
    let (client, peer) = server.client().await;
    drop(peer);
    // Each of these connections ends before its welcome.
    for _ in 0..3 {
        drop(server.accept().await);
    }
    let _peer = server.welcome().await;
    let mut status = client.status();
    let back = status.wait_for(|status| matches!(status, Status::Connected { .. }));
    timeout(PATIENCE, back).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_cancel_is_not_said_again_on_another_connection() {
    let mut server = Server::start().await;
    let (client, mut peer) = server.client().await;
    let conversation = conversation();
    let (cancelled, mut peer) = tokio::join!(client.cancel(&conversation, None), async {
        let ClientFrame::Cancel { .. } = peer.receive().await else {
            panic!("cancel")
        };
        drop(peer);
        server.welcome().await
    });
    assert!(matches!(cancelled, Err(Error::Lost(_))), "{cancelled:?}");
    assert_eq!(peer.receive_within(Duration::from_millis(200)).await, None);
}

/// A new token each time.
struct Fresh(AtomicU32);

impl TokenSource for Fresh {
    fn token(&self) -> BoxFuture<'_, Result<String, Error>> {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        ready(Ok(format!("token{number}"))).boxed()
    }
}

#[tokio::test]
async fn a_token_is_replaced_before_it_expires_and_after() {
    let mut server = Server::start().await;
    let options = Options {
        token: Arc::new(Fresh(AtomicU32::new(0))),
        ..server.options()
    };
    let (client, mut peer) = tokio::join!(Client::connect(options), async {
        let mut peer = server.accept().await;
        assert_eq!(peer.token, "Bearer token0");
        peer.send(ServerFrame::Welcome {
            participant: "user:ada".parse().unwrap(),
            name: "Ada".into(),
            heartbeat_ms: 30_000,
            expires_at: Some(convene_runtime::clock::now_ms() / 1000 + 5),
        })
        .await;
        peer
    });
    let _client = client.unwrap();
    let ClientFrame::Hello { token, .. } = peer.receive().await else {
        panic!("hello")
    };
    assert_eq!(token, "token1");
    peer.close(CloseCode::TokenExpired as u16).await;
    let peer = server.accept().await;
    assert!(peer.token.starts_with("Bearer token"), "{}", peer.token);
}

#[tokio::test]
async fn closing_says_goodbye_and_so_does_dropping_every_clone() {
    let mut server = Server::start().await;
    let (client, mut peer) = server.client().await;
    let ((), ()) = tokio::join!(client.close(), peer.closed());
    assert_eq!(client.typing(&conversation()).await, Err(Error::Stopped));

    let (client, mut peer) = server.client().await;
    let clone = client.clone();
    drop(client);
    clone.typing(&conversation()).await.unwrap();
    let ClientFrame::Typing { .. } = peer.receive().await else {
        panic!("typing")
    };
    drop(clone);
    peer.closed().await;
}
