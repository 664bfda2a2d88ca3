//! A log that loses its end and goes on otherwise, under the same epoch: every reader who saw what
//! is gone is told, whichever letters come, and whenever.

use bytes::Bytes;
use convene_proto::frame::ServerFrame;
use proptest::prelude::*;

use super::*;

const EPOCH: Epoch = Epoch(7);

/// What the store has, and every letter that was ever sent about it.
#[derive(Default)]
struct Log {
    events: Vec<Entry>,
    letters: Vec<Entry>,
}

impl Log {
    fn write(&mut self) {
        let entry = Entry {
            seq: Seq(self.events.len() as u64 + 1),
            eid: Eid(self.letters.len() as u64 + 1),
            prev: self.end().eid,
            at: 1,
            body: Bytes::from_static(
                br#"{"type":"conversation.renamed","by":"user:ada","title":"t"}"#,
            ),
        };
        self.events.push(entry.clone());
        self.letters.push(entry);
    }

    fn rewind(&mut self, by: usize) {
        self.events.truncate(self.events.len().saturating_sub(by));
    }

    fn end(&self) -> Position {
        let last = self.events.last();
        Position {
            epoch: EPOCH,
            seq: last.map_or(Seq(0), |last| last.seq),
            eid: last.map_or(Eid(0), |last| last.eid),
            text: None,
        }
    }

    fn after(&self, seq: Seq, limit: usize) -> Vec<Entry> {
        let after = self.events.iter().skip(usize::try_from(seq.0).unwrap());
        after.take(limit).cloned().collect()
    }

    fn has(&self, seq: Seq, eid: Eid) -> bool {
        let front = self.after(Seq(seq.0.saturating_sub(1)), 1);
        seq == Seq(0) || front.first().is_some_and(|front| front.eid == eid)
    }
}

/// A subscription, as far as it matters here.
struct Reader {
    cursor: Cursor,
    seen: Vec<Eid>,
}

impl Reader {
    fn new(feed: &mut Feed, log: &Log) -> Self {
        let mut reader = Self {
            cursor: feed.cursor(log.end()),
            seen: Vec::new(),
        };
        reader.subscribe(feed, log, None);
        reader
    }

    /// As the store resumes: what is missing after a position that it knows, or all.
    fn subscribe(&mut self, feed: &mut Feed, log: &Log, after: Option<Position>) {
        let known = after.filter(|after| log.has(after.seq, after.eid));
        let from = known.map_or(Seq(0), |after| after.seq);
        self.seen.truncate(usize::try_from(from.0).unwrap());
        let missed = log.after(from, usize::MAX);
        self.seen.extend(missed.iter().map(|entry| entry.eid));
        if feed.begin(&log.end(), || None) == Taken::Gap {
            for entry in missed {
                feed.take_event(EPOCH, entry);
            }
        }
        self.cursor = feed.cursor(log.end());
    }

    fn look(&mut self, feed: &mut Feed, log: &Log) {
        // A feed and a reader that disagree about the log settle that within a few turns.
        for _ in 0..100 {
            match feed.next(&mut self.cursor) {
                Next::Frame(frame) => match serde_json::from_str(&frame.json).unwrap() {
                    ServerFrame::Event { event, .. } => {
                        assert_eq!(event.seq.0, self.seen.len() as u64 + 1, "in order, once");
                        self.seen.push(event.eid);
                    }
                    other => panic!("{other:?}"),
                },
                Next::Idle => return,
                Next::EventsBehind => {
                    let page = log.after(self.cursor.seq, 2);
                    match page.first() {
                        Some(first) if first.prev == self.cursor.eid => {
                            for entry in page {
                                self.seen.push(entry.eid);
                                self.cursor.pass(entry.seq, entry.eid, &Change::Nothing);
                            }
                        }
                        _ => self.subscribe(feed, log, Some(self.cursor.position())),
                    }
                }
                Next::Lost => self.subscribe(feed, log, Some(self.cursor.position())),
                other => panic!("{other:?}"),
            }
        }
        panic!("a reader goes round in circles");
    }
}

fn mend(feed: &mut Feed, log: &Log) {
    for _ in 0..100 {
        let Some(before) = feed.standing().filter(|_| feed.is_behind()) else {
            return;
        };
        let page = log.after(Seq(before.at.seq.0.saturating_sub(1)), 3);
        feed.take_page(&before, EPOCH, log.end().seq, page);
    }
    panic!("a feed is never done with mending");
}

