//! Passing on what comes, and showing it to the record.

use std::{collections::HashSet, net::SocketAddr, sync::Arc};

use axum::body::{Body, Bytes};
use futures_util::StreamExt as _;
use http_body_util::BodyExt as _;
use hyper::{
    Method, Request, Response,
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
    header::{CONTENT_TYPE, UPGRADE},
    server::conn::http1,
    service::service_fn,
    upgrade::{OnUpgrade, Upgraded},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf, split},
    net::TcpStream,
    sync::Mutex,
};

use super::{
    Record, contract,
    contract::{Contract, Exchange},
    tap::{Event, Events, Texts},
};

/// Paths under `/v1/` that the documents do not describe, since they are the documents and the
/// socket.
const UNDESCRIBED: [&str; 2] = ["/v1/openapi.json", "/v1/asyncapi.json"];
const SOCKET: &str = "/v1/ws";

/// One connection of a client's, and one to the gateway for it: either ends with the other.
pub(super) async fn connection(client: TcpStream, gateway: SocketAddr, record: Arc<Record>) {
    let Ok(server) = TcpStream::connect(gateway).await else {
        return;
    };
    if client
        .set_nodelay(true)
        .and(server.set_nodelay(true))
        .is_err()
    {
        return;
    }
    let Ok((sender, onward)) = handshake::<_, Body>(TokioIo::new(server)).await else {
        return;
    };
    let route = Arc::new(Route {
        gateway,
        record,
        sender: Mutex::new(sender),
        ends: Ends::default(),
    });
    let own = route.clone();
    let service = service_fn(move |request| {
        let route = own.clone();
        async move { route.pass(request).await }
    });
    let backward = http1::Builder::new().serve_connection(TokioIo::new(client), service);
    let (onward, backward) = (onward.with_upgrades(), backward.with_upgrades());
    tokio::pin!(onward, backward);
    let is_over = tokio::select! {
        _ = &mut backward => false,
        _ = &mut onward => {
            // It becomes a socket, or the gateway is gone and its last words are on their way.
            if route.ends.client.lock().unwrap().is_none() {
                backward.as_mut().graceful_shutdown();
            }
            drop(backward.await);
            true
        }
    };
    if let Some((client, server)) = route.ends.take() {
        let onward = async {
            if !is_over {
                drop(onward.await);
            }
        };
        tokio::join!(onward, tunnel(client, server, &route));
    }
}

struct Route {
    gateway: SocketAddr,
    record: Arc<Record>,
    sender: Mutex<SendRequest<Body>>,
    ends: Ends,
}

/// The ends of a connection that becomes a socket: the client's when it asks for that, the
/// gateway's when it agrees.
#[derive(Default)]
struct Ends {
    client: std::sync::Mutex<Option<OnUpgrade>>,
    server: std::sync::Mutex<Option<OnUpgrade>>,
}

impl Ends {
    fn take(&self) -> Option<(OnUpgrade, OnUpgrade)> {
        let server = self.server.lock().unwrap().take()?;
        Some((self.client.lock().unwrap().take()?, server))
    }
}

type Passed = Result<Response<Body>, hyper::Error>;

impl Route {
    async fn pass(self: Arc<Self>, mut request: Request<Incoming>) -> Passed {
        let path = request.uri().path();
        let is_api = path.starts_with("/v1/") && !UNDESCRIBED.contains(&path);
        let contract = async { contract(self.gateway).await.filter(|_| is_api) };
        let Some(contract) = contract.await else {
            let answer = self.send(request.map(Body::new)).await?;
            return Ok(answer.map(Body::new));
        };
        if request.headers().contains_key(UPGRADE) {
            let client = hyper::upgrade::on(&mut request);
            *self.ends.client.lock().unwrap() = Some(client);
            let mut answer = self.send(request.map(Body::new)).await?;
            if answer.status() == 101 {
                let server = hyper::upgrade::on(&mut answer);
                *self.ends.server.lock().unwrap() = Some(server);
                return Ok(answer.map(Body::new));
            }
            return self
                .look(
                    contract,
                    ("GET".into(), SOCKET.into()),
                    Bytes::new(),
                    answer,
                )
                .await;
        }
        let target = request.uri().path_and_query().map(ToString::to_string);
        let what = (request.method().to_string(), target.unwrap_or_default());
        let is_unjudged = matches!(*request.method(), Method::HEAD | Method::OPTIONS);
        let (parts, body) = request.into_parts();
        let asked = body.collect().await?.to_bytes();
        let request = Request::from_parts(parts, Body::from(asked.clone()));
        let answer = self.send(request).await?;
        if is_unjudged {
            return Ok(answer.map(Body::new));
        }
        self.look(contract, what, asked, answer).await
    }

