//! A gateway and its context service, with a valve between them, and Ada at the door.

use std::{collections::VecDeque, sync::LazyLock, time::Duration};

use convene_client::{
    NewConversation, RawSocket, Rest, message,
    proto::{
        frame::{ClientFrame, NewMessage, RequestId, ServerFrame},
        id::ConversationId,
    },
};
use convene_gateway::auth::{self, Account, Claims};
use convene_runtime::{Tasks, clock::now_ms, health::Health, metrics::Metrics};
use opentelemetry_sdk::Resource;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::{served::Served, valve::Valve};

const SECRET: &str = "the-secret-of-the-stalls-tests-0123456789";
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

static METRICS: LazyLock<Metrics> =
    LazyLock::new(|| Metrics::install(Resource::builder().build()).unwrap());

/// See the module.
pub(crate) struct House {
    pub(crate) valve: Valve,
    pub(crate) ada: Rest,
    url: String,
    tasks: Tasks,
    _folder: TempDir,
}

impl House {
    pub(crate) async fn open() -> Self {
        let tasks = Tasks::new();
        let served = Served {
            tasks: tasks.clone(),
            health: Health::new(),
            metrics: METRICS.clone(),
        };
        let folder = TempDir::new().unwrap();
        let behind = served.context(folder.path());
        let (valve, channel) = Valve::install(behind, &tasks);
        let auth = auth::Options {
            secret: SECRET.to_owned(),
            ..auth::Options::default()
        };
        let url = format!("http://{}", served.gateway(auth, channel).await);
        let ada = Rest::new(&convene_client::Options::new(&url, token())).unwrap();
        Self {
            valve,
            ada,
            url,
            tasks,
            _folder: folder,
        }
    }

    /// A conversation of Ada's, in which nobody answers.
    pub(crate) async fn conversation(&self, id: &str) -> ConversationId {
        let new = NewConversation {
            id: Some(id.parse().unwrap()),
            agent: Some(String::new()),
            ..NewConversation::default()
        };
        self.ada.create(&new).await.unwrap().id
    }

    /// A socket of Ada's, past its welcome.
    pub(crate) async fn socket(&self) -> Socket {
        let raw = RawSocket::open(&self.url, Some(&token()), PATIENCE).await;
        let mut socket = Socket {
            raw: raw.unwrap(),
            passed: VecDeque::new(),
        };
        socket
            .until(|frame| matches!(frame, ServerFrame::Welcome { .. }))
            .await;
        socket
    }

    pub(crate) async fn close(self) {
        self.valve.open();
        self.tasks.stop(PATIENCE).await;
    }
}

/// A socket whose frames are taken in the order in which they are waited for.
pub(crate) struct Socket {
    raw: RawSocket,
    /// What came before what was waited for.
    pub(crate) passed: VecDeque<ServerFrame>,
}

impl Socket {
    pub(crate) async fn say(&mut self, frame: ClientFrame) {
        self.raw.send(&frame).await.unwrap();
    }

    /// Says what is no frame.
    pub(crate) async fn babble(&mut self) {
        self.raw.send_text("{".to_owned()).await.unwrap();
    }

    pub(crate) async fn subscribe(&mut self, request: RequestId, conversation: &ConversationId) {
        let conversation = conversation.clone();
        self.say(ClientFrame::Subscribe {
            request,
            conversation,
            after: None,
        })
        .await;
    }

    pub(crate) async fn send(&mut self, request: RequestId, to: &ConversationId) {
        let message = NewMessage {
            to: Some(Vec::new()),
            ..message(format!("number {request}"))
        };
        let conversation = to.clone();
        self.say(ClientFrame::Send {
            request,
            conversation,
            message,
            traceparent: None,
        })
        .await;
    }

    /// The next frame that is as wished for; those in front of it are kept in `passed`.
    pub(crate) async fn until(&mut self, wish: impl Fn(&ServerFrame) -> bool) -> ServerFrame {
        let waiting = async {
            loop {
                let frame = self.raw.next_frame(PATIENCE).await.unwrap();
                if wish(&frame) {
                    return frame;
                }
                self.passed.push_back(frame);
            }
        };
        timeout(PATIENCE, waiting).await.expect("it comes in time")
    }

    /// Asks for a sign of life. What came in front of it is in `passed`.
    pub(crate) async fn ping(&mut self, request: RequestId) {
        self.say(ClientFrame::Ping { request }).await;
        self.until(|frame| *frame == ServerFrame::Pong { request })
            .await;
    }
}

fn token() -> String {
    let claims = Claims {
        sub: "ada".parse().unwrap(),
        exp: now_ms() / 1000 + 3600,
        name: None,
        role: Account::User,
        iss: None,
        aud: None,
    };
    auth::sign(SECRET, &claims).unwrap()
}