#[derive(Debug, Clone)]
enum Step {
    Write,
    Rewind(usize),
    /// Any letter that was ever sent arrives, perhaps again.
    Letter(usize),
    Head(u64),
    /// The log is asked; the answer is on its way.
    Ask,
    Answer,
    Mend,
    Come,
    Look(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Write),
        1 => (1..4_usize).prop_map(Step::Rewind),
        4 => (0..30_usize).prop_map(Step::Letter),
        1 => (0..20_u64).prop_map(Step::Head),
        1 => Just(Step::Ask),
        1 => Just(Step::Answer),
        2 => Just(Step::Mend),
        1 => Just(Step::Come),
        4 => (0..4_usize).prop_map(Step::Look),
    ];
    proptest::collection::vec(step, 0..80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whoever_saw_what_is_gone_is_told(steps in steps()) {
        let mut log = Log::default();
        let mut feed = Feed::new("c".parse().unwrap());
        let mut readers = vec![Reader::new(&mut feed, &log)];
        let mut asked = None;
        for step in steps {
            match step {
                Step::Write => log.write(),
                Step::Rewind(by) => log.rewind(by),
                Step::Letter(back) => {
                    if let Some(letter) = log.letters.iter().rev().nth(back) {
                        feed.take_event(EPOCH, letter.clone());
                    }
                }
                Step::Head(head) => { feed.hear_head(EPOCH, Seq(head), None); }
                Step::Ask => asked = feed.standing().map(|before| (before, log.end())),
                Step::Answer => {
                    if let Some((before, said)) = asked.take() {
                        feed.hear_log(&before, &said);
                    }
                }
                Step::Mend => mend(&mut feed, &log),
                Step::Come => readers.push(Reader::new(&mut feed, &log)),
                Step::Look(reader) => {
                    let reader = reader % readers.len();
                    readers[reader].look(&mut feed, &log);
                }
            }
        }
        // An audit, and time to follow it.
        for _ in 0..3 {
            if let Some(before) = feed.standing() {
                feed.hear_log(&before, &log.end());
            }
            mend(&mut feed, &log);
            for reader in &mut readers {
                reader.look(&mut feed, &log);
            }
        }
        let written: Vec<_> = log.events.iter().map(|event| event.eid).collect();
        for reader in readers {
            prop_assert_eq!(&reader.seen, &written);
        }
    }
}

#[test]
fn a_feed_that_is_overtaken_by_another_log_finds_out() {
    let mut log = Log::default();
    for _ in 0..10 {
        log.write();
    }
    let mut feed = Feed::new("c".parse().unwrap());
    let mut reader = Reader::new(&mut feed, &log);
    log.rewind(3);
    for _ in 0..4 {
        log.write();
    }
    // Of all that was written since, only the last letter arrives: the next number, too.
    let last = log.letters.last().unwrap().clone();
    assert_eq!(last.seq, Seq(11));
    assert_eq!(feed.take_event(EPOCH, last), Taken::Gap);
    assert!(matches!(feed.next(&mut reader.cursor), Next::Idle));
    let before = feed.standing().unwrap();
    let page = log.after(Seq(9), 10);
    assert_eq!(feed.take_page(&before, EPOCH, Seq(11), page), Taken::Lost);
    assert!(matches!(feed.next(&mut reader.cursor), Next::Lost));
}

#[test]
fn a_letter_of_a_lost_log_takes_nothing_from_the_one_there_is() {
    let mut log = Log::default();
    for _ in 0..5 {
        log.write();
    }
    log.rewind(1);
    log.write();
    let mut feed = Feed::new("c".parse().unwrap());
    let mut reader = Reader::new(&mut feed, &log);
    let stale = log.letters[4].clone();
    assert_eq!(feed.take_event(EPOCH, stale), Taken::Gap);
    mend(&mut feed, &log);
    assert!(matches!(feed.next(&mut reader.cursor), Next::Idle));
}

#[test]
fn text_that_has_become_shorter_is_another_log_s() {
    let message: MessageId = "m".parse().unwrap();
    let at = |offset| Position {
        text: Some(TextPosition {
            message: message.clone(),
            part: 0,
            offset,
        }),
        ..Log::default().end()
    };
    let mut feed = Feed::new("c".parse().unwrap());
    let live = || Some(LiveText::new(message.clone(), 0, 0, "four".to_owned()));
    feed.begin(&at(4), live);
    let before = feed.standing().unwrap();
    assert_eq!(feed.hear_log(&before, &at(4)), Taken::Nothing);
    assert_eq!(feed.hear_log(&before, &at(6)), Taken::Gap);
    assert_eq!(feed.hear_log(&before, &at(3)), Taken::Lost);
}

#[test]
fn another_epoch_is_another_log() {
    let mut log = Log::default();
    log.write();
    let mut feed = Feed::new("c".parse().unwrap());
    Reader::new(&mut feed, &log);
    let letter = log.letters[0].clone();
    assert_eq!(feed.take_event(Epoch(8), letter.clone()), Taken::Gap);
    let before = feed.standing().unwrap();
    let taken = feed.take_page(&before, Epoch(8), Seq(1), vec![letter]);
    assert_eq!(taken, Taken::Lost);
}
