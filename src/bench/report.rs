//! What came of it, in numbers.

use hdrhistogram::Histogram;
use serde::Serialize;

use super::{
    link::Left,
    plan::{Pace, Plan},
    tally::{Latency, Point, Sum},
};

/// The whole of it; this is also the JSON.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    load: Load,
    /// How long was measured.
    pub(super) seconds: f64,
    /// Ctrl-C ended it: what was open then says nothing.
    cut_short: bool,
    pub(super) messages: Messages,
    pub(super) latency_ms: Latencies,
    pub(super) delivered: Delivered,
    pub(super) broken: Broken,
    pub(super) connections: Connections,
    pub(super) generator: Generator,
    /// What went wrong first, in words.
    pub(super) examples: Vec<String>,
    #[serde(skip)]
    pub(super) title: String,
    #[serde(skip)]
    pub(super) points: Vec<Point>,
}

#[derive(Debug, Serialize)]
struct Load {
    urls: Vec<String>,
    connections: usize,
    conversations: usize,
    people: usize,
    devices: usize,
    idle: usize,
    /// Messages a second; absent: all at once, round by round.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<f64>,
    says: String,
    reconnects: f64,
    warm_up_seconds: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct Messages {
    pub(super) said: u64,
    pub(super) answered: u64,
    /// Answered with anything but a completed run.
    pub(super) failed: u64,
    pub(super) refused: u64,
    /// Whose answer did not end in time.
    pub(super) unanswered: u64,
    /// Which the server never called safe.
    pub(super) unaccepted: u64,
    /// Half answers that were taken back.
    pub(super) retracted: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct Latencies {
    /// From when it was to be said until the server called it safe.
    pub(super) accepted: Percentiles,
    /// Until the first text of its answer.
    pub(super) first_token: Percentiles,
    /// Until the run was over.
    pub(super) answer: Percentiles,
    /// Between two pieces of a text.
    pub(super) gap: Percentiles,
    /// From when a token was to be written, by the agent's clock.
    pub(super) delay: Percentiles,
    /// From the cut of a connection until its conversation went on.
    pub(super) resumed: Percentiles,
}

#[derive(Debug, Serialize)]
pub(super) struct Percentiles {
    pub(super) count: u64,
    pub(super) p50: f64,
    pub(super) p90: f64,
    pub(super) p99: f64,
    pub(super) p999: f64,
    pub(super) max: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct Delivered {
    pub(super) frames: u64,
    pub(super) events: u64,
    pub(super) deltas: u64,
    pub(super) bytes: u64,
    /// To those who asked.
    pub(super) tokens: u64,
    pub(super) frames_per_second: f64,
    pub(super) tokens_per_second: f64,
}

/// How the server broke its word that every reader sees a prefix of the log.
#[derive(Debug, Serialize)]
pub(super) struct Broken {
    pub(super) lost: u64,
    pub(super) twice: u64,
    pub(super) disordered: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct Connections {
    /// Cut by us, or lost, and there again.
    pub(super) resumed: u64,
    pub(super) resumed_per_second: f64,
    /// Lost without our doing.
    pub(super) dropped: u64,
    /// Given a snapshot or reset in the middle.
    pub(super) replaced: u64,
    pub(super) failed_connects: u64,
}

/// Whether the generator itself was at its limit.
#[derive(Debug, Serialize)]
pub(super) struct Generator {
    pub(super) cpu_seconds: f64,
    /// How late it was with what it had to say, in milliseconds.
    pub(super) late_ms: Percentiles,
    /// What it did not get to at all.
    pub(super) unsaid: u64,
    pub(super) rounds: usize,
}

/// The time that was measured, and what came in it.
pub(super) struct Stretch {
    pub(super) seconds: f64,
    pub(super) tokens: u64,
    pub(super) frames: u64,
    pub(super) resumed: u64,
    pub(super) generator_cpu: f64,
    /// How long each round took, in seconds, and its tokens.
    pub(super) rounds: Vec<(f64, u64)>,
    pub(super) cut_short: bool,
}

impl Report {
    pub(super) fn new(plan: &Plan, sum: Sum, left: &Left, stretch: &Stretch) -> Self {
        let counts = &sum.counts;
        let of = |latency| Percentiles::of(&sum.latencies, latency);
        let a_second = |count: u64| per(count, stretch.seconds);
        let in_rounds: f64 = stretch.rounds.iter().map(|(seconds, _)| seconds).sum();
        let tokens_per_second = if stretch.rounds.is_empty() {
            a_second(stretch.tokens)
        } else {
            per(
                stretch.rounds.iter().map(|(_, tokens)| tokens).sum(),
                in_rounds,
            )
        };
        Self {
            load: Load::of(plan),
            seconds: round(stretch.seconds),
            cut_short: stretch.cut_short,
            messages: Messages {
                said: counts.said,
                answered: counts.answered,
                failed: counts.failed,
                refused: counts.refused,
                unanswered: left.unanswered,
                unaccepted: left.unaccepted,
                retracted: counts.retracted,
            },
            latency_ms: Latencies {
                accepted: of(Latency::Accepted),
                first_token: of(Latency::FirstToken),
                answer: of(Latency::Answer),
                gap: of(Latency::Gap),
                delay: of(Latency::Delay),
                resumed: of(Latency::Resumed),
            },
            delivered: Delivered {
                frames: counts.frames,
                events: counts.events,
                deltas: counts.deltas,
                bytes: counts.bytes,
                tokens: counts.tokens,
                frames_per_second: a_second(stretch.frames),
                tokens_per_second,
            },
            broken: Broken {
                // What others have seen and a reader has not is lost to that one.
                lost: counts.lost + if stretch.cut_short { 0 } else { left.behind },
                twice: counts.twice,
                disordered: counts.disordered,
            },
            connections: Connections {
                resumed: counts.resumed,
                resumed_per_second: a_second(stretch.resumed),
                dropped: counts.dropped,
                replaced: counts.replaced,
                failed_connects: counts.failed_connects,
            },
            generator: Generator {
                cpu_seconds: round(stretch.generator_cpu),
                late_ms: of(Latency::Late),
                unsaid: counts.unsaid,
                rounds: stretch.rounds.len(),
            },
            examples: sum.examples,
            title: plan.summary(),
            points: sum.points,
        }
    }

    /// What makes the command fail; nothing where every promise was kept.
    pub(super) fn complaint(&self) -> Option<String> {
        let Broken {
            lost,
            twice,
            disordered,
        } = self.broken;
        let mut complaints = Vec::new();
        let mut add = |count: u64, what: &str| {
            if count > 0 {
                complaints.push(format!("{count} {what}"));
            }
        };
        add(lost, "lost");
        add(twice, "twice");
        add(disordered, "out of order");
        if !self.cut_short {
            add(self.messages.unanswered, "never answered");
            add(self.messages.unaccepted, "never accepted");
        }
        if complaints.is_empty() {
            return None;
        }
        let first = self
            .examples
            .first()
            .map(|first| format!(" (first: {first})"));
        Some(format!(
            "promises were broken: {}{}",
            complaints.join(", "),
            first.unwrap_or_default()
        ))
    }

    pub(super) fn was_cut_short(&self) -> bool {
        self.cut_short
    }
}

impl Load {
    fn of(plan: &Plan) -> Self {
        Self {
            urls: plan.urls.clone(),
            connections: plan.connections(),
            conversations: plan.conversations,
            people: plan.people,
            devices: plan.devices,
            idle: plan.idle,
            rate: match plan.pace {
                Pace::Open(rate) => Some(rate),
                Pace::Together => None,
            },
            says: plan.text.clone(),
            reconnects: plan.reconnects,
            warm_up_seconds: plan.warm_up.as_secs_f64(),
        }
    }
}

impl Percentiles {
    fn of(latencies: &[Histogram<u64>], latency: Latency) -> Self {
        let Some(times) = latencies.get(latency as usize) else {
            return Self {
                count: 0,
                p50: 0.0,
                p90: 0.0,
                p99: 0.0,
                p999: 0.0,
                max: 0.0,
            };
        };
        let at = |quantile| millis(times.value_at_quantile(quantile));
        Self {
            count: times.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: millis(times.max()),
        }
    }
}

fn millis(micros: u64) -> f64 {
    round(std::time::Duration::from_micros(micros).as_secs_f64() * 1e3)
}

fn round(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn per(count: u64, seconds: f64) -> f64 {
    if seconds > 0.0 {
        round(count as f64 / seconds)
    } else {
        0.0
    }
}
