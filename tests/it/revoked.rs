//! Tokens that are taken back: at every door, and on every connection that is open.

use std::time::{Duration, Instant};

use convene_client::{
    Error, EventStream, Incoming, RawSocket, Rest,
    proto::{
        error::{CloseCode, ErrorCode},
        frame::{ClientFrame, ServerFrame},
        id::ParticipantId,
    },
};
use convene_runtime::clock::now_ms;
use tokio::{io::AsyncWriteExt as _, net::TcpSocket};

use crate::{
    harness::{Claims, Kind, Role, Shape, Stack, on_both, promised},
    people::{PATIENCE, Person, options},
    readers::{counted, fill, joins, subscribe, until},
};

/// In which what a token had opened is closed. How long a machine takes that is busy with
/// other tests says nothing of Convene, unless it is for ever.
fn soon() -> Duration {
    promised(Duration::from_secs(1), PATIENCE)
}

/// Bob's; each call makes another.
fn token(stack: &Stack) -> String {
    stack.token("bob", Role::User)
}

async fn socket(url: &str, token: &str) -> RawSocket {
    let mut socket = RawSocket::open(url, Some(token), PATIENCE).await.unwrap();
    let welcome = socket.next_frame(PATIENCE).await.unwrap();
    assert!(
        matches!(welcome, ServerFrame::Welcome { .. }),
        "{welcome:?}"
    );
    socket
}

/// Waits for the server's close, and returns its code.
async fn closed(socket: &mut RawSocket) -> u16 {
    loop {
        if let Incoming::Closed { code, .. } = socket.next(PATIENCE).await.unwrap() {
            return code;
        }
    }
}

async fn ended(stream: &mut EventStream) {
    let ending = async { while let Ok(Some(_)) = stream.next().await {} };
    let ended = tokio::time::timeout(PATIENCE, ending).await;
    ended.expect("the stream goes on");
}

async fn answers(socket: &mut RawSocket) {
    socket
        .send(&ClientFrame::Ping { request: 9 })
        .await
        .unwrap();
    while !matches!(
        socket.next_frame(PATIENCE).await.unwrap(),
        ServerFrame::Pong { request: 9 }
    ) {}
}

fn rest(url: &str, token: &str) -> Rest {
    Rest::new(&options(url, token.to_owned())).unwrap()
}

async fn me(url: &str, token: &str) -> Result<(), ErrorCode> {
    match rest(url, token).me().await {
        Ok(_) => Ok(()),
        Err(Error::Refused(problem)) => Err(problem.code),
        Err(other) => panic!("{other}"),
    }
}

/// At each door: REST, a socket's header and first frame, an event stream.
async fn is_refused(stack: &Stack, ada: &Person, token: &str) {
    for gateway in 0..2 {
        let url = stack.gateway(gateway).url();
        until("it is refused here, too", async || {
            me(&url, token).await == Err(ErrorCode::TokenExpired)
        })
        .await;
        let over = |refused: Error| match refused {
            Error::Refused(problem) => assert_eq!(problem.code, ErrorCode::TokenExpired),
            other => panic!("{other}"),
        };
        over(
            RawSocket::open(&url, Some(token), PATIENCE)
                .await
                .unwrap_err(),
        );
        let stream = rest(&url, token).events(ada.conversation(), None).await;
        over(stream.err().expect("it is let in"));
        let mut late = RawSocket::open(&url, None, PATIENCE).await.unwrap();
        let hello = ClientFrame::Hello {
            request: 1,
            token: token.to_owned(),
        };
        late.send(&hello).await.unwrap();
        assert_eq!(closed(&mut late).await, CloseCode::TokenExpired as u16);
    }
}

