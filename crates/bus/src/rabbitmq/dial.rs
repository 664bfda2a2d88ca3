//! Dials the broker, within a deadline that holds for all of it: name, socket, TLS, handshake.
//!
//! The client library's own deadline does not cover asynchronous connections, and an attempt that
//! is only abandoned leaves a thread and a socket behind for as long as the other side is silent.
//! So we keep hold of the socket, and can pull it.

use std::{
    io, mem,
    net::{Shutdown, TcpStream},
    os::fd::AsFd as _,
    sync::Arc,
    time::Duration,
};

use lapin::{
    AsyncTcpStream, Connection, ConnectionProperties,
    runtime::default_runtime,
    tcp::OwnedTLSConfig,
    uri::{AMQPScheme, AMQPUri},
};
use parking_lot::Mutex;
use tokio::{net::lookup_host, time::timeout};

use crate::{Error, Result};

/// The socket beneath a connection, to be ended from outside of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Plug(Arc<Mutex<Socket>>);

#[derive(Debug, Default)]
enum Socket {
    #[default]
    NotYet,
    Held(TcpStream),
    Pulled,
}

impl Plug {
    /// Ends the connection at once, however stuck it is, or before it has begun.
    pub(super) fn pull(&self) {
        if let Socket::Held(socket) = mem::replace(&mut *self.0.lock(), Socket::Pulled) {
            end(&socket);
        }
    }

    fn hold(&self, socket: TcpStream) {
        let mut held = self.0.lock();
        match *held {
            Socket::Pulled => end(&socket),
            _ => *held = Socket::Held(socket),
        }
    }
}

fn end(socket: &TcpStream) {
    if let Err(error) = socket.shutdown(Shutdown::Both) {
        tracing::trace!(%error, "the socket was gone already");
    }
}

/// Connects to the broker, which shows the connection by its `name`. `authority` is the PEM text of
/// certificates that it may be checked with besides the system's.
///
/// # Errors
/// Where the broker cannot be reached in time, or refuses us.
pub(super) async fn dial(
    uri: AMQPUri,
    name: &str,
    authority: Option<&str>,
    within: Duration,
) -> Result<(Connection, Plug)> {
    let plug = Plug::default();
    let runtime = default_runtime().map_err(Error::unavailable)?;
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    let held = plug.clone();
    let tls = OwnedTLSConfig {
        identity: None,
        cert_chain: authority.map(str::to_owned),
    };
    let connecting = Connection::connector(
        uri,
        runtime,
        async move |uri, runtime| {
            let host = uri.authority.host.as_str();
            let opening = async {
                let addresses: Vec<_> = lookup_host((host, uri.authority.port)).await?.collect();
                let stream = AsyncTcpStream::connect(&runtime, addresses).await?;
                if let AsyncTcpStream::Plain(socket) = &stream {
                    held.hold(socket.get_ref().as_fd().try_clone_to_owned()?.into());
                }
                match uri.scheme {
                    AMQPScheme::AMQP => Ok(stream),
                    AMQPScheme::AMQPS => stream.into_tls(host, tls.as_ref()).await,
                }
            };
            let opened = timeout(within, opening).await;
            Ok(opened.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?)
        },
        properties,
    );
    match timeout(within, connecting).await {
        Ok(Ok(connection)) => Ok((connection, plug)),
        Ok(Err(error)) => {
            plug.pull();
            Err(error.into())
        }
        Err(_) => {
            plug.pull();
            Err(Error::unavailable("it did not answer in time"))
        }
    }
}

/// Whether the broker said no, or nothing that helps.
impl From<lapin::Error> for Error {
    fn from(error: lapin::Error) -> Self {
        const CONTENT_TOO_LARGE: u16 = 311;
        const ACCESS_REFUSED: u16 = 403;
        const RESOURCE_LOCKED: u16 = 405;
        const PRECONDITION_FAILED: u16 = 406;
        const NOT_ALLOWED: u16 = 530;
        match error.kind() {
            lapin::ErrorKind::ProtocolError(answer)
                if matches!(
                    answer.get_id(),
                    CONTENT_TOO_LARGE
                        | ACCESS_REFUSED
                        | RESOURCE_LOCKED
                        | PRECONDITION_FAILED
                        | NOT_ALLOWED
                ) =>
            {
                Self::refused(answer.get_message().as_str())
            }
            _ => Self::unavailable(error),
        }
    }
}
