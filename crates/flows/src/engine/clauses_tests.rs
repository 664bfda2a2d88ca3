//! Messages with several wishes, and wishes for several values.

use super::{
    Clause, Decision, Entity, Heard, Ranked,
    desk::{HOURS, TRACK, flows, told},
    tests::{taught, with_assistant},
};
use crate::story::{Hearing, Story, Utterance, run, tests::load};

const ASSISTANT: &str = "name: Test\nlanguages: [en]\nmodel: {use_for: generate}\ncommands: {cancel: [cancel], affirm: [yes], deny: [no], correct: [correct], human: [human]}\n";

const FLOWS: &str = "
  back:
    description: To send back
    start: {intents: [back]}
    slots:
      order: {pattern: '[A-Z]{2}[0-9]{2}', entities: [order]}
      why: {type: choice, values: [broken, wrong], entities: [why]}
    steps:
      - ask: order
      - ask: why
      - say: sent
  note:
    description: To note something
    start: {intents: [note]}
    slots: {words: {}}
    steps: [{ask: words}, {say: noted}]
  buy:
    description: To buy
    start: {intents: [buy]}
    slots: {sure: {type: boolean}}
    steps: [{ask: sure}, {say: bought}]
";

const TEXTS: &str = "ask: {order: 'Order?', why: 'Why?', words: 'Words?', sure: 'Sure?'}\ntracked: 'Tracked {order}'\nsent: 'Sent {order}, {why}'\nhours: 'From nine'\nnoted: 'Noted: {words}'\nbought: Bought\n";

/// What a clause of the tests means.
fn meant(clause: &str) -> Option<&'static str> {
    let known = [
        ("track", "track"),
        ("return", "back"),
        ("open", "hours"),
        ("note", "note"),
        ("cancel", "cancel"),
        ("yes", "yes"),
        ("wrong", "correct"),
        ("sure", "buy"),
        ("person", "human"),
    ];
    let mut known = known.into_iter();
    known.find_map(|(word, intent)| clause.contains(word).then_some(intent))
}

/// Clauses stand between commas and between `and`s; orders are two capitals with two digits, and broken is broken.
fn heard(said: Utterance<'_>) -> Heard {
    let text = said.text;
    let place = |part: &str| {
        let start = part.as_ptr().addr() - text.as_ptr().addr();
        (start, start + part.len())
    };
    let clauses: Vec<_> = text
        .split(", ")
        .flat_map(|part| part.split("? "))
        .flat_map(|part| part.split(" and "))
        .filter_map(|part| {
            let (start, end) = place(part);
            let meant = Ranked {
                intent: meant(part)?.into(),
                confidence: 0.9,
                score: None,
            };
            Some(Clause { start, end, meant })
        })
        .collect();
    let entities = text
        .split(|c: char| !c.is_alphanumeric())
        .filter_map(|word| {
            let is_order = word.len() == 4 && word.ends_with(|c: char| c.is_ascii_digit());
            let name = if is_order { "order" } else { "why" };
            let (start, end) = place(word);
            (is_order || word == "broken").then(|| Entity {
                name: name.into(),
                value: word.into(),
                role: None,
                start: Some(start),
                end: Some(end),
                wish: None,
            })
        })
        .collect();
    // What is told is no one wish.
    let whole = clauses.first().filter(|_| !text.starts_with("that"));
    let whole = whole.map(|clause| clause.meant.clone());
    Heard {
        text: text.to_owned(),
        decision: if whole.is_some() {
            Decision::Sure
        } else {
            Decision::Lost
        },
        intents: whole.into_iter().collect(),
        clauses: if clauses.len() > 1 {
            clauses
        } else {
            Vec::new()
        },
        entities,
        ..Heard::default()
    }
}

/// What is said to these messages, one after the other.
#[track_caller]
fn goes_heard(steps: &str) {
    let intents = [
        "track", "back", "hours", "note", "cancel", "yes", "no", "correct", "buy", "human",
    ];
    let sources = with_assistant(
        ASSISTANT,
        &flows(&[TRACK, HOURS], FLOWS),
        TEXTS,
        &told(steps),
    );
    let sources = taught(&sources, &intents, "x [AB12](order) [broken](why)");
    let (stories, faults) = Story::all(&sources);
    assert_eq!(faults, []);
    let hearing = Hearing::Understood {
        by: &heard,
        always: true,
    };
    let report = run(&load(&sources), &stories, hearing);
    assert_eq!(report.failures(), 0, "{report}");
}

