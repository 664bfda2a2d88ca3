//! Against the length of a conversation's log.

use std::time::{Duration, Instant};

use anyhow::bail;
use convene_client::{
    NewConversation, Options, RawSocket, Rest, message,
    proto::{
        event::EventBody,
        frame::{ClientFrame, RequestId, ServerFrame},
        id::ConversationId,
        position::Position,
    },
};
use redis::aio::MultiplexedConnection;

use super::table::Table;
use crate::{
    Effort,
    lab::{Lab, Shape, token},
    numbers::{median, real},
};

const PATIENCE: Duration = Duration::from_secs(30);
/// What the guide says at one command, and the events that this makes at least.
const MANY: (&str, u64) = ("/messages 20", 43);
const LITTLE: &str = "/echo so it is";

/// A conversation, and somebody in it.
struct Member {
    conversation: ConversationId,
    token: String,
    /// Where the log stood before what was said last.
    before: Option<Position>,
}

/// Somebody's socket, subscribed.
struct Seat<'a> {
    socket: RawSocket,
    member: &'a mut Member,
    position: Position,
}

/// How long things took, in milliseconds.
#[derive(Default)]
struct Waits {
    fresh: Vec<f64>,
    resumed: Vec<f64>,
    accepted: Vec<f64>,
    first: Vec<f64>,
}

pub(super) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Vec<Table>> {
    let mut redis = lab.redis().await?;
    let url = lab.cluster(&Shape::SMALLEST).await?.urls();
    let mut members = Vec::new();
    for number in 0..effort.pick(1, 5) {
        members.push(Member::begin(&url, number).await?);
    }
    let (mut waiting, mut scripts) = (Vec::new(), Vec::new());
    for &length in effort.pick::<&[u64]>(&[10, 50], &[10, 100, 1000, 10_000]) {
        let url = lab.cluster(&Shape::SMALLEST).await?.urls();
        let growing = members.iter_mut().map(|member| grow(&url, member, length));
        futures_util::future::try_join_all(growing).await?;
        // Nobody knows anything of these conversations then.
        lab.close_cluster();
        let url = lab.cluster(&Shape::SMALLEST).await?.urls();
        let mut waits = Waits::default();
        watch(&mut redis).await?;
        for member in &mut members {
            let mut seat = member.sit(&url, None).await?.0;
            seat.say(LITTLE).await?;
            seat.leave().await;
        }
        let unknown = taken(&mut redis).await?.of("claim");
        for member in &mut members {
            for _ in 0..effort.pick(1, 20) {
                let (seat, wait) = member.sit(&url, None).await?;
                waits.fresh.push(wait);
                seat.leave().await;
            }
        }
        let fresh = taken(&mut redis).await?.of("subscribe");
        for member in &mut members {
            let before = member.before.clone();
            for _ in 0..effort.pick(1, 20) {
                let (seat, wait) = member.sit(&url, before.clone()).await?;
                waits.resumed.push(wait);
                seat.leave().await;
            }
        }
        let resumed = taken(&mut redis).await?.of("subscribe");
        for member in &mut members {
            let mut seat = member.sit(&url, None).await?.0;
            for _ in 0..effort.pick(1, 20) {
                let (accepted, first) = seat.say(LITTLE).await?;
                waits.accepted.push(accepted);
                waits.first.push(first);
            }
            seat.leave().await;
        }
        let known = taken(&mut redis).await?;
        let Waits {
            fresh: wait,
            resumed: back,
            accepted,
            first,
        } = waits;
        waiting.push((
            real(length),
            [wait, back, accepted, first].map(median).to_vec(),
        ));
        scripts.push((
            real(length),
            vec![
                fresh,
                resumed,
                known.of("submit"),
                known.of("claim"),
                unknown,
            ],
        ));
    }
    lab.close_cluster();
    Ok(tables(waiting, scripts))
}

fn tables(waiting: Vec<(f64, Vec<f64>)>, scripts: Vec<(f64, Vec<f64>)>) -> Vec<Table> {
    vec![
        Table {
            name: "log-scripts",
            title: "The log's length: Redis's time for a step, in µs",
            against: "events in the log",
            columns: &[
                "subscribe",
                "resume",
                "submit",
                "claim",
                "claim by a new worker",
            ],
            rows: scripts,
            note: "Medians over five conversations, by Redis's own count (`SLOWLOG`). `subscribe` asks for the state, \
                   of which the last `gateway.tail` events are a part; `resume` for the few events since. A new \
                   worker is one that knows nothing of the conversation and gets the last `agent_worker.history` \
                   events. What is said to measure makes each log some events longer."
                .into(),
        },
        Table {
            name: "log-waits",
            title: "The log's length: what somebody waits, in ms at p50",
            against: "events in the log",
            columns: &["subscribe", "resume", "accepted", "first token"],
            rows: waiting,
            note: "The same run, one after the other. `subscribe` is until the snapshot, `resume` until `resumed`; \
                   `accepted` and the first token count from `send`."
                .into(),
        },
    ]
}

