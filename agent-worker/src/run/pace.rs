//! When a run writes the text that it has gathered: soon when the worker is idle, later the busier
//! it is, so that one fast answer does not starve its neighbours; and runs at the same beats, so that
//! what they write travels together through every socket and queue on its way. Where there are many
//! they take turns at the beats, so that nobody's text waits behind that of hundreds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use crate::{metrics::Metrics, options::Options};

/// What one run adds to the window: so that a worker makes about 700 appends a second at most.
const SHARE_OF_RUN: Duration = Duration::from_micros(1500);

/// The window is at least so many times what an append takes lately.
const LATENCIES: u32 = 4;

/// The shortest window has so many beats.
const BEATS: u32 = 4;

/// More runs than these do not write at one beat, if their window has another.
const TOGETHER: u128 = 24;

/// The load of the whole worker.
pub(crate) struct Load {
    /// The first of the beats.
    begun: Instant,
    idle: Duration,
    busy: Duration,
    runs: AtomicUsize,
    phases: AtomicU32,
    /// A moving average, in microseconds.
    latency: AtomicU64,
    metrics: Metrics,
}

impl Load {
    pub(crate) fn new(options: &Options, metrics: Metrics) -> Arc<Self> {
        Arc::new(Self {
            begun: Instant::now(),
            idle: Duration::from_millis(options.coalesce_idle_ms),
            busy: Duration::from_millis(options.coalesce_busy_ms),
            runs: AtomicUsize::new(0),
            phases: AtomicU32::new(0),
            latency: AtomicU64::new(0),
            metrics,
        })
    }

    /// Which beats are a run's, where the window has several: the next run's are others.
    pub(crate) fn phase(&self) -> Phase {
        Phase(self.phases.fetch_add(1, Ordering::Relaxed))
    }

    /// The beat at which a run that has written at `last` should write again.
    pub(crate) fn beat_after(&self, last: Instant, Phase(phase): Phase) -> Instant {
        let beat = self.idle / BEATS;
        if beat.is_zero() {
            return last + self.window();
        }
        // Whole beats, as many as the window has at least; `last` was at one, or a little later.
        let most = self.busy.as_nanos() / beat.as_nanos();
        let beats = self.window().as_nanos().div_ceil(beat.as_nanos()).min(most);
        let turns = (self.runs() as u128).div_ceil(TOGETHER).clamp(1, beats);
        let offset = u128::from(phase) % turns * beats / turns;
        let since = last.saturating_duration_since(self.begun).as_nanos();
        let latest = since / beat.as_nanos() + beats;
        let at = latest - (latest + beats - offset) % beats;
        // As nanoseconds: of the beats themselves there are 2^32 within days.
        let at = u64::try_from(at * beat.as_nanos()).unwrap_or(u64::MAX);
        self.begun + Duration::from_nanos(at)
    }

    /// How long a run should gather text between two appends, right now.
    fn window(&self) -> Duration {
        let runs = u32::try_from(self.runs()).unwrap_or(u32::MAX);
        let by_runs = SHARE_OF_RUN.saturating_mul(runs);
        let latency = Duration::from_micros(self.latency.load(Ordering::Relaxed));
        let by_latency = latency.saturating_mul(LATENCIES);
        by_runs.max(by_latency).clamp(self.idle, self.busy)
    }

    /// An append took so long.
    pub(crate) fn observe(&self, took: Duration) {
        self.metrics.append(took);
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        // Two runs that do this at once may lose one observation, which an average can bear.
        let before = self.latency.load(Ordering::Relaxed);
        let after = before - before / 8 + took / 8;
        self.latency.store(after, Ordering::Relaxed);
    }

    /// How many runs are under way.
    pub(crate) fn runs(&self) -> usize {
        self.runs.load(Ordering::Relaxed)
    }

    /// A run begins; it ends when the guard is dropped.
    pub(crate) fn enter(self: &Arc<Self>) -> LiveRun {
        self.runs.fetch_add(1, Ordering::Relaxed);
        self.metrics.live_runs(1);
        LiveRun(self.clone())
    }
}

/// See [`Load::phase`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Phase(u32);

/// A run that counts as load.
pub(crate) struct LiveRun(Arc<Load>);

impl Drop for LiveRun {
    fn drop(&mut self) {
        self.0.runs.fetch_sub(1, Ordering::Relaxed);
        self.0.metrics.live_runs(-1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_grows_with_the_runs_and_with_slow_appends_within_its_bounds() {
        let load = Load::new(&Options::default(), Metrics::new());
        let millis = |load: &Load| load.window().as_millis();
        assert_eq!(millis(&load), 33);
        let some: Vec<_> = (0..40).map(|_| load.enter()).collect();
        assert_eq!(millis(&load), 60);
        let more: Vec<_> = (0..300).map(|_| load.enter()).collect();
        assert_eq!(millis(&load), 100);
        drop((some, more));
        assert_eq!(millis(&load), 33);
        for _ in 0..100 {
            load.observe(Duration::from_millis(10));
        }
        assert!((35..=40).contains(&millis(&load)), "{}", millis(&load));
        for _ in 0..100 {
            load.observe(Duration::from_secs(10));
        }
        assert_eq!(millis(&load), 100);
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_of_many_weeks_gathers_text_as_on_its_first_day() {
        let options = Options {
            coalesce_idle_ms: 1,
            ..Options::default()
        };
        let load = Load::new(&options, Metrics::new());
        tokio::time::advance(Duration::from_secs(90 * 24 * 3600)).await;
        let last = Instant::now();
        let gathers = load.beat_after(last, Phase(0)).checked_duration_since(last);
        let gathers = gathers.expect("a beat to come").as_millis();
        assert_eq!(gathers, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn runs_that_began_at_odd_times_write_together() {
        let options = Options {
            coalesce_idle_ms: 32,
            coalesce_busy_ms: 96,
            ..Options::default()
        };
        let load = Load::new(&options, Metrics::new());
        let begun = Instant::now();
        let after = |millis, phase| {
            let last = begun + Duration::from_millis(millis);
            (load.beat_after(last, Phase(phase)) - begun).as_millis()
        };
        let firsts = [0, 1, 20, 31].map(|millis| after(millis, 7));
        assert_eq!(firsts, [32; 4], "the first beat after the first words");
        assert_eq!(after(33, 7), 64);
        let some: Vec<_> = (0..24).map(|_| load.enter()).collect();
        let all = [0, 1, 2, 3].map(|phase| after(1, phase));
        assert_eq!(all, [40; 4], "whole beats, no fewer than the window has");
        let more: Vec<_> = (0..72).map(|_| load.enter()).collect();
        let quarters = [0, 1, 2, 3, 4].map(|phase| after(1, phase));
        assert_eq!(
            quarters,
            [96, 24, 48, 72, 96],
            "a quarter of them at a time"
        );
        assert_eq!(after(25, 1), 120, "and no later than the longest window");
        let many: Vec<_> = (0..4000).map(|_| load.enter()).collect();
        let turns = (0..100).map(|phase| after(1, phase));
        assert_eq!(turns.collect::<std::collections::BTreeSet<_>>().len(), 12);
        drop((some, more, many));
        let options = Options {
            coalesce_idle_ms: 0,
            ..Options::default()
        };
        let load = Load::new(&options, Metrics::new());
        assert_eq!(
            load.beat_after(begun, Phase(0)),
            begun,
            "nothing is gathered"
        );
    }
}
