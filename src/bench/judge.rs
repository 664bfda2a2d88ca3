//! Whether what a reader is sent goes on from where it stood.
//!
//! The rules are those of [`Reader`]; beside it a hash of the text that was seen is compared with
//! the whole. After a violation the reader goes on from where the server says that it is, so that
//! each counts once.

use convene_invariants::{Change, Mark, Reader, Violation};
use convene_proto::{
    id::MessageId,
    position::{Eid, Position, Seq, TextPosition},
};

use super::{
    frame::{Event, Frame, State},
    seen::Seen,
};

/// How a server broke its word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// So many events, or pieces of text, are missing.
    Lost(u64),
    /// It came before.
    Twice,
    /// It does not belong here.
    Disorder(String),
}

impl From<Violation> for Fault {
    fn from(violation: Violation) -> Self {
        match violation {
            Violation::Hole { expected, got } => Self::Lost(got.0 - expected.0),
            Violation::MissingText { .. } => Self::Lost(1),
            Violation::Duplicate(_) | Violation::RepeatedText { .. } => Self::Twice,
            other => Self::Disorder(other.to_string()),
        }
    }
}

/// One reader's place in a conversation.
#[derive(Debug, Default)]
pub(super) struct Judge {
    reader: Reader,
    seen: Option<Seen>,
    /// The server has said from where it goes on.
    live: bool,
}

impl Judge {
    /// What to give as `after`.
    pub(super) fn position(&self) -> Option<Position> {
        self.reader.position()
    }

    pub(super) fn seq(&self) -> u64 {
        self.reader.mark().map_or(0, |mark| mark.seq.0)
    }

    pub(super) fn is_live(&self) -> bool {
        self.live
    }

    /// The connection is gone.
    pub(super) fn detach(&mut self) {
        self.live = false;
        self.reader.detach();
    }

    /// Takes in a frame of the conversation.
    pub(super) fn take(&mut self, frame: &Frame<'_>) -> Option<Fault> {
        if !matches!(
            &*frame.kind,
            "resumed" | "snapshot" | "reset" | "event" | "delta"
        ) {
            return None;
        }
        let Ok(position) = frame.position.parse::<Position>() else {
            return Some(Fault::Disorder("a frame without a position".into()));
        };
        let fault = self.judge(frame, &position).err().map(Fault::from);
        // What came twice leads back.
        if fault.is_some() && fault != Some(Fault::Twice) {
            self.seen = None;
            self.reader = Reader::new(Some(&position));
            if self.live {
                // It stands there by its own word.
                drop(self.reader.resumed(&position));
            }
        }
        fault
    }

    fn judge(&mut self, frame: &Frame<'_>, position: &Position) -> Result<(), Violation> {
        match &*frame.kind {
            "resumed" => {
                self.live = true;
                return self.reader.resumed(position);
            }
            "event" => self.event(frame, position)?,
            "delta" => self.delta(frame)?,
            _ => {
                self.live = true;
                return self.replace(frame, position);
            }
        }
        let stands = self.reader.mark() == Some(Mark::from(position));
        if stands && self.reader.agrees(position) {
            Ok(())
        } else {
            Err(Violation::WrongPosition {
                got: position.clone(),
            })
        }
    }

    fn replace(&mut self, frame: &Frame<'_>, position: &Position) -> Result<(), Violation> {
        let state = State::read(frame.state).ok_or(Violation::BadState("it cannot be read"))?;
        self.seen = None;
        let mut text = None;
        for event in &state.events {
            match change(event) {
                Kind::Begins(message) => text = Some(at(message, 0, 0)),
                Kind::Ends(message) => {
                    text = text.filter(|text: &TextPosition| text.message != message);
                }
                Kind::None => {}
            }
        }
        if let Some(streaming) = &state.streaming
            && let Ok(message) = streaming.message.parse::<MessageId>()
        {
            let length = streaming.text.len() as u64;
            text = Some(at(message.clone(), streaming.part, length));
            let mut seen = Seen::begin(message, streaming.part, 0);
            seen.take(&streaming.text);
            self.seen = Some(seen);
        }
        let whole = state.events.first().is_some_and(|first| first.seq <= 1);
        let is_reset = frame.kind == "reset";
        self.reader
            .replaced(Mark::from(position), text, whole, is_reset)?;
        let in_a_row = state
            .events
            .windows(2)
            .all(|pair| pair[0].seq + 1 == pair[1].seq);
        let last = state.events.last().map_or(position.seq.0, |last| last.seq);
        if !in_a_row || last != position.seq.0 {
            return Err(Violation::BadState("its events are not in a row"));
        }
        Ok(())
    }

    fn event(&mut self, frame: &Frame<'_>, position: &Position) -> Result<(), Violation> {
        let event = frame
            .event
            .as_ref()
            .ok_or(Violation::BadState("an event without an event"))?;
        let eid = event.eid.parse::<Eid>().unwrap_or(Eid(0));
        let mark = Mark {
            epoch: position.epoch,
            seq: Seq(event.seq),
            eid,
        };
        let change = change(event);
        self.reader.event(mark, None, change.as_change())?;
        match change {
            Kind::Begins(_) => self.seen = None,
            Kind::Ends(message) => {
                let seen = self.seen.take().filter(|seen| seen.message == message);
                if seen.is_some_and(|seen| !seen.is_held_by(event)) {
                    return Err(Violation::OtherText(message));
                }
            }
            Kind::None => {}
        }
        Ok(())
    }

