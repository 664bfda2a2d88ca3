//! A whole gateway on a port, and raw requests to it.

use std::{net::SocketAddr, sync::LazyLock, time::Duration};

use convene_gateway::auth::{self, Account, Claims};
use convene_proto::{
    context::{SubmitRequest, context_service_client::ContextServiceClient},
    id::MessageId,
};
use convene_runtime::{Tasks, clock::now_ms, health::Health, metrics::Metrics};
use opentelemetry_sdk::Resource;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    runtime::Runtime,
};
use tonic::transport::Channel;

use crate::served::Served;

pub(crate) const SECRET: &str = "the-secret-of-the-hostile-tests-0123456789";

/// The conversation that Ada is in.
pub(crate) const CONVERSATION: &str = "c";

const PATIENCE: Duration = Duration::from_secs(60);

static DOOR: LazyLock<Door> = LazyLock::new(Door::open);

struct Door {
    runtime: Runtime,
    address: SocketAddr,
    context: ContextServiceClient<Channel>,
    _folder: TempDir,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    /// Not ours to blame, and said in the one form.
    #[track_caller]
    pub(crate) fn expect_words(&self) {
        assert!(self.status < 500, "{self:?}");
        // What is no HTTP at all is refused before it reaches us, without a word.
        let is_http = !self.body.is_empty() || !matches!(self.status, 400 | 431);
        if self.status >= 400 && is_http {
            self.code();
        }
    }

    /// Refused, with this status.
    #[track_caller]
    pub(crate) fn expect_refusal(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
        self.code();
    }

    #[track_caller]
    fn code(&self) -> String {
        let problem: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let code = problem["code"].as_str();
        code.unwrap_or_else(|| panic!("no problem in {self:?}"))
            .to_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

impl Door {
    fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let folder = TempDir::new().unwrap();
        let (address, context) = runtime.block_on(start(&folder));
        Self {
            runtime,
            address,
            context,
            _folder: folder,
        }
    }
}

async fn start(folder: &TempDir) -> (SocketAddr, ContextServiceClient<Channel>) {
    let served = Served {
        tasks: Tasks::new(),
        health: Health::new(),
        metrics: Metrics::install(Resource::builder().build()).unwrap(),
    };
    let channel = served.context(folder.path());
    let context = ContextServiceClient::new(channel.clone());
    let auth = auth::Options {
        secret: SECRET.to_owned(),
        guests: true,
        ..auth::Options::default()
    };
    let address = served.gateway(auth, channel).await;
    let begin = request(
        "POST",
        "/v1/conversations",
        &[("Authorization", &bearer(&ada()))],
        format!(r#"{{"id":"{CONVERSATION}"}}"#).as_bytes(),
    );
    assert_eq!(exchange(address, &begin).await.status, 201);
    (address, context)
}

/// Puts an event into the log of one of Ada's conversations, whatever it says.
pub(crate) fn log(conversation: &str, body: &Value) {
    let request = SubmitRequest {
        conversation: conversation.to_owned(),
        author: "user:ada".to_owned(),
        message: MessageId::random().to_string(),
        body: body.to_string().into(),
        ..SubmitRequest::default()
    };
    let mut context = DOOR.context.clone();
    DOOR.runtime.block_on(context.submit(request)).unwrap();
}

/// A token of Ada's.
pub(crate) fn ada() -> String {
    let claims = Claims {
        sub: "ada".parse().unwrap(),
        exp: now_ms() / 1000 + 3600,
        name: Some("Ada".to_owned()),
        role: Account::User,
        iss: None,
        aud: None,
    };
    auth::sign(SECRET, &claims).unwrap()
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// A request with these headers, whatever is in them.
pub(crate) fn request(
    method: &str,
    target: &str,
    headers: &[(&str, &(impl AsRef<[u8]> + ?Sized))],
    body: &[u8],
) -> Vec<u8> {
    let mut request = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n").into_bytes();
    let has = |wanted: &str| {
        headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(wanted))
    };
    if !has("host") {
        request.extend(b"Host: localhost\r\n");
    }
    if !body.is_empty() && !has("content-type") {
        request.extend(b"Content-Type: application/json\r\n");
    }
    for (name, value) in headers {
        request.extend(name.as_bytes());
        request.extend(b": ");
        request.extend(value.as_ref());
        request.extend(b"\r\n");
    }
    request.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes());
    request.extend(body);
    request
}

/// Sends bytes, and reads the answer.
pub(crate) fn send(request: &[u8]) -> Answer {
    DOOR.runtime.block_on(exchange(DOOR.address, request))
}

/// Asks as Ada.
pub(crate) fn ask(method: &str, target: &str, body: &[u8]) -> Answer {
    send(&request(
        method,
        target,
        &[("Authorization", &bearer(&ada()))],
        body,
    ))
}

async fn exchange(address: SocketAddr, request: &[u8]) -> Answer {
    let exchanging = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // Who is refused early need not be listened to.
        drop(stream.write_all(request).await);
        let mut answer = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            answer.extend(&buffer[..count]);
            let text = String::from_utf8_lossy(&answer);
            if text.contains("text/event-stream") && text.contains("\r\n\r\n") {
                break;
            }
        }
        String::from_utf8_lossy(&answer).into_owned()
    };
    let answer = tokio::time::timeout(PATIENCE, exchanging)
        .await
        .expect("it is answered");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Answer {
        status: status.unwrap_or_else(|| panic!("no answer in {answer:?}")),
        body: body.to_owned(),
    }
}
