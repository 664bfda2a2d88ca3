use std::{collections::VecDeque, time::Duration};

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, header},
    response::{IntoResponse as _, Response},
};
use convene_bus::{Bus, DeadLetter, Doorbells, Letters, local::LocalBroker};
use convene_proto::{
    bus::{Doorbell, Letter},
    context::{
        self, Conversation, ReadTextReply, Streaming, SubscribeReply, subscribe_reply::Kind,
    },
    id::Pool,
};
use convene_runtime::{Tasks, grpc, trace::TraceContext};
use futures_util::FutureExt as _;
use http_body_util::{BodyExt as _, Full};
use prost::Message;
use tokio::sync::{Notify, watch};
use tonic::{service::Routes, transport::Server};

use super::{
    super::{LINGER, inbox::Address},
    *,
};
use crate::{context::Context, options::Options};

const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn text_that_begins_inside_a_character_is_no_delta_but_a_new_beginning() {
    let answer = async |request: Request| {
        let method = request.uri().path().rsplit('/').next();
        match method.unwrap_or_default() {
            "Subscribe" => reply(&SubscribeReply {
                streaming: Some(Streaming {
                    message: "m".to_owned(),
                    text: "ö".as_bytes().into(),
                    ..Default::default()
                }),
                ..reset()
            }),
            "ReadText" => reply(&ReadTextReply {
                text: "ö".as_bytes()[1..].into(),
                streaming: true,
            }),
            _ => reply(&()),
        }
    };
    let hub = local_hub(answer);
    let (conversation, ada) = ("c".parse().unwrap(), "user:ada".parse().unwrap());
    let wake = Arc::new(Wake::default());
    let opening = hub.open(&conversation, &ada, None, &wake, None).await;
    let (_, mut subscription) = opening.unwrap();
    let read = subscription.catch_up(Behind::Text { over: false }).await;
    let names: Vec<_> = read.unwrap().iter().map(|frame| frame.name).collect();
    assert_eq!(names, ["reset"]);
}

