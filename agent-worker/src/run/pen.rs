//! Between the agent and the log: a bounded buffer. The agent holds the [`Pen`], the run's task
//! reads the [`Strokes`]. What the log has not room for yet, the agent waits with.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use convene_agent::{Error, Note, OfferName, Output, Part, TimerChange, TimerName, Usage};
use parking_lot::Mutex;
use tokio::{sync::Notify, time::Instant};

/// Bytes of text that wait for the log; then `write` waits.
const ROOM: usize = 32 * 1024;

/// What the end of a message counts as: it is some events in the log.
const END: usize = 256;

/// Makes the two ends of a buffer.
pub(super) fn pen() -> (Pen, Strokes) {
    let sheet = Arc::new(Sheet::default());
    (Pen(sheet.clone()), Strokes(sheet))
}

/// Something that the agent did.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stroke {
    /// It wrote text, never empty.
    Text(String),
    /// It ended the message.
    End,
    /// It ended the message with these parts, which are so many bytes as JSON.
    Offer(Vec<Part>, usize),
    /// It noted something.
    Note(Note),
}

#[derive(Default)]
struct Sheet {
    waiting: Mutex<Waiting>,
    written: Notify,
    room: Notify,
}

#[derive(Default)]
struct Waiting {
    strokes: Vec<Stroke>,
    bytes: usize,
    usage: Option<Usage>,
    timers: TimerChanges,
    closed_offers: Vec<OfferName>,
    closed: bool,
}

/// What a run wants of its agent's timers, and since when.
pub(super) type TimerChanges = BTreeMap<TimerName, (TimerChange, Instant)>;

/// The agent's end.
pub(super) struct Pen(Arc<Sheet>);

/// The run's end. Once it is dropped nothing can be written.
pub(super) struct Strokes(Arc<Sheet>);

impl Pen {
    /// Takes as much of `text` as there is room for, and says how many bytes that was.
    fn try_write(&self, text: &str) -> Result<usize, Error> {
        let mut waiting = self.0.waiting.lock();
        if waiting.closed {
            return Err(over());
        }
        let mut end = text.floor_char_boundary(ROOM.saturating_sub(waiting.bytes));
        if end == 0 {
            if waiting.bytes > 0 {
                return Ok(0);
            }
            end = text.ceil_char_boundary(1);
        }
        let taken = &text[..end];
        waiting.bytes += end;
        if let Some(Stroke::Text(last)) = waiting.strokes.last_mut() {
            last.push_str(taken);
        } else {
            waiting.strokes.push(Stroke::Text(taken.to_owned()));
        }
        Ok(end)
    }

    /// Adds what costs so many bytes, once there is room; what is larger than all the room goes alone.
    async fn push(&mut self, stroke: Stroke, bytes: usize) -> Result<(), Error> {
        loop {
            {
                let mut waiting = self.0.waiting.lock();
                if waiting.closed {
                    return Err(over());
                }
                if waiting.bytes == 0 || waiting.bytes + bytes <= ROOM {
                    waiting.bytes += bytes;
                    waiting.strokes.push(stroke);
                    break;
                }
            }
            self.0.room.notified().await;
        }
        self.0.written.notify_one();
        Ok(())
    }

    /// Ends the message, if there is room to say so.
    fn try_end(&self) -> Result<bool, Error> {
        let mut waiting = self.0.waiting.lock();
        if waiting.closed {
            return Err(over());
        }
        if waiting.strokes.last() == Some(&Stroke::End) {
            return Ok(true);
        }
        if waiting.bytes >= ROOM {
            return Ok(false);
        }
        waiting.bytes += END;
        waiting.strokes.push(Stroke::End);
        Ok(true)
    }
}

#[async_trait]
impl Output for Pen {
    async fn write(&mut self, text: String) -> Result<(), Error> {
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let taken = self.try_write(rest)?;
            rest = &rest[taken..];
            if taken > 0 {
                self.0.written.notify_one();
            } else {
                self.0.room.notified().await;
            }
        }
        Ok(())
    }

    async fn end_message(&mut self) -> Result<(), Error> {
        while !self.try_end()? {
            self.0.room.notified().await;
        }
        self.0.written.notify_one();
        Ok(())
    }

    async fn offer(&mut self, parts: Vec<Part>) -> Result<(), Error> {
        let json = serde_json::to_vec(&parts).map_err(|error| unwritable(&error))?;
        self.push(Stroke::Offer(parts, json.len()), END + json.len())
            .await
    }

    async fn note(&mut self, note: Note) -> Result<(), Error> {
        let json = serde_json::to_vec(&note).map_err(|error| unwritable(&error))?;
        self.push(Stroke::Note(note), END + json.len()).await
    }

    fn add_usage(&mut self, usage: Usage) {
        let mut waiting = self.0.waiting.lock();
        let sum = waiting.usage.get_or_insert_default();
        sum.input_tokens = sum.input_tokens.saturating_add(usage.input_tokens);
        sum.output_tokens = sum.output_tokens.saturating_add(usage.output_tokens);
    }

    fn change_timer(&mut self, name: TimerName, change: TimerChange) {
        let mut waiting = self.0.waiting.lock();
        match change {
            TimerChange::Undo => waiting.timers.remove(&name),
            change => waiting.timers.insert(name, (change, Instant::now())),
        };
    }

    fn close_offer(&mut self, name: OfferName) {
        self.0.waiting.lock().closed_offers.push(name);
    }
}

