//! A connection, watched: whatever is spoken over it, a client that reads nothing is let go after
//! a while, and one from which nothing comes can be told from one that is only quiet.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::{Instant, Sleep, sleep},
};

use crate::limits::Stranger;

/// Bytes that the system keeps for a client that is slow to take them; it would take megabytes.
const SEND_BUFFER: usize = 256 * 1024;

/// How the other end does.
pub(crate) struct Pulse(Mutex<Signs>);

struct Signs {
    /// When something came last.
    heard: Instant,
    /// All that came was read: there is nothing more now.
    listening: bool,
    stalled: bool,
    /// When this has ended, no write waits any longer.
    limit: Option<Limit>,
    /// It has ended while one waited.
    cut: bool,
    /// Nobody has said yet who they are.
    stranger: Option<Stranger>,
}

/// Most connections never have a write that waits, so its limit is made with the first that does.
enum Limit {
    Unused(Box<dyn FnOnce() -> BoxFuture<'static, ()> + Send>),
    Running(BoxFuture<'static, ()>),
}

impl Limit {
    /// Has it run, and answers it where it has not ended.
    fn poll(self, cx: &mut Context<'_>) -> Option<Self> {
        let mut running = match self {
            Self::Unused(make) => make(),
            Self::Running(running) => running,
        };
        let is_over = running.as_mut().poll(cx).is_ready();
        (!is_over).then_some(Self::Running(running))
    }
}

/// Goes with what is written over a connection for as long as something lasts.
pub(crate) struct Limited(Arc<Pulse>);

impl Drop for Limited {
    fn drop(&mut self) {
        let over = self.0.0.lock().limit.take();
        drop(over);
    }
}

impl Pulse {
    /// Whether a write had waited too long.
    pub(crate) fn is_stalled(&self) -> bool {
        self.0.lock().stalled
    }

    /// From the end of what `limit` makes on a write that has to wait fails: whoever takes what is
    /// written slowly is given no more than is under way.
    pub(crate) fn limit<F>(self: &Arc<Self>, limit: impl FnOnce() -> F + Send + 'static) -> Limited
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let limit = Limit::Unused(Box::new(|| Box::pin(limit())));
        let before = self.0.lock().limit.replace(limit);
        drop(before);
        Limited(self.clone())
    }

    /// Whether a write was cut off at its limit.
    pub(crate) fn is_cut(&self) -> bool {
        self.0.lock().cut
    }

    /// The system, too, gives up a peer that takes nothing, and on a busy machine it may be first.
    fn note<T>(&self, done: &io::Result<T>) {
        if matches!(done, Err(error) if error.kind() == io::ErrorKind::TimedOut) {
            self.0.lock().stalled = true;
        }
    }

    /// Whoever is there has shown a good token.
    pub(crate) fn is_known(&self) {
        let stranger = self.0.lock().stranger.take();
        drop(stranger);
    }

    /// Whether we listened, and nothing has come since then.
    pub(crate) fn is_silent_since(&self, then: Instant) -> bool {
        let signs = self.0.lock();
        signs.listening && signs.heard < then
    }
}

/// Sets a socket up for small messages to many clients, some of which will vanish without a word:
/// what their system has not acknowledged by `patience` is the end of the connection.
pub(crate) fn tune(stream: &TcpStream, patience: Duration) {
    let socket = SockRef::from(stream);
    let set = || {
        socket.set_tcp_nodelay(true)?;
        #[cfg(target_os = "linux")]
        socket.set_tcp_user_timeout(Some(patience))?;
        socket.set_send_buffer_size(SEND_BUFFER)
    };
    if let Err(error) = set() {
        tracing::debug!(%error, "a socket's options were refused");
    }
}

/// A stream on which a write fails once no byte has left for too long. It outlives its HTTP
/// connection where that becomes a socket, and keeps its place among the connections as long.
pub(crate) struct Watched<S> {
    stream: S,
    pulse: Arc<Pulse>,
    patience: Duration,
    /// Ends with the patience for the write that waits.
    waiting: Option<Pin<Box<Sleep>>>,
    _place: OwnedSemaphorePermit,
}

impl<S> Watched<S> {
    pub(crate) fn new(
        stream: S,
        patience: Duration,
        place: OwnedSemaphorePermit,
        stranger: Option<Stranger>,
    ) -> Self {
        let signs = Signs {
            heard: Instant::now(),
            listening: false,
            stalled: false,
            limit: None,
            cut: false,
            stranger,
        };
        Self {
            stream,
            pulse: Arc::new(Pulse(Mutex::new(signs))),
            patience,
            waiting: None,
            _place: place,
        }
    }

    pub(crate) fn pulse(&self) -> Arc<Pulse> {
        self.pulse.clone()
    }

    fn watch(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(done) = &written {
            self.waiting = None;
            self.pulse.note(done);
            return written;
        }
        {
            let mut signs = self.pulse.0.lock();
            if let Some(limit) = signs.limit.take() {
                signs.limit = limit.poll(cx);
                signs.cut = signs.limit.is_none();
            }
            if signs.cut {
                return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
            }
        }
        let patience = self.patience;
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(waiting.as_mut().poll(cx));
        self.pulse.0.lock().stalled = true;
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if let Poll::Ready(read) = &read {
            self.pulse.note(read);
        }
        let mut signs = self.pulse.0.lock();
        signs.listening = read.is_pending();
        if read.is_ready() {
            signs.heard = Instant::now();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(Pin::new(&mut self.stream).poll_flush(cx));
        self.pulse.note(&flushed);
        Poll::Ready(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex},
        net::TcpListener,
        sync::Semaphore,
    };

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    async fn watched(buffer: usize) -> (Watched<DuplexStream>, DuplexStream) {
        let place = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
        let (near, far) = duplex(buffer);
        (Watched::new(near, PATIENCE, place, None), far)
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_waits_as_long_as_bytes_leave_and_fails_when_none_do() {
        let (mut near, mut far) = watched(8).await;
        let pulse = near.pulse();
        let begun = Instant::now();
        let reading = async {
            let mut byte = [0];
            for _ in 0..4 {
                sleep(PATIENCE - Duration::from_secs(1)).await;
                far.read_exact(&mut byte).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(near.write_all(&[0; 100]), reading);
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(begun.elapsed(), PATIENCE * 5 - Duration::from_secs(4));
        assert!(pulse.is_stalled());
    }

    /// A connection that the system has given up.
    struct GivenUp;

    impl AsyncRead for GivenUp {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
        }
    }

    impl AsyncWrite for GivenUp {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &[u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn who_is_given_up_by_the_system_first_has_stalled_as_well() {
        let places = Arc::new(Semaphore::new(1));
        for deed in ["read", "write", "flush"] {
            let place = places.clone().acquire_owned().await.unwrap();
            let mut near = Watched::new(GivenUp, PATIENCE, place, None);
            let pulse = near.pulse();
            let done = match deed {
                "read" => near.read(&mut [0]).await.map(drop),
                "write" => near.write(&[0]).await.map(drop),
                _ => near.flush().await,
            };
            assert_eq!(done.unwrap_err().kind(), io::ErrorKind::TimedOut);
            assert!(pulse.is_stalled(), "{deed}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn at_its_limit_a_write_that_waits_is_cut_off_and_one_that_need_not_is_not() {
        let second = Duration::from_secs(1);
        let (mut near, mut far) = watched(8).await;
        let pulse = near.pulse();
        let limited = pulse.limit(move || sleep(second));
        sleep(second * 2).await;
        near.write_all(&[0; 8]).await.unwrap();
        far.read_exact(&mut [0; 8]).await.unwrap();
        drop(limited);
        let writing = tokio::time::timeout(second, near.write_all(&[0; 100]));
        assert!(writing.await.is_err(), "nothing limits it");

        let _limited = pulse.limit(move || sleep(second));
        let begun = Instant::now();
        let cut = near.write_all(&[0; 100]).await.unwrap_err();
        assert_eq!(cut.kind(), io::ErrorKind::ConnectionAborted);
        assert_eq!(begun.elapsed(), second);
        assert!(pulse.is_cut() && !pulse.is_stalled());
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_what_does_not_come_though_one_listens() {
        let (mut near, mut far) = watched(64).await;
        let pulse = near.pulse();
        let then = Instant::now() + Duration::from_secs(1);
        sleep(Duration::from_secs(5)).await;
        assert!(!pulse.is_silent_since(then), "nobody has listened");
        let mut byte = [0];
        let second = Duration::from_secs(1);
        let nothing = tokio::time::timeout(second, near.read_exact(&mut byte)).await;
        assert!(nothing.is_err());
        assert!(pulse.is_silent_since(then));
        far.write_all(&[0]).await.unwrap();
        near.read_exact(&mut byte).await.unwrap();
        assert!(!pulse.is_silent_since(then));
        assert!(!pulse.is_stalled());
    }

    #[tokio::test]
    async fn a_socket_is_set_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stream, _) = tokio::join!(TcpStream::connect(address), listener.accept());
        let stream = stream.unwrap();
        tune(&stream, PATIENCE);
        let socket = SockRef::from(&stream);
        assert!(socket.tcp_nodelay().unwrap());
        #[cfg(target_os = "linux")]
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(PATIENCE));
        assert!(socket.send_buffer_size().unwrap() <= 2 * SEND_BUFFER);
    }
}
