//! Values beside the names of what they are for, several at once, and those that one question cannot take.

use convene_source::Sources;

use super::{
    desk::{HOURS, flows, told},
    tests::{goes, taught, with_assistant},
};

const ASSISTANT: &str = "name: Test\nlanguages: [en]\nmodel: {use_for: generate}\ngroups: always\ncommands: {affirm: [yes], deny: [no], correct: [correct]}\n";

const FLOWS: &str = "
  table:
    description: To reserve
    start: {intents: [table]}
    slots:
      day: {type: integer, entities: [day]}
      persons: {type: integer, entities: [number]}
      guest: {}
    steps:
      - ask: day
      - ask: persons
      - ask: guest
      - say: table
  order:
    description: To order
    start: {intents: [order]}
    slots:
      size: {type: choice, values: [small, large], entities: [size]}
      pieces: {type: integer, min: 1, label: label.pieces}
      email: {type: email, entities: [email]}
    steps:
      - ask: size
      - ask: pieces
      - ask: email
      - choose:
          text: summary
          options:
            - {label: right, intents: ['yes'], then: done}
            - {label: wrong, intents: ['no'], then: end}
      - {id: done, say: done}
  class:
    description: To join a class
    start: {intents: [class]}
    slots:
      course: {type: choice, values: [yoga, boxing], entities: [course]}
      member: {pattern: '[0-9]{3}', entities: [member]}
    steps: [{ask: course}, {ask: member}, {say: joined}]
  bye:
    description: To leave
    start: {intents: [bye]}
    steps:
      - choose:
          text: leaving
          options:
            - {label: leave, then: end}
            - {label: stay, then: [{say: hours}]}
";

const TEXTS: &str = "ask: {day: 'Which day?', persons: 'How many?', guest: 'Name?', size: 'Which size?', course: 'Which course?', member: 'Which number?', pieces: 'How many pieces?', email: 'Which address?'}
joined: '{course} for {member}'
table: 'Day {day}, {persons}, {guest}'
label: {pieces: Pieces}
summary: '{pieces} {size} to {email}?'
right: That is right
wrong: That is wrong
done: Ordered
hours: From nine
leaving: Leave it?
leave: Leave
stay: Stay
";

fn with(steps: &str) -> Sources {
    // `<3>` is a number that was found.
    let steps = steps
        .replace('<', "[")
        .replace('>', "]{\"entity\":\"number\"}");
    let intents = [
        "table", "order", "class", "hours", "bye", "yes", "no", "correct",
    ];
    let files = with_assistant(ASSISTANT, &flows(&[HOURS], FLOWS), TEXTS, &told(&steps));
    taught(
        &files,
        &intents,
        "x [1](day) [small](size) [yoga](course) [123](member)",
    )
}

#[test]
fn two_wishes_of_one_kind_are_not_mixed() {
    goes(&with(
        "
        {user: 'a table for <2> on [7](day) and one more for <4> on [9](day)', intent: table}
        bot: ask.guest
        slot_was_set: {day: 7, persons: 2}
        user: Ada
        bot: Day 7, 2, Ada
        bot: convene.next
        bot: ask.guest
        slot_was_set: {day: 9, persons: 4}
        user: Bob
        bot: Day 9, 4, Bob
        flow: none
        {user: 'two days: for <2> on [7](day), and for <3> on [8](day) and for <4> on [9](day)', intent: table}
        bot: ask.guest
        user: Ada
        bot: Day 7, 2, Ada
        bot: convene.next
        bot: ask.guest
        user: Bob
        bot: Day 8, 3, Bob
        bot: convene.next
        bot: ask.guest
        user: Cy
        bot: Day 9, 4, Cy
        ",
    ));
}

#[test]
fn of_several_numbers_none_is_guessed_but_the_one_that_is_named() {
    goes(&with(
        "
        {user: 'a table for <2> or <3> on [7](day)', intent: table}
        bot: ask.persons
        user: '<3>'
        bot: ask.guest
        slot_was_set: {persons: 3}
        ",
    ));
    goes(&with(
        "
        {user: '<1> table for <4> persons on [7](day)', intent: table}
        bot: ask.guest
        slot_was_set: {persons: 4}
        ",
    ));
}

