//! A provider's answer of a fuzzer's making.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use convene_agent::ModelEvent;
use convene_runtime::sse;
use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;

use super::{
    answer::{Answer, Limits},
    refusal::Refusals,
};

const MOST: usize = 256;

/// Reads it: an answer has one end at most, which is its last event, and no more text than it may.
#[doc(hidden)]
#[expect(
    clippy::panic,
    reason = "a fuzzer is told so when a promise does not hold"
)]
pub fn fuzz_answer(body: Bytes) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
    else {
        return;
    };
    let hour = Duration::from_secs(3600);
    let limits = Limits {
        first_token: hour,
        idle: hour,
        whole: hour,
        bytes: MOST,
    };
    let events = sse::events(stream::iter([Ok::<_, Infallible>(body)]), 64 * 1024);
    let read = runtime.block_on(async {
        let answer = Answer::new(
            events.boxed(),
            Refusals { key: None },
            limits,
            Instant::now(),
        );
        match answer.begin().await {
            Ok(events) => events.collect::<Vec<_>>().await,
            Err(_) => Vec::new(),
        }
    });
    let mut bytes = 0;
    for (number, event) in read.iter().enumerate() {
        match event {
            Ok(ModelEvent::Text(text)) => bytes += text.len(),
            _ if number + 1 == read.len() => {}
            other => panic!("{other:?} is not the last"),
        }
    }
    assert!(bytes <= MOST, "{bytes} bytes of text");
}