    fn delta(&mut self, frame: &Frame<'_>) -> Result<(), Violation> {
        let message: MessageId = frame
            .message
            .parse()
            .map_err(|_| Violation::BadState("text of no message"))?;
        let end = frame.offset + frame.text.len() as u64;
        self.reader.text(&message, frame.part, frame.offset, end)?;
        let goes_on = |seen: &&mut Seen| seen.message == message && seen.part == frame.part;
        match self.seen.as_mut().filter(goes_on) {
            Some(seen) => seen.take(&frame.text),
            None => {
                let mut seen = Seen::begin(message, frame.part, frame.offset);
                seen.take(&frame.text);
                self.seen = Some(seen);
            }
        }
        Ok(())
    }
}

/// What an event does to the text under way.
enum Kind {
    None,
    Begins(MessageId),
    Ends(MessageId),
}

impl Kind {
    fn as_change(&self) -> Change<'_> {
        match self {
            Self::None => Change::None,
            Self::Begins(message) => Change::Begins(message),
            Self::Ends(message) => Change::Ends(message),
        }
    }
}

fn change(event: &Event<'_>) -> Kind {
    let kind = match &*event.kind {
        "message.started" => event.named().parse().map(Kind::Begins),
        "message.retracted" => event.named().parse().map(Kind::Ends),
        "message.completed" => match event.whole() {
            Some(whole) => whole.id.parse().map(Kind::Ends),
            None => Ok(Kind::None),
        },
        _ => Ok(Kind::None),
    };
    kind.unwrap_or(Kind::None)
}

fn at(message: MessageId, part: u16, offset: u64) -> TextPosition {
    TextPosition {
        message,
        part,
        offset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a faultless server sends: a snapshot, an answer of three pieces, and its end.
    fn story() -> Vec<String> {
        let at = |seq: u64, text: &str| format!("00000001:{seq}:000000000000000{seq}{text}");
        let event = |seq: u64, rest: &str, text: &str| {
            format!(
                r#"{{"type":"event","conversation":"c","position":"{}","event":{{"seq":{seq},"eid":"000000000000000{seq}",{rest}}}}}"#,
                at(seq, text)
            )
        };
        let delta = |offset: u64, piece: &str| {
            let place = format!(":m:0:{}", offset + piece.len() as u64);
            format!(
                r#"{{"type":"delta","conversation":"c","position":"{}","message":"m","part":0,"offset":{offset},"text":"{piece}"}}"#,
                at(2, &place)
            )
        };
        vec![
            format!(
                r#"{{"type":"snapshot","conversation":"c","position":"{}","state":{{"events":[{{"seq":1,"eid":"0000000000000001","type":"conversation.created"}}]}}}}"#,
                at(1, "")
            ),
            event(
                2,
                r#""type":"message.started","message":"m","run":"r""#,
                ":m:0:0",
            ),
            delta(0, "one "),
            delta(4, "two "),
            delta(8, "three"),
            event(
                3,
                r#""type":"message.completed","message":{"id":"m","parts":[{"type":"text","text":"one two three"}]},"run":"r""#,
                "",
            ),
            event(
                4,
                r#""type":"run.finished","run":"r","outcome":"completed""#,
                "",
            ),
        ]
    }

    fn faults(story: &[String]) -> Vec<Fault> {
        let mut judge = Judge::default();
        let frames = story.iter().map(|text| Frame::read(text).unwrap());
        frames.filter_map(|frame| judge.take(&frame)).collect()
    }

    #[test]
    fn a_faultless_story_has_no_fault() {
        assert_eq!(faults(&story()), []);
    }

    #[test]
    fn each_missing_frame_is_one_loss_and_each_repeated_one_a_duplicate() {
        for index in 1..story().len() - 1 {
            let mut cut = story();
            cut.remove(index);
            // The whole brings what no piece had brought.
            let is_last_piece = index == 4;
            assert_eq!(faults(&cut).is_empty(), is_last_piece, "{index}");
            let mut twice = story();
            twice.insert(index, twice[index].clone());
            assert_eq!(faults(&twice), [Fault::Twice], "{index}");
        }
        let mut cut = story();
        cut.remove(3);
        assert_eq!(faults(&cut), [Fault::Lost(1)]);
    }

    #[test]
    fn what_is_out_of_place_or_another_text_is_disorder() {
        let mut other = story();
        other[3] = other[3].replace("two", "TWO");
        assert!(matches!(faults(&other)[..], [Fault::Disorder(_)]));
        let mut early = story();
        early.remove(0);
        assert!(
            faults(&early)
                .iter()
                .all(|fault| matches!(fault, Fault::Disorder(_)))
        );
        let mut stray = story();
        stray[2] = stray[2].replace(r#""message":"m""#, r#""message":"x""#);
        assert!(matches!(faults(&stray)[0], Fault::Disorder(_)));
    }
}
