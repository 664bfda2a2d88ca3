//! A process's ties to the others: whether anything gets through, and its pipe to the context
//! service.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_util::{FutureExt as _, future::BoxFuture};
use parking_lot::Mutex;
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf},
    sync::watch,
};
use tokio_util::sync::CancellationToken;
use tonic::transport::server::Connected;

/// Whether anything gets from a process to the others and back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Up,
    Frozen,
    Dead,
}

/// See [`Condition`]. Clones are of the same process.
#[derive(Clone)]
pub(crate) struct Link {
    condition: watch::Sender<Condition>,
    /// Cancelled when the pipes of now are hung up.
    pipes: Arc<Mutex<CancellationToken>>,
}

impl Link {
    pub(crate) fn new() -> Self {
        Self {
            condition: watch::Sender::new(Condition::Up),
            pipes: Arc::default(),
        }
    }

    /// Waits until something gets through; for ever, where the process is dead.
    pub(crate) async fn up(&self) {
        let mut condition = self.condition.subscribe();
        let up = condition.wait_for(|condition| *condition == Condition::Up);
        if up.await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    pub(crate) async fn dead(&self) {
        let mut condition = self.condition.subscribe();
        let dead = condition.wait_for(|condition| *condition == Condition::Dead);
        if dead.await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    pub(crate) fn is_dead(&self) -> bool {
        *self.condition.borrow() == Condition::Dead
    }

    pub(crate) fn freeze(&self) {
        self.turn(Condition::Frozen);
    }

    pub(crate) fn thaw(&self) {
        self.turn(Condition::Up);
    }

    pub(crate) fn kill(&self) {
        self.turn(Condition::Dead);
        self.hang_up();
    }

    fn turn(&self, to: Condition) {
        self.condition.send_if_modified(|condition| {
            let lives = *condition != Condition::Dead;
            if lives {
                *condition = to;
            }
            lives
        });
    }

    /// Ends every pipe to the context service; there will be others.
    pub(crate) fn hang_up(&self) {
        std::mem::take(&mut *self.pipes.lock()).cancel();
    }

    /// The context service's end of a pipe from this process.
    pub(crate) fn line(&self, pipe: DuplexStream) -> Line {
        let hung_up = self.pipes.lock().clone();
        Line {
            pipe,
            link: self.clone(),
            up: None,
            hung_up: hung_up.cancelled_owned().boxed(),
        }
    }
}

/// A pipe that its process's fate befalls.
pub(crate) struct Line {
    pipe: DuplexStream,
    link: Link,
    /// Waits while nothing gets through.
    up: Option<BoxFuture<'static, ()>>,
    hung_up: BoxFuture<'static, ()>,
}

impl Line {
    fn poll_through(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.hung_up.poll_unpin(cx).is_ready() {
            // It must not be asked again.
            self.hung_up = std::future::ready(()).boxed();
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if *self.link.condition.borrow() == Condition::Up {
            self.up = None;
            return Poll::Ready(Ok(()));
        }
        let link = self.link.clone();
        let up = self
            .up
            .get_or_insert_with(|| async move { link.up().await }.boxed());
        ready!(up.poll_unpin(cx));
        self.up = None;
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_through(cx))?;
        Pin::new(&mut self.pipe).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_through(cx))?;
        Pin::new(&mut self.pipe).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(cx)
    }
}

impl Connected for Line {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}
