//! What an answer is to: the question that is open, one below it, an earlier one, or none.

use convene_source::Sources;

use super::{
    desk::{self, HOURS, TRACK, flows},
    tests::{goes_with_more, taught, with_assistant},
};

const ASSISTANT: &str = "name: Test\nlanguages: [en]\nmodel: {use_for: generate}\nfallback: lost\ngroups: always\ncommands: {affirm: ['yes'], deny: ['no'], correct: [correct], cancel: [cancel], repeat: [repeat], human: [human]}\n";

const FLOWS: &str = "
  book:
    description: To book
    start: {intents: [book]}
    slots:
      course: {type: choice, values: [yoga, boxing], entities: [course]}
      day: {type: integer, min: 2, entities: [day]}
      hour: {type: integer, entities: [hour], depends_on: [day]}
      reason: {}
    steps: [{ask: day}, {ask: hour}, {ask: course}, {ask: reason}, {say: booked}]
  survey:
    description: To say how it was
    start: {intents: [survey]}
    slots: {stars: {type: integer, max: 5}}
    steps: [{ask: stars}, {say: thanks}]
  ship:
    description: To have something sent
    start: {intents: [ship]}
    slots: {city: {type: choice, values: [Rome, Paris], entities: [city]}}
    steps: [{ask: city}, {say: sending}, {wait: {event: paid}}, {say: sent}]
  greet:
    description: To greet
    start: {intents: [greet]}
    steps:
      - say: hello
      - choose:
          text: menu
          options:
            - {label: open, intents: [hours], then: [{flow: hours}]}
            - {label: nothing, then: end}
  lost:
    description: Nothing was understood
    steps: [{say: lost}]
  cart:
    description: To fill a cart
    start: {intents: [cart]}
    slots:
      item: {type: choice, values: [funghi, salami], entities: [item]}
      pieces: {type: integer, entities: [pieces]}
      more: {type: boolean}
      street: {}
    steps:
      - {id: item, ask: item}
      - ask: pieces
      - say: added
      - set: {item: null, pieces: null, more: null}
      - ask: more
      - branch:
          - if: more
            then: item
          - else: [{ask: {slot: street, confirm: right}}]
      - say: ordered
";

const TEXTS: &str = "ask: {order: 'Order?', course: 'Which course?', day: 'Which day?', hour: 'Which hour?', reason: 'Why?', stars: 'How many stars?', city: 'Which city?', item: 'Which pizza?', pieces: 'How many?', more: 'Anything else?', street: 'Which street?'}
tracked: 'Tracked {order}'
booked: 'Booked {course}, day {day}, {hour}, {reason}'
thanks: 'Thanks for {stars}'
sending: 'Sending to {city}'
sent: 'Sent to {city}'
hello: Hello
menu: What now?
open: Opening hours
nothing: Nothing
hours: From nine
lost: I did not get that
added: 'Added {pieces} {item}'
right: '{street}: right?'
ordered: 'Ordered to {street}'
";

fn told(steps: &str) -> Sources {
    let intents = [
        "track", "book", "survey", "ship", "greet", "hours", "cart", "yes", "no", "correct",
        "cancel", "repeat", "human",
    ];
    let files = with_assistant(
        ASSISTANT,
        &flows(&[TRACK, HOURS], FLOWS),
        TEXTS,
        &desk::told(steps),
    );
    let example =
        "x [AB12](order) [yoga](course) [3](day) [6](hour) [Rome](city) [funghi](item) [2](pieces)";
    taught(&files, &intents, example)
}

#[test]
fn an_entity_that_is_the_message_is_an_answer_whatever_it_is_taken_for() {
    for taken_for in ["repeat", "cancel", "human", "hours"] {
        goes_with_more(&told(&format!(
            "
            {{user: book, intent: book}}
            bot: ask.day
            {{user: '[saturday]{{\"entity\":\"day\",\"value\":\"6\"}}, please', intent: {taken_for}}}
            bot: ask.hour
            "
        )));
    }
}

#[test]
fn what_fits_no_question_on_top_and_one_below_is_an_answer_to_that() {
    goes_with_more(&told(
        "
        {user: track, intent: track}
        bot: ask.order
        {user: hi, intent: greet}
        bot: hello
        bot: menu
        user: '[AB12](order)'
        bot: Tracked AB12
        flow: none
        ",
    ));
    goes_with_more(&told(
        "
        {user: track, intent: track}
        bot: ask.order
        {user: survey, intent: survey}
        bot: ask.stars
        user: AB12
        bot: Tracked AB12
        bot: convene.resumed
        bot: ask.stars
        user: '9'
        bot: convene.invalid.above
        bot: ask.stars
        user: '4'
        bot: thanks
        ",
    ));
}

