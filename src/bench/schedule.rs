//! When people speak and connections are cut: at times that were fixed beforehand.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use convene_runtime::Tasks;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::{
    sync::{Notify, mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep_until, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{
    link::{Left, Link, Order, Shared},
    plan::{Pace, Plan},
    report::{Report, Stretch},
    scene::{Scene, Seat, SeatKind},
    tally::{Counts, Tally},
};
use crate::cpu;

/// Connections that are made at once.
const CONNECTING: usize = 32;
/// Orders that a connection may have before it.
const ORDERS: usize = 1024;
/// How long readers have to catch up once everything is answered.
const CATCHING_UP: Duration = Duration::from_secs(5);

/// The connections, as those who give orders know them.
struct Cast {
    speakers: Vec<mpsc::Sender<Order>>,
    /// Those to cut.
    cut: Vec<mpsc::Sender<Order>>,
    links: Vec<JoinHandle<Left>>,
}

/// What has happened by some moment.
struct Mark {
    at: Instant,
    counts: Counts,
    cpu: Duration,
}

impl Mark {
    fn now(tally: &Tally) -> Self {
        Self {
            at: Instant::now(),
            counts: tally.counts(),
            cpu: cpu::used(),
        }
    }
}

/// Plays the whole of it.
pub(super) async fn run(
    plan: &Arc<Plan>,
    scene: Scene,
    tasks: &Tasks,
    interrupted: &CancellationToken,
) -> anyhow::Result<Report> {
    let shared = Arc::new(Shared {
        tally: Arc::new(Tally::new(plan)),
        text: plan.text.clone(),
        heads: (0..plan.conversations + plan.idle)
            .map(|_| AtomicU64::new(0))
            .collect(),
        open: AtomicUsize::new(0),
        settled: Notify::new(),
        ending: watch::Sender::new(None),
    });
    let cast = assemble(scene, &shared, tasks).await?;
    let begun = shared.tally.begin();
    super::note("everybody is there; it begins");
    let from = begun + plan.warm_up;
    let until = from + plan.duration;
    let play = async {
        let warm = async {
            sleep_until(from).await;
            Mark::now(&shared.tally)
        };
        let speaking = speak(plan, &cast.speakers, &shared, (from, until));
        let cutting = cut(plan, &cast.cut, &shared.tally, (begun, until));
        let (warm, rounds, ()) = tokio::join!(warm, speaking, cutting);
        let over = Mark::now(&shared.tally);
        let settled = settled(&shared, Instant::now() + plan.patience).await;
        (warm, over, rounds, settled)
    };
    let played = interrupted.run_until_cancelled(play).await;
    let cut_short = played.is_none();
    let (warm, over, rounds, _) = played.unwrap_or_else(|| {
        let now = Mark::now(&shared.tally);
        let warm = Mark {
            at: from.min(now.at),
            counts: Counts::default(),
            cpu: Duration::ZERO,
        };
        (warm, now, Vec::new(), false)
    });
    let patience = if cut_short {
        Duration::ZERO
    } else {
        CATCHING_UP
    };
    shared.ending.send_replace(Some(Instant::now() + patience));
    let mut left = Left::default();
    for link in cast.links {
        // One that panicked has said so.
        let one = link.await.unwrap_or_default();
        left.unanswered += one.unanswered;
        left.unaccepted += one.unaccepted;
        left.behind += one.behind;
    }
    let stretch = Stretch {
        seconds: (over.at - warm.at).as_secs_f64(),
        tokens: over.counts.tokens - warm.counts.tokens,
        frames: over.counts.frames - warm.counts.frames,
        resumed: over.counts.resumed - warm.counts.resumed,
        generator_cpu: over.cpu.saturating_sub(warm.cpu).as_secs_f64(),
        rounds,
        cut_short,
    };
    Ok(Report::new(plan, shared.tally.sum(), &left, &stretch))
}

/// Connects everybody.
async fn assemble(scene: Scene, shared: &Arc<Shared>, tasks: &Tasks) -> anyhow::Result<Cast> {
    let open = |seat: Seat| async move {
        let (orders, taken) = mpsc::channel(ORDERS);
        let kind = seat.kind;
        let mut link = Link::new(seat, shared.clone(), taken);
        let socket = link.open().await?;
        anyhow::Ok((kind, orders, tasks.spawn(link.run(socket))))
    };
    let all: Vec<_> = stream::iter(scene.0)
        .map(open)
        .buffered(CONNECTING)
        .try_collect()
        .await?;
    let of = |wanted: SeatKind| -> Vec<_> {
        let chosen = all.iter().filter(|(kind, ..)| *kind == wanted);
        chosen.map(|(_, orders, _)| orders.clone()).collect()
    };
    let speakers = of(SeatKind::Speaker);
    let by_preference = [of(SeatKind::Idle), of(SeatKind::Reader), speakers.clone()];
    let cut = by_preference.into_iter().find(|some| !some.is_empty());
    Ok(Cast {
        speakers,
        cut: cut.unwrap_or_default(),
        links: all.into_iter().map(|(.., link)| link).collect(),
    })
}

/// Has people speak; answers how long each round took, where there are rounds.
async fn speak(
    plan: &Plan,
    speakers: &[mpsc::Sender<Order>],
    shared: &Shared,
    (from, until): (Instant, Instant),
) -> Vec<(f64, u64)> {
    let mut rounds = Vec::new();
    if speakers.is_empty() {
        sleep_until(until).await;
        return rounds;
    }
    match plan.pace {
        Pace::Open(rate) => {
            let mut next = speakers.iter().cycle();
            let tick = |intended| {
                let speaker = next.next();
                speaker.is_some_and(|speaker| say(speaker, shared, intended))
            };
            at_rate(rate, Instant::now(), until, &shared.tally, tick).await;
        }
        Pace::Together => {
            while Instant::now() < until {
                let begun = Instant::now();
                let before = shared.tally.counts().tokens;
                for speaker in speakers {
                    if !say(speaker, shared, begun) {
                        shared.tally.count(|counts| counts.unsaid += 1);
                    }
                }
                if !settled(shared, begun + plan.patience).await {
                    break;
                }
                if begun >= from {
                    let tokens = shared.tally.counts().tokens - before;
                    rounds.push((begun.elapsed().as_secs_f64(), tokens));
                }
            }
        }
    }
    rounds
}

fn say(speaker: &mpsc::Sender<Order>, shared: &Shared, intended: Instant) -> bool {
    shared.open.fetch_add(1, Ordering::AcqRel);
    let taken = speaker.try_send(Order::Say(intended)).is_ok();
    if !taken {
        shared.open.fetch_sub(1, Ordering::AcqRel);
    }
    taken
}

async fn cut(
    plan: &Plan,
    victims: &[mpsc::Sender<Order>],
    tally: &Tally,
    (begun, until): (Instant, Instant),
) {
    let mut next = victims.iter().cycle();
    let tick = |intended| {
        let victim = next.next();
        victim.is_some_and(|victim| victim.try_send(Order::Cut(intended)).is_ok())
    };
    at_rate(plan.reconnects, begun, until, tally, tick).await;
}

/// Does something so many times a second, each time with the time at which it was to be done.
async fn at_rate(
    rate: f64,
    begun: Instant,
    until: Instant,
    tally: &Tally,
    mut tick: impl FnMut(Instant) -> bool,
) {
    if rate <= 0.0 {
        sleep_until(until).await;
        return;
    }
    let mut number = 0_u32;
    loop {
        let intended = begun + Duration::from_secs_f64(f64::from(number) / rate);
        if intended >= until {
            sleep_until(until).await;
            return;
        }
        sleep_until(intended).await;
        if !tick(intended) {
            tally.count(|counts| counts.unsaid += 1);
        }
        number = number.saturating_add(1);
    }
}

/// Waits until every answer has ended.
async fn settled(shared: &Shared, deadline: Instant) -> bool {
    loop {
        let told = shared.settled.notified();
        tokio::pin!(told);
        told.as_mut().enable();
        if shared.open.load(Ordering::Acquire) == 0 {
            return true;
        }
        if timeout_at(deadline, told).await.is_err() {
            return shared.open.load(Ordering::Acquire) == 0;
        }
    }
}
