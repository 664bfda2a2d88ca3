//! Metrics: counted through OpenTelemetry's API, read in Prometheus' text form.
//!
//! Names are `convene.<part>.<thing>` with the unit apart; Prometheus shows them as
//! `convene_<part>_<thing>_<unit>_total`. Instruments made before [`Metrics::install`] count
//! nothing, so a service makes its own when it starts, not in statics.

use std::time::Duration;

use opentelemetry::global;
use opentelemetry_sdk::{Resource, metrics::SdkMeterProvider};
use prometheus::{Registry, TextEncoder};

pub use opentelemetry::{
    KeyValue,
    metrics::{Counter, Gauge, Histogram, Meter, UpDownCounter},
};

/// Upper bounds of latency buckets, in seconds.
const LATENCIES: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The meter that all of Convene's instruments are made with.
#[must_use]
pub fn meter() -> Meter {
    global::meter("convene")
}

/// Why metrics cannot be kept or shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("the metrics exporter cannot be built")]
    Exporter(#[from] opentelemetry_sdk::error::OTelSdkError),
    #[error("the metrics cannot be encoded")]
    Encode(#[from] prometheus::Error),
}

/// The process's metrics. Clones share them.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
}

impl Metrics {
    /// Makes the process's instruments count into this registry from now on.
    ///
    /// # Errors
    /// Where the exporter cannot be built.
    pub fn install(resource: Resource) -> Result<Self, Error> {
        let registry = Registry::new();
        let reader = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .scope_info_enabled(false)
            .build()?;
        let provider = SdkMeterProvider::builder()
            .with_resource(resource)
            .with_reader(reader)
            .build();
        global::set_meter_provider(provider);
        Ok(Self { registry })
    }

    /// All of them in Prometheus' text form.
    ///
    /// # Errors
    /// Where two instruments of one name contradict each other.
    pub fn render(&self) -> Result<String, Error> {
        Ok(TextEncoder::new().encode_to_string(&self.registry.gather())?)
    }
}

/// Calls of some kind: how many by name and outcome, and how long each took.
#[derive(Debug, Clone)]
pub struct Calls {
    count: Counter<u64>,
    duration: Histogram<f64>,
}

impl Calls {
    /// `what` is the metrics' prefix, such as `convene.context`.
    #[must_use]
    pub fn new(what: &str) -> Self {
        Self {
            count: meter()
                .u64_counter(format!("{what}.calls"))
                .with_description("Calls by name and outcome")
                .build(),
            duration: meter()
                .f64_histogram(format!("{what}.call.duration"))
                .with_unit("s")
                .with_description("How long calls took")
                .with_boundaries(LATENCIES.to_vec())
                .build(),
        }
    }

    /// Counts one. `outcome` is `ok` or an error's code.
    pub fn record(&self, name: &'static str, outcome: &'static str, took: Duration) {
        let name = KeyValue::new("call", name);
        self.duration
            .record(took.as_secs_f64(), std::slice::from_ref(&name));
        self.count
            .add(1, &[name, KeyValue::new("outcome", outcome)]);
    }
}
