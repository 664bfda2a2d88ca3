//! The agent `flow` alone, without a server: what it remembers, whichever of its notes was its last.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod counter;
mod others;
mod pending;
mod people;
mod plain;

use std::time::Duration;

use convene_agent::{
    ConversationId, ErrorKind, MessageId, Note, RunId,
    testing::{Rehearsal, Said},
};
use convene_agent_worker::agents::flow::{FACTS, FlowAgent};
use convene_runtime::Tasks;
use counter::Counter;
use plain::{keep, load};
use tempfile::TempDir;

/// A conversation with the desk, which answers each thing with all that it keeps.
struct Talk {
    agent: FlowAgent,
    conversation: ConversationId,
    counter: Counter,
    notes: Vec<Note>,
    _project: TempDir,
    _tasks: Tasks,
}

/// What is said in one run, and what an earlier attempt at it, and a run before it that failed, have noted.
struct Asked<'a> {
    run: RunId,
    messages: Vec<MessageId>,
    texts: &'a [&'a str],
    in_vain: &'a [Note],
    before_failing: &'a [Note],
}

impl<'a> Asked<'a> {
    fn first(texts: &'a [&'a str]) -> Self {
        Self {
            run: RunId::random(),
            messages: texts.iter().map(|_| MessageId::random()).collect(),
            texts,
            in_vain: &[],
            before_failing: &[],
        }
    }
}

/// So that messages are understood, and times in them.
const TRAINING_DATA: &str = r#"
nlu:
  - intent: greet
    examples: |
      - hello
      - good morning
  - intent: thank
    examples: |
      - thank you
      - many thanks
"#;

impl Talk {
    async fn begin() -> Self {
        Self::with(Counter::flows).await
    }

    /// With these flows.
    async fn with(flows: fn(&Counter) -> String) -> Self {
        let counter = Counter::open().await;
        let files = [
            ("assistant.yaml", include_str!("desk/assistant.yaml")),
            ("flows/keep.yaml", &flows(&counter)),
            ("texts/en.yaml", include_str!("desk/texts/en.yaml")),
            ("nlu/en.yaml", TRAINING_DATA),
        ];
        let (agent, project, tasks) = load(serde_json::json!({}), &files);
        let mut talk = Self {
            agent,
            _tasks: tasks,
            conversation: ConversationId::random(),
            counter,
            notes: Vec::new(),
            _project: project,
        };
        assert_eq!(talk.says(&["hello"]).await, "What is it?");
        talk
    }

    /// An attempt, of which nothing stays.
    async fn tries(&self, asked: &Asked<'_>) -> Said {
        let scene = Rehearsal::new("").with(|context| {
            context.run = asked.run.clone();
            context.conversation.id = self.conversation.clone();
            context.notes = self.notes.clone();
            context.noted_in_vain = asked.in_vain.to_vec();
            context.noted_before_failing = asked.before_failing.to_vec();
            let one = context.inputs.remove(0);
            let said = asked.messages.iter().zip(asked.texts);
            context.inputs.extend(said.map(|(message, text)| {
                let mut input = one.clone();
                input.id = message.clone();
                input.parts = vec![convene_agent::Part::Text {
                    text: (*text).to_owned(),
                }];
                input
            }));
        });
        scene.perform(&self.agent).await
    }

    /// Says these in one run, and that run ends well.
    async fn says(&mut self, texts: &[&str]) -> String {
        let said = self.tries(&Asked::first(texts)).await;
        assert_eq!(said.result, Ok(()));
        keep(&mut self.notes, &said.notes);
        said.messages.concat()
    }

    /// What another message would be answered now.
    async fn would_answer(&self, text: &str) -> String {
        let said = self.tries(&Asked::first(&[text])).await;
        assert_eq!(said.result, Ok(()));
        said.messages.concat()
    }
}

#[tokio::test]
async fn a_long_conversation_is_remembered_over_its_bases() {
    let mut talk = Talk::begin().await;
    let mut told = String::new();
    let (mut bases, mut most) = (0, 0);
    for count in 1..=30 {
        told = format!("{told} t{count}");
        let answer = talk.says(&[&format!("t{count}")]).await;
        assert_eq!(answer, format!("{count}:{told}. What is it?"));
        bases += usize::from(talk.notes.last().unwrap().base);
        most = most.max(talk.notes.len());
    }
    assert!(bases > 1, "{bases} bases");
    assert!(most < 40, "{most} notes are read");
}

#[tokio::test]
async fn an_attempt_goes_on_from_any_note_of_a_dead_one() {
    let mut talk = Talk::begin().await;
    talk.says(&["a"]).await;
    for texts in [&["b"][..], &["b", "c", "d"]] {
        let mut asked = Asked::first(texts);
        talk.counter.forget();
        let whole = talk.tries(&asked).await;
        let calls = talk.counter.keys();
        assert_eq!(calls.len(), texts.len());
        let after = {
            let notes = talk.notes.clone();
            keep(&mut talk.notes, &whole.notes);
            let after = talk.would_answer("e").await;
            talk.notes = notes;
            after
        };
        let mut asked_again = Vec::new();
        for noted in 0..=whole.notes.len() {
            asked.in_vain = &whole.notes[..noted];
            talk.counter.forget();
            let second = talk.tries(&asked).await;
            assert_eq!(second.messages, whole.messages, "after {noted} notes");
            let again = talk.counter.keys();
            assert!(calls.ends_with(&again), "after {noted} notes: {again:?}");
            asked_again.push(again.len());
            // And from what this one has noted the next run goes on.
            let notes = talk.notes.clone();
            keep(&mut talk.notes, &second.notes);
            assert_eq!(talk.would_answer("e").await, after, "after {noted} notes");
            talk.notes = notes;
        }
        assert!(asked_again.is_sorted_by(|one, next| one >= next));
        assert_eq!(
            (asked_again[0], *asked_again.last().unwrap()),
            (texts.len(), 0)
        );
    }
}

