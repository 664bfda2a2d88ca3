//! A flow that waits for a time or an event holds up nobody.

use convene_source::Sources;

use super::desk;
use super::tests::{ASSISTANT, goes_with_more, taught, with_assistant};

const FLOWS: &str = "
  book:
    description: To book
    start: {intents: [book]}
    slots:
      treatment: {type: choice, values: [cleaning, filling], entities: [treatment]}
      ok: {type: boolean}
    steps:
      - ask: treatment
      - ask: ok
      - say: booked
      - wait: 72h
      - say: reminder
  visit:
    description: To visit
    start: {intents: [visit]}
    on_cancel: kept
    steps: [{wait: 72h}, {say: rung, next: end}, {id: kept, say: kept}]
  ring:
    description: To be called
    start: {intents: [ring]}
    steps: [{wait: 1h}, {say: rung}]
";

const TEXTS: &str = "ask: {treatment: 'What is it about?', ok: 'Shall I book {treatment}?'}\nbooked: 'Booked {treatment}'\nreminder: 'Soon: {treatment}'\nhours: From nine\nkept: The visit stands\nrung: Ring\n";

fn told(steps: &str) -> Sources {
    let stories = desk::told(steps);
    let flows = desk::flows(&[desk::HOURS], FLOWS);
    let files = with_assistant(ASSISTANT, &flows, TEXTS, &stories);
    let intents = [
        "book", "hours", "ring", "visit", "yes", "no", "cancel", "human", "correct",
    ];
    taught(&files, &intents, "x [cleaning](treatment)")
}

#[test]
fn what_was_wanted_behind_it_begins_when_it_begins_to_wait() {
    goes_with_more(&told(
        "
        {user: 'book a [cleaning](treatment)', intent: book}
        bot: ask.ok
        {user: 'yes, and when are you open', intent: 'yes+hours'}
        bot: Booked cleaning
        bot: convene.next
        bot: hours
        flow: book
        after: 72h
        bot: 'Soon: cleaning'
        ",
    ));
    goes_with_more(&told(
        "
        {user: 'call me, book a [cleaning](treatment) and when are you open', intent: ring+book+hours}
        bot: convene.next
        bot: ask.ok
        after: 1h
        user: 'yes'
        bot: Booked cleaning
        bot: rung
        bot: convene.next
        bot: hours
        ",
    ));
}

#[test]
fn to_want_once_more_what_waits_begins_it_anew() {
    goes_with_more(&told(
        "
        {user: 'book a [cleaning](treatment)', intent: book}
        bot: ask.ok
        user: 'yes'
        bot: Booked cleaning
        {user: I need an appointment, intent: book}
        bot: ask.treatment
        {user: I need an appointment, intent: book}
        bot: ask.treatment
        user: filling
        bot: ask.ok
        user: 'yes'
        bot: Booked filling
        after: 72h
        bot: 'Soon: cleaning'
        bot: 'Soon: filling'
        ",
    ));
}

#[test]
fn what_asks_nothing_would_be_the_same_once_more() {
    goes_with_more(&told(
        "
        {user: call me, intent: ring}
        {user: call me, intent: ring}
        bot: convene.waits
        after: 1h
        bot: rung
        flow: none
        ",
    ));
}

#[test]
fn what_waits_says_itself_what_it_is_to_cancel_it() {
    goes_with_more(&told(
        "
        {user: I come for a visit, intent: visit}
        {user: cancel, intent: cancel}
        bot: kept
        flow: none
        {user: call me, intent: ring}
        {user: cancel, intent: cancel}
        bot: convene.cancelled
        flow: none
        ",
    ));
}