#[test]
fn a_number_beside_a_name_is_its_own() {
    goes(&with(
        "
        {user: 'I take <2> pieces, [small](size)', intent: order}
        bot: ask.email
        slot_was_set: {pieces: 2, size: small}
        user: 'make that <3> pieces'
        bot: convene.corrected
        bot: ask.email
        slot_was_set: {pieces: 3}
        user: ada@example.org
        bot: 3 small to ada@example.org?
        user: change the number of pieces to 4
        bot: convene.corrected
        bot: 4 small to ada@example.org?
        user: '5'
        bot: convene.invalid.choice
        bot: 4 small to ada@example.org?
        {user: 'yes, and when are you open?', intent: hours}
        bot: Ordered
        bot: convene.next
        bot: hours
        flow: none
        ",
    ));
}

#[test]
fn a_no_and_a_wish_are_both() {
    let asked = "
        {user: 'I take <2> pieces, [small](size)', intent: order}
        bot: ask.email
        user: ada@example.org
        bot: summary
        ";
    for said in ["no, when are you open?", "no and when are you open?"] {
        goes(&with(&format!(
            "{asked}
            {{user: '{said}', intent: hours}}
            bot: convene.next
            bot: hours
            flow: none
            "
        )));
    }
}

#[test]
fn one_of_a_list_is_said_by_its_place_and_what_asks_again() {
    goes(&with(
        "
        {user: order, intent: order}
        bot: ask.size
        user: What?
        bot: ask.size
        user: the third one
        bot: convene.invalid.choice
        bot: ask.size
        user: the second one, please
        bot: ask.pieces
        slot_was_set: {size: large}
        user: '<2>'
        bot: ask.email
        user: ada@example.org
        bot: summary
        user: the first option
        bot: Ordered
        ",
    ));
}

#[test]
fn what_waits_below_is_answered_where_nothing_else_is_said() {
    goes(&with(
        "
        {user: 'I take [small](size)', intent: order}
        bot: ask.pieces
        {user: all of them, intent: bye}
        bot: leaving
        user: some more of it
        bot: convene.invalid.choice
        bot: leaving
        user: '<3>, please'
        bot: ask.email
        ended: {bye: dropped}
        slot_was_set: {pieces: 3}
        ",
    ));
}

#[test]
fn a_name_that_looks_like_a_wish_is_a_name() {
    goes(&with(
        "
        {user: 'a table for <2> on [7](day)', intent: table}
        bot: ask.guest
        {user: 'sorry, on [8](day)', torn: [hours, correct]}
        bot: convene.corrected
        bot: ask.guest
        slot_was_set: {day: 8}
        {user: 'No, the [9](day) would be better', torn: [hours, 'no']}
        bot: convene.corrected
        bot: ask.guest
        slot_was_set: {day: 9, guest: null}
        user: What?
        bot: ask.guest
        user: Eve
        bot: Day 9, 2, Eve
        ",
    ));
}

#[test]
fn of_several_values_that_were_not_asked_for_none_is_guessed() {
    goes(&with(
        "
        {user: '[yoga](course) or [boxing](course)', intent: class}
        bot: ask.course
        user: boxing
        bot: ask.member
        user: '123'
        bot: boxing for 123
        {user: '[yoga](course), numbers [123](member) and [456](member)', intent: class}
        bot: ask.member
        user: '456'
        bot: yoga for 456
        ",
    ));
}

#[test]
fn what_is_said_once_beside_a_list_is_for_each() {
    goes(&with(
        "
        {user: '[yoga](course) and [boxing](course) for [123](member)', intent: class}
        bot: yoga for 123
        bot: convene.next
        bot: boxing for 123
        ",
    ));
}

#[test]
fn a_choice_is_changed_by_words_that_say_so() {
    goes(&with(
        "
        {user: to order, intent: order}
        bot: ask.size
        user: a large
        bot: ask.pieces
        {user: change that order to a small one, intent: order}
        bot: convene.corrected
        bot: ask.pieces
        slot_was_set: {size: small}
        user: '3'
        bot: ask.email
        user: ada@example.org
        bot: summary
        user: make it large instead
        bot: convene.corrected
        bot: summary
        slot_was_set: {size: large, pieces: 3}
        {user: is it large, intent: hours}
        bot: hours
        bot: convene.resumed
        bot: summary
        slot_was_set: {size: large}
        ",
    ));
}
