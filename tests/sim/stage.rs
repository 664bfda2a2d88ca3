//! What all parts of a schedule share: chance, the trace, and what the log is known to hold.

use std::{
    collections::BTreeMap,
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

use convene_invariants::{Broken, Effect, Invariant};
use convene_proto::{
    event::Event,
    frame::{ServerFrame, State},
    id::{ConversationId, MessageId},
    position::{Eid, Seq},
};
use convene_runtime::Tasks;
use parking_lot::Mutex;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::plan::Plan;

/// See the module.
pub(crate) struct Stage {
    pub(crate) plan: Plan,
    pub(crate) tasks: Tasks,
    /// The schedule is over, and people tell what they saw.
    pub(crate) over: CancellationToken,
    pub(crate) frames: AtomicUsize,
    pub(crate) effects: Mutex<Vec<Effect>>,
    begun: Instant,
    calm: AtomicBool,
    chance: Mutex<StdRng>,
    trace: Mutex<Trace>,
    written: Mutex<Written>,
    broken: Mutex<Vec<Broken>>,
}

/// What happened, line by line.
#[derive(Default)]
struct Trace {
    lines: Vec<String>,
    digest: DefaultHasher,
}

/// What the store has answered to have.
#[derive(Default)]
struct Written {
    events: BTreeMap<(ConversationId, Seq), Eid>,
    texts: BTreeMap<MessageId, Vec<u8>>,
}

impl Stage {
    pub(crate) fn new(plan: Plan) -> Self {
        Self {
            tasks: Tasks::new(),
            over: CancellationToken::new(),
            frames: AtomicUsize::new(0),
            effects: Mutex::default(),
            begun: Instant::now(),
            calm: AtomicBool::new(false),
            chance: Mutex::new(StdRng::seed_from_u64(!plan.seed)),
            trace: Mutex::default(),
            written: Mutex::default(),
            broken: Mutex::default(),
            plan,
        }
    }

    // --- chance and time ---

    /// Whether it happens this time; nothing does any more once it is calm.
    pub(crate) fn hit(&self, rate: f64) -> bool {
        rate > 0.0 && !self.is_calm() && self.chance.lock().random::<f64>() < rate
    }

    pub(crate) fn below(&self, bound: usize) -> usize {
        self.chance.lock().random_range(0..bound)
    }

    pub(crate) fn up_to(&self, most: Duration) -> Duration {
        most.mul_f64(self.chance.lock().random())
    }

    pub(crate) fn calm_down(&self) {
        self.calm.store(true, Relaxed);
        self.note(format_args!("it is calm from now on"));
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.calm.load(Relaxed)
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    pub(crate) fn now_ms(&self) -> u64 {
        u64::try_from(self.elapsed().as_millis()).unwrap()
    }

    // --- the trace ---

    pub(crate) fn note(&self, what: fmt::Arguments<'_>) {
        let line = format!("{:>6} {what}", self.now_ms());
        let mut trace = self.trace.lock();
        line.hash(&mut trace.digest);
        trace.lines.push(line);
    }

    /// The lines so far, and their digest.
    pub(crate) fn trace(&self) -> (Vec<String>, u64) {
        let trace = self.trace.lock();
        (trace.lines.clone(), trace.digest.finish())
    }

    // --- log first ---

    pub(crate) fn wrote_event(&self, conversation: &ConversationId, seq: Seq, eid: Eid) {
        let mut written = self.written.lock();
        written.events.insert((conversation.clone(), seq), eid);
    }

    /// The last event that the store has answered to have.
    pub(crate) fn head(&self, conversation: &ConversationId) -> Seq {
        let written = self.written.lock();
        let from = (conversation.clone(), Seq(0));
        let own = written
            .events
            .range(from..)
            .take_while(|((id, _), _)| id == conversation);
        own.last().map_or(Seq(0), |((_, seq), _)| *seq)
    }

    pub(crate) fn wrote_text(&self, message: &MessageId, offset: u64, text: &[u8]) {
        let mut written = self.written.lock();
        let all = written.texts.entry(message.clone()).or_default();
        all.truncate(usize::try_from(offset).unwrap());
        all.extend(text);
    }

    /// Notes where a client is shown what the log does not have.
    pub(crate) fn check_log_has(&self, frame: &ServerFrame) {
        match frame {
            ServerFrame::Event {
                conversation,
                event,
                ..
            } => self.check_event(conversation, event),
            ServerFrame::Delta {
                conversation,
                message,
                offset,
                text,
                ..
            } => {
                self.check_text(conversation, message, *offset, text);
            }
            ServerFrame::Snapshot {
                conversation,
                state,
                ..
            }
            | ServerFrame::Reset {
                conversation,
                state,
                ..
            } => {
                self.check_state(conversation, state);
            }
            _ => {}
        }
    }

    fn check_state(&self, conversation: &ConversationId, state: &State) {
        for event in &state.events {
            self.check_event(conversation, event);
        }
        if let Some(streaming) = &state.streaming {
            self.check_text(conversation, &streaming.message, 0, &streaming.text);
        }
    }

    fn check_event(&self, conversation: &ConversationId, event: &Event) {
        let key = (conversation.clone(), event.seq);
        if self.written.lock().events.get(&key) != Some(&event.eid) {
            let what = format!(
                "event {} {} is shown and not in the log",
                event.seq, event.eid
            );
            self.breaks(conversation, what);
        }
    }

    fn check_text(
        &self,
        conversation: &ConversationId,
        message: &MessageId,
        offset: u64,
        text: &str,
    ) {
        let from = usize::try_from(offset).unwrap();
        let written = self.written.lock();
        let all = written.texts.get(message).map_or(&[][..], Vec::as_slice);
        if !all
            .get(from..)
            .is_some_and(|rest| rest.starts_with(text.as_bytes()))
        {
            drop(written);
            let what = format!("text of {message} at {offset} is shown and not in the log");
            self.breaks(conversation, what);
        }
    }

    fn breaks(&self, conversation: &ConversationId, what: String) {
        let broken = Broken::new(Invariant::LogFirst, conversation, what);
        self.note(format_args!("{broken}"));
        self.broken.lock().push(broken);
    }

    /// What was found while it ran.
    pub(crate) fn broken(&self) -> Vec<Broken> {
        self.broken.lock().clone()
    }
}