#[test]
fn each_clause_is_a_wish_with_what_was_said_in_it() {
    goes_heard(
        "
        user: when are you open and track AB12
        bot: From nine
        bot: convene.next
        bot: Tracked AB12
        user: return AB12, broken and track CD34
        bot: Sent AB12, broken
        bot: convene.next
        bot: Tracked CD34
        user: track CD34 and return AB12
        bot: Tracked CD34
        bot: convene.next
        bot: 'Why?'
        user: broken
        bot: Sent AB12, broken
        ",
    );
}

#[test]
fn a_wish_beside_what_runs_keeps_what_was_said_for_it() {
    goes_heard(
        "
        user: return AB12
        bot: 'Why?'
        user: return it, track CD34
        bot: Tracked CD34
        bot: convene.resumed
        bot: 'Why?'
        user: broken
        bot: Sent AB12, broken
        ",
    );
}

#[test]
fn to_cancel_and_to_want_something_else_is_both() {
    goes_heard(
        "
        user: return AB12
        bot: 'Why?'
        user: cancel, track CD34 instead
        bot: convene.cancelled
        bot: Tracked CD34
        user: cancel, track AB12
        bot: Tracked AB12
        flow: none
        ",
    );
}

#[test]
fn courtesy_answers_and_free_text_are_no_wishes() {
    goes_heard(
        "
        user: open up, track AB12
        bot: Tracked AB12
        user: open now? track AB12
        bot: From nine
        bot: convene.next
        bot: Tracked AB12
        user: please note
        bot: 'Words?'
        user: that it is open late and they return my calls
        bot: 'Noted: that it is open late and they return my calls'
        user: yes and when are you open and track AB12
        bot: convene.handoff
        ",
    );
}

#[test]
fn what_stands_within_a_wish_answers_nothing() {
    goes_heard(
        "
        user: return AB12
        bot: 'Why?'
        user: when are you open for a broken one
        bot: From nine
        bot: convene.resumed
        bot: 'Why?'
        user: it is broken, when are you open
        bot: Sent AB12, broken
        bot: convene.next
        bot: From nine
        ",
    );
}

#[test]
fn what_is_said_anew_and_is_as_it_was_changes_nothing() {
    goes_heard(
        "
        user: return broken
        bot: 'Order?'
        user: wrong, it is broken
        bot: convene.unchanged
        bot: 'Order?'
        user: AB12
        bot: Sent AB12, broken
        ",
    );
}

#[test]
fn a_list_of_values_is_a_wish_for_each() {
    goes_heard(
        "
        user: track AB12 and CD34
        bot: Tracked AB12
        bot: convene.next
        bot: Tracked CD34
        user: track AB12, CD34, AB12 and also EF56
        bot: Tracked AB12
        bot: convene.next
        bot: Tracked CD34
        bot: convene.next
        bot: Tracked EF56
        user: track AB12 instead of CD34
        bot: Tracked AB12
        user: please track AB12 and please track CD34
        bot: Tracked AB12
        bot: convene.next
        bot: Tracked CD34
        ",
    );
}

#[test]
fn a_yes_and_a_wish_are_both() {
    goes_heard(
        "
        user: sure thing
        bot: 'Sure?'
        user: yes, and track CD34
        bot: Bought
        bot: convene.next
        bot: Tracked CD34
        user: sure thing
        bot: 'Sure?'
        user: yes
        bot: Bought
        ",
    );
}

#[test]
fn what_is_wanted_beside_a_person_follows() {
    goes_heard(
        "
        user: person, track AB12
        bot: convene.handoff
        bot: convene.queued
        handoff: support
        flow: none
        user: when are you open
        bot: convene.next
        bot: Tracked AB12
        bot: From nine
        ",
    );
}

#[test]
fn of_three_wishes_and_of_three_values_none_is_lost() {
    goes_heard(
        "
        user: track AB12 and CD34 and EF56
        bot: Tracked AB12
        bot: convene.next
        bot: Tracked CD34
        bot: convene.next
        bot: Tracked EF56
        user: return AB12, track CD34 and return EF56
        bot: 'Why?'
        user: broken
        bot: Sent AB12, broken
        bot: convene.next
        bot: Tracked CD34
        bot: convene.next
        bot: 'Why?'
        user: broken
        bot: Sent EF56, broken
        flow: none
        ",
    );
}

#[test]
fn of_values_in_two_parts_that_are_one_wish_none_is_guessed() {
    goes_heard(
        "
        user: where AB12 is and can I return CD34
        bot: 'Order?'
        user: CD34
        bot: 'Why?'
        user: broken
        bot: Sent CD34, broken
        ",
    );
}