#[tokio::test]
async fn the_next_attempt_hears_what_the_dead_one_has_heard() {
    let talk = Talk::begin().await;
    let mut asked = Asked::first(&["call me in ten seconds from now"]);
    let whole = talk.tries(&asked).await;
    let heard = serde_json::to_string(&whole.notes).unwrap();
    assert!(heard.contains("second"), "no time was understood: {heard}");
    // By now, "now" is another time.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    asked.in_vain = &whole.notes;
    talk.counter.forget();
    let second = talk.tries(&asked).await;
    assert_eq!(second.messages, whole.messages);
    assert_eq!(talk.counter.keys(), Vec::<String>::new());
}

#[tokio::test]
async fn a_turn_that_was_stopped_goes_on_at_the_call_that_it_was_at() {
    let mut talk = Talk::begin().await;
    talk.says(&["a"]).await;
    talk.counter.forget();
    let whole = talk.tries(&Asked::first(&["b", "c"])).await;
    let keys = talk.counter.keys();
    let mut answers = Vec::new();
    let mut counts = Vec::new();
    for noted in 0..=whole.notes.len() {
        let notes = talk.notes.clone();
        keep(&mut talk.notes, &whole.notes[..noted]);
        talk.counter.forget();
        answers.push(talk.would_answer("e").await);
        // What was answered is not handed in again, and what was begun is, under its key; what follows is another thing.
        let again = talk.counter.keys();
        let (next, begun) = again.split_last().unwrap();
        assert!(
            begun.iter().all(|key| keys.contains(key)),
            "after {noted} notes"
        );
        assert!(!keys.contains(next), "after {noted} notes");
        counts.push(begun.len());
        talk.notes = notes;
    }
    counts.dedup();
    assert_eq!(counts, [0, 1, 0, 1, 0]);
    answers.dedup();
    let is = |count: usize, things: &str| format!("{count}: {things}. What is it?");
    let expected = [
        is(2, "a e"),
        is(2, "a b") + &is(3, "a b e"),
        is(3, "a b e"),
        is(3, "a b c") + &is(4, "a b c e"),
        is(4, "a b c e"),
    ];
    assert_eq!(answers, expected);
}

#[tokio::test]
async fn what_a_run_did_before_it_failed_for_good_is_not_done_again() {
    let mut talk = Talk::begin().await;
    talk.says(&["a"]).await;
    talk.counter.forget();
    let failed = talk.tries(&Asked::first(&["b", "c"])).await;
    let keys = talk.counter.keys();
    let mut answers = Vec::new();
    for noted in 0..=failed.notes.len() {
        let mut asked = Asked::first(&["e"]);
        asked.before_failing = &failed.notes[..noted];
        talk.counter.forget();
        let next = talk.tries(&asked).await;
        answers.push(next.messages.concat());
        let again = talk.counter.keys();
        assert_eq!(again.len(), 1, "after {noted} notes");
        let has_more = answers.last() != answers.first();
        assert!(
            !has_more || !keys.contains(&again[0]),
            "after {noted} notes"
        );
        // Another attempt at that run goes the same way, and so does what comes after it.
        asked.in_vain = &next.notes;
        assert_eq!(talk.tries(&asked).await.messages, next.messages);
        let notes = talk.notes.clone();
        keep(&mut talk.notes, &next.notes);
        assert!(talk.would_answer("f").await.contains(" e f"));
        talk.notes = notes;
    }
    answers.dedup();
    let is = |count: usize, things: &str| format!("{count}: {things}. What is it?");
    let expected = [
        is(2, "a e"),
        is(2, "a b") + &is(3, "a b e"),
        is(3, "a b c") + &is(4, "a b c e"),
    ];
    assert_eq!(answers, expected);
}

#[tokio::test]
async fn a_fact_that_is_not_known_is_a_newer_workers() {
    let mut talk = Talk::begin().await;
    let fact = serde_json::json!([{ "type": "slot.forgotten", "slot": "kept" }]);
    talk.notes.push(Note {
        name: FACTS.parse().unwrap(),
        value: fact,
        base: false,
    });
    let said = talk.tries(&Asked::first(&["a"])).await;
    assert_eq!(said.result.unwrap_err().kind, ErrorKind::FromTheFuture);
    assert!(said.messages.is_empty() && said.notes.is_empty());
}

#[tokio::test]
async fn a_call_of_which_nobody_knows_is_made_again_under_its_key() {
    let mut talk = Talk::begin().await;
    talk.says(&["a"]).await;
    talk.counter.forget();
    // Runs of which nothing stays: they failed, or were stopped before the answer came.
    for thing in ["b", "b", "c", "b"] {
        talk.would_answer(thing).await;
    }
    let keys = talk.counter.keys();
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[0], keys[2], "another thing is no repetition");
    assert_eq!(keys[0], keys[3]);
    assert!(keys[0].starts_with(talk.conversation.as_str()));
}
