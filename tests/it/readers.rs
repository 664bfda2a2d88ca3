//! Readers: those who take nothing, those who are gone without a word, those who were taken out,
//! and what the others see of it.

use std::time::{Duration, Instant};

use convene_client::{
    RawSocket, Rest, Update, message,
    proto::{
        error::ErrorCode,
        event::EventBody,
        frame::{ClientFrame, ServerFrame, Signal},
        id::{ConversationId, ParticipantId},
        position::Seq,
    },
};
use convene_runtime::clock::now_ms;
use tokio::{io::AsyncWriteExt as _, net::TcpSocket};

use crate::{
    harness::{Claims, Kind, Role, Shape, Stack, on_both},
    people::{PATIENCE, Person, options, retried},
};

on_both! {
    async fn who_is_taken_out_is_told_that_there_will_be_no_more(stack: Stack) {
        let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let bob = ada.invites(&stack, &stack.gateway(1).url(), "bob").await;
        let id = ada.conversation().clone();
        let mut updates = bob.client.subscribe(&beside(&bob).await, None).await.unwrap();
        let mut stream = bob.client.rest().events(&id, None).await.unwrap();
        let mut socket = reader(&stack.gateway(1).url(), &stack, "bob", &id).await;
        ada.client.rest().remove(&id, bob.client.participant()).await.unwrap();

        let said = hear(&mut socket, |frame| left(frame).is_some()).await;
        assert_eq!(left(&said).as_ref(), Some(bob.client.participant()));
        let ended = socket.next_frame(PATIENCE).await.unwrap();
        assert_ended(&ended, &id);
        let mut last = None;
        while let Some(received) = stream.next().await.unwrap() {
            last = Some(received);
        }
        let last = last.unwrap();
        assert_eq!((last.name.as_str(), last.id), ("ended", None));
        assert_ended(&last.frame, &id);

        // What else is read over the same socket goes on.
        let other = updates.conversation().clone();
        bob.client.rest().say(&other, &message("/echo hi")).await.unwrap();
        while !matches!(updates.next().await, Some(Update::Frame(frame)) if is_event(&frame)) {}
    }

    async fn who_is_taken_out_while_far_behind_is_told_too(stack: Stack) {
        let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let bob = ada.invites(&stack, &stack.gateway(0).url(), "bob").await;
        let id = ada.conversation().clone();
        let mut socket = reader(&stack.gateway(0).health_url(), &stack, "bob", &id).await;
        // More than its system holds, and more than the gateway keeps for its readers.
        fill(&ada, 40).await;
        ada.client.rest().remove(&id, bob.client.participant()).await.unwrap();
        let last = hear(&mut socket, |frame| {
            assert_eq!(left(frame), None, "it was not behind");
            matches!(frame, ServerFrame::Ended { .. })
        })
        .await;
        assert_ended(&last, &id);
    }

    async fn nobody_hears_of_a_stranger_who_was_refused(stack: Stack) {
        let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let id = ada.conversation().clone();
        let mut socket = reader(&stack.gateway(0).url(), &stack, "ada", &id).await;
        let token = stack.token("bob", Role::User);
        let url = stack.gateway(1).url();
        let mut stranger = RawSocket::open(&url, Some(&token), PATIENCE).await.unwrap();
        subscribe(&mut stranger, &id).await;
        hear(&mut stranger, |frame| matches!(frame, ServerFrame::Error { .. })).await;
        joins(&stack, &ada, "bob").await;
        // The first that is heard of them is that they have come.
        let bob = reader(&url, &stack, "bob", &id).await;
        let who = "user:bob".parse::<ParticipantId>().unwrap();
        let heard = hear(&mut socket, |frame| presence(frame, &who).is_some()).await;
        assert_eq!(presence(&heard, &who), Some(true));
        drop(bob);
        hear(&mut socket, |frame| presence(frame, &who) == Some(false)).await;
    }

    async fn nobody_has_read_what_nobody_wrote(stack: Stack) {
        let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let id = ada.conversation().clone();
        let mut socket = reader(&stack.gateway(1).url(), &stack, "ada", &id).await;
        let bob = ada.invites(&stack, &stack.gateway(0).url(), "bob").await;
        let head = ada.client.rest().conversation(&id).await.unwrap().head;
        bob.client.rest().read(&id, Seq(u64::MAX / 2)).await.unwrap();
        let heard = hear(&mut socket, |frame| read(frame).is_some()).await;
        assert_eq!(read(&heard), Some(head));
    }

    async fn an_id_that_is_no_position_begins_with_a_snapshot(stack: Stack) {
        let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let url = format!("{}/v1/conversations/{}/events", stack.gateway(0).url(), ada.conversation());
        let mut answer = reqwest::Client::new()
            .get(url)
            .bearer_auth(stack.token("ada", Role::User))
            .header("last-event-id", "of another server")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        let mut text = String::new();
        while !text.contains("event: ") {
            text += std::str::from_utf8(&answer.chunk().await.unwrap().unwrap()).unwrap();
        }
        assert!(text.starts_with("retry: "), "{text}");
        assert!(text.contains("\nevent: snapshot\n"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_takes_nothing_is_let_go_whatever_its_protocol() {
    let stack = Stack::embedded_with(&[("gateway.slow_reader_seconds", "1".to_owned())]).await;
    let direct = stack.gateway(0).health_url();
    let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
    let id = ada.conversation().clone();
    for user in ["bob", "eve"] {
        joins(&stack, &ada, user).await;
    }
    let socket = reader(&direct, &stack, "bob", &id).await;
    let request = format!(
        "GET /v1/conversations/{id}/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\
         authorization: Bearer {}\r\n\r\n",
        stack.token("eve", Role::User)
    );
    let deaf = TcpSocket::new_v4().unwrap();
    deaf.set_recv_buffer_size(4096).unwrap();
    let address = direct.strip_prefix("http://").unwrap().parse().unwrap();
    let mut stream = deaf.connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    ada.until("both are here", |view| view.here().len() == 3)
        .await;
    fill(&ada, 40).await;
    ada.until("both are gone", |view| view.here().len() == 1)
        .await;
    // Readers leave before their connections are closed and counted.
    let slow = r#"convene_gateway_closed_total{code="4008""#;
    until("both are counted", async || {
        counted(&stack, slow).await == 2.0
    })
    .await;
    drop((socket, stream));
    ada.saw_the_log().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_takes_nothing_outlives_no_token() {
    let stack = Stack::embedded().await;
    let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
    joins(&stack, &ada, "bob").await;
    fill(&ada, 40).await;
    let expires = now_ms() / 1000 + 3;
    let claims = Claims {
        sub: "bob".parse().unwrap(),
        exp: expires,
        name: None,
        role: Role::User,
        iss: None,
        aud: None,
    };
    let direct = stack.gateway(0).health_url();
    let mut socket = RawSocket::open(&direct, Some(&stack.sign(&claims)), PATIENCE)
        .await
        .unwrap();
    subscribe(&mut socket, ada.conversation()).await;
    until("the token has expired", async || now_ms() / 1000 >= expires).await;
    let head = async || {
        let conversation = ada.client.rest().conversation(ada.conversation()).await;
        conversation.unwrap().head
    };
    let before = head().await;
    let frame = ClientFrame::Send {
        request: 2,
        conversation: ada.conversation().clone(),
        message: message("still here"),
        traceparent: None,
    };
    socket.send(&frame).await.unwrap();
    let expired = r#"convene_gateway_refused_total{code="token_expired""#;
    until("it is answered", async || {
        counted(&stack, expired).await > 0.0 || head().await != before
    })
    .await;
    assert_eq!(head().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_answers_no_ping_is_let_go_and_one_that_is_quiet_stays() {
    let stack = Stack::embedded_with(&[("gateway.ping_seconds", "1".to_owned())]).await;
    let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
    let quiet = ada.invites(&stack, &stack.gateway(0).url(), "quiet").await;
    joins(&stack, &ada, "dead").await;
    // Its system acknowledges what comes; nobody reads it.
    let dead = reader(&stack.gateway(0).url(), &stack, "dead", ada.conversation()).await;
    ada.until("all are here", |view| view.here().len() == 3)
        .await;
    ada.until("one is gone", |view| view.here().len() == 2)
        .await;
    assert!(ada.view().here().contains(quiet.client.participant()));
    assert_eq!(
        counted(&stack, r#"convene_gateway_closed_total{code="4009""#).await,
        1.0
    );
    drop(dead);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_behind_a_gateway_that_died_are_seen_to_leave() {
    let shape = Shape {
        settings: vec![("gateway.audit_seconds", "1".to_owned())],
        ..Shape::default()
    };
    let Some(mut stack) = Stack::cluster(shape).await else {
        return;
    };
    let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
    let bob = ada.invites(&stack, &stack.gateway(1).url(), "bob").await;
    ada.until("bob is here", |view| view.here().len() == 2)
        .await;
    stack.kill(Kind::Gateway, 1);
    ada.until("bob has left", |view| view.here().len() == 1)
        .await;
    stack.start_again(Kind::Gateway, 1).await;
    ada.until("bob is back", |view| view.here().len() == 2)
        .await;
    drop(bob);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_are_counted_whatever_the_protocol() {
    let stack = Stack::embedded().await;
    let url = stack.gateway(0).url();
    let rest = Rest::new(&options(&url, stack.token("ada", Role::User))).unwrap();
    let nowhere = ConversationId::random();
    assert!(rest.conversation(&nowhere).await.is_err());
    assert!(rest.events(&nowhere, None).await.is_err());
    let token = stack.token("ada", Role::User);
    let mut socket = RawSocket::open(&url, Some(&token), PATIENCE).await.unwrap();
    subscribe(&mut socket, &nowhere).await;
    hear(&mut socket, |frame| {
        matches!(frame, ServerFrame::Error { .. })
    })
    .await;
    let not_found = r#"convene_gateway_refused_total{code="not_found""#;
    assert_eq!(counted(&stack, not_found).await, 3.0);
}

/// Somebody whom this person invites, and who does not read along yet.
pub(crate) async fn joins(stack: &Stack, host: &Person, user: &str) {
    let invite = host
        .client
        .rest()
        .invite(host.conversation())
        .await
        .unwrap();
    let options = options(&stack.gateway(0).url(), stack.token(user, Role::User));
    let rest = Rest::new(&options).unwrap();
    rest.join(&invite.invite).await.unwrap();
}

/// A conversation of this person's own.
async fn beside(person: &Person) -> ConversationId {
    crate::people::begin(&person.client).await.id
}

/// A socket that reads a conversation, as far as its beginning.
pub(crate) async fn reader(url: &str, stack: &Stack, user: &str, to: &ConversationId) -> RawSocket {
    let token = stack.token(user, Role::User);
    let mut socket = RawSocket::open(url, Some(&token), PATIENCE).await.unwrap();
    subscribe(&mut socket, to).await;
    hear(&mut socket, |frame| {
        matches!(frame, ServerFrame::Snapshot { .. })
    })
    .await;
    socket
}

pub(crate) async fn subscribe(socket: &mut RawSocket, to: &ConversationId) {
    let frame = ClientFrame::Subscribe {
        request: 1,
        conversation: to.clone(),
        after: None,
    };
    socket.send(&frame).await.unwrap();
}

/// Reads until a frame is as wished for.
pub(crate) async fn hear(
    socket: &mut RawSocket,
    mut wish: impl FnMut(&ServerFrame) -> bool,
) -> ServerFrame {
    loop {
        let frame = socket.next_frame(PATIENCE).await.unwrap();
        if wish(&frame) {
            return frame;
        }
    }
}

/// Says so many large things that nobody answers.
pub(crate) async fn fill(person: &Person, count: usize) {
    for _ in 0..count {
        let mut large = message("x".repeat(30_000));
        large.to = Some(Vec::new());
        retried(|| person.client.rest().say(person.conversation(), &large)).await;
    }
}

pub(crate) async fn until(what: &str, mut wish: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !wish().await {
        assert!(begun.elapsed() < PATIENCE, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What the gateway has counted under this name.
pub(crate) async fn counted(stack: &Stack, name: &str) -> f64 {
    let url = format!("{}/metrics", stack.gateway(0).health_url());
    let metrics = reqwest::get(url).await.unwrap().text().await.unwrap();
    let lines = metrics.lines().filter(|line| line.starts_with(name));
    lines
        .map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
        .sum()
}

fn left(frame: &ServerFrame) -> Option<ParticipantId> {
    match frame {
        ServerFrame::Event { event, .. } => match &event.body {
            EventBody::ParticipantLeft { participant } => Some(participant.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn read(frame: &ServerFrame) -> Option<Seq> {
    match frame {
        ServerFrame::Signal {
            signal: Signal::Read { seq },
            ..
        } => Some(*seq),
        _ => None,
    }
}

fn presence(frame: &ServerFrame, of: &ParticipantId) -> Option<bool> {
    match frame {
        ServerFrame::Signal {
            participant,
            signal: Signal::Presence { here },
            ..
        } if participant == of => Some(*here),
        _ => None,
    }
}

fn is_event(frame: &ServerFrame) -> bool {
    matches!(frame, ServerFrame::Event { .. })
}

#[track_caller]
fn assert_ended(frame: &ServerFrame, id: &ConversationId) {
    match frame {
        ServerFrame::Ended {
            conversation,
            problem,
        } => {
            assert_eq!(conversation, id);
            assert_eq!(problem.code, ErrorCode::NotFound);
            assert!(!problem.retryable);
        }
        other => panic!("{other:?}"),
    }
}
