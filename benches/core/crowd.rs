//! A crowd of plain WebSocket clients, for the yardsticks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use convene_runtime::Tasks;
use futures_util::{SinkExt as _, StreamExt as _, TryStreamExt as _, stream};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

const AT_ONCE: usize = 32;
const CONNECTS_WITHIN: Duration = Duration::from_secs(30);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Sockets that read whatever comes, until they leave.
pub(crate) struct Crowd {
    frames: Arc<AtomicU64>,
    tasks: Tasks,
}

impl Crowd {
    /// Connects so many.
    pub(crate) async fn gather(port: u16, path: &str, size: usize) -> anyhow::Result<Self> {
        let url = format!("ws://127.0.0.1:{port}{path}");
        let (frames, tasks) = (Arc::new(AtomicU64::new(0)), Tasks::new());
        let sockets = stream::iter(0..size).map(|_| enter(&url));
        let mut sockets = sockets.buffer_unordered(AT_ONCE);
        while let Some(socket) = sockets.try_next().await? {
            tasks.spawn_until_stop(read(socket, frames.clone()));
        }
        Ok(Self { frames, tasks })
    }

    /// Frames that came to all of them so far.
    pub(crate) fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    pub(crate) async fn leave(self) {
        self.tasks.stop(Duration::from_secs(10)).await;
    }
}

pub(crate) async fn connect(url: &str) -> anyhow::Result<Socket> {
    let config = WebSocketConfig::default()
        .read_buffer_size(2048)
        .write_buffer_size(2048);
    let connecting = connect_async_with_config(url, Some(config), true);
    let (socket, _) = timeout(CONNECTS_WITHIN, connecting).await??;
    Ok(socket)
}

/// Connects; where it is Socket.IO, also says what a client of it says first.
async fn enter(url: &str) -> anyhow::Result<Socket> {
    let mut socket = connect(url).await?;
    if url.contains("EIO=") {
        let opened = timeout(CONNECTS_WITHIN, socket.next()).await?;
        opened.context("Socket.IO did not open")??;
        socket.send(Message::text("40")).await?;
        let joined = timeout(CONNECTS_WITHIN, socket.next()).await?;
        joined.context("Socket.IO did not let it in")??;
    }
    Ok(socket)
}

async fn read(mut socket: Socket, frames: Arc<AtomicU64>) {
    while let Some(Ok(message)) = socket.next().await {
        match message {
            // Socket.IO's ping.
            Message::Text(text) if text == "2" => match socket.send(Message::text("3")).await {
                Ok(()) => {}
                Err(_) => return,
            },
            Message::Text(_) => {
                frames.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
        }
    }
}

/// Upgrades a second, so many clients at once for so long; each leaves again.
pub(crate) async fn upgrades(port: u16, clients: usize, time: Duration) -> anyhow::Result<f64> {
    let url = format!("ws://127.0.0.1:{port}/idle");
    let begun = Instant::now();
    let until = begun + time;
    let clients = (0..clients).map(|_| async {
        let mut count = 0_u32;
        while Instant::now() < until {
            drop(connect(&url).await?);
            count += 1;
        }
        anyhow::Ok(count)
    });
    let counts = futures_util::future::try_join_all(clients).await?;
    let count: u32 = counts.into_iter().sum();
    Ok(f64::from(count) / begun.elapsed().as_secs_f64())
}