async fn grow(url: &str, member: &mut Member, length: u64) -> anyhow::Result<()> {
    let mut seat = member.sit(url, None).await?.0;
    while seat.position.seq.0 < length {
        let missing = length - seat.position.seq.0;
        let text = if missing < MANY.1 { LITTLE } else { MANY.0 };
        seat.say(text).await?;
    }
    seat.leave().await;
    Ok(())
}

impl Member {
    async fn begin(url: &str, number: usize) -> anyhow::Result<Self> {
        let token = token(&format!("reader-{number}"))?;
        let rest = Rest::new(&Options::new(url, token.as_str()))?;
        Ok(Self {
            conversation: rest.create(&NewConversation::default()).await?.id,
            token,
            before: None,
        })
    }

    /// Opens a socket and subscribes; also says how many milliseconds the latter took.
    async fn sit(&mut self, url: &str, after: Option<Position>) -> anyhow::Result<(Seat<'_>, f64)> {
        let mut socket = RawSocket::open(url, Some(&self.token), PATIENCE).await?;
        // Who is let in is told so first.
        let welcome = socket.next_frame(PATIENCE).await?;
        let ServerFrame::Welcome { .. } = welcome else {
            bail!("not welcome: {welcome:?}");
        };
        let is_back = after.is_some();
        let begun = Instant::now();
        socket
            .send(&ClientFrame::Subscribe {
                request: RequestId::default(),
                conversation: self.conversation.clone(),
                after,
            })
            .await?;
        loop {
            let position = match socket.next_frame(PATIENCE).await? {
                ServerFrame::Snapshot { position, .. } if !is_back => position,
                ServerFrame::Resumed { position, .. } if is_back => position,
                ServerFrame::Signal { .. } => continue,
                other => bail!("a subscription was answered by {other:?}"),
            };
            let wait = millis(begun);
            let seat = Seat {
                socket,
                member: self,
                position,
            };
            return Ok((seat, wait));
        }
    }
}

impl Seat<'_> {
    /// Says something and reads until it is answered: milliseconds until it was accepted, and until
    /// the first text.
    async fn say(&mut self, text: &str) -> anyhow::Result<(f64, f64)> {
        self.member.before = Some(self.position.clone());
        let begun = Instant::now();
        self.socket
            .send(&ClientFrame::Send {
                request: RequestId::default(),
                conversation: self.member.conversation.clone(),
                message: message(text),
                traceparent: None,
            })
            .await?;
        let (mut accepted, mut first, mut is_over) = (None, None, false);
        loop {
            if let (Some(accepted), Some(first), true) = (accepted, first, is_over) {
                return Ok((accepted, first));
            }
            match self.socket.next_frame(PATIENCE).await? {
                ServerFrame::Accepted { .. } => accepted = Some(millis(begun)),
                ServerFrame::Delta { position, .. } => {
                    self.position = position;
                    first.get_or_insert_with(|| millis(begun));
                }
                ServerFrame::Event {
                    position, event, ..
                } => {
                    self.position = position;
                    match event.body {
                        EventBody::MessageCompleted { .. } => {
                            first.get_or_insert_with(|| millis(begun));
                        }
                        EventBody::RunFinished { .. } => is_over = true,
                        _ => {}
                    }
                }
                ServerFrame::Signal { .. } => {}
                other => bail!("a message was answered by {other:?}"),
            }
        }
    }

    async fn leave(self) {
        self.socket.close().await;
    }
}

fn millis(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}

/// Has Redis note every call, from now on.
async fn watch(redis: &mut MultiplexedConnection) -> anyhow::Result<()> {
    for (setting, value) in [("slowlog-log-slower-than", 0), ("slowlog-max-len", 100_000)] {
        let _: String = redis::cmd("CONFIG")
            .arg(&["SET", setting])
            .arg(value)
            .query_async(redis)
            .await?;
    }
    taken(redis).await.map(drop)
}

/// The functions that ran, and how many microseconds each took.
struct Taken(Vec<(String, f64)>);

impl Taken {
    /// The median of a function's times.
    fn of(&self, function: &str) -> f64 {
        let called = |name: &str| {
            let rest = name.strip_suffix(function);
            rest.is_some_and(|rest| rest.ends_with('_'))
        };
        let times = self.0.iter().filter(|(name, _)| called(name));
        median(times.map(|(_, time)| *time))
    }
}

/// What Redis noted since it was asked last.
async fn taken(redis: &mut MultiplexedConnection) -> anyhow::Result<Taken> {
    type Noted = (u64, u64, u64, Vec<Vec<u8>>, String, String);
    let mut slow_log = redis::cmd("SLOWLOG");
    let noted: Vec<Noted> = slow_log.arg(&["GET", "-1"]).query_async(redis).await?;
    let _: String = redis::cmd("SLOWLOG")
        .arg("RESET")
        .query_async(redis)
        .await?;
    let calls = noted.into_iter().filter_map(|(_, _, micros, words, _, _)| {
        let name = String::from_utf8(words.into_iter().nth(1)?).ok()?;
        Some((name, real(micros)))
    });
    Ok(Taken(calls.collect()))
}
