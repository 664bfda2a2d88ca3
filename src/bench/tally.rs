//! What was seen, over all readers: counts, and latencies from the times that were meant.

use std::{sync::OnceLock, time::Duration};

use hdrhistogram::Histogram;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::{judge::Fault, plan::Plan};

/// A latency is known to a thousandth of itself.
const DIGITS: u8 = 3;
/// In microseconds: longer ones count as so long.
const LONGEST: u64 = 600_000_000;
/// Shares of the tally, so that readers on different threads do not wait for each other.
const SHARES: usize = 4;
/// Points of the picture that a share keeps at most; beyond that each second one goes.
const POINTS: usize = 50_000;
/// Faults that are told in words.
const EXAMPLES: usize = 5;

/// What is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Latency {
    /// Until the server said that the message is safe.
    Accepted,
    /// Until the first text of the answer.
    FirstToken,
    /// Until the run was over.
    Answer,
    /// Between two pieces of one text.
    Gap,
    /// From when a token was to be written, by the agent's clock.
    Delay,
    /// From the cut of a connection until all its conversations go on.
    Resumed,
    /// From when a message was to be said until this generator got to it.
    Late,
}

pub(super) const LATENCIES: usize = 7;

/// What is counted.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    pub(super) said: u64,
    /// Orders that nobody could take any more: the generator cannot keep up.
    pub(super) unsaid: u64,
    pub(super) refused: u64,
    pub(super) answered: u64,
    pub(super) failed: u64,
    pub(super) retracted: u64,
    pub(super) frames: u64,
    pub(super) events: u64,
    pub(super) deltas: u64,
    pub(super) bytes: u64,
    /// By those who asked.
    pub(super) tokens: u64,
    pub(super) lost: u64,
    pub(super) twice: u64,
    pub(super) disordered: u64,
    pub(super) dropped: u64,
    pub(super) resumed: u64,
    pub(super) replaced: u64,
    pub(super) failed_connects: u64,
}

/// One message in the picture: when it was to be said, and what it took, in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) latency: Latency,
    pub(super) at: f64,
    pub(super) took: f64,
}

struct Share {
    counts: Counts,
    latencies: Vec<Histogram<u64>>,
    points: Vec<Point>,
    /// One point in so many is kept, and so many came since the last.
    stride: usize,
    skipped: usize,
}

/// See the module.
pub(super) struct Tally {
    shares: Vec<Mutex<Share>>,
    examples: Mutex<Vec<String>>,
    /// Nothing is timed before that.
    begun: OnceLock<Instant>,
    warm_up: Duration,
    timed: Option<u32>,
}

/// Everything of a tally, once it is over.
pub(super) struct Sum {
    pub(super) counts: Counts,
    pub(super) latencies: Vec<Histogram<u64>>,
    pub(super) points: Vec<Point>,
    pub(super) examples: Vec<String>,
}

impl Tally {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            shares: (0..SHARES).map(|_| Mutex::new(Share::new())).collect(),
            examples: Mutex::default(),
            begun: OnceLock::new(),
            warm_up: plan.warm_up,
            timed: plan.timed,
        }
    }

    /// It begins now.
    pub(super) fn begin(&self) -> Instant {
        *self.begun.get_or_init(Instant::now)
    }

    /// Tokens a second of each answer, where it says when it begins.
    pub(super) fn timed(&self) -> Option<u32> {
        self.timed
    }

    fn share(&self) -> &Mutex<Share> {
        std::thread_local! {
            static OWN: usize = rand::random_range(0..SHARES);
        }
        &self.shares[OWN.with(|own| *own)]
    }

    pub(super) fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.share().lock().counts);
    }

    /// Something that was to begin `at` this time took so long.
    pub(super) fn latency(&self, latency: Latency, at: Instant, took: Duration) {
        let Some(&begun) = self.begun.get() else {
            return;
        };
        let pictured = matches!(latency, Latency::Accepted | Latency::FirstToken);
        let point = pictured.then(|| Point {
            latency,
            at: at.saturating_duration_since(begun).as_secs_f64(),
            took: took.as_secs_f64(),
        });
        let mut share = self.share().lock();
        if at >= begun + self.warm_up {
            share.latencies[latency as usize].saturating_record(micros(took));
        }
        if let Some(point) = point {
            share.draw(point);
        }
    }

    pub(super) fn fault(&self, fault: &Fault, conversation: &str) {
        self.count(|counts| match fault {
            Fault::Lost(count) => counts.lost += count,
            Fault::Twice => counts.twice += 1,
            Fault::Disorder(_) => counts.disordered += 1,
        });
        self.example(|| match fault {
            Fault::Lost(count) => format!("{conversation}: {count} lost"),
            Fault::Twice => format!("{conversation}: something came twice"),
            Fault::Disorder(what) => format!("{conversation}: {what}"),
        });
    }

    /// Keeps the first few in words.
    pub(super) fn example(&self, words: impl FnOnce() -> String) {
        let mut examples = self.examples.lock();
        if examples.len() < EXAMPLES {
            examples.push(words());
        }
    }

    /// The counts so far.
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for share in &self.shares {
            counts.add(&share.lock().counts);
        }
        counts
    }

    pub(super) fn sum(&self) -> Sum {
        let mut sum = Share::new();
        for share in &self.shares {
            let share = share.lock();
            sum.counts.add(&share.counts);
            for (all, one) in sum.latencies.iter_mut().zip(&share.latencies) {
                let added = all.add(one);
                debug_assert!(added.is_ok(), "all of them have the same bounds");
            }
            sum.points.extend(&share.points);
        }
        sum.points.sort_by(|one, other| one.at.total_cmp(&other.at));
        Sum {
            counts: sum.counts,
            latencies: sum.latencies,
            points: sum.points,
            examples: self.examples.lock().clone(),
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(LONGEST)
}

impl Share {
    fn new() -> Self {
        let latencies =
            (0..LATENCIES).filter_map(|_| Histogram::new_with_max(LONGEST, DIGITS).ok());
        Self {
            counts: Counts::default(),
            latencies: latencies.collect(),
            points: Vec::new(),
            stride: 1,
            skipped: 0,
        }
    }

    fn draw(&mut self, point: Point) {
        self.skipped += 1;
        if self.skipped < self.stride {
            return;
        }
        self.skipped = 0;
        if self.points.len() >= POINTS {
            let mut keep = false;
            self.points.retain(|_| {
                keep = !keep;
                keep
            });
            self.stride *= 2;
        }
        self.points.push(point);
    }
}

impl Counts {
    fn add(&mut self, other: &Self) {
        let pairs = [
            (&mut self.said, other.said),
            (&mut self.unsaid, other.unsaid),
            (&mut self.refused, other.refused),
            (&mut self.answered, other.answered),
            (&mut self.failed, other.failed),
            (&mut self.retracted, other.retracted),
            (&mut self.frames, other.frames),
            (&mut self.events, other.events),
            (&mut self.deltas, other.deltas),
            (&mut self.bytes, other.bytes),
            (&mut self.tokens, other.tokens),
            (&mut self.lost, other.lost),
            (&mut self.twice, other.twice),
            (&mut self.disordered, other.disordered),
            (&mut self.dropped, other.dropped),
            (&mut self.resumed, other.resumed),
            (&mut self.replaced, other.replaced),
            (&mut self.failed_connects, other.failed_connects),
        ];
        for (own, more) in pairs {
            *own += more;
        }
    }
}
