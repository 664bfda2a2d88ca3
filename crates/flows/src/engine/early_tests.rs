//! What was said before it was asked for: corrected early, and times that are a day and an hour.

use super::tests::{goes, with_assistant};
use convene_source::Sources;

const ASSISTANT: &str =
    "name: Test\nlanguages: [en]\ncommands: {affirm: [yes], deny: [no], correct: [correct]}\n";

const FLOWS: &str = "
flows:
  a:
    start: {intents: [a]}
    slots:
      day: {type: date, entities: [time]}
      hour: {type: time, min: '11:30', entities: [time]}
      persons: {type: integer, entities: [number]}
      size: {type: choice, values: [big, small], entities: [size], depends_on: [persons]}
    steps:
      - ask: day
      - ask: hour
      - ask: persons
      - ask: size
      - say: done
";

fn with(stories: &str) -> Sources {
    let nlu = "nlu:\n- intent: a\n  examples: '- [1](number) [2](time) [big](size)'\n- intent: yes\n  examples: '- x'\n- intent: no\n  examples: '- x'\n- intent: correct\n  examples: '- x'\n";
    let texts = "ask: {day: 'Day?', hour: 'Hour?', persons: 'Persons?', size: 'Size?'}\ndone: '{day} {hour} {persons} {size}'\n";
    let files = with_assistant(ASSISTANT, FLOWS, texts, stories);
    files.iter().chain([("nlu/en.yaml", nlu)]).collect()
}

#[test]
fn what_was_said_early_and_is_corrected_skips_no_question() {
    goes(&with(
        "
stories:
  - story: The question that is open is asked again
    steps:
      - {user: 'for [6](number)', intent: a}
      - bot: ask.day
      - {user: 'sorry, for [7](number)', intent: correct}
      - bot: convene.corrected
      - bot: ask.day
      - user: '2026-11-28'
      - bot: ask.hour
      - user: 'actually we are [8](number)'
      - bot: convene.corrected
      - bot: ask.hour
      - user: '19:00'
      - bot: ask.size
      - user: big
      - bot: \"November 28, 2026 7:00\\u202fPM 8 big\"
  - story: What depends on it is asked for in its turn
    steps:
      - {user: 'for [6](number), [big](size)', intent: a}
      - bot: ask.day
      - {user: 'sorry, for [7](number)', intent: correct}
      - bot: convene.corrected
      - slot_was_set: {size: null}
      - bot: ask.day
      - user: '2026-11-28'
      - bot: ask.hour
      - user: '19:00'
      - bot: ask.size
  - story: An answer in the same breath is one
    steps:
      - {user: 'for [6](number)', intent: a}
      - bot: ask.day
      - user: '[2026-11-28](time), and we are [7](number)'
      - bot: convene.corrected
      - bot: ask.hour
  - story: Taken back without another, it is asked for in its turn
    steps:
      - {user: 'for [6](number)', intent: a}
      - bot: ask.day
      - {user: 'no, that is wrong', intent: correct}
      - bot: convene.rejected
      - bot: ask.day
      - user: '2026-11-28'
      - bot: ask.hour
      - user: '19:00'
      - bot: ask.persons
",
    ));
}

#[test]
fn of_two_days_the_one_that_stands_instead_of_the_other_is_meant() {
    let day = |word: &str, day: u8| {
        format!("[{word}]{{\"entity\": \"time\", \"value\": \"2026-12-{day:02}\"}}")
    };
    let (monday, tuesday) = (day("monday", 7), day("tuesday", 8));
    let said = [
        format!("{tuesday} instead of {monday}"),
        format!("instead of {monday}, {tuesday}"),
        format!("instead of {monday} please {tuesday}"),
        format!("{tuesday} rather than {monday}"),
    ];
    for said in said {
        goes(&with(&format!(
            "
stories:
  - story: Another day
    steps:
      - {{user: 'a table', intent: a}}
      - bot: ask.day
      - user: '{said}'
      - slot_was_set: {{day: '2026-12-08'}}
      - bot: ask.hour
"
        )));
    }
}

