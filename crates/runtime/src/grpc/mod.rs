//! gRPC between our own services: one kind of channel, whatever lies under it.
//!
//! * [`connect`]: several servers behind one channel. Which of them get calls follows their health.
//! * [`in_process`]: the same channel over pipes, to a server in this process.
//! * [`serves`]: whether calls are worth making now.
//! * [`retry`]: makes the loss of a server cost its callers a retry, and nothing else.
//! * [`request`] and [`trace_context`] carry the trace across.

mod balance;
mod in_process;
mod probe;
mod retry;

use tonic::metadata::{AsciiMetadataKey, MetadataMap};

pub use self::{
    balance::{InvalidEndpoint, Options, connect, is_endpoint},
    in_process::{Incoming, in_process},
    probe::serves,
    retry::{Retry, retry},
};
use crate::trace::TraceContext;

/// Flow-control windows of a connection and of a call on it, in bytes: a snapshot fits into one.
pub const CONNECTION_WINDOW: u32 = 8 << 20;
/// See [`CONNECTION_WINDOW`].
pub const STREAM_WINDOW: u32 = 1 << 20;

/// A request that belongs to the current span's trace.
pub fn request<T>(message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    let trace = TraceContext::current();
    let headers = [
        ("traceparent", trace.traceparent),
        ("tracestate", trace.tracestate),
    ];
    for (name, value) in headers {
        if let Some(value) = value.and_then(|value| value.parse().ok()) {
            let name = AsciiMetadataKey::from_static(name);
            request.metadata_mut().insert(name, value);
        }
    }
    request
}

/// The trace that a request belongs to, as its caller made it with [`request`].
#[must_use]
pub fn trace_context(metadata: &MetadataMap) -> TraceContext {
    let header = |name| {
        let value = metadata.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    TraceContext {
        traceparent: header("traceparent"),
        tracestate: header("tracestate"),
    }
}
