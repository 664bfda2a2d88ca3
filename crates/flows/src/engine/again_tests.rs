//! What was wanted before is wanted once more.

use convene_source::Sources;

use super::{
    desk::{HOURS, flows, told},
    tests::{goes, taught, with_assistant},
};

const ASSISTANT: &str = "name: Test\nlanguages: [en]\nmodel: {use_for: generate}\nfallback: lost\ncommands: {affirm: [yes], deny: [no], correct: [correct], cancel: [cancel], repeat: [repeat]}\n";

const FLOWS: &str = "
  lost:
    description: Nothing was understood
    steps: [{say: lost}]
  book:
    description: To book
    start: {intents: [book]}
    slots:
      service: {type: choice, values: [checkup, cleaning], entities: [service]}
      day: {type: integer, max: 31, entities: [day]}
      hour: {type: integer, entities: [hour], depends_on: [day]}
      room: {type: integer}
    steps:
      - ask: service
      - ask: day
      - ask: hour
      - set: {room: 1}
      - say: booked
  pay:
    description: To pay
    start: {intents: [pay]}
    steps:
      - call: {url: 'https://x.example/', method: POST}
      - say: paid
";

const TEXTS: &str = "ask: {service: 'Which service?', day: 'Which day?', hour: 'Which hour?'}
booked: '{service} on {day} at {hour}'
paid: Paid
hours: From nine
lost: Pardon
";

fn with(steps: &str) -> Sources {
    let files = with_assistant(ASSISTANT, &flows(&[HOURS], FLOWS), TEXTS, &told(steps));
    let intents = [
        "book", "pay", "hours", "yes", "no", "correct", "cancel", "repeat",
    ];
    taught(&files, &intents, "x [1](day) [checkup](service) [9](hour)")
}

/// Something is booked first.
const BOOKED: &str = "
    {user: 'a [checkup](service) on [7](day) at [9](hour)', intent: book}
    bot: checkup on 7 at 9
";

/// What is said then, and what comes of it.
#[track_caller]
fn behind_a_booking(said: &str, answers: &[&str]) {
    let answers: Vec<_> = answers
        .iter()
        .map(|answer| format!("bot: '{answer}'\n"))
        .collect();
    goes(&with(&format!("{BOOKED}{said}\n{}", answers.concat())));
}

#[test]
fn what_is_wanted_once_more_is_asked_anew() {
    for said in [
        "user: again",
        "user: another one, please",
        "user: and one more",
        "{user: once more please, intent: repeat}",
    ] {
        behind_a_booking(said, &["Which service?"]);
    }
}

#[test]
fn the_same_is_what_was_said_but_for_what_is_said_otherwise() {
    for said in [
        "user: the same again",
        "user: the same please",
        "user: as before",
    ] {
        behind_a_booking(said, &["checkup on 7 at 9"]);
    }
    behind_a_booking(
        "user: 'the same with [cleaning](service)'",
        &["cleaning on 7 at 9"],
    );
    // The hour was one of another day.
    behind_a_booking("user: 'the same on [8](day)'", &["Which hour?"]);
    behind_a_booking(
        "{user: 'a [cleaning](service) on [8](day) at [10](hour)', intent: book}\nbot: cleaning on 8 at 10\nuser: the same again",
        &["cleaning on 8 at 10"],
    );
}

#[test]
fn what_says_more_or_follows_nothing_wants_nothing_once_more() {
    for said in [
        "user: not again",
        "user: it is the same mess again",
        "user: never the same",
        "user: again and again you fail",
    ] {
        behind_a_booking(said, &["Pardon"]);
    }
    behind_a_booking("{user: another one, intent: hours}", &["From nine"]);
    goes(&with("user: the same again\nbot: Pardon\n"));
    goes(&with(&format!(
        "{BOOKED}{{user: again, who: 'user:bob'}}\nbot: Pardon\n"
    )));
}

#[test]
fn what_would_be_done_unasked_is_not_done_once_more() {
    goes(&with(
        "
        {user: pay, intent: pay}
        call: {url: 'https://x.example/', returns: {body: {}}}
        bot: Paid
        user: again
        bot: Pardon
        ",
    ));
}
