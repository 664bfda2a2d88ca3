//! A channel to a server in the same process: real gRPC over pipes, so that the embedded mode
//! runs the code that the cluster runs.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::{io::DuplexStream, sync::mpsc};
use tokio_stream::Stream;
use tonic::transport::{Channel, Endpoint};

use super::{CONNECTION_WINDOW, STREAM_WINDOW};

/// Bytes that one direction of a pipe holds.
const PIPE: usize = 256 << 10;

/// Connections that wait to be accepted.
const BACKLOG: usize = 16;

/// The server's end: what a listener is to TCP.
#[derive(Debug)]
pub struct Incoming(mpsc::Receiver<DuplexStream>);

impl Stream for Incoming {
    type Item = io::Result<DuplexStream>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|pipe| pipe.map(Ok))
    }
}

/// A channel, and the end at which its server listens. The channel opens a pipe at its first
/// call, and a new one whenever the server has closed the last; without a server its calls fail
/// as unavailable.
///
/// Must be called inside a tokio runtime.
#[must_use]
pub fn in_process() -> (Channel, Incoming) {
    let (pipes, incoming) = mpsc::channel(BACKLOG);
    let connector = tower::service_fn(move |_: Uri| {
        let pipes: mpsc::Sender<DuplexStream> = pipes.clone();
        async move {
            let (near, far) = tokio::io::duplex(PIPE);
            pipes
                .send(far)
                .await
                .map_err(|_| io::Error::other("the server in this process has ended"))?;
            Ok::<_, io::Error>(TokioIo::new(near))
        }
    });
    let channel = Endpoint::from_static("http://in-process")
        .connect_timeout(Duration::from_secs(1))
        .initial_connection_window_size(CONNECTION_WINDOW)
        .initial_stream_window_size(STREAM_WINDOW)
        .connect_with_connector_lazy(connector);
    (channel, Incoming(incoming))
}
