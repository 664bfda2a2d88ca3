//! Logs, traces and metrics of a process: set up once, first thing in `main`.

use std::{io::IsTerminal as _, sync::OnceLock, time::Duration};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider},
};
use serde::{Deserialize, Serialize};
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::ParseError, layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::metrics::{self, Metrics};

/// How long the last spans may take to leave at the end of the process.
const FLUSH: Duration = Duration::from_secs(3);

/// The share of traces that this process keeps, of those that come in or begin here.
static TRACE_SHARE: OnceLock<f64> = OnceLock::new();

/// See [`Options::trace_share`]; none where there is no collector.
pub(crate) fn trace_share() -> f64 {
    TRACE_SHARE.get().copied().unwrap_or_default()
}

/// What is logged and where traces go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Which log lines and spans to keep: `info`, or by module, `convene_gateway=debug,info`.
    pub log: String,
    pub format: Format,
    /// The OTLP collector that spans are sent to by gRPC, such as `http://localhost:4317`.
    /// Absent: spans stay here, and only their ids travel with requests.
    pub otlp_endpoint: Option<String>,
    /// The share of traces to export, 0 to 1, of those that begin here or come in from a client.
    pub trace_share: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            log: "info".into(),
            format: Format::default(),
            otlp_endpoint: None,
            trace_share: 1.0,
        }
    }
}

impl Options {
    /// What is wrong with these settings: each fault with its key and a remedy.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if let Err(error) = self.filter() {
            faults.push(format!(
                "telemetry.log must be a level, or levels by module such as \
                 convene_gateway=debug,info: {error}"
            ));
        }
        let usable = |endpoint: &String| {
            let uri: Option<http::Uri> = endpoint.parse().ok();
            uri.is_some_and(|uri| {
                matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
            })
        };
        if let Some(endpoint) = self.otlp_endpoint.as_ref().filter(|it| !usable(it)) {
            faults.push(format!(
                "telemetry.otlp_endpoint must be like http://host:4317, and is {endpoint:?}"
            ));
        }
        if !(0.0..=1.0).contains(&self.trace_share) {
            faults.push(format!(
                "telemetry.trace_share must be from 0 to 1, and is {}",
                self.trace_share
            ));
        }
        faults
    }

    /// OpenTelemetry talks about itself at `info`; a directive of the operator's own wins.
    fn filter(&self) -> Result<EnvFilter, ParseError> {
        EnvFilter::try_new(format!("opentelemetry=warn,lapin=off,{}", self.log))
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// For people.
    #[default]
    Pretty,
    /// For machines: one JSON object a line.
    Json,
}

/// Why telemetry cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("the log filter {0:?} cannot be read")]
    Filter(String, #[source] ParseError),
    #[error("the OTLP endpoint {0:?} cannot be used")]
    Exporter(String, #[source] opentelemetry_otlp::ExporterBuildError),
    #[error(transparent)]
    Metrics(#[from] metrics::Error),
    #[error("telemetry is set up already")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Keeps telemetry alive. Dropped last in `main`, it sends what has not been sent.
#[derive(Debug)]
#[must_use = "dropping it ends the export of traces"]
pub struct Guard {
    tracers: SdkTracerProvider,
    metrics: Metrics,
}

impl Guard {
    /// The process's metrics, to be served over HTTP.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Err(error) = self.tracers.shutdown_with_timeout(FLUSH) {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}

/// Sets up logs (on standard error), traces and metrics. `service` is what the process calls
/// itself. Call it inside a tokio runtime of more than one thread.
///
/// # Errors
/// Where an option cannot be used, or it was called before.
pub fn init(service: &'static str, options: &Options) -> Result<Guard, Error> {
    let filter = options
        .filter()
        .map_err(|error| Error::Filter(options.log.clone(), error))?;
    let resource = Resource::builder().with_service_name(service).build();
    let tracers = tracers(resource.clone(), options)?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match options.format {
        Format::Pretty => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        Format::Json => lines.json().flatten_event(true).boxed(),
    };
    // A run is entered at each of its words: to note how long its span was busy then, and to make it
    // the context of code that asks OpenTelemetry itself, took a fifth of a worker's time.
    let traces = tracing_opentelemetry::layer()
        .with_tracer(tracers.tracer("convene"))
        .with_tracked_inactivity(false)
        .with_context_activation(false);
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .with(traces)
        .try_init()?;
    let share = options.otlp_endpoint.as_ref().map(|_| options.trace_share);
    // It cannot have been set: a second set-up has failed just now.
    TRACE_SHARE.get_or_init(|| share.unwrap_or_default());
    let metrics = Metrics::install(resource)?;
    Ok(Guard { tracers, metrics })
}

/// Without a collector nothing is sampled; trace ids are still made, and travel.
fn tracers(resource: Resource, options: &Options) -> Result<SdkTracerProvider, Error> {
    let provider = SdkTracerProvider::builder().with_resource(resource);
    let Some(endpoint) = &options.otlp_endpoint else {
        return Ok(provider.with_sampler(Sampler::AlwaysOff).build());
    };
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .with_timeout(FLUSH)
        .build()
        .map_err(|error| Error::Exporter(endpoint.clone(), error))?;
    let share = Sampler::TraceIdRatioBased(options.trace_share);
    Ok(provider
        .with_sampler(Sampler::ParentBased(Box::new(share)))
        .with_batch_exporter(exporter)
        .build())
}
