//! What happened when: faults, what was said, what was shown.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use convene_client::proto::frame::ServerFrame;

/// Clones share it.
#[derive(Clone)]
pub(crate) struct Trace {
    begun: Instant,
    lines: Arc<Mutex<Vec<(Duration, String)>>>,
}

impl Trace {
    pub(crate) fn begin() -> Self {
        Self {
            begun: Instant::now(),
            lines: Arc::default(),
        }
    }

    /// Waits for this moment of the plan.
    pub(crate) async fn reaches(&self, at_ms: u64) {
        let due = Duration::from_millis(at_ms).saturating_sub(self.begun.elapsed());
        tokio::time::sleep(due).await;
    }

    pub(crate) fn note(&self, what: impl Into<String>) {
        let entry = (self.begun.elapsed(), what.into());
        self.lines.lock().unwrap().push(entry);
    }

    pub(crate) fn frame(&self, who: &str, frame: &ServerFrame) {
        self.note(format!("{who} < {}", brief(frame)));
    }

    /// Everything, a line each, with the time of day for finding it in logs.
    pub(crate) fn text(&self) -> String {
        let began = convene_runtime::clock::now_ms() - self.begun.elapsed().as_millis() as u64;
        let mut text = format!("begun at {began} ms since 1970 (UTC)\n");
        for (at, what) in &*self.lines.lock().unwrap() {
            writeln!(text, "{:9.3} {what}", at.as_secs_f64()).unwrap();
        }
        text
    }
}

fn brief(frame: &ServerFrame) -> String {
    match frame {
        ServerFrame::Event { event, .. } => {
            let body = serde_json::to_string(&event.body).unwrap_or_default();
            let body: String = body.chars().take(160).collect();
            format!("event {} {} {body}", event.seq, event.eid)
        }
        ServerFrame::Delta {
            message,
            offset,
            text,
            ..
        } => format!("delta {message} {offset}+{}", text.len()),
        ServerFrame::Resumed { position, .. } => format!("resumed {position}"),
        ServerFrame::Snapshot { position, .. } => format!("snapshot {position}"),
        ServerFrame::Reset { position, .. } => format!("reset {position}"),
        ServerFrame::Signal { .. } => "signal".into(),
        other => format!("{other:?}"),
    }
}