#[test]
fn a_time_fills_what_fits_of_a_day_and_an_hour() {
    goes(&with(
        "
stories:
  - story: Both at once
    steps:
      - {user: 'a table [tomorrow at 7 pm]{\"entity\": \"time\", \"value\": \"2026-11-28T19:00\"}', intent: a}
      - slot_was_set: {day: '2026-11-28', hour: '19:00'}
      - bot: ask.persons
  - story: Both, where the day is asked for
    steps:
      - {user: 'a table', intent: a}
      - bot: ask.day
      - user: '[tomorrow at 7 pm]{\"entity\": \"time\", \"value\": \"2026-11-28T19:00\"}'
      - slot_was_set: {day: '2026-11-28', hour: '19:00'}
      - bot: ask.persons
  - story: An hour is no day, and a day no hour
    steps:
      - {user: 'a table', intent: a}
      - bot: ask.day
      - user: '[7 pm]{\"entity\": \"time\", \"value\": \"19:00\"}'
      - slot_was_set: {day: null, hour: '19:00'}
      - bot: ask.day
      - user: '[2026-11-28](time)'
      - bot: ask.persons
  - story: An hour of another day changes the day
    steps:
      - {user: 'a table on [2026-11-28](time)', intent: a}
      - bot: ask.hour
      - user: '[sunday at 8 pm]{\"entity\": \"time\", \"value\": \"2026-11-29T20:00\"}'
      - bot: convene.corrected
      - slot_was_set: {day: '2026-11-29', hour: '20:00'}
      - bot: ask.persons
",
    ));
}

#[test]
fn a_bare_number_is_the_hour_and_nothing_else_while_a_time_is_asked_for() {
    goes(&with(
        "
stories:
  - story: It is said why
    steps:
      - {user: 'a table on [2026-11-28](time)', intent: a}
      - bot: ask.hour
      - user: 'between [7](number) and [8](number)'
      - slot_was_set: {persons: null}
      - bot: convene.invalid.time
      - bot: ask.hour
  - story: Alone, it is the hour
    steps:
      - {user: 'a table on [2026-11-28](time)', intent: a}
      - bot: ask.hour
      - user: '[eight]{\"entity\": \"number\", \"value\": \"8\"}'
      - slot_was_set: {persons: null, hour: '20:00'}
      - bot: ask.persons
  - story: Of something, it is that
    steps:
      - {user: 'a table on [2026-11-28](time)', intent: a}
      - bot: ask.hour
      - user: '[4](number) people'
      - slot_was_set: {persons: 4}
      - bot: ask.hour
      - user: '[19:00](time) for [6](number)'
      - bot: convene.corrected
      - slot_was_set: {hour: '19:00', persons: 6}
      - bot: ask.size
",
    ));
}

#[test]
fn of_two_hours_of_a_day_neither_is_guessed_and_the_rest_is_kept() {
    let at = |time: &str| format!("{{\"entity\":\"time\",\"value\":\"{time}\"}}");
    let (seven, eight) = (at("2026-11-28T19:00"), at("2026-11-28T20:00"));
    let (early, late) = (at("2026-11-28T07:00"), at("2026-11-28T08:00"));
    goes(&with(&format!(
        "
stories:
  - story: With the wish
    steps:
      - {{user: 'a table for [4](number) [on saturday at 7]{seven} or [8]{eight}', intent: a}}
      - bot: ask.hour
      - slot_was_set: {{day: '2026-11-28', persons: 4, hour: null}}
      - user: '20:00'
      - bot: ask.size
  - story: Of either half of the day
    steps:
      - {{user: 'a table for [4](number) [on saturday at 7]{early} or [8]{late}', intent: a}}
      - bot: ask.hour
      - slot_was_set: {{day: '2026-11-28', persons: 4, hour: null}}
  - story: As an answer
    steps:
      - {{user: 'a table for [4](number)', intent: a}}
      - bot: ask.day
      - user: '[saturday at 7]{seven} or [8]{eight}'
      - bot: ask.hour
      - slot_was_set: {{day: '2026-11-28', persons: 4, hour: null}}
"
    )));
}
