//! Starting without a broker, and with one that does not want us.

use std::{
    io,
    sync::Arc,
    thread::{self, ThreadId},
    time::Duration,
};

use convene_bus::{
    Bus, Error,
    rabbitmq::{Options, RabbitBus},
};
use convene_runtime::Tasks;
use lapin::uri::AMQPUri;
use parking_lot::Mutex;
use tracing_subscriber::filter::LevelFilter;

use crate::{
    broker::{
        PATIENCE, answers, connected, eventually, opened, options, pool, ring, rung, soon, url,
    },
    proxy::{Mode, Proxy},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_broker_may_come_later() {
    let Some(url) = url() else { return };
    let proxy = Proxy::before(&url, Mode::Down).await;
    let bus = RabbitBus::connect(options(proxy.url()), &Tasks::new()).unwrap();
    assert!(matches!(bus.ping().await, Err(Error::Unavailable(_))));
    let pool = pool();
    let mut doorbells = bus.doorbells(&pool, 1).await.unwrap();
    let mut letters = bus.open_inbox("gateway-7").await.unwrap();
    let coming = async { proxy.set(Mode::Open) };
    let (ringing, taken, _, ()) = tokio::join!(
        ring(&bus, &pool, "c-1"),
        rung(&mut doorbells),
        opened(&mut letters),
        coming
    );
    ringing.unwrap();
    taken.ack().await.unwrap();
    answers(&bus).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ringing_without_a_broker_fails_in_time() {
    let options = Options {
        url: "amqp://127.0.0.1:1/%2f".into(),
        ring_timeout_ms: 300,
        ..Options::default()
    };
    let bus = RabbitBus::connect(options, &Tasks::new()).unwrap();
    let pool = pool();
    let ringing = ring(&bus, &pool, "c-1");
    let error = soon("an answer", ringing).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    assert!(
        error.to_string().contains("refused"),
        "it says why: {error}"
    );
    bus.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_or_host_is_told_as_such() {
    let Some(url) = url() else { return };
    let mut wrong_password: AMQPUri = url.parse().unwrap();
    wrong_password.authority.userinfo.password = "no such password".into();
    let mut wrong_host: AMQPUri = url.parse().unwrap();
    wrong_host.vhost = "no such host".into();
    for (uri, word) in [
        (wrong_password, "ACCESS_REFUSED"),
        (wrong_host, "vhost no such host"),
    ] {
        let bus = RabbitBus::connect(options(&uri.to_string()), &Tasks::new()).unwrap();
        eventually("a refusal", async || {
            let error = bus.ping().await.unwrap_err().to_string();
            assert!(!error.contains("no such password"));
            error.contains(word)
        })
        .await;
    }
}

#[tokio::test]
async fn a_url_that_cannot_be_read_is_refused() {
    let options = Options {
        url: "localhost:5672".into(),
        ..Options::default()
    };
    let refusal = RabbitBus::connect(options, &Tasks::new()).err();
    assert!(matches!(refusal, Some(Error::Refused(_))), "{refusal:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bus_that_is_dropped_ends() {
    let Some(url) = url() else { return };
    let tasks = Tasks::new();
    let bus = RabbitBus::connect(options(&url), &tasks).unwrap();
    answers(&bus).await;
    let mut doorbells = bus.doorbells(&pool(), 1).await.unwrap();
    drop(bus);
    assert!(soon("the end", doorbells.next()).await.is_none());
    drop(doorbells);
    assert_eq!(
        tasks.stop(Duration::from_secs(5)).await,
        0,
        "tasks are left"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_tasks_does_not_end_the_bus_before_it_is_closed() {
    let Some(url) = url() else { return };
    let tasks = Tasks::new();
    let bus = RabbitBus::connect(options(&url), &tasks).unwrap();
    answers(&bus).await;
    let draining = async {
        tasks.stopping().await;
        ring(&bus, &pool(), "c-1").await.unwrap();
        bus.close(PATIENCE).await;
    };
    let (left, ()) = tokio::join!(tasks.stop(Duration::from_secs(10)), draining);
    assert_eq!(left, 0, "tasks are left");
    drop(connected(options(&url)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_lost_is_left_for_another() {
    let Some(url) = url() else { return };
    let one = Proxy::before(&url, Mode::Open).await;
    let other = Proxy::before(&url, Mode::Open).await;
    let host = |url: &str| {
        let uri: AMQPUri = url.parse().unwrap();
        format!("{}:{}", uri.authority.host, uri.authority.port)
    };
    let both = format!("{},{}", host(one.url()), host(other.url()));
    let bus = connected(options(&one.url().replace(&host(one.url()), &both))).await;
    let pool = pool();
    // Wherever it began, it was at both in the end.
    for (lost, sound) in [(&one, &other), (&other, &one)] {
        sound.set(Mode::Open);
        lost.set(Mode::Down);
        lost.cut();
        eventually("a connection to the other", async || {
            bus.ping().await.is_ok() && ring(&bus, &pool, "c-1").await.is_ok()
        })
        .await;
        assert!(!sound.heard().is_empty());
    }
}

/// What is logged on one thread.
#[derive(Clone)]
struct Log {
    thread: ThreadId,
    lines: Arc<Mutex<Vec<u8>>>,
}

impl Log {
    /// The log of this thread. The subscriber is the process's own: beside one that is a thread's,
    /// a line that another test's thread comes by first is held to be wanted by nobody.
    fn here() -> Self {
        let log = Self {
            thread: thread::current().id(),
            lines: Arc::default(),
        };
        let writer = log.clone();
        let logging = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::DEBUG)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::set_global_default(logging).unwrap();
        log
    }

    fn count(&self, words: &str) -> usize {
        String::from_utf8_lossy(&self.lines.lock())
            .matches(words)
            .count()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if thread::current().id() == self.thread {
            self.lines.lock().write(bytes)
        } else {
            Ok(bytes.len())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn each_node_that_is_away_is_told_of_once_an_outage() {
    const TOLD: &str = "trying until it answers";
    let Some(url) = url() else { return };
    // One takes no connection, the other does not want us: two reasons, in turn.
    let mut uri: AMQPUri = url.parse().unwrap();
    uri.vhost = "no such host".into();
    let sound = format!("{}:{}", uri.authority.host, uri.authority.port);
    let both = uri
        .to_string()
        .replace(&sound, &format!("{sound},127.0.0.1:1"));
    let log = Log::here();
    let bus = RabbitBus::connect(options(&both), &Tasks::new()).unwrap();
    eventually("further attempts at both", async || {
        log.count("still not connected") >= 4
    })
    .await;
    assert_eq!(log.count(TOLD), 2);
    bus.close(PATIENCE).await;
}