    async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, hyper::Error> {
        let mut sender = self.sender.lock().await;
        sender.ready().await?;
        sender.send_request(request).await
    }

    async fn look(
        &self,
        contract: &'static Contract,
        (method, target): (String, String),
        asked: Bytes,
        answer: Response<Incoming>,
    ) -> Passed {
        let (parts, body) = answer.into_parts();
        let content_type = parts.headers.get(CONTENT_TYPE);
        let content_type = content_type.and_then(|kind| kind.to_str().ok());
        let judge = |answered: Option<&[u8]>| {
            let exchange = Exchange {
                method: &method,
                target: &target,
                asked: &asked,
                status: parts.status.as_u16(),
                content_type,
                answered,
            };
            self.record.judge(contract, &exchange);
        };
        if content_type.is_some_and(|kind| kind.starts_with("text/event-stream")) {
            judge(None);
            let body = watched(body, contract, self.record.clone());
            return Ok(Response::from_parts(parts, body));
        }
        let answered = body.collect().await?.to_bytes();
        judge(Some(&answered));
        Ok(Response::from_parts(parts, Body::from(answered)))
    }
}

/// An event stream that is judged as it passes.
fn watched(body: Incoming, contract: &'static Contract, record: Arc<Record>) -> Body {
    let mut events = Events::default();
    let stream = body.into_data_stream().inspect(move |chunk| {
        let Ok(chunk) = chunk else { return };
        match events.take(chunk) {
            Ok(events) => events
                .iter()
                .for_each(|event| judge(event, contract, &record)),
            Err(fault) => record.fault("an event stream", &fault),
        }
    });
    Body::from_stream(stream)
}

fn judge(event: &Event, contract: &Contract, record: &Record) {
    record.heard(contract, &event.data);
    let frame: Value = serde_json::from_str(&event.data).unwrap_or_default();
    let said = |field: &str| frame[field].as_str().map(str::to_owned);
    if event.name != said("type") || event.id != said("position") {
        record.fault(
            "an event stream",
            &format!("{event:?} is not what its data says"),
        );
    }
}

/// A socket, until either side ends.
async fn tunnel(client: OnUpgrade, server: OnUpgrade, route: &Route) {
    let (Ok(client), Ok(server)) = tokio::join!(client, server) else {
        return;
    };
    let Some(contract) = contract(route.gateway).await else {
        return;
    };
    let record = &route.record;
    let (from_client, to_client) = split(TokioIo::new(client));
    let (from_server, to_server) = split(TokioIo::new(server));
    let wrong = std::sync::Mutex::new(HashSet::new());
    let saying = pump(from_client, to_server, |text| {
        match contract.judge_client_frame(text) {
            Ok(frame) => record.saw(&frame),
            Err(_) => {
                wrong.lock().unwrap().insert(request(text));
            }
        }
    });
    let hearing = pump(from_server, to_client, |text| {
        record.heard(contract, text);
        // What breaks the document may be refused only.
        let frame: Value = serde_json::from_str(text).unwrap_or_default();
        let request = request(text);
        if request.is_some() && wrong.lock().unwrap().remove(&request) && frame["type"] != "error" {
            record.fault(
                "a client frame that breaks the document",
                &format!("answered by {text}"),
            );
        }
    });
    tokio::select! {
        () = saying => {}
        () = hearing => {}
    }
}

/// The number of the request that a frame is, or answers.
fn request(text: &str) -> Option<u64> {
    let frame: Value = serde_json::from_str(text).ok()?;
    frame["request"].as_u64()
}

async fn pump(
    mut from: ReadHalf<TokioIo<Upgraded>>,
    mut to: WriteHalf<TokioIo<Upgraded>>,
    mut show: impl FnMut(&str),
) {
    let mut texts = Texts::default();
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        texts
            .take(&buffer[..count])
            .iter()
            .for_each(|text| show(text));
        if to.write_all(&buffer[..count]).await.is_err() || to.flush().await.is_err() {
            break;
        }
    }
    drop(to.shutdown().await);
}
