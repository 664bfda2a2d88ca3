//! The wire itself: one WebSocket, frame by frame, with no care taken of anything.

use std::time::Duration;

use convene_proto::{
    error::ErrorCode,
    frame::{ClientFrame, Problem, ServerFrame},
};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{
        Error as WsError, Message, Utf8Bytes,
        client::IntoClientRequest as _,
        handshake::client::{Request, Response},
        http::{HeaderValue, header::AUTHORIZATION},
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};

use crate::{Error, options::Address};

/// What a socket of whom there are few may gather at once, and one of very many.
const ROOMY: usize = 16 * 1024;
const FRUGAL: usize = 2 * 1024;
/// The largest frame taken in: a snapshot holds hundreds of events.
const LARGEST: usize = 16 * 1024 * 1024;
/// Writes are small: one that makes no progress for so long has lost its reader.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// One WebSocket to a gateway.
#[derive(Debug)]
pub struct RawSocket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What came in.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    Frame(Box<ServerFrame>),
    /// A text that is no frame.
    Text(String),
    /// A ping or pong: a sign of life and nothing else.
    Alive,
    /// The server closed the socket.
    Closed {
        code: u16,
        reason: String,
    },
}

/// What came in, before anybody has read it.
#[derive(Debug, Clone, PartialEq)]
pub enum Unread {
    Text(Utf8Bytes),
    /// Bytes, which are no frame.
    Binary,
    /// A ping or pong: a sign of life and nothing else.
    Alive,
    /// The server closed the socket.
    Closed {
        code: u16,
        reason: String,
    },
}

impl RawSocket {
    /// Connects. With no token the first frame must be `hello`.
    ///
    /// # Errors
    /// [`Error::Refused`] where the server answered otherwise than with a WebSocket,
    /// [`Error::Unreachable`] where nothing answered in time.
    pub async fn open(url: &str, token: Option<&str>, deadline: Duration) -> Result<Self, Error> {
        Self::to(&Address::parse(url)?, token, deadline).await
    }

    /// Connects with buffers of 2 KB, for whoever holds thousands of sockets.
    ///
    /// # Errors
    /// As [`RawSocket::open`].
    pub async fn open_frugal(
        url: &str,
        token: Option<&str>,
        deadline: Duration,
    ) -> Result<Self, Error> {
        Self::connect(&Address::parse(url)?, token, deadline, FRUGAL).await
    }

    pub(crate) async fn to(
        address: &Address,
        token: Option<&str>,
        deadline: Duration,
    ) -> Result<Self, Error> {
        Self::connect(address, token, deadline, ROOMY).await
    }

