//! Trace context in the W3C form, carried through whatever has headers.
//!
//! A trace goes with a message, from the `send` of its author to the delivery of its answer's end.
//! Whether it is kept is decided once, where it comes in; the others follow the flag that travels
//! with it.

use opentelemetry::{
    Context,
    propagation::{Extractor, Injector, TextMapPropagator as _},
    trace::{TraceContextExt as _, TraceFlags},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::telemetry;

/// A longer `tracestate` of a client's is not taken on: it would travel with every message.
const LONGEST_STATE: usize = 512;

/// Where a piece of work belongs in a trace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceContext {
    /// The W3C header of that name.
    pub traceparent: Option<String>,
    pub tracestate: Option<String>,
}

impl TraceContext {
    /// Whether it names no trace.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.traceparent.is_none()
    }

    /// That of the current span; empty where nothing is traced.
    #[must_use]
    pub fn current() -> Self {
        let mut context = Self::default();
        TraceContextPropagator::new().inject_context(&Span::current().context(), &mut context);
        context
    }

    /// That of the current span, where its trace is kept; empty otherwise. For what would not be
    /// worth its bytes in a trace that nobody will see.
    #[must_use]
    pub fn kept() -> Self {
        let context = Span::current().context();
        let mut kept = Self::default();
        if context.span().span_context().is_sampled() {
            TraceContextPropagator::new().inject_context(&context, &mut kept);
        }
        kept
    }

    /// Makes `span` the first of ours in a client's trace, or of a trace of its own where the
    /// client gave none. Whether the trace is kept is for our settings to say: a client's word for
    /// it would let anybody fill the collector.
    pub fn let_in(mut self, span: &Span) {
        self.tracestate = self.tracestate.filter(|state| state.len() <= LONGEST_STATE);
        let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &self);
        let theirs = context.span().span_context().clone();
        let parent = if theirs.is_valid() {
            let kept = is_kept(theirs.trace_id().to_bytes(), telemetry::trace_share());
            let flags = TraceFlags::default().with_sampled(kept);
            let ours = opentelemetry::trace::SpanContext::new(
                theirs.trace_id(),
                theirs.span_id(),
                flags,
                true,
                theirs.trace_state().clone(),
            );
            Context::new().with_remote_span_context(ours)
        } else {
            Context::new()
        };
        set_parent(span, parent);
    }

    /// Makes `span` a child of this one.
    pub fn adopt(&self, span: &Span) {
        if !self.is_empty() {
            set_parent(span, TraceContextPropagator::new().extract(self));
        }
    }
}

fn set_parent(span: &Span, parent: Context) {
    if let Err(error) = span.set_parent(parent) {
        tracing::debug!(%error, "span keeps its own trace");
    }
}

/// Whether a trace of this id belongs to the share that is kept: the same answer in every process.
fn is_kept(id: [u8; 16], share: f64) -> bool {
    let [.., a, b, c, d, e, f, g, h] = id;
    let place = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    share >= 1.0 || (place as f64) < share * (u64::MAX as f64)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_ids_is_kept() {
        let ids = (0..=u8::MAX).map(|byte| [byte; 16]);
        let kept = |share| ids.clone().filter(|id| is_kept(*id, share)).count();
        assert_eq!((kept(0.0), kept(0.25), kept(1.0)), (0, 64, 256));
    }
}
