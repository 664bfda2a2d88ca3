//! Requests to a gateway over a context service that keeps everything in memory: a line with method
//! and path, and then the body.

use std::{
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use convene_bus::local::LocalBroker;
use convene_context_service::{
    Service,
    store::embedded::{EmbeddedStore, Options},
};
use convene_gateway::{
    Door, Gateway,
    auth::{self, Account, Auth, Claims},
};
use convene_proto::frame::Problem;
use convene_runtime::{Tasks, clock::now_ms, grpc, health::Health};
use futures_util::future::{self, Either};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Method, Request, StatusCode,
    body::Bytes,
    client::conn::http1,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use tokio::{runtime::Runtime, time::timeout};

const SECRET: &str = "the-secret-of-the-fuzzers-0123456789";

/// The conversation that the samples are about. It is there from the beginning.
const ROOM: &str = "/v1/conversations/room";

/// Requests to one gateway, since what they write is kept in memory.
const REQUESTS: usize = 500;

/// By a clock that runs ahead where nothing happens: no answer comes after that.
const PATIENCE: Duration = Duration::from_secs(60);

/// The world between two requests. It is never dropped at a thread's end, where a runtime cannot be.
static WORLD: Mutex<Option<World>> = Mutex::new(None);

/// Every request is answered, none with a defect of ours, and refused in the registry's words. Nor do
/// those after it stumble over what it wrote.
pub(crate) fn rest(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (line, body) = bytes.split_at(end.unwrap_or(bytes.len()));
    let Some((method, path)) = str::from_utf8(line)
        .ok()
        .and_then(|line| line.split_once(' '))
    else {
        return;
    };
    let kept = WORLD.lock().unwrap().take();
    // One that breaks is not used again.
    let mut world = kept.unwrap_or_else(World::new);
    world.ask(method, path, body.get(1..).unwrap_or_default());
    *WORLD.lock().unwrap() = Some(world).filter(|world| !world.spent);
}

struct World {
    runtime: Runtime,
    door: Door,
    token: String,
    requests: usize,
    /// It has answered enough, or its only user's token was taken back.
    spent: bool,
}

impl World {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        let door = runtime.block_on(start());
        let claims = Claims {
            sub: "ada".parse().unwrap(),
            exp: now_ms() / 1000 + 7 * 24 * 3600,
            name: Some("Ada".to_owned()),
            role: Account::Admin,
            iss: None,
            aud: None,
        };
        let token = auth::sign(SECRET, &claims).unwrap();
        let mut world = Self {
            runtime,
            door,
            token: format!("Bearer {token}"),
            requests: 0,
            spent: false,
        };
        let made = world.ask("POST", "/v1/conversations", br#"{"id":"room","agent":""}"#);
        assert_eq!(made, Some(StatusCode::CREATED));
        world
    }

    /// How it is answered; `None` where it is no request.
    fn ask(&mut self, method: &str, path: &str, body: &[u8]) -> Option<StatusCode> {
        let status = self.one(method.parse().ok()?, path, body)?;
        let written = method != "GET" && status.is_success();
        if written {
            for path in ["/v1/conversations", ROOM] {
                self.one(Method::GET, path, b"");
            }
            for pages in ["history", "messages"] {
                self.one(Method::GET, &format!("{ROOM}/{pages}"), b"");
            }
        }
        Some(status)
    }

    fn one(&mut self, method: Method, path: &str, body: &[u8]) -> Option<StatusCode> {
        let request = Request::builder()
            .method(&method)
            .uri(path)
            .header(HOST, "localhost")
            .header(AUTHORIZATION, &self.token)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::copy_from_slice(body)))
            .ok()?;
        self.requests += 1;
        let answering = async { timeout(PATIENCE, answer(&self.door, request)).await };
        let answered = self.runtime.block_on(answering);
        assert!(answered.is_ok(), "{method} {path} is not answered");
        let (status, body) = answered.ok().flatten()?;
        assert_ne!(
            status,
            StatusCode::INTERNAL_SERVER_ERROR,
            "{method} {path}: {}",
            String::from_utf8_lossy(&body)
        );
        self.spent |= status == StatusCode::UNAUTHORIZED || self.requests >= REQUESTS;
        let refused = status.is_client_error() || status.is_server_error();
        if refused && path.starts_with("/v1/") && method != Method::HEAD {
            let problem = serde_json::from_slice::<Problem>(&body);
            assert!(problem.is_ok(), "{method} {path}: {status} {body:?}");
        }
        Some(status)
    }
}

/// A gateway and what is behind it, on this thread.
async fn start() -> Door {
    let tasks = Tasks::new();
    let health = Health::new();
    let store = Arc::new(EmbeddedStore::in_memory(Options::default()).unwrap());
    let service = Service::new(
        convene_context_service::Options::default(),
        store,
        &health,
        &tasks,
    );
    let (channel, incoming) = grpc::in_process();
    tasks.spawn(async move { service.run(incoming).await.unwrap() });
    let options = convene_gateway::Options {
        requests_per_second: 1_000_000,
        request_burst: 1_000_000,
        creations_per_minute: 1_000_000,
        ..convene_gateway::Options::default()
    };
    let auth = Auth::new(auth::Options {
        secret: SECRET.to_owned(),
        guests: true,
        ..auth::Options::default()
    });
    let bus = LocalBroker::new(&tasks).connect();
    let gateway = Gateway::start(options, auth.unwrap(), channel, bus, None, tasks).await;
    gateway.unwrap().whole_door()
}

/// `None` where it could not be sent as it is.
async fn answer(door: &Door, request: Request<Full<Bytes>>) -> Option<(StatusCode, Bytes)> {
    let stream = door.connect(64 * 1024).unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    let asking = async move {
        let response = match sender.send_request(request).await {
            Ok(response) => response,
            Err(error) => {
                assert!(error.is_user(), "{error}");
                return None;
            }
        };
        let status = response.status();
        let kind = response.headers().get(CONTENT_TYPE);
        // It has no end.
        if kind.is_some_and(|kind| kind == "text/event-stream") {
            return Some((status, Bytes::new()));
        }
        let body = response.into_body().collect().await.unwrap();
        Some((status, body.to_bytes()))
    };
    match future::select(pin!(asking), pin!(connection)).await {
        Either::Left((answered, _)) => answered,
        Either::Right((_, asking)) => asking.await,
    }
}