on_both! {
    async fn a_revoked_token_opens_nothing_and_what_it_had_opened_is_closed_everywhere(stack: Stack) {
        let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        joins(&stack, &ada, "bob").await;
        let (stolen, kept) = (token(&stack), token(&stack));
        let urls = [stack.gateway(0).url(), stack.gateway(1).url()];
        let mut open = Vec::new();
        for url in &urls {
            let stream = rest(url, &stolen).events(ada.conversation(), None).await;
            open.push((socket(url, &stolen).await, stream.unwrap()));
        }
        let mut other = socket(&urls[1], &kept).await;

        let said = stack.run(&["revoke", &stolen, "--url", &urls[0]]).expect_success();
        assert!(said.contains("is good no longer"), "{said}");
        let revoked = Instant::now();
        for (socket, stream) in &mut open {
            assert_eq!(closed(socket).await, CloseCode::TokenExpired as u16);
            ended(stream).await;
        }
        assert!(revoked.elapsed() < soon(), "closed only after {:?}", revoked.elapsed());
        is_refused(&stack, &ada, &stolen).await;
        answers(&mut other).await;
        // It keeps no socket alive, and one whose token it was goes on under another.
        other.send(&ClientFrame::Hello { request: 1, token: stolen }).await.unwrap();
        loop {
            match other.next_frame(PATIENCE).await.unwrap() {
                ServerFrame::Error { request: Some(1), problem } => {
                    assert_eq!(problem.code, ErrorCode::TokenExpired);
                    break;
                }
                ServerFrame::Pong { .. } => {}
                frame => panic!("{frame:?}"),
            }
        }

        stack.run(&["revoke", "--user", "bob", "--url", &urls[0]]).expect_success();
        let revoked = Instant::now();
        assert_eq!(closed(&mut other).await, CloseCode::TokenExpired as u16);
        assert!(revoked.elapsed() < soon(), "closed only after {:?}", revoked.elapsed());
        is_refused(&stack, &ada, &kept).await;
        // Whoever is given another one later comes in.
        until("bob may come again", async || me(&urls[1], &token(&stack)).await.is_ok()).await;
        assert_eq!(me(&urls[0], &stack.token("eve", Role::User)).await, Ok(()));
    }

    async fn a_guest_renews_nothing_past_a_revocation(stack: Stack) {
        let urls = [stack.gateway(0).url(), stack.gateway(1).url()];
        let came = Rest::guest(&urls[0], "Gwen").await.unwrap();
        let issued_until = now_ms() / 1000;
        until("a second has passed", async || now_ms() / 1000 > issued_until).await;
        let renewed = rest(&urls[1], &came.token).renew().await.unwrap();
        let ParticipantId::User(gwen) = came.participant else {
            panic!("{:?}", came.participant);
        };
        let admin = rest(&urls[0], &stack.token("root", Role::Admin));
        admin.revoke_tokens_of(&gwen, Some(issued_until)).await.unwrap();
        for (url, token) in urls.iter().zip([&came.token, &renewed.token]) {
            until("it is refused", async || {
                me(url, token).await == Err(ErrorCode::TokenExpired)
            })
            .await;
        }
        let fresh = Rest::guest(&urls[0], "Gwen").await.unwrap();
        assert_eq!(me(&urls[1], &fresh.token).await, Ok(()));
    }

    async fn only_administrators_revoke_and_nothing_that_is_yet_to_come(stack: Stack) {
        let url = stack.gateway(0).url();
        let by = |role| rest(&url, &stack.token("ada", role));
        let (bob, id) = ("bob".parse().unwrap(), "t1".parse().unwrap());
        for role in [Role::User, Role::Operator] {
            for refused in [by(role).revoke_tokens_of(&bob, None).await, by(role).revoke_token(&id, None).await] {
                assert!(matches!(refused, Err(Error::Refused(problem)) if problem.code == ErrorCode::Forbidden));
            }
        }
        let later = now_ms() / 1000 + 3600;
        let refused = by(Role::Admin).revoke_tokens_of(&bob, Some(later)).await;
        assert!(matches!(refused, Err(Error::Refused(problem)) if problem.code == ErrorCode::BadRequest));
        for body in ["{}", r#"{"token":"a","user":"b"}"#, r#"{"user":"b","expires_at":1}"#, r#"{"token":""}"#, r#"{"token":"a","expires_at":3600}"#] {
            let answer = reqwest::Client::new()
                .post(format!("{url}/v1/revocations"))
                .bearer_auth(stack.token("ada", Role::Admin))
                .header("content-type", "application/json")
                .body(body)
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), 400, "{body}");
        }
        assert_eq!(me(&url, &token(&stack)).await, Ok(()));
    }
}

/// What was revoked is known to those that were not there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_starts_knows_what_was_revoked() {
    let Some(mut stack) = Stack::cluster(Shape::default()).await else {
        return;
    };
    let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
    let stolen = token(&stack);
    stack.kill(Kind::Gateway, 1);
    stack.run(&["revoke", &stolen]).expect_success();
    stack.start_again(Kind::Gateway, 1).await;
    assert_eq!(
        me(&stack.gateway(1).url(), &stolen).await,
        Err(ErrorCode::TokenExpired)
    );
    is_refused(&stack, &ada, &stolen).await;
}

/// The single process remembers in its folder.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_process_that_starts_again_knows_what_was_revoked() {
    let mut stack = Stack::embedded().await;
    let stolen = token(&stack);
    stack.run(&["revoke", &stolen]).expect_success();
    stack.kill(Kind::Gateway, 0);
    stack.start_again(Kind::Gateway, 0).await;
    let url = stack.gateway(0).url();
    assert_eq!(me(&url, &stolen).await, Err(ErrorCode::TokenExpired));
    assert_eq!(me(&url, &token(&stack)).await, Ok(()));
}

/// Sooner than a slow reader is let go: that takes longer than this test waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_nothing_is_cut_off_when_the_token_is_revoked_or_expires() {
    let settings = [
        ("gateway.slow_reader_seconds", "600".to_owned()),
        ("gateway.ping_seconds", "60".to_owned()),
    ];
    let stack = Stack::embedded_with(&settings).await;
    let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
    joins(&stack, &ada, "bob").await;
    fill(&ada, 60).await;
    let direct = stack.gateway(0).health_url();
    let id = ada.conversation();
    let expired = r#"convene_gateway_closed_total{code="4502""#;
    for round in 1..=2 {
        let claims = Claims {
            sub: "bob".parse().unwrap(),
            exp: now_ms() / 1000 + if round == 1 { 3600 } else { 5 },
            name: None,
            role: Role::User,
            iss: None,
            aud: None,
        };
        let token = stack.sign(&claims);
        let mut socket = RawSocket::open(&direct, Some(&token), PATIENCE)
            .await
            .unwrap();
        subscribe(&mut socket, id).await;
        let deaf = TcpSocket::new_v4().unwrap();
        deaf.set_recv_buffer_size(4096).unwrap();
        let address = direct.strip_prefix("http://").unwrap().parse().unwrap();
        let mut stream = deaf.connect(address).await.unwrap();
        let request = format!(
            "GET /v1/conversations/{id}/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\
             authorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let open = "convene_gateway_subscriptions{kind=\"reader\"";
        until("both read", async || counted(&stack, open).await >= 3.0).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        if round == 1 {
            let admin = rest(&direct, &stack.token("root", Role::Admin));
            admin
                .revoke_tokens_of(&"bob".parse().unwrap(), None)
                .await
                .unwrap();
        }
        until("both are cut off", async || {
            counted(&stack, expired).await >= f64::from(2 * round)
        })
        .await;
        drop((socket, stream));
        // Tokens of this second are revoked, too.
        let revoked = now_ms() / 1000;
        until("the next second", async || now_ms() / 1000 > revoked).await;
    }
}
