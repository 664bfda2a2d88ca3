//! What was said before it was asked for: corrected early, and times that are a day and an hour.

use super::tests::{goes, with_assistant};
use convene_source::Sources;

const ASSISTANT: &str = "name: Test\nlanguages: [en]\ncommands: {affirm: [yes], deny: [no], correct: [correct]}\n";

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
      - slot_was_set: {day: '2026-11-28', hour: '19:00', persons: 8, size: big}
      - bot: done
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