#[tokio::test]
async fn an_opening_that_is_given_up_leaves_no_bell_behind() {
    let answer = async |request: Request| match request.uri().path().rsplit('/').next() {
        Some("Subscribe") => reply(&SubscribeReply {
            audience: vec!["elsewhere".to_owned()],
            ..reset()
        }),
        _ => reply(&()),
    };
    let telling = Arc::new(Notify::new());
    let hub = hub(answer, Arc::new(Stuck(telling.clone())), Tasks::new());
    let (conversation, ada) = ("c".parse().unwrap(), "user:ada".parse().unwrap());
    let wake = Arc::new(Wake::default());
    // The topic lives on for another reader.
    let _other = Place::take(&hub, &conversation, &"user:bob".parse().unwrap());
    tokio::select! {
        _ = hub.open(&conversation, &ada, None, &wake, None) => panic!("it cannot tell anybody"),
        () = telling.notified() => {}
    }
    assert_eq!(Arc::strong_count(&wake), 1, "nobody else has it");
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_at_once_has_not_been_away() {
    let (calls, mut gone) = watch::channel(0);
    let answer = move |request: Request| {
        let calls = calls.clone();
        async move {
            match request.uri().path().rsplit('/').next() {
                Some("Subscribe") => reply(&reset()),
                Some("Unsubscribe") => {
                    calls.send_modify(|calls| *calls += 1);
                    reply(&())
                }
                _ => reply(&()),
            }
        }
    };
    let hub = local_hub(answer);
    let (conversation, ada) = ("c".parse().unwrap(), "user:ada".parse().unwrap());
    let wake = Arc::new(Wake::default());
    for _ in 0..3 {
        let opening = hub.open(&conversation, &ada, None, &wake, None).await;
        drop(opening.unwrap());
        tokio::time::sleep(LINGER / 2).await;
    }
    assert_eq!(*gone.borrow_and_update(), 0);
    tokio::time::timeout(LINGER, gone.changed())
        .await
        .unwrap()
        .unwrap();
    tokio::time::sleep(LINGER * 4).await;
    assert_eq!(*gone.borrow(), 1, "the last of them, once");
    assert_eq!(hub.size(), (0, 0));
}

#[tokio::test]
async fn who_joins_under_a_name_that_is_over_meanwhile_is_audited_under_the_new_one() {
    let (steps, mut asked) = watch::channel("");
    let told = steps.clone();
    let answer = move |request: Request| {
        let steps = told.clone();
        async move {
            match request.uri().path().rsplit('/').next() {
                Some("Subscribe") => {
                    steps.send_replace("subscribe");
                    let mut step = steps.subscribe();
                    step.wait_for(|step| *step == "renamed").await.unwrap();
                    reply(&reset())
                }
                Some("Audit") => {
                    steps.send_replace("audit");
                    reply(&())
                }
                _ => reply(&()),
            }
        }
    };
    let hub = local_hub(answer);
    let (conversation, ada) = ("c".parse().unwrap(), "user:ada".parse().unwrap());
    let wake = Arc::new(Wake::default());
    let renaming = async {
        let asking = asked.wait_for(|step| *step == "subscribe").await;
        drop(asking.unwrap());
        let name = "another".parse().unwrap();
        hub.0.inbox.send_replace(Address::Open(name));
        steps.send_replace("renamed");
    };
    let opening = hub.open(&conversation, &ada, None, &wake, None);
    let (opened, ()) = tokio::join!(opening, renaming);
    let _reader = opened.unwrap();
    let audit = asked.wait_for(|step| *step == "audit");
    let audited = tokio::time::timeout(PATIENCE, audit).await;
    drop(audited.unwrap().unwrap());
}

#[tokio::test]
async fn what_one_reader_brings_from_the_log_is_news_to_the_others() {
    let empty = watch::Sender::new(true);
    let head = empty.subscribe();
    let answer = move |request: Request| {
        let is_empty = *head.borrow();
        async move {
            match request.uri().path().rsplit('/').next() {
                Some("Subscribe") if is_empty => reply(&reset()),
                Some("Subscribe") => reply(&two_events()),
                _ => std::future::pending().await,
            }
        }
    };
    let hub = local_hub(answer);
    let conversation = "c".parse().unwrap();
    let (ada, bob) = ("user:ada".parse().unwrap(), "user:bob".parse().unwrap());
    let wake = Arc::new(Wake::default());
    let opening = hub.open(&conversation, &ada, None, &wake, None).await;
    let (_, mut early) = opening.unwrap();
    while matches!(early.turn(), Turn::Frames(_)) {}
    empty.send_replace(false);
    // The second overtook the first, which the other reader then reads with it.
    let second = two_events().entries.remove(1);
    let topic = early.place.topic.clone();
    topic.feed(|feed| feed.take_event(Epoch(0), second.into()));
    let mut rung = VecDeque::new();
    wake.ready(&mut rung).now_or_never();
    rung.clear();
    while matches!(early.turn(), Turn::Frames(_)) {}
    let other = Arc::new(Wake::default());
    let opening = hub.open(&conversation, &bob, None, &other, None).await;
    let _late = opening.unwrap();
    wake.ready(&mut rung).now_or_never();
    assert!(rung.contains(&early.key), "nobody told her");
    let Turn::Frames(frames) = early.turn() else {
        panic!("nothing new for her");
    };
    let events = frames.iter().filter(|frame| frame.name == "event");
    assert_eq!(events.count(), 2);
}

/// A log of two events.
fn two_events() -> SubscribeReply {
    let entry = |seq| context::Entry {
        seq,
        eid: seq,
        prev: seq - 1,
        at: 1,
        body: r#"{"type":"conversation.renamed","by":"user:ada","title":"t"}"#.into(),
    };
    let mut reply = reset();
    reply.kind = Kind::Snapshot.into();
    reply.head_eid = 2;
    reply.entries = vec![entry(1), entry(2)];
    if let Some(conversation) = &mut reply.conversation {
        conversation.head = 2;
    }
    reply
}

/// The beginning of a conversation of which the reader knew nothing.
fn reset() -> SubscribeReply {
    SubscribeReply {
        kind: Kind::Reset.into(),
        place: 1,
        conversation: Some(Conversation {
            id: "c".to_owned(),
            policy: "enqueue".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// A message queue that takes a letter and never answers.
struct Stuck(Arc<Notify>);

#[async_trait]
impl Bus for Stuck {
    async fn send(&self, _: &[Inbox], _: &Letter, _: &TraceContext) -> convene_bus::Result<()> {
        self.0.notify_one();
        std::future::pending().await
    }

    async fn ring(&self, _: &Doorbell, _: &TraceContext) -> convene_bus::Result<()> {
        unreachable!()
    }

    async fn doorbells(&self, _: &Pool, _: u16) -> convene_bus::Result<Box<dyn Doorbells>> {
        unreachable!()
    }

    async fn open_inbox(&self, _: &str) -> convene_bus::Result<Box<dyn Letters>> {
        unreachable!()
    }

    async fn dead_letters(&self, _: &Pool, _: usize) -> convene_bus::Result<Vec<DeadLetter>> {
        unreachable!()
    }

    async fn dead_letter(&self, _: &Pool, _: &str) -> convene_bus::Result<Option<DeadLetter>> {
        unreachable!()
    }

    async fn replay(&self, _: &Pool, _: &str) -> convene_bus::Result<bool> {
        unreachable!()
    }

    async fn drop_dead_letter(&self, _: &Pool, _: &str) -> convene_bus::Result<bool> {
        unreachable!()
    }

    async fn ping(&self) -> convene_bus::Result<()> {
        unreachable!()
    }

    async fn close(&self, _: std::time::Duration) {
        unreachable!()
    }
}

/// A hub whose context service answers so, with a broker in this process.
fn local_hub<A>(answer: impl Fn(Request) -> A + Clone + Send + Sync + 'static) -> Hub
where
    A: Future<Output = Response> + Send + 'static,
{
    let tasks = Tasks::new();
    let bus = LocalBroker::new(&tasks).connect();
    hub(answer, bus, tasks)
}

/// The same with another broker.
fn hub<A>(
    answer: impl Fn(Request) -> A + Clone + Send + Sync + 'static,
    bus: Arc<dyn Bus>,
    tasks: Tasks,
) -> Hub
where
    A: Future<Output = Response> + Send + 'static,
{
    let (channel, incoming) = grpc::in_process();
    let routes = Routes::from(Router::new().fallback(answer));
    tasks.spawn_until_stop(async move {
        let served = Server::builder().add_routes(routes);
        served.serve_with_incoming(incoming).await.unwrap();
    });
    let hub = Hub::new(Context::new(channel), bus, tasks, &Options::default());
    hub.0
        .inbox
        .send_replace(Address::Open("inbox".parse().unwrap()));
    hub
}

/// A gRPC answer.
fn reply(message: &impl Message) -> Response {
    let message = message.encode_to_vec();
    let mut body = vec![0];
    body.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    body.extend(message);
    let well = HeaderMap::from_iter([(HeaderName::from_static("grpc-status"), 0.into())]);
    let body = Full::new(Bytes::from(body)).with_trailers(async { Some(Ok(well)) });
    let kind = (header::CONTENT_TYPE, "application/grpc");
    ([kind], Body::new(body)).into_response()
}