    async fn connect(
        address: &Address,
        token: Option<&str>,
        deadline: Duration,
        buffer: usize,
    ) -> Result<Self, Error> {
        let url = address.socket();
        let unreachable = |reason: String| Error::Unreachable {
            url: url.clone(),
            reason,
        };
        let mut request: Request = url
            .as_str()
            .into_client_request()
            .map_err(|error| unreachable(error.to_string()))?;
        if let Some(token) = token {
            let value = HeaderValue::from_str(&format!("Bearer {token}"))
                .map_err(|_| unauthenticated("the token has a character that no token has"))?;
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        let config = WebSocketConfig::default()
            .read_buffer_size(buffer)
            .write_buffer_size(buffer)
            .max_write_buffer_size(1024 * 1024)
            .max_message_size(Some(LARGEST))
            .max_frame_size(Some(LARGEST));
        let connecting = connect_async_with_config(request, Some(config), true);
        match timeout(deadline, connecting).await {
            Ok(Ok((stream, _))) => Ok(Self { stream }),
            Ok(Err(WsError::Http(answer))) => Err(refusal(&answer)),
            Ok(Err(error)) => Err(unreachable(error.to_string())),
            Err(_) => Err(unreachable("no answer in time".into())),
        }
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// [`Error::Lost`] where the connection takes nothing any more.
    pub async fn send(&mut self, frame: &ClientFrame) -> Result<(), Error> {
        let text =
            serde_json::to_string(frame).map_err(|error| Error::Protocol(error.to_string()))?;
        self.send_text(text).await
    }

    /// Sends whatever text.
    ///
    /// # Errors
    /// As [`RawSocket::send`].
    pub async fn send_text(&mut self, text: impl Into<String>) -> Result<(), Error> {
        self.write(Message::text(text.into())).await
    }

    /// Asks the server for a sign of life.
    ///
    /// # Errors
    /// As [`RawSocket::send`].
    pub async fn ping(&mut self) -> Result<(), Error> {
        self.write(Message::Ping(bytes::Bytes::new())).await
    }

    async fn write(&mut self, message: Message) -> Result<(), Error> {
        match timeout(WRITE_TIMEOUT, self.stream.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Error::Lost(error.to_string())),
            Err(_) => Err(Error::Lost("the server takes nothing any more".into())),
        }
    }

    /// The next thing that comes, unread, however long that takes. Dropping the future loses
    /// nothing.
    ///
    /// # Errors
    /// [`Error::Lost`] where nothing can come any more.
    pub async fn receive(&mut self) -> Result<Unread, Error> {
        Ok(match self.stream.next().await {
            None => return Err(Error::Lost("the connection ended".into())),
            Some(Err(error)) => return Err(Error::Lost(error.to_string())),
            Some(Ok(Message::Text(text))) => Unread::Text(text),
            Some(Ok(Message::Close(frame))) => {
                let (code, reason) = frame.map_or((1005, String::new()), |frame| {
                    (frame.code.into(), frame.reason.as_str().to_owned())
                });
                Unread::Closed { code, reason }
            }
            Some(Ok(Message::Binary(_))) => Unread::Binary,
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Unread::Alive,
        })
    }

    /// The next thing that comes. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`Error::Timeout`] where nothing came, [`Error::Lost`] where nothing can come any more.
    pub async fn next(&mut self, deadline: Duration) -> Result<Incoming, Error> {
        let unread = timeout(deadline, self.receive())
            .await
            .map_err(|_| Error::Timeout(deadline))??;
        Ok(match unread {
            Unread::Text(text) => match serde_json::from_str(&text) {
                Ok(frame) => Incoming::Frame(Box::new(frame)),
                Err(_) => Incoming::Text(text.as_str().to_owned()),
            },
            Unread::Binary => Incoming::Text(String::new()),
            Unread::Alive => Incoming::Alive,
            Unread::Closed { code, reason } => Incoming::Closed { code, reason },
        })
    }

    /// The next frame, past signs of life.
    ///
    /// # Errors
    /// As [`RawSocket::next`]; also [`Error::Closed`], and [`Error::Protocol`] for what is no frame.
    pub async fn next_frame(&mut self, deadline: Duration) -> Result<ServerFrame, Error> {
        let frame = async {
            loop {
                match self.next(deadline).await? {
                    Incoming::Frame(frame) => return Ok(*frame),
                    Incoming::Alive => {}
                    Incoming::Text(text) => return Err(Error::Protocol(text)),
                    Incoming::Closed { code, reason } => {
                        return Err(Error::Closed { code, reason });
                    }
                }
            }
        };
        timeout(deadline, frame)
            .await
            .map_err(|_| Error::Timeout(deadline))?
    }

    /// Says goodbye. Dropping the socket cuts the connection without a word.
    pub async fn close(mut self) {
        let frame = CloseFrame {
            code: CloseCode::Normal,
            reason: "goodbye".into(),
        };
        if let Err(error) = self.write(Message::Close(Some(frame))).await {
            tracing::trace!(%error, "gone already");
        }
    }
}

/// What an answer that is no WebSocket says.
fn refusal(answer: &Response) -> Error {
    let status = answer.status().as_u16();
    let body = answer.body().as_deref().unwrap_or_default();
    Error::Refused(problem(status, body))
}

/// The problem in an answer's body, or what its status alone says.
pub(crate) fn problem(status: u16, body: &[u8]) -> Problem {
    serde_json::from_slice(body).unwrap_or_else(|_| {
        let code = match status {
            401 => ErrorCode::Unauthenticated,
            403 => ErrorCode::Forbidden,
            404 => ErrorCode::NotFound,
            409 => ErrorCode::Conflict,
            413 => ErrorCode::TooLarge,
            429 => ErrorCode::RateLimited,
            400..=499 => ErrorCode::BadRequest,
            _ => ErrorCode::Unavailable,
        };
        Problem::new(code, format!("the server answered with status {status}"))
    })
}

pub(crate) fn unauthenticated(message: &str) -> Error {
    Error::Refused(Problem::new(ErrorCode::Unauthenticated, message))
}
