//! What a worker counts. The names are stable: dashboards and alerts rest on them.

use std::{sync::Arc, time::Duration};

use opentelemetry::{
    KeyValue,
    metrics::{Counter, Histogram, Meter, UpDownCounter},
};

/// The worker's instruments. Clones share them.
#[derive(Clone)]
pub(crate) struct Metrics(Arc<Instruments>);

struct Instruments {
    runs: Counter<u64>,
    attempts: Counter<u64>,
    claims: Counter<u64>,
    live_runs: UpDownCounter<i64>,
    first_text: Histogram<f64>,
    append: Histogram<f64>,
    piece: Histogram<u64>,
    letters: Counter<u64>,
    items: Counter<u64>,
    undelivered: Counter<u64>,
    swept: Counter<u64>,
    dead_letters: Counter<u64>,
}

impl Metrics {
    /// Instruments of the process's meter provider.
    pub(crate) fn new() -> Self {
        let meter = opentelemetry::global::meter("convene-agent-worker");
        Self(Arc::new(Instruments::of(&meter)))
    }

    /// An attempt ended: `completed`, `cancelled`, `failed`, `retrying`, `abandoned`, `absent`, `unready`, `unknown`,
    /// `busy`, `fenced` or `lost`. The first three end the run.
    pub(crate) fn attempt(&self, outcome: &'static str) {
        self.0.attempts.add(1, &[KeyValue::new("outcome", outcome)]);
        if matches!(outcome, "completed" | "cancelled" | "failed") {
            self.0.runs.add(1, &[KeyValue::new("outcome", outcome)]);
        }
    }

    pub(crate) fn claim(&self, outcome: &'static str) {
        self.0.claims.add(1, &[KeyValue::new("outcome", outcome)]);
    }

    pub(crate) fn live_runs(&self, change: i64) {
        self.0.live_runs.add(change, &[]);
    }

    /// From the claim to the moment when the log had the first words.
    pub(crate) fn first_text(&self, after: Duration) {
        self.0.first_text.record(after.as_secs_f64(), &[]);
    }

    pub(crate) fn append(&self, took: Duration) {
        self.0.append.record(took.as_secs_f64(), &[]);
    }

    /// Bytes of text that went in one append.
    pub(crate) fn piece(&self, bytes: usize) {
        self.0.piece.record(bytes as u64, &[]);
    }

    pub(crate) fn letter(&self, items: usize) {
        self.0.letters.add(1, &[]);
        self.0.items.add(items as u64, &[]);
    }

    pub(crate) fn undelivered(&self, items: usize) {
        self.0.undelivered.add(items as u64, &[]);
    }

    pub(crate) fn swept(&self, conversations: usize) {
        self.0.swept.add(conversations as u64, &[]);
    }

    pub(crate) fn dead_letter(&self) {
        self.0.dead_letters.add(1, &[]);
    }
}

impl Instruments {
    fn of(meter: &Meter) -> Self {
        let seconds = |name: &'static str, description: &'static str| {
            let bounds = [
                0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
                10.0, 30.0,
            ];
            meter
                .f64_histogram(name)
                .with_unit("s")
                .with_description(description)
                .with_boundaries(bounds.into())
                .build()
        };
        let count = |name: &'static str, description: &'static str| {
            meter
                .u64_counter(name)
                .with_description(description)
                .build()
        };
        Self {
            runs: count("convene_runs", "Runs that ended, by outcome"),
            attempts: count("convene_run_attempts", "Attempts that ended, by outcome"),
            claims: count("convene_claims", "Claims, by outcome"),
            live_runs: meter
                .i64_up_down_counter("convene_live_runs")
                .with_description("Runs under way on this worker")
                .build(),
            first_text: seconds(
                "convene_first_text",
                "From a run's claim to its first words in the log",
            ),
            append: seconds("convene_append", "Round trips of appends to the log"),
            piece: meter
                .u64_histogram("convene_piece")
                .with_unit("By")
                .with_description("Bytes of text that one append carried")
                .with_boundaries([16., 64., 256., 1024., 4096., 16_384., 65_536.].into())
                .build(),
            letters: count("convene_letters", "Letters sent to gateways"),
            items: count("convene_letter_items", "Items in those letters"),
            undelivered: count(
                "convene_undelivered_items",
                "Items that were not sent; gateways read them from the log",
            ),
            swept: count("convene_swept", "Conversations whose doorbell was lost"),
            dead_letters: count("convene_dead_letters", "Commands that were given up on"),
        }
    }
}
