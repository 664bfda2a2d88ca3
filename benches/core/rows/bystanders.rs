//! Others' waits beside a crowd: ten thousand who say nothing, and a thousand who take nothing of what
//! is written to them.

use std::{net::SocketAddr, time::Duration};

use anyhow::ensure;
use convene_client::{NewConversation, Options, Rest, message, proto::id::ConversationId};
use convene_runtime::Tasks;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::sleep,
};

use crate::{
    Effort,
    lab::{Lab, Shape, token},
    load::{self, Load, words},
    numbers::{median, real},
    report::{Finding, Verdict},
    usage,
};

const AIM: f64 = 1.5;
/// Who takes nothing stays for as long as this is measured.
const SHAPE: Shape = Shape {
    patience_seconds: 600,
    ..Shape::SMALLEST
};
const AT_ONCE: usize = 50;
/// What fills the buffers of who takes nothing: messages, and the letters of each.
const LARGE: (usize, usize) = (20, 30_000);

/// A conversation whose readers take nothing, and who talks there.
struct Deaf {
    rest: Rest,
    conversation: ConversationId,
    token: String,
}

pub(crate) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Finding> {
    let (idle, stalled) = (effort.pick(50, 10_000), effort.pick(10, 1_000));
    let folder = lab.scratch.path().to_owned();
    lab.close_cluster();
    let cluster = lab.cluster(&SHAPE).await?;
    let (gateway, urls) = (cluster.gateways[0].process.id(), cluster.urls());
    let port = cluster.gateways[0].port;
    let talk = format!(
        "--conversations=20 --rate=20 --tokens=20 --token-rate=50 --warm-up={}s --duration={}s",
        effort.pick(0, 2),
        effort.seconds(20).as_secs()
    );
    let wait = async || -> anyhow::Result<(f64, f64)> {
        let outcome = load::play(&urls, &talk, &folder).await?;
        Ok((
            outcome.number("/latency_ms/first_token/p50")?,
            outcome.number("/latency_ms/first_token/p99")?,
        ))
    };
    let mut alone = Vec::new();
    for _ in 0..effort.rounds {
        alone.push(wait().await?);
    }

    let before = usage::resident(gateway)?;
    let line = format!("--conversations=0 --idle={idle} --warm-up=0s --duration=3600s");
    let mut crowd = Load::start(&urls, &words(&line), &folder)?;
    crowd.begun().await?;
    let with_idle = usage::resident(gateway)?;
    let deaf = Deaf::begin(&urls).await?;
    let streams = deaf.readers(port, stalled).await?;
    deaf.fill().await?;
    let with_stalled = usage::resident(gateway)?;
    let tasks = Tasks::new();
    let mut beside = Vec::new();
    let (talking, id) = (deaf.rest.clone(), deaf.conversation.clone());
    tasks.spawn_until_stop(async move {
        let more = message("/stream 400 at 20");
        while talking.say(&id, &more).await.is_ok() {
            sleep(Duration::from_secs(20)).await;
        }
    });
    for _ in 0..effort.rounds {
        beside.push(wait().await?);
    }
    tasks.stop(Duration::from_secs(10)).await;
    let at_last = usage::resident(gateway)?;
    let closed = r#"convene_gateway_closed_total{code="4008""#;
    let gone = lab.cluster(&SHAPE).await?.gateways[0]
        .metric(closed)
        .await?;
    ensure!(gone == 0.0, "{gone} of those who took nothing were let go");
    drop((crowd, streams));
    lab.close_cluster();

    let middle = |waits: &[(f64, f64)]| {
        (
            median(waits.iter().map(|wait| wait.0)),
            median(waits.iter().map(|wait| wait.1)),
        )
    };
    let (alone, beside) = (middle(&alone), middle(&beside));
    let ratio = beside.1 / alone.1;
    let kilobytes = |bytes: u64, count: usize| real(bytes) / 1000.0 / real(count as u64);
    Ok(Finding {
        what: "others' first token beside 10,000 who say nothing and 1,000 who take nothing, p99",
        aim: "within 1.5 times",
        ours: format!("{:.2} ms ({ratio:.2} times)", beside.1),
        yardstick: format!("{:.2} ms without them", alone.1),
        verdict: Verdict::of(ratio <= AIM),
        notes: vec![format!(
            "At p50 {:.2} ms, and {:.2} without them. The gateway took {:.1} KB for each who said nothing, and {:.1} \
             KB for each who took nothing, {:.1} at the end; text was written to them all the while, and none was let go \
             (`gateway.slow_reader_seconds` is 600 here instead of 30).",
            beside.0,
            alone.0,
            kilobytes(with_idle.saturating_sub(before), idle),
            kilobytes(with_stalled.saturating_sub(with_idle), stalled),
            kilobytes(at_last.saturating_sub(with_idle), stalled),
        )],
        picture: None,
    })
}

impl Deaf {
    async fn begin(url: &str) -> anyhow::Result<Self> {
        let token = token("crowd")?;
        let rest = Rest::new(&Options::new(url, token.as_str()))?;
        let conversation = rest.create(&NewConversation::default()).await?.id;
        Ok(Self {
            rest,
            conversation,
            token,
        })
    }

    /// Opens event streams of which nothing is read from then on.
    async fn readers(&self, port: u16, count: usize) -> anyhow::Result<Vec<TcpStream>> {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let request = format!(
            "GET /v1/conversations/{}/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\
             authorization: Bearer {}\r\n\r\n",
            self.conversation, self.token
        );
        let opening = (0..count).map(|_| async {
            let socket = TcpSocket::new_v4()?;
            socket.set_recv_buffer_size(4096)?;
            let mut stream = socket.connect(address).await?;
            stream.write_all(request.as_bytes()).await?;
            let mut head = [0; 12];
            stream.read_exact(&mut head).await?;
            ensure!(&head[9..] == b"200", "an event stream was refused");
            Ok(stream)
        });
        stream::iter(opening)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    /// Says more than their buffers take.
    async fn fill(&self) -> anyhow::Result<()> {
        for _ in 0..LARGE.0 {
            let mut large = message("x".repeat(LARGE.1));
            large.to = Some(Vec::new());
            self.rest.say(&self.conversation, &large).await?;
        }
        Ok(())
    }
}
