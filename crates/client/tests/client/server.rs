//! A server whose sockets a test holds.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    http::HeaderMap,
    response::Response,
    routing::get,
};
use convene_client::{
    Client, Options,
    proto::{
        frame::{ClientFrame, RequestId, ServerFrame},
        position::{Position, Seq},
    },
};
use convene_runtime::Tasks;
use tokio::{net::TcpListener, sync::mpsc, time::timeout};

use crate::frames::conversation;

/// Longer than anything in these tests takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Server {
    address: SocketAddr,
    sockets: mpsc::Receiver<Peer>,
    tasks: Tasks,
}

/// The server's end of a socket. Dropping it cuts the connection.
pub(crate) struct Peer {
    socket: WebSocket,
    pub(crate) token: String,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(Router::new()).await
    }

    /// With further routes.
    pub(crate) async fn with(routes: Router) -> Self {
        let (arrived, sockets) = mpsc::channel(16);
        let app = Router::new()
            .route("/v1/ws", get(accept))
            .with_state(arrived)
            .merge(routes);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let tasks = Tasks::new();
        tasks.spawn_until_stop(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            address,
            sockets,
            tasks,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Quick to come back.
    pub(crate) fn options(&self) -> Options {
        Options {
            backoff_min: Duration::from_millis(10),
            backoff_max: Duration::from_millis(50),
            request_timeout: PATIENCE,
            ..Options::new(self.url(), "secret")
        }
    }

    /// The next socket to come in.
    pub(crate) async fn accept(&mut self) -> Peer {
        timeout(PATIENCE, self.sockets.recv())
            .await
            .expect("a connection")
            .unwrap()
    }

    /// The next socket, welcomed.
    pub(crate) async fn welcome(&mut self) -> Peer {
        let mut peer = self.accept().await;
        peer.welcome(30_000).await;
        peer
    }

    /// Whether anybody connects within this time.
    pub(crate) async fn is_left_alone(&mut self, time: Duration) -> bool {
        timeout(time, self.sockets.recv()).await.is_err()
    }

    /// A client, and the server's end of its first socket.
    pub(crate) async fn client(&mut self) -> (Client, Peer) {
        let options = self.options();
        self.client_with(options).await
    }

    pub(crate) async fn client_with(&mut self, options: Options) -> (Client, Peer) {
        let (client, peer) = tokio::join!(Client::connect(options), self.welcome());
        (client.unwrap(), peer)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let tasks = self.tasks.clone();
        self.tasks
            .spawn(async move { tasks.stop(Duration::ZERO).await });
    }
}

async fn accept(
    State(arrived): State<mpsc::Sender<Peer>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let token = headers["authorization"].to_str().unwrap().to_owned();
    upgrade.on_upgrade(async move |socket| drop(arrived.send(Peer { socket, token }).await))
}

impl Peer {
    pub(crate) async fn welcome(&mut self, heartbeat_ms: u64) {
        self.send(ServerFrame::Welcome {
            participant: "user:ada".parse().unwrap(),
            name: "Ada".into(),
            heartbeat_ms,
            expires_at: None,
        })
        .await;
    }

    pub(crate) async fn send(&mut self, frame: ServerFrame) {
        let text = serde_json::to_string(&frame).unwrap();
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn receive(&mut self) -> ClientFrame {
        self.receive_within(PATIENCE).await.expect("a frame")
    }

    pub(crate) async fn receive_within(&mut self, time: Duration) -> Option<ClientFrame> {
        let frame = async {
            loop {
                match self
                    .socket
                    .recv()
                    .await
                    .expect("a socket")
                    .expect("a message")
                {
                    Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                    Message::Ping(_) | Message::Pong(_) => {}
                    other => panic!("{other:?}"),
                }
            }
        };
        timeout(time, frame).await.ok()
    }

    /// Waits until the client says goodbye or is gone.
    pub(crate) async fn closed(&mut self) {
        let gone = async {
            while let Some(Ok(message)) = self.socket.recv().await {
                if matches!(message, Message::Close(_)) {
                    return;
                }
            }
        };
        timeout(PATIENCE, gone)
            .await
            .expect("the client should have gone");
    }

    pub(crate) async fn close(mut self, code: u16) {
        let frame = CloseFrame {
            code,
            reason: "because".into(),
        };
        self.socket.send(Message::Close(Some(frame))).await.unwrap();
    }

    pub(crate) async fn receive_subscribe(&mut self) -> (RequestId, Option<Position>) {
        match self.receive().await {
            ClientFrame::Subscribe {
                request,
                conversation: of,
                after,
            } if of == conversation() => (request, after),
            other => panic!("no subscribe, but {other:?}"),
        }
    }

    /// The id and words of a message that the client sends.
    pub(crate) async fn receive_send(&mut self) -> (RequestId, String, String) {
        match self.receive().await {
            ClientFrame::Send {
                request, message, ..
            } => {
                let said = convene_client::proto::event::Message {
                    id: message.id.clone(),
                    author: "user:ada".parse().unwrap(),
                    parts: message.parts,
                    to: None,
                    timezone: None,
                };
                (request, message.id.to_string(), said.text())
            }
            other => panic!("no send, but {other:?}"),
        }
    }

    pub(crate) async fn accept(&mut self, request: RequestId, seq: u64) {
        self.send(ServerFrame::Accepted {
            request,
            conversation: conversation(),
            seq: Some(Seq(seq)),
        })
        .await;
    }
}
