//! Several people: whose silence it is, and staff who talk with somebody.

use convene_source::Sources;

use super::{
    people_tests::{ASSISTANT, with},
    tests::goes,
};

fn with_other(assistant: &str, stories: &str) -> Sources {
    let files = with(stories);
    let files = files.iter().filter(|(file, _)| *file != "assistant.yaml");
    files.chain([("assistant.yaml", assistant)]).collect()
}

#[test]
fn each_person_s_silence_is_their_own() {
    let stories = "
stories:
  - story: One falls silent while another talks
    steps:
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - after: 4m
      - {user: I want to book, intent: book, who: 'user:bob'}
      - bot: ask.day
      - after: 1m
      - bot: convene.silence_for
      - after: 3m
      - {user: x, who: 'user:bob'}
      - bot: convene.invalid.integer
      - bot: ask.day
      - after: 2m
      - bot: convene.silence_end
      - ended: {back: silence}
      - bot: convene.resumed_for
      - bot: ask.day
      - {user: '3', who: 'user:bob'}
      - bot: Day 3
      - flow: none
";
    let assistant = format!("{ASSISTANT}silence: {{after: 5m, then_after: 5m, then: end}}\n");
    goes(&with_other(&assistant, stories));
}

#[test]
fn while_staff_talk_with_somebody_what_is_said_is_for_them() {
    let stories = "
stories:
  - story: Staff who have written
    staff: ['user:olga']
    steps:
      - {user: when are you open, intent: hours, who: 'user:ada'}
      - bot: Open
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - {user: What happened?, who: 'user:olga'}
      - {user: broken, who: 'user:ada'}
      - bot: ask.count
      - {user: cancel, intent: cancel, who: 'user:ada'}
      - bot: convene.cancelled
      - {user: the box was wet, who: 'user:ada'}
      - {user: 'Test, when are you open', intent: hours, who: 'user:ada'}
      - bot: Open
  - story: Staff for whom was asked
    staff: ['user:olga']
    steps:
      - {user: a person, intent: human, who: 'user:ada'}
      - bot: convene.handoff
      - handoff: support
      - {user: the box was wet, who: 'user:ada'}
      - {user: 'Test, when are you open', intent: hours, who: 'user:ada'}
      - bot: Open
";
    let assistant = ASSISTANT.replace("groups: always\n", "");
    goes(&with_other(&assistant, stories));
}
