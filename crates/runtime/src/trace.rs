//! Trace context in the W3C form, carried through whatever has headers.

use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator as _};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Where a piece of work belongs in a trace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceContext {
    /// The W3C header of that name.
    pub traceparent: Option<String>,
    pub tracestate: Option<String>,
}

impl TraceContext {
    /// That of the current span; empty where nothing is traced.
    #[must_use]
    pub fn current() -> Self {
        let mut context = Self::default();
        TraceContextPropagator::new().inject_context(&Span::current().context(), &mut context);
        context
    }

    /// Makes `span` a child of this one.
    pub fn adopt(&self, span: &Span) {
        if self.traceparent.is_some() {
            let parent = TraceContextPropagator::new().extract(self);
            if let Err(error) = span.set_parent(parent) {
                tracing::debug!(%error, "span keeps its own trace");
            }
        }
    }
}

impl Injector for TraceContext {
    fn set(&mut self, key: &str, value: String) {
        match key {
            "traceparent" => self.traceparent = Some(value),
            "tracestate" if !value.is_empty() => self.tracestate = Some(value),
            _ => {}
        }
    }
}

impl Extractor for TraceContext {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => self.traceparent.as_deref(),
            "tracestate" => self.tracestate.as_deref(),
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}
