//! "Actually no": what is asked for again where something is said to be wrong, and no value is said instead.

use super::{
    desk::told,
    tests::{ASSISTANT, goes_with_more, taught, with_assistant},
};

const FLOWS: &str = "
flows:
  book:
    description: To book
    start: {intents: [book]}
    slots:
      kind: {entities: [kind]}
      day: {type: integer, entities: [day]}
      name: {type: integer}
      note: {type: integer, entities: [note]}
    steps:
      - branch:
          - if: kind == \"short\"
            then: [{say: short, next: end}]
      - ask: day
      - branch:
          - if: kind == \"long\"
            then:
              - ask: note
      - ask: name
      - say: booked
";

const TEXTS: &str = "ask: {day: 'Day?', name: 'Name?', note: 'Note?'}\nshort: Short\nbooked: 'Booked {kind} {day} {name} {note}'\n";

#[track_caller]
fn go(steps: &str) {
    let files = with_assistant(ASSISTANT, FLOWS, TEXTS, &told(steps));
    let intents = ["book", "yes", "no", "human", "cancel", "correct"];
    goes_with_more(&taught(&files, &intents, "x [y](kind) [1](day) [1](note)"));
}

#[test]
fn what_no_step_asks_for_is_not_emptied() {
    go("
        {user: 'a [big](kind) one', intent: book}
        bot: ask.day
        {user: actually no, intent: correct}
        bot: convene.invalid.integer
        bot: ask.day
        slot_was_set: {kind: big}
        ");
    go("
        {user: 'a [big](kind) one', intent: book}
        bot: ask.day
        user: '[7](day)'
        bot: ask.name
        user: 'it is [huge](kind)'
        bot: convene.corrected
        bot: ask.name
        {user: actually no, intent: correct}
        bot: convene.rejected
        bot: ask.day
        slot_was_set: {kind: huge}
        ");
}

#[test]
fn what_the_way_never_comes_by_is_not_emptied() {
    go("
        {user: 'a [big](kind) one on [7](day)', intent: book}
        bot: ask.name
        user: 'note [3](note)'
        bot: ask.name
        {user: actually no, intent: correct}
        bot: convene.rejected
        bot: ask.day
        slot_was_set: {kind: big, note: 3}
        ");
}

#[test]
fn what_was_asked_for_is_asked_for_again_also_where_not_every_way_comes_by() {
    go("
        {user: 'a [long](kind) one on [7](day)', intent: book}
        bot: ask.note
        user: '3'
        bot: ask.name
        {user: actually no, intent: correct}
        bot: convene.rejected
        bot: ask.note
        slot_was_set: {kind: long, day: 7, note: null}
        ");
}

#[test]
fn a_value_that_is_said_to_be_wrong_is_none_any_more() {
    go("
        {user: 'a [big](kind) one on [7](day)', intent: book}
        bot: ask.name
        {user: 'no, not [big](kind)', intent: correct}
        bot: convene.rejected
        bot: ask.name
        slot_was_set: {kind: null, day: 7}
        ");
}
