use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, header},
    response::{IntoResponse as _, Response},
};
use convene_bus::local::LocalBroker;
use convene_proto::context::{
    Conversation, ReadTextReply, Streaming, SubscribeReply, subscribe_reply::Kind,
};
use convene_runtime::{Tasks, grpc};
use http_body_util::{BodyExt as _, Full};
use prost::Message;
use tonic::{service::Routes, transport::Server};

use super::*;
use crate::{context::Context, options::Options};

#[tokio::test]
async fn text_that_begins_inside_a_character_is_no_delta_but_a_new_beginning() {
    let answer = async |request: Request| {
        let method = request.uri().path().rsplit('/').next();
        match method.unwrap_or_default() {
            "Subscribe" => reply(&SubscribeReply {
                kind: Kind::Reset.into(),
                conversation: Some(Conversation {
                    id: "c".to_owned(),
                    policy: "enqueue".to_owned(),
                    ..Default::default()
                }),
                streaming: Some(Streaming {
                    message: "m".to_owned(),
                    text: "ö".as_bytes().into(),
                    ..Default::default()
                }),
                ..Default::default()
            }),
            "ReadText" => reply(&ReadTextReply {
                text: "ö".as_bytes()[1..].into(),
                streaming: true,
            }),
            _ => reply(&()),
        }
    };
    let (channel, incoming) = grpc::in_process();
    let tasks = Tasks::new();
    let routes = Routes::from(Router::new().fallback(answer));
    tasks.spawn_until_stop(async move {
        let served = Server::builder().add_routes(routes);
        served.serve_with_incoming(incoming).await.unwrap();
    });
    let bus = LocalBroker::new(&tasks).connect();
    let hub = Hub::new(Context::new(channel), bus, tasks, &Options::default());
    hub.0.inbox.send_replace(Some("inbox".parse().unwrap()));
    let (conversation, ada) = ("c".parse().unwrap(), "user:ada".parse().unwrap());
    let wake = Arc::new(Wake::default());
    let opening = hub.open(&conversation, &ada, None, &wake, None).await;
    let (_, mut subscription) = opening.unwrap();
    let read = subscription.catch_up(Behind::Text { over: false }).await;
    let names: Vec<_> = read.unwrap().iter().map(|frame| frame.name).collect();
    assert_eq!(names, ["reset"]);
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
