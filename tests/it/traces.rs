//! What operators see of a message: one trace, from its author's `send` to the delivery of the
//! answer's end, over all processes; and in traces and logs neither what people say nor what opens
//! a door.

use std::{collections::BTreeSet, time::Instant};

use convene_client::{
    NewConversation, NewParticipant, RawSocket, message,
    proto::{frame::ClientFrame, id::ConversationId},
};
use reqwest::StatusCode;

use crate::{
    collector::{Collector, Exported},
    harness::{Role, Shape, Stack},
    people::{PATIENCE, Person},
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CLIENTS_SPAN: &str = "b7ad6b7169203331";

/// Says something in a conversation, in a trace that begins here.
async fn say_traced(socket: &mut RawSocket, to: &ConversationId, text: &str) {
    let frame = ClientFrame::Send {
        request: 1,
        conversation: to.clone(),
        message: message(text),
        traceparent: Some(format!("00-{TRACE}-{CLIENTS_SPAN}-01")),
    };
    socket.send(&frame).await.unwrap();
}

fn telemetry(collector: &Collector) -> Vec<(&'static str, String)> {
    vec![
        ("telemetry.otlp_endpoint", collector.url()),
        ("telemetry.log", "info,convene=trace".to_owned()),
    ]
}

fn names(spans: &[Exported]) -> BTreeSet<&str> {
    spans.iter().map(|span| span.name.as_str()).collect()
}

/// Those that are neither the client's child nor that of another. Each process exports at a time of
/// its own.
fn hanging(spans: &[Exported]) -> Vec<&Exported> {
    let ids: BTreeSet<&str> = spans.iter().map(|span| span.id.as_str()).collect();
    let hangs = |span: &&Exported| {
        let begins = span.name == "send" && span.parent == CLIENTS_SPAN;
        !begins && !ids.contains(span.parent.as_str())
    };
    spans.iter().filter(hangs).collect()
}

/// Waits until the spans of the trace are as wished for.
async fn until(
    collector: &Collector,
    what: &str,
    wished: impl Fn(&[Exported]) -> bool,
) -> Vec<Exported> {
    let begun = Instant::now();
    loop {
        let spans = collector.trace(TRACE);
        if wished(&spans) {
            return spans;
        }
        assert!(begun.elapsed() < PATIENCE, "in vain: {what}: {spans:#?}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

async fn a_message_is_followed(stack: Stack, gateways: usize, collector: Collector) {
    let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
    let mut bob = ada.invites(&stack, &stack.gateway(1).url(), "bob").await;
    let token = stack.token("ada", Role::User);
    let mut socket = RawSocket::open(&stack.gateway(0).url(), Some(&token), PATIENCE)
        .await
        .unwrap();
    say_traced(&mut socket, bob.conversation(), "/stream 100 at 200").await;
    bob.until("it is answered", |view| {
        view.runs()
            .first()
            .is_some_and(|run| run.inputs.iter().all(|input| view.is_answered(*input)))
    })
    .await;
    let last = ada.client.rest().conversation(bob.conversation()).await;
    let last = last.unwrap().head.0.to_string();

    let spans = until(&collector, "everybody got the end of it", |spans| {
        let delivered = |span: &&Exported| {
            span.name == "deliver" && span.attribute("seq") == Some(last.as_str())
        };
        spans.iter().filter(delivered).count() == gateways
            && names(spans).is_superset(&BTreeSet::from([
                "send", "submit", "doorbell", "claim", "run", "append", "release",
            ]))
            && hanging(spans).is_empty()
    })
    .await;
    let parent_of = |name: &str| {
        let span = spans.iter().find(|span| span.name == name).unwrap();
        let parent = spans.iter().find(|one| one.id == span.parent);
        parent.map(|parent| parent.name.as_str())
    };
    for (name, parent) in [
        ("send", None),
        ("submit", Some("send")),
        ("doorbell", Some("send")),
        ("claim", Some("doorbell")),
        ("run", Some("doorbell")),
        ("append", Some("run")),
        ("release", Some("doorbell")),
    ] {
        assert_eq!(parent_of(name), parent, "{name}: {spans:#?}");
    }
    // The answer came in many pieces, and none of them is worth a span.
    let appends = spans.iter().filter(|span| span.name == "append");
    assert!((2..=4).contains(&appends.count()), "{spans:#?}");
    if gateways > 1 {
        let services: BTreeSet<&str> = spans.iter().map(|span| span.service.as_str()).collect();
        let all = [
            "convene-agent-worker",
            "convene-context-service",
            "convene-gateway",
        ];
        assert_eq!(services, BTreeSet::from(all));
    }
    drop(ada);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_followed_through_all_processes() {
    let collector = Collector::start().await;
    let shape = Shape {
        settings: telemetry(&collector),
        ..Shape::default()
    };
    let gateways = shape.gateways;
    if let Some(stack) = Stack::cluster(shape).await {
        Box::pin(a_message_is_followed(stack, gateways, collector)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_followed_through_the_single_process() {
    let collector = Collector::start().await;
    let stack = Stack::embedded_with(&telemetry(&collector)).await;
    Box::pin(a_message_is_followed(stack, 1, collector)).await;
}

/// What a message was taken for, and which steps that led to, is a part of its trace.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_understood_is_traced() {
    let collector = Collector::start().await;
    let shop = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop");
    let mut settings = telemetry(&collector);
    settings.extend([
        ("agents.shop.kind", "flow".to_owned()),
        ("agents.shop.project", shop.display().to_string()),
    ]);
    let stack = Stack::embedded_with(&settings).await;
    let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
    let with_shop = NewConversation {
        agent: Some("shop".to_owned()),
        ..NewConversation::default()
    };
    let begun = ada.client.rest().create(&with_shop).await.unwrap();
    let token = stack.token("ada", Role::User);
    let mut socket = RawSocket::open(&stack.gateway(0).url(), Some(&token), PATIENCE)
        .await
        .unwrap();
    say_traced(&mut socket, &begun.id, "where is my order CANARY AB1234?").await;
    let spans = until(&collector, "a turn is traced", |spans| {
        spans.iter().any(|span| span.name == "turn")
    })
    .await;
    let turn = spans.iter().find(|span| span.name == "turn").unwrap();
    assert_eq!(turn.attribute("intent"), Some("track_order"));
    assert_eq!(turn.attribute("decision"), Some("sure"));
    assert_eq!(turn.attribute("language"), Some("en"));
    assert!(turn.attribute("entities").unwrap().contains("order_number"));
    let steps = turn.attribute("steps").unwrap();
    let begins = "track_order begins (intent track_order), track_order/";
    assert!(steps.starts_with(begins), "{steps}");
    let everything = collector.everything();
    for said in ["CANARY", "AB1234"] {
        assert!(!everything.contains(said), "{said} is in the traces");
    }
}

/// Sends what must not be seen again down every way in, and looks for it where operators look.
async fn nothing_is_told(stack: Stack, collector: Collector) {
    const WORDS: &str = "canary-of-words-5c1d";
    const TOKEN: &str = "canary-of-a-token-77e0";
    let url = stack.gateway(0).url();
    let mut ada = Person::beginning(&stack, &url, "ada").await;
    let conversation = ada.conversation().clone();
    let rest = ada.client.rest();
    rest.rename(&conversation, WORDS).await.unwrap();
    let model = NewParticipant {
        id: "agent:model".parse().unwrap(),
        name: None,
        role: None,
    };
    rest.add(&conversation, &model).await.unwrap();
    let said = ada.says(&format!("/echo {WORDS}")).await;
    assert_eq!(ada.answer_to(said).await, WORDS);
    // A run that fails, and one whose model cannot be reached.
    for (to, text) in [("agent:guide", "/poison"), ("agent:model", "hello")] {
        let mut said = message(format!("{text} {WORDS}"));
        said.to = Some(vec![to.parse().unwrap()]);
        let seq = ada.client.send(&conversation, said).await.unwrap();
        ada.until("it is given up", |view| view.is_answered(seq))
            .await;
    }

    let token = stack.token("ada", Role::User);
    let mut socket = RawSocket::open(&url, Some(&token), PATIENCE).await.unwrap();
    // The last of these frames ends the socket at once: what was said before is rung for all the same.
    say_traced(&mut socket, &conversation, &format!("/echo {WORDS}")).await;
    for broken in [
        format!(r#"{{"type":"send","request":2,"conversation":"{conversation}","{WORDS}":1}}"#),
        format!(r#"{{"type":"hello","request":3,"token":"{TOKEN}"}}"#),
        format!(r#"{{"type":"{WORDS}"}}"#),
    ] {
        socket.send_text(broken).await.unwrap();
    }
    let http = reqwest::Client::new();
    let messages = format!("{url}/v1/conversations/{conversation}/messages");
    let broken = http
        .post(&messages)
        .bearer_auth(&token)
        .body(format!(r#"{{"{WORDS}":"#))
        .header("content-type", "application/json")
        .send();
    assert_eq!(broken.await.unwrap().status(), StatusCode::BAD_REQUEST);
    let stranger = http.get(&messages).bearer_auth(TOKEN).send().await;
    assert_eq!(stranger.unwrap().status(), StatusCode::UNAUTHORIZED);
    // A run that was under way may answer it, and then in a trace of its own.
    until(
        &collector,
        "all processes have exported something",
        |spans| {
            names(spans).is_superset(&BTreeSet::from(["send", "submit", "deliver"]))
                && collector.everything().contains("\"doorbell\"")
        },
    )
    .await;

    let (logs, spans) = (stack.logs(), collector.everything());
    assert!(
        logs.contains(conversation.as_str()),
        "the logs tell of what went on"
    );
    let signature = token.rsplit('.').next().unwrap();
    for canary in [WORDS, TOKEN, KEY, signature, Stack::secret()] {
        for (place, text) in [("the logs", &logs), ("the traces", &spans)] {
            let line = text.lines().find(|line| line.contains(canary));
            assert_eq!(line, None, "{canary} is in {place}");
        }
    }
}

const KEY: &str = "canary-of-a-key-90ab";

/// An agent with a key, at an address where nobody is.
fn with_a_model(collector: &Collector, pool: Option<&str>) -> Vec<(&'static str, String)> {
    let nobody = format!("http://127.0.0.1:{}/v1", xtask::ports::free().unwrap());
    let mut settings = telemetry(collector);
    settings.extend([
        ("agents.model.kind", "llm".to_owned()),
        ("agents.model.model", "nobody".to_owned()),
        ("agents.model.base_url", nobody),
        ("agents.model.api_key", KEY.to_owned()),
        ("agents.model.attempts", "1".to_owned()),
        ("conversations.agent", "guide".to_owned()),
        ("agent_worker.max_attempts", "2".to_owned()),
        ("agent_worker.retry_base_ms", "100".to_owned()),
    ]);
    if let Some(pool) = pool {
        settings.push(("agents.model.pool", pool.to_owned()));
    }
    settings
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_logs_nor_traces_of_the_single_process_tell_what_is_private() {
    let collector = Collector::start().await;
    let stack = Stack::embedded_with(&with_a_model(&collector, None)).await;
    Box::pin(nothing_is_told(stack, collector)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_logs_nor_traces_of_a_cluster_tell_what_is_private() {
    let collector = Collector::start().await;
    let shape = Shape {
        settings: with_a_model(&collector, Some(Shape::OWN_POOL)),
        ..Shape::default()
    };
    if let Some(stack) = Stack::cluster(shape).await {
        Box::pin(nothing_is_told(stack, collector)).await;
    }
}
