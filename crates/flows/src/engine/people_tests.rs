//! Several people in a conversation: each has their own flows, questions and wishes.

use convene_source::Sources;

use super::{
    Recorded, State,
    tests::{goes, taught, with_assistant},
};
use crate::name::Who;

pub(super) const ASSISTANT: &str = "name: Test\nlanguages: [en]\nmodel: {use_for: generate}\ngroups: always\ncommands: {cancel: [cancel], affirm: [yes], deny: [no], human: [human]}\n";

const FLOWS: &str = "
flows:
  back:
    description: To send back
    start: {intents: [back]}
    slots:
      why: {type: choice, values: [broken, wrong]}
      count: {type: integer, label: label}
      mail: {type: email, label: label}
    steps:
      - ask: why
      - ask: {slot: count, form: [mail]}
      - ask: mail
      - say: done
  hours:
    description: Opening hours
    start: {intents: [hours]}
    steps: [{say: open}]
  book:
    description: To book
    start: {intents: [book]}
    slots: {day: {type: integer}}
    steps:
      - ask: day
      - say: booked
  bye:
    description: To end
    start: {intents: [bye]}
    steps: [{say: bye}, {end: all}]
  news:
    description: News
    start: {events: [news]}
    steps: [{say: news}]
";

pub(super) fn with(stories: &str) -> Sources {
    let intents = [
        "back", "hours", "book", "bye", "cancel", "yes", "no", "human",
    ];
    let texts = "ask: {why: 'Why?', count: 'Count?', mail: 'Mail?', day: 'Day?'}\nlabel: It\ndone: '{why} {count} {mail}'\nopen: Open\nbooked: 'Day {day}'\nbye: Bye\nnews: News\n";
    let files = with_assistant(ASSISTANT, FLOWS, texts, stories);
    taught(&files, &intents, "x")
}

#[test]
fn a_question_that_is_come_back_to_asks_whom_it_asked() {
    goes(&with(
        "
stories:
  - story: Somebody else's digression
    steps:
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - {user: when are you open, intent: hours, who: 'user:bob'}
      - bot: open
      - bot: convene.resumed_for
      - bot: ask.why
      - {user: wrong, who: 'user:bob'}
      - bot: convene.not_asked
      - {user: wrong, who: 'user:bob'}
      - {press: wrong, who: 'user:bob'}
      - bot: convene.not_asked
      - {user: wrong, who: 'user:cyd'}
      - bot: convene.not_asked
      - {user: we had lunch, who: 'user:bob'}
      - {user: broken, who: 'user:ada'}
      - bot: ask.count
      - slot_was_set: {why: broken}
      - {user: '3', who: 'user:bob'}
      - bot: convene.not_asked
      - {user: '2', who: 'user:ada'}
      - bot: ask.mail
  - story: An event
    steps:
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - {user: hm, who: 'user:bob'}
      - event: {name: news}
      - bot: news
      - bot: convene.resumed_for
      - bot: ask.why
      - {user: broken, who: 'user:ada'}
      - bot: ask.count
",
    ));
}

#[test]
fn each_answers_and_cancels_their_own_question_whichever_was_asked_last() {
    goes(&with(
        "
stories:
  - story: Answers
    steps:
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - {user: I want to book, intent: book, who: 'user:bob'}
      - bot: ask.day
      - {user: broken, who: 'user:ada'}
      - bot: ask.count
      - {user: '7', who: 'user:bob'}
      - bot: Day 7
      - bot: convene.resumed_for
      - bot: ask.count
      - {submit: {count: 2, mail: a@b.de}, who: 'user:ada'}
      - bot: broken 2 a@b.de
      - flow: none
  - story: Cancels
    steps:
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - {user: I want to book, intent: book, who: 'user:bob'}
      - bot: ask.day
      - {user: cancel, intent: cancel, who: 'user:cyd'}
      - bot: convene.not_asked
      - {user: cancel, intent: cancel, who: 'user:ada'}
      - bot: convene.cancelled
      - ended: {back: cancelled}
      - bot: convene.resumed_for
      - bot: ask.day
      - {user: '7', who: 'user:bob'}
      - bot: Day 7
      - flow: none
  - story: Presses
    steps:
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - {user: I want to book, intent: book, who: 'user:bob'}
      - bot: ask.day
      - {user: I want to book, intent: book, who: 'user:ada'}
      - bot: ask.day
      - {press: broken, who: 'user:ada'}
      - ended: {book: dropped}
      - bot: ask.count
      - {user: '7', who: 'user:bob'}
      - bot: Day 7
      - bot: convene.resumed_for
      - bot: ask.count
",
    ));
}

#[test]
fn what_somebody_wants_ends_nothing_of_others() {
    goes(&with(
        "
stories:
  - story: The same flow
    steps:
      - {user: I want to book, intent: book, who: 'user:ada'}
      - bot: ask.day
      - {user: so do I, intent: book, who: 'user:bob'}
      - bot: ask.day
      - {user: '2', who: 'user:bob'}
      - bot: Day 2
      - bot: convene.resumed_for
      - bot: ask.day
      - {user: '1', who: 'user:ada'}
      - bot: Day 1
      - flow: none
  - story: A person
    steps:
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - {user: human, intent: human, who: 'user:bob'}
      - bot: convene.handoff
      - handoff: support
      - flow: back
  - story: A person for who was asked
    steps:
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - {user: I want to book, intent: book, who: 'user:bob'}
      - bot: ask.day
      - {user: human, intent: human, who: 'user:ada'}
      - bot: convene.handoff
      - handoff: support
      - ended: {back: handed_off}
      - flow: book
  - story: The assistant goes on while nobody can be called
    steps:
      - {user: human, intent: human}
      - bot: convene.handoff
      - {user: when are you open, intent: hours}
      - bot: open
      - {user: human, intent: human}
      - bot: convene.handoff
      - event: {name: news}
      - bot: news
  - story: The end
    steps:
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - {user: bye, intent: bye, who: 'user:bob'}
      - bot: bye
      - ended: {bye: completed}
      - bot: convene.resumed_for
      - bot: ask.why
  - story: Two things at once
    steps:
      - {user: hours and a booking, intent: hours+book, who: 'user:ada'}
      - bot: open
      - bot: convene.next
      - bot: ask.day
      - {user: '1', who: 'user:bob'}
      - bot: convene.not_asked
",
    ));
}

#[test]
fn to_ask_for_a_person_takes_back_ones_own_wishes_alone() {
    let mut state = State::default();
    let (ada, bob) = (Who::from("user:ada"), Who::from("user:bob"));
    for (intent, of) in [("a", &ada), ("b", &bob)] {
        state.apply(&Recorded::IntentQueued {
            intent: intent.into(),
            of: Some(of.clone()),
            entities: Vec::new(),
        });
    }
    let asks = |of| Recorded::HandedOff {
        to: "team".to_owned(),
        of,
        reason: None,
        for_flow: false,
    };
    let left = |of| {
        let mut state = state.clone();
        state.apply(&asks(of));
        state
            .wishes
            .into_iter()
            .map(|wish| wish.intent)
            .collect::<Vec<_>>()
    };
    assert_eq!(left(Some(ada)), ["b".into()]);
    assert_eq!(left(None), []);
}
