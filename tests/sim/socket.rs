//! A client's socket, through a gateway's door.

use std::{sync::Arc, time::Duration};

use convene_gateway::auth::{self, Account, Claims};
use convene_proto::frame::{ClientFrame, ServerFrame};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{io::DuplexStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};

use crate::{
    stage::Stage,
    world::{Gate, SECRET},
};

/// A gateway that has not let anybody in by then does not.
const PATIENCE: Duration = Duration::from_secs(5);

/// See the module.
pub(crate) struct Socket {
    stream: WebSocketStream<DuplexStream>,
    stage: Arc<Stage>,
}

impl Socket {
    /// `None` where the gateway does not answer.
    pub(crate) async fn open(stage: &Arc<Stage>, gate: &Gate, user: &str) -> Option<Self> {
        let pipe = gate.door.connect(stage.plan.pipe)?;
        let mut request = "ws://gateway/v1/ws".into_client_request().unwrap();
        let bearer = format!("Bearer {}", token(user)).parse().unwrap();
        request.headers_mut().insert("authorization", bearer);
        let opening = timeout(PATIENCE, client_async(request, pipe));
        let (stream, _) = opening.await.ok()?.ok()?;
        Some(Self {
            stream,
            stage: stage.clone(),
        })
    }

    /// False where it is closed.
    pub(crate) async fn say(&mut self, frame: &ClientFrame) -> bool {
        let json = serde_json::to_string(frame).unwrap();
        let said = timeout(PATIENCE, self.stream.send(Message::Text(json.into())));
        matches!(said.await, Ok(Ok(())))
    }

    /// `None` where it is closed. What it was about to read is read by the next call.
    pub(crate) async fn hear(&mut self) -> Option<ServerFrame> {
        loop {
            match self.stream.next().await?.ok()? {
                Message::Text(text) => {
                    self.stage
                        .frames
                        .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    return Some(serde_json::from_str(&text).unwrap());
                }
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }
}

fn token(user: &str) -> String {
    let claims = Claims {
        sub: user.parse().unwrap(),
        exp: convene_runtime::clock::now_ms() / 1000 + 100_000,
        name: None,
        role: Account::default(),
        iss: None,
        aud: None,
    };
    auth::sign(SECRET, &claims).unwrap()
}
