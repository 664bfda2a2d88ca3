//! Nothing is open and somebody nods; the fallback's menu holds nobody; what happened is told; and silence.

use convene_source::Sources;

use super::{
    desk::{HOURS, TRACK, flows, told},
    tests::{goes, taught, with_assistant},
};

const ASSISTANT: &str = "name: Test\nlanguages: [en]\nmodel: {use_for: generate}\nfallback: lost\ngroups: always\ncommands: {affirm: [yes], deny: [no], correct: [correct], cancel: [cancel]}\n";

const FLOWS: &str = "
  note:
    description: To note something
    start: {intents: [note]}
    slots: {words: {}}
    steps: [{ask: words}, {say: noted}]
  book:
    description: To book
    start: {intents: [book]}
    slots:
      persons: {type: integer, entities: [number]}
      phone: {type: phone}
      size: {type: choice, values: [small, large], entities: [size]}
    on_cancel: left
    steps: [{ask: persons}, {ask: phone}, {ask: size}, {say: booked, next: end}, {id: left, say: left}]
  lost:
    description: Nothing was understood
    steps:
      - say: lost
      - choose:
          text: menu
          options:
            - {label: open, intents: [hours], then: [{say: hours}]}
            - {label: nothing, then: end}
          tries: 2
";

const TEXTS: &str = "ask: {order: 'Order?', words: 'Words?', persons: 'How many?', phone: 'Phone?', size: 'Which size?'}
tracked: 'Tracked {order}'
noted: 'Noted: {words}'
booked: 'Booked for {persons}, {phone}, {size}'
left: Nothing is booked
hours: From nine
lost: I did not get that
menu: What now?
open: Opening hours
nothing: Nothing
";

fn with(steps: &str) -> Sources {
    let intents = [
        "track", "note", "book", "hours", "yes", "no", "correct", "cancel",
    ];
    let files = with_assistant(
        ASSISTANT,
        &flows(&[TRACK, HOURS], FLOWS),
        TEXTS,
        &told(steps),
    );
    taught(&files, &intents, "x [AB12](order) [small](size)")
}

#[test]
fn a_nod_while_nothing_is_open_is_answered() {
    goes(&with(
        "
        user: 'yes'
        bot: convene.nothing_open
        {user: 'no', intent: 'no'}
        bot: convene.nothing_open
        user: ok, thx!
        bot: convene.nothing_open
        flow: none
        user: cheese
        bot: lost
        bot: menu
        user: more cheese
        bot: convene.invalid.choice
        bot: menu
        ",
    ));
}

#[test]
fn the_menu_of_what_was_not_understood_holds_nobody() {
    goes(&with(
        "
        {user: 'where is [AB12](order)', intent: track}
        bot: Tracked AB12
        user: cheese
        bot: lost
        bot: menu
        user: 'and [CD34](order)?'
        bot: Tracked CD34
        flow: none
        user: cheese
        bot: lost
        bot: menu
        {user: 'ok', intent: 'yes'}
        bot: convene.nothing_open
        flow: none
        user: cheese
        bot: lost
        bot: menu
        {user: a table, intent: book}
        bot: ask.persons
        ended: {lost: dropped}
        user: '3'
        bot: ask.phone
        ",
    ));
    goes(&with(
        "
        user: cheese
        bot: lost
        bot: menu
        {user: when are you open, intent: hours}
        bot: hours
        ended: {lost: completed}
        ",
    ));
}

#[test]
fn what_happened_is_told_and_is_no_wish() {
    goes(&with(
        "
        {user: note, intent: note}
        bot: ask.words
        {user: 'I already sent [AB12](order) back, where is my money?', intent: track}
        bot: 'Noted: I already sent AB12 back, where is my money?'
        {user: note, intent: note}
        bot: ask.words
        {user: 'the driver of my order [AB12](order) came late and was rude', intent: track}
        bot: 'Noted: the driver of my order AB12 came late and was rude'
        {user: note, intent: note}
        bot: ask.words
        {user: 'hi, where is [AB12](order)?', intent: track}
        bot: Tracked AB12
        bot: convene.resumed
        bot: ask.words
        ",
    ));
}

#[test]
fn a_number_in_passing_corrects_nothing_that_it_does_not_say() {
    let number =
        |text: &str, value: u8| format!("[{text}]{{\"entity\":\"number\",\"value\":\"{value}\"}}");
    let one = number("one", 1);
    goes(&with(&format!(
        "
        {{user: 'a table for [2]{{\"entity\":\"number\",\"value\":\"2\"}}', intent: book}}
        bot: ask.phone
        user: I don't have {one}
        bot: convene.invalid.phone
        bot: ask.phone
        {{user: 'do I need {one} to know the hours', intent: hours}}
        bot: hours
        bot: convene.resumed
        bot: ask.phone
        slot_was_set: {{persons: 2}}
        user: we are {}
        bot: convene.corrected
        bot: ask.phone
        slot_was_set: {{persons: 3}}
        user: '030 1234567'
        bot: ask.size
        user: small pls
        bot: Booked for 3, 0301234567, small
        ",
        number("3", 3),
    )));
    goes(&with(&format!(
        "
        {{user: a table, intent: book}}
        bot: ask.persons
        {{user: 'not {one} hour, when are you open', intent: hours}}
        bot: hours
        bot: convene.resumed
        bot: ask.persons
        slot_was_set: {{persons: null}}
        "
    )));
}

#[test]
fn cancelled_in_one_word_is_cancelled_and_says_so_before_anything_else() {
    goes(&with(
        "
        {user: a table, intent: book}
        bot: ask.persons
        {user: 'forget it, when are you open', intent: cancel+hours}
        bot: convene.cancelled
        bot: left
        bot: convene.next
        bot: hours
        flow: none
        {user: note, intent: note}
        bot: ask.words
        {user: 'forget it, when are you open', intent: cancel+hours}
        bot: convene.cancelled
        bot: hours
        ",
    ));
}
