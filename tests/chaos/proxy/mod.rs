//! The fault proxy: a wire between two processes that can be cut, slowed, or made to stand still, in
//! either direction. It runs on a thread of its own, since tests block theirs.

mod amqp;

use std::{
    fmt,
    net::Ipv4Addr,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU16, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpSocket, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    runtime::Runtime,
    sync::watch,
    task::{AbortHandle, JoinSet},
};

use self::amqp::Consumers;

/// Bytes that one end may be ahead of the other, beyond those in a pump's hands.
const ROOM: u32 = 16 * 1024;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
});

/// How bytes go in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    Open,
    /// Each piece comes so much later.
    Late(Duration),
    /// Nothing comes, and nothing is lost: it comes once this is over, as TCP sees to.
    Still,
}

/// What a wire does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weather {
    /// Towards the server.
    pub(crate) up: Flow,
    pub(crate) down: Flow,
    /// New connections are closed at once.
    pub(crate) refuses: bool,
    /// Each cut ends every connection of before.
    cuts: u64,
}

/// One wire. Clones share it.
#[derive(Clone)]
pub(crate) struct Wire(Arc<Inner>);

struct Inner {
    from: String,
    to: String,
    port: u16,
    target: AtomicU16,
    weather: watch::Sender<Weather>,
    letters: Arc<Letters>,
    serving: AbortHandle,
}

/// How many of the letters to inboxes are lost on the way.
#[derive(Default)]
pub(crate) struct Letters {
    /// Of a thousand.
    lost: AtomicU32,
    seed: AtomicU64,
    passed: AtomicU64,
    dropped: AtomicU64,
}

impl Letters {
    /// From now on so many of a thousand are lost; which ones, the seed says, whatever came before.
    pub(crate) fn lose(&self, of_a_thousand: u32, seed: u64) {
        self.passed.store(0, Ordering::Relaxed);
        self.seed.store(seed, Ordering::Relaxed);
        self.lost.store(of_a_thousand, Ordering::Relaxed);
    }

    /// How many were lost so far.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn loses_this(&self) -> bool {
        let number = self.passed.fetch_add(1, Ordering::Relaxed);
        let seed = self.seed.load(Ordering::Relaxed);
        // SplitMix64: as good as chance, and the same again.
        let mut mixed = (seed ^ number).wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let lost = (mixed ^ (mixed >> 31)) % 1000 < u64::from(self.lost.load(Ordering::Relaxed));
        if lost {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        lost
    }
}

impl Wire {
    /// Stands between a process and the port of another. Where that is RabbitMQ, letters to inboxes
    /// may be lost on it.
    pub(crate) fn between(from: &str, to: &str, target: u16, letters: &Arc<Letters>) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_amqp = to == "rabbitmq";
        let weather = watch::Sender::new(Weather {
            up: Flow::Open,
            down: Flow::Open,
            refuses: false,
            cuts: 0,
        });
        Self(Arc::new_cyclic(|inner: &std::sync::Weak<Inner>| {
            let inner = inner.clone();
            let serving = RUNTIME.spawn(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                let mut connections = JoinSet::new();
                while let Ok((client, _)) = listener.accept().await {
                    let Some(inner) = inner.upgrade() else { break };
                    let weather = inner.weather.subscribe();
                    if weather.borrow().refuses {
                        continue;
                    }
                    let target = inner.target.load(Ordering::Relaxed);
                    let letters = is_amqp.then(|| inner.letters.clone());
                    connections.spawn(connection(client, target, weather, letters));
                    while connections.try_join_next().is_some() {}
                }
            });
            Inner {
                from: from.to_owned(),
                to: to.to_owned(),
                port,
                target: AtomicU16::new(target),
                weather,
                letters: letters.clone(),
                serving: serving.abort_handle(),
            }
        }))
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.port
    }

    /// Whether it is one between these; `*` is anybody.
    pub(crate) fn is_between(&self, from: &str, to: &str) -> bool {
        let is = |name: &str, wish: &str| wish == "*" || name == wish;
        is(&self.0.from, from) && is(&self.0.to, to)
    }

    /// Leads new connections elsewhere.
    pub(crate) fn lead_to(&self, target: u16) {
        self.0.target.store(target, Ordering::Relaxed);
    }

    /// Whether new connections lead there.
    pub(crate) fn leads_to(&self, target: u16) -> bool {
        self.0.target.load(Ordering::Relaxed) == target
    }

    /// Ends all connections.
    pub(crate) fn cut(&self) {
        self.0.weather.send_modify(|weather| weather.cuts += 1);
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Weather)) {
        self.0.weather.send_modify(change);
    }

    /// Lets everything pass.
    pub(crate) fn heal(&self) {
        self.set(|weather| {
            weather.up = Flow::Open;
            weather.down = Flow::Open;
            weather.refuses = false;
        });
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0.from, self.0.to)
    }
}

/// One connection, until either side ends it, or it is cut.
async fn connection(
    client: TcpStream,
    target: u16,
    weather: watch::Receiver<Weather>,
    letters: Option<Arc<Letters>>,
) {
    let Ok(server) = connect(target).await else {
        return;
    };
    let delayed = client.set_nodelay(true).and(server.set_nodelay(true));
    if delayed.is_err() {
        return;
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let consumers = Arc::new(Consumers::default());
    let mut asking = amqp::Asked::new(consumers.clone());
    let mut told = amqp::Told::new(consumers);
    let is_amqp = letters.is_some();
    let up = pump(
        from_client,
        to_server,
        weather.clone(),
        |w| w.up,
        |bytes| {
            if is_amqp {
                asking.look(bytes);
            }
            bytes.to_vec()
        },
    );
    let down = pump(
        from_server,
        to_client,
        weather.clone(),
        |w| w.down,
        |bytes| match &letters {
            Some(letters) => told.pass(bytes, || letters.loses_this()),
            None => bytes.to_vec(),
        },
    );
    let mut cut = weather;
    let cuts = cut.borrow().cuts;
    tokio::select! {
        () = up => {}
        () = down => {}
        _ = cut.wait_for(|weather| weather.cuts != cuts) => {}
    }
}

/// With little room for what comes, so that who stands still is soon behind.
async fn connect(target: u16) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(ROOM)?;
    socket.connect((Ipv4Addr::LOCALHOST, target).into()).await
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut weather: watch::Receiver<Weather>,
    way: impl Fn(&Weather) -> Flow,
    mut through: impl FnMut(&[u8]) -> Vec<u8>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let bytes = through(&buffer[..count]);
        let moving = weather
            .wait_for(|weather| way(weather) != Flow::Still)
            .await;
        let Ok(flow) = moving.map(|weather| way(&weather)) else {
            return;
        };
        if let Flow::Late(delay) = flow {
            tokio::time::sleep(delay).await;
        }
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_loses_the_same_letters_again() {
        let letters = Letters::default();
        let lost = |seed| -> Vec<bool> {
            letters.lose(100, seed);
            (0..200).map(|_| letters.loses_this()).collect()
        };
        let first = lost(1);
        assert!(first.contains(&true));
        assert_ne!(lost(2), first);
        assert_eq!(lost(1), first);
    }
}
