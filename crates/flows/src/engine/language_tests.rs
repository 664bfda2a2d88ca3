//! Several people who speak different languages, and some that nobody speaks here.

use convene_source::Sources;
use serde_json::json;

use super::{
    Recorded, State,
    tests::{goes, with_assistant},
};
use crate::name::Who;

const ASSISTANT: &str = "name: Test\nlanguages: [en, de]\nmodel: {use_for: generate}\ngroups: always\nfallback: lost\ncommands: {cancel: [cancel]}\n";

const FLOWS: &str = "
flows:
  book:
    description: To book
    title: open
    start: {intents: [book]}
    slots: {day: {type: integer}, why: {type: text}}
    steps:
      - ask: day
      - ask: why
      - say: booked
  hours:
    description: Opening hours
    title: open
    start: {intents: [hours]}
    steps: [{say: open}]
  pause:
    description: To wait
    title: over
    start: {intents: [pause]}
    steps:
      - wait: {for: 10 minutes}
      - say: over
  lost:
    description: Not understood
    steps: [{say: lost}]
";

const ENGLISH: &str = "ask: {day: 'Day?', why: 'Why?'}\nbooked: 'Day {day}: {why}'\nopen: Open\nover: It is over\nlost: Pardon?\n";
const GERMAN: &str = "ask: {day: 'Tag?', why: 'Warum?'}\nbooked: 'Tag {day}: {why}'\nopen: Offen\nover: Es ist vorbei\nlost: Bitte?\n";

fn with(stories: &str) -> Sources {
    let nlu = "nlu:\n- intent: book\n  examples: '- x'\n- intent: hours\n  examples: '- x'\n- intent: pause\n  examples: '- x'\n- intent: cancel\n  examples: '- x'\n";
    let files = with_assistant(ASSISTANT, FLOWS, ENGLISH, stories);
    let more = [
        ("nlu/en.yaml", nlu),
        ("nlu/de.yaml", nlu),
        ("texts/de.yaml", GERMAN),
    ];
    files.iter().chain(more).collect()
}

#[test]
fn each_is_answered_in_their_own_language() {
    goes(&with(
        "
stories:
  - story: Two at once
    steps:
      - {user: I want to book, intent: book, language: en, who: 'user:ada'}
      - bot: Day?
      - {user: Wann habt ihr offen, intent: hours, language: de, who: 'user:bob'}
      - bot: Offen
      - bot: ada, now back to where we were.
      - bot: Day?
      - {user: '7', who: 'user:bob'}
      - bot: Das habe ich jemand anderen gefragt und warte auf die Antwort.
      - {user: '7', who: 'user:ada'}
      - bot: Why?
      - {user: Ich will buchen, intent: book, who: 'user:bob'}
      - bot: Tag?
      - {user: A trip, who: 'user:ada'}
      - bot: 'Day 7: A trip'
      - bot: bob, nun zurück zu unserer Sache.
      - bot: Tag?
  - story: Who comes speaks what was spoken, until they speak otherwise
    steps:
      - {user: Wann habt ihr offen, intent: hours, language: de, who: 'user:ada'}
      - bot: Offen
      - {user: ok, intent: hours, who: 'user:bob'}
      - bot: Offen
      - {user: when are you open, intent: hours, language: en, who: 'user:bob'}
      - bot: Open
      - {user: ok, intent: hours, who: 'user:ada'}
      - bot: Offen
  - story: A time is over for whose wish it was
    steps:
      - {user: Warte, intent: pause, language: de, who: 'user:ada'}
      - {user: when are you open, intent: hours, language: en, who: 'user:bob'}
      - bot: Open
      - after: 10 minutes
      - bot: Es ist vorbei
",
    ));
}

#[test]
fn what_is_spoken_is_told_once_to_whoever_writes_otherwise() {
    goes(&with(
        "
stories:
  - story: Told once, each in the language of the conversation
    steps:
      - {user: waar is het, language: nl, who: 'user:ada'}
      - bot: 'I do not speak that language, but I do speak: English, Deutsch.'
      - {user: waar is het, language: nl, who: 'user:ada'}
      - bot: Pardon?
      - {user: Wann habt ihr offen, intent: hours, language: de, who: 'user:bob'}
      - bot: Offen
      - {user: waar is het, language: nl, who: 'user:bob'}
      - bot: 'Diese Sprache spreche ich nicht, aber diese: English, Deutsch.'
  - story: It is an answer all the same
    steps:
      - {user: book, intent: book, language: en, who: 'user:ada'}
      - bot: Day?
      - {user: '7', who: 'user:ada'}
      - bot: Why?
      - {user: dat weet ik niet, language: nl, who: 'user:ada'}
      - bot: convene.unspoken
      - bot: 'Day 7: dat weet ik niet'
",
    ));
}

#[test]
fn notes_of_before_speak_of_everybody() {
    let note = json!({"type": "language.switched", "language": "de"});
    let note: Recorded = serde_json::from_value(note).unwrap();
    let state = State::fold([&note]);
    for who in [None, Some(&Who::from("user:ada"))] {
        assert_eq!(state.language_of(who).unwrap().as_str(), "de");
    }
}
