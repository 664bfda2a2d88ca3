//! What the gateway counts.

use std::sync::atomic::{AtomicI64, Ordering};

use convene_proto::error::{CloseCode, ErrorCode};
use convene_runtime::metrics::{Counter, KeyValue};

use crate::hub::Hub;

/// See the module.
pub(crate) struct Metrics {
    frames_in: Counter<u64>,
    frames_out: Counter<u64>,
    closed: Counter<u64>,
    refused: Counter<u64>,
    ended: Counter<u64>,
    connections: std::sync::Arc<AtomicI64>,
}

impl Metrics {
    pub(crate) fn new(hub: Hub) -> Self {
        let meter = convene_runtime::metrics::meter();
        let connections = std::sync::Arc::new(AtomicI64::new(0));
        let open = connections.clone();
        let letters = hub.clone();
        // The SDK keeps the callbacks: the handles need not be held.
        meter
            .i64_observable_gauge("convene.gateway.connections")
            .with_description("sockets and event streams open now")
            .with_callback(move |gauge| gauge.observe(open.load(Ordering::Relaxed), &[]))
            .build();
        meter
            .u64_observable_gauge("convene.gateway.subscriptions")
            .with_description(
                "conversations read here (kind=topic) and readers of them (kind=reader)",
            )
            .with_callback(move |gauge| {
                let (topics, readers) = hub.size();
                gauge.observe(topics as u64, &[KeyValue::new("kind", "topic")]);
                gauge.observe(readers as u64, &[KeyValue::new("kind", "reader")]);
            })
            .build();
        meter
            .u64_observable_counter("convene.gateway.letters")
            .with_description("letters that came, for=somebody who reads here or nobody")
            .with_callback(move |counter| {
                let (wanted, unwanted) = letters.letters();
                counter.observe(wanted, &[KeyValue::new("for", "somebody")]);
                counter.observe(unwanted, &[KeyValue::new("for", "nobody")]);
            })
            .build();
        Self {
            frames_in: meter.u64_counter("convene.gateway.frames_in").build(),
            frames_out: meter.u64_counter("convene.gateway.frames_out").build(),
            closed: meter
                .u64_counter("convene.gateway.closed")
                .with_description("connections that the gateway closed, by close code")
                .build(),
            refused: meter
                .u64_counter("convene.gateway.refused")
                .with_description("requests and frames refused, by error code")
                .build(),
            ended: meter
                .u64_counter("convene.gateway.ended")
                .with_description("subscriptions that the gateway ended, by error code")
                .build(),
            connections,
        }
    }

    pub(crate) fn connected(&self) -> Connected {
        self.connections.fetch_add(1, Ordering::Relaxed);
        Connected(self.connections.clone())
    }

    pub(crate) fn frame_in(&self) {
        self.frames_in.add(1, &[]);
    }

    pub(crate) fn frames_out(&self, count: usize) {
        self.frames_out.add(count as u64, &[]);
    }

    pub(crate) fn closed(&self, code: CloseCode) {
        self.closed
            .add(1, &[KeyValue::new("code", i64::from(code as u16))]);
    }

    pub(crate) fn ended(&self, code: ErrorCode) {
        self.ended.add(1, &[KeyValue::new("code", code.as_str())]);
    }

    pub(crate) fn refused(&self, code: ErrorCode) {
        self.refused.add(1, &[KeyValue::new("code", code.as_str())]);
    }
}

/// Counts a connection while it lives.
pub(crate) struct Connected(std::sync::Arc<AtomicI64>);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
