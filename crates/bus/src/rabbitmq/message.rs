//! What our messages look like to the broker: properties, headers, and back.

use std::time::Duration;

use convene_proto::id::Inbox;
use convene_runtime::trace::TraceContext;
use lapin::{
    BasicProperties,
    types::{AMQPValue, FieldArray, FieldTable, LongString, ShortString},
};
use uuid::Uuid;

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";
/// Names further queues, in the broker's own extension; readers do not see it.
const BCC: &str = "BCC";
const REASON: &str = "convene-reason";
const DIED_AT: &str = "convene-died-at";
/// Of a doorbell that an earlier holder had the broker keep.
const KEPT: &str = "convene-kept";
/// The broker's account of how a message came to be dead.
const X_DEATH: &str = "x-death";

const TRANSIENT: u8 = 1;
const PERSISTENT: u8 = 2;

/// Reasons are cut to this many bytes: headers must fit in one frame.
const REASON_BYTES: usize = 2048;

/// Of a doorbell in its queue: kept on disk.
pub(super) fn doorbell(trace: &TraceContext) -> BasicProperties {
    durable(trace_headers(trace))
}

/// Of a doorbell that was in hand.
pub(super) fn again(trace: &TraceContext, kept: bool) -> BasicProperties {
    let mut headers = trace_headers(trace);
    if kept {
        headers.insert(KEPT.into(), AMQPValue::Boolean(true));
    }
    durable(headers)
}

/// Of one in a delay tier.
pub(super) fn delayed(trace: &TraceContext, lasts: Duration, kept: bool) -> BasicProperties {
    again(trace, kept).with_expiration(lasts.as_millis().to_string().into())
}

/// Whether an earlier holder had the broker keep the doorbell.
pub(super) fn kept(properties: &BasicProperties) -> bool {
    let headers = properties.headers().as_ref();
    headers.is_some_and(|headers| headers.contains_key(KEPT))
}

/// Of a dead letter.
pub(super) fn dead(trace: &TraceContext, reason: &str, died_at: u64) -> BasicProperties {
    let mut headers = trace_headers(trace);
    headers.insert(REASON.into(), text(cut(reason)));
    let died_at = i64::try_from(died_at).unwrap_or(i64::MAX);
    headers.insert(DIED_AT.into(), AMQPValue::LongLongInt(died_at));
    durable(headers)
}

/// Of a letter that goes to `others` besides.
pub(super) fn letter(trace: &TraceContext, others: &[Inbox]) -> BasicProperties {
    let mut headers = trace_headers(trace);
    if !others.is_empty() {
        let names: Vec<_> = others.iter().map(|inbox| text(inbox.as_str())).collect();
        headers.insert(BCC.into(), AMQPValue::FieldArray(FieldArray::from(names)));
    }
    BasicProperties::default()
        .with_delivery_mode(TRANSIENT)
        .with_headers(headers)
}

/// Where a message belongs in a trace.
pub(super) fn trace(properties: &BasicProperties) -> TraceContext {
    let header = |name| {
        properties
            .headers()
            .as_ref()
            .and_then(|headers| string(headers, name))
    };
    TraceContext {
        traceparent: header(TRACEPARENT),
        tracestate: header(TRACESTATE),
    }
}

/// What a message is called.
pub(super) fn id(properties: &BasicProperties) -> &str {
    properties
        .message_id()
        .as_ref()
        .map_or("unnamed", ShortString::as_str)
}

/// Why a message is dead, and since when (milliseconds since 1970): as we said it, or as the
/// broker did.
pub(super) fn death(properties: &BasicProperties) -> (String, u64) {
    let none = FieldTable::default();
    let headers = properties.headers().as_ref().unwrap_or(&none);
    let broker = headers.inner().get(X_DEATH).and_then(last_death);
    let (broker_reason, broker_time) = broker.unwrap_or_default();
    let reason = string(headers, REASON).unwrap_or(broker_reason);
    let died_at = match headers.inner().get(DIED_AT) {
        Some(AMQPValue::LongLongInt(at)) => u64::try_from(*at).unwrap_or(0),
        _ => broker_time,
    };
    (reason, died_at)
}

/// The newest entry of the broker's account, which comes first.
fn last_death(account: &AMQPValue) -> Option<(String, u64)> {
    let AMQPValue::FieldArray(entries) = account else {
        return None;
    };
    let AMQPValue::FieldTable(entry) = entries.as_slice().first()? else {
        return None;
    };
    let reason = match string(entry, "reason")?.as_str() {
        "delivery_limit" => "delivered too often: each time its holder died with it".to_owned(),
        "rejected" => "it cannot be read".to_owned(),
        other => other.to_owned(),
    };
    let time = match entry.inner().get("time") {
        Some(AMQPValue::Timestamp(seconds)) => seconds.saturating_mul(1000),
        _ => 0,
    };
    Some((reason, time))
}

fn durable(headers: FieldTable) -> BasicProperties {
    BasicProperties::default()
        .with_delivery_mode(PERSISTENT)
        .with_message_id(Uuid::now_v7().simple().to_string().into())
        .with_headers(headers)
}

fn trace_headers(trace: &TraceContext) -> FieldTable {
    let mut headers = FieldTable::default();
    for (name, value) in [
        (TRACEPARENT, &trace.traceparent),
        (TRACESTATE, &trace.tracestate),
    ] {
        if let Some(value) = value {
            headers.insert(name.into(), text(value));
        }
    }
    headers
}

fn string(headers: &FieldTable, name: &str) -> Option<String> {
    match headers.inner().get(name)? {
        AMQPValue::LongString(value) => String::from_utf8(value.as_bytes().to_vec()).ok(),
        AMQPValue::ShortString(value) => Some(value.to_string()),
        _ => None,
    }
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(value))
}

fn cut(reason: &str) -> &str {
    &reason[..reason.floor_char_boundary(REASON_BYTES)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_comes_back_as_it_went() {
        let sent = TraceContext {
            traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
            tracestate: Some("a=b".into()),
        };
        assert_eq!(trace(&doorbell(&sent)), sent);
        assert_eq!(trace(&letter(&sent, &[])), sent);
        assert_eq!(trace(&BasicProperties::default()), TraceContext::default());
    }

    #[test]
    fn a_dead_letter_says_why_and_when() {
        let properties = dead(&TraceContext::default(), "poison", 1_700_000_000_123);
        assert_eq!(death(&properties), ("poison".to_owned(), 1_700_000_000_123));
        let long = "é".repeat(2000);
        let properties = dead(&TraceContext::default(), &long, 0);
        assert_eq!(death(&properties).0, "é".repeat(1024));
    }

    #[test]
    fn the_brokers_own_account_of_a_death_is_understood() {
        let mut entry = FieldTable::default();
        entry.insert("reason".into(), text("delivery_limit"));
        entry.insert("time".into(), AMQPValue::Timestamp(1_700_000_000));
        let account = FieldArray::from(vec![AMQPValue::FieldTable(entry)]);
        let mut headers = FieldTable::default();
        headers.insert(X_DEATH.into(), AMQPValue::FieldArray(account));
        let (reason, at) = death(&BasicProperties::default().with_headers(headers));
        assert!(reason.starts_with("delivered too often"), "{reason}");
        assert_eq!(at, 1_700_000_000_000);
    }
}