#[test]
fn a_menu_of_what_only_greets_holds_nobody() {
    goes_with_more(&told(
        "
        {user: hi, intent: greet}
        bot: hello
        bot: menu
        {user: 'where is [AB12](order)', intent: track}
        bot: Tracked AB12
        flow: none
        {user: hi, intent: greet}
        bot: hello
        bot: menu
        user: Opening hours
        bot: hours
        ",
    ));
}

#[test]
fn a_value_that_is_said_with_a_correction_stays_whatever_it_depends_on() {
    goes_with_more(&told(
        "
        {user: 'book on [4](day)', intent: book}
        bot: ask.hour
        {user: 'day [5](day) at [7](hour)', intent: correct}
        bot: convene.corrected
        bot: ask.course
        slot_was_set: {day: 5, hour: 7}
        ",
    ));
    goes_with_more(&told(
        "
        {user: 'book on [4](day)', intent: book}
        bot: ask.hour
        user: 'day [5](day) at [7](hour)'
        bot: convene.corrected
        bot: ask.course
        slot_was_set: {day: 5, hour: 7}
        ",
    ));
}

#[test]
fn what_is_taken_back_by_name_is_asked_again() {
    goes_with_more(&told(
        "
        {user: 'book on [4](day)', intent: book}
        bot: ask.hour
        {user: 'no not [4](day)', intent: 'no'}
        bot: convene.rejected
        bot: ask.day
        ",
    ));
}

#[test]
fn a_flow_that_waits_can_be_corrected() {
    goes_with_more(&told(
        "
        {user: 'send it to [Rome](city)', intent: ship}
        bot: Sending to Rome
        {user: 'no, I meant [Paris](city)', intent: correct}
        bot: convene.corrected
        bot: Sending to Paris
        event: {name: paid}
        bot: Sent to Paris
        ",
    ));
}

#[test]
fn a_value_that_was_said_with_the_wish_and_does_not_fit_is_told_of() {
    goes_with_more(&told(
        "
        {user: 'book on [1](day)', intent: book}
        bot: convene.invalid.below
        bot: ask.day
        user: '3'
        bot: ask.hour
        ",
    ));
}

#[test]
fn to_leave_a_choice_open_cancels_nothing() {
    goes_with_more(&told(
        "
        {user: 'book on [3](day) at [7](hour)', intent: book}
        bot: ask.course
        {user: \"I don't mind\", intent: cancel}
        bot: convene.invalid.choice
        bot: ask.course
        {user: yoga, intent: cancel}
        bot: ask.reason
        ",
    ));
}

#[test]
fn what_was_said_for_the_next_lap_is_no_earlier_answer() {
    goes_with_more(&told(
        "
        {user: '[2](pieces) [funghi](item)', intent: cart}
        bot: Added 2 funghi
        bot: ask.more
        user: 'sorry, [three]{\"entity\":\"pieces\",\"value\":\"3\"}'
        bot: ask.more
        user: 'no'
        bot: ask.street
        user: Main Street 5
        bot: right
        {user: 'no, it is [6](pieces)', intent: correct}
        bot: convene.rejected
        bot: ask.street
        slot_was_set: {pieces: 3}
        ",
    ));
}

#[test]
fn what_asks_is_no_choice_of_what_may_have_been_meant_and_to_cancel_it_is() {
    goes_with_more(&told(
        "
        {user: 'book on [3](day) at [7](hour)', intent: book}
        bot: ask.course
        {user: every day, torn: [book, correct]}
        bot: convene.invalid.choice
        bot: ask.course
        {user: start over, torn: [cancel, survey, book]}
        bot: convene.which
        press: 'Yes, cancel it'
        bot: convene.cancelled
        flow: none
        ",
    ));
}

#[test]
fn an_earlier_answer_below_a_digression_can_be_corrected() {
    goes_with_more(&told(
        "
        {user: 'book on [3](day)', intent: book}
        bot: ask.hour
        {user: survey, intent: survey}
        bot: ask.stars
        {user: 'no, I meant day [4](day)', intent: correct}
        bot: convene.corrected
        bot: ask.hour
        user: '[7](hour)'
        bot: ask.course
        slot_was_set: {day: 4}
        ",
    ));
}