impl Strokes {
    /// Ends once something waits.
    pub(super) async fn ready(&self) {
        while self.0.waiting.lock().strokes.is_empty() {
            self.0.written.notified().await;
        }
    }

    /// Takes everything that waits.
    pub(super) fn take(&self) -> Vec<Stroke> {
        let mut waiting = self.0.waiting.lock();
        waiting.bytes = 0;
        let strokes = std::mem::take(&mut waiting.strokes);
        drop(waiting);
        self.0.room.notify_one();
        strokes
    }

    /// What it wants of its timers.
    pub(super) fn timers(&self) -> TimerChanges {
        self.0.waiting.lock().timers.clone()
    }

    /// The offers that it closes.
    pub(super) fn closed_offers(&self) -> Vec<OfferName> {
        self.0.waiting.lock().closed_offers.clone()
    }

    /// What the agent has used so far, if it said.
    pub(super) fn usage(&self) -> Option<Usage> {
        self.0.waiting.lock().usage
    }
}

impl Drop for Strokes {
    fn drop(&mut self) {
        self.0.waiting.lock().closed = true;
        self.0.room.notify_one();
    }
}

fn unwritable(error: &serde_json::Error) -> Error {
    Error::permanent("offer_invalid", error.to_string())
}

fn over() -> Error {
    Error::transient("run_over", "The run is over")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    fn texts(strokes: &[Stroke]) -> String {
        strokes
            .iter()
            .map(|stroke| match stroke {
                Stroke::Text(text) => text.as_str(),
                Stroke::End => "|",
                Stroke::Offer(..) => "+",
                Stroke::Note(_) => "*",
            })
            .collect()
    }

    #[tokio::test]
    async fn what_is_written_before_anyone_reads_is_gathered() {
        let (mut pen, strokes) = pen();
        for text in ["a", "b", ""] {
            pen.write(text.into()).await.unwrap();
        }
        pen.end_message().await.unwrap();
        pen.end_message().await.unwrap();
        pen.write("c".into()).await.unwrap();
        strokes.ready().await;
        let taken = strokes.take();
        assert_eq!(taken.len(), 3);
        assert_eq!(texts(&taken), "ab|c");
        assert!(strokes.take().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_writer_waits_for_room_and_no_character_is_split() {
        let (mut pen, strokes) = pen();
        let whole = "x€".repeat(ROOM);
        let expected = whole.clone();
        let writing = async move { pen.write(whole).await };
        let reading = async {
            let mut read = String::new();
            while read.len() < expected.len() {
                strokes.ready().await;
                let piece = texts(&strokes.take());
                assert!(piece.len() <= ROOM);
                read.push_str(&piece);
            }
            read
        };
        let (written, read) = tokio::join!(writing, reading);
        written.unwrap();
        assert!(read == expected);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_offered_keeps_its_place_and_waits_for_room() {
        let (mut pen, strokes) = pen();
        let text = "x".repeat(ROOM);
        let offer = || vec![Part::Text { text: text.clone() }];
        pen.write("a".into()).await.unwrap();
        let more = pen.offer(offer());
        assert!(timeout(Duration::from_secs(60), more).await.is_err());
        assert_eq!(texts(&strokes.take()), "a");
        pen.offer(offer()).await.unwrap();
        assert_eq!(texts(&strokes.take()), "+");
    }

    #[tokio::test(start_paused = true)]
    async fn messages_take_room_however_short_they_are() {
        let (mut pen, strokes) = pen();
        let writing = async {
            for _ in 0..ROOM {
                pen.write("x".into()).await.unwrap();
                pen.end_message().await.unwrap();
            }
        };
        assert!(timeout(Duration::from_secs(60), writing).await.is_err());
        assert!(strokes.take().len() < ROOM / 64);
    }

    #[tokio::test(start_paused = true)]
    async fn a_writer_without_a_reader_waits_and_hears_when_the_run_is_over() {
        let (mut pen, strokes) = pen();
        pen.write("x".repeat(ROOM)).await.unwrap();
        let more = pen.write("y".into());
        assert!(timeout(Duration::from_secs(60), more).await.is_err());
        let more = pen.write("y".into());
        let (more, ()) = tokio::join!(more, async { drop(strokes) });
        assert_eq!(more.unwrap_err().code, "run_over");
    }
}
