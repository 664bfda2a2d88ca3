//! Several people in a conversation: each has their own flows, questions and wishes.

use std::collections::BTreeMap;

use convene_source::Sources;
use serde_json::json;

use super::{
    Answer, Engine, Heard, Input, Person, Recorded, Remark, State,
    tests::{ASSISTANT as PLAIN, NOW, checked, feed, goes, hear, taught, through, with_assistant},
};
use crate::{name::Who, projects::Projects};

const ASSISTANT: &str = "name: Test\nlanguages: [en]\nmodel: {use_for: generate}\ngroups: always\ncommands: {cancel: [cancel], affirm: [yes], deny: [no], human: [human]}\n";

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

fn with(stories: &str) -> Sources {
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
fn a_button_and_a_form_are_good_while_their_question_is_the_same() {
    let projects = Projects::new(checked(&with("stories: []")));
    let mut log = Vec::new();
    feed(&projects, &mut log, hear("send it back", Some("back")));
    feed(&projects, &mut log, hear("broken", None));
    let question = State::fold(&log).question().unwrap().id;
    let event = Input::Event {
        name: "news".into(),
        data: BTreeMap::new(),
    };
    let asked = ["News", "Now back to where we were.", "Count?"];
    assert_eq!(feed(&projects, &mut log, event), asked);
    feed(
        &projects,
        &mut log,
        hear("when are you open", Some("hours")),
    );
    feed(&projects, &mut log, hear("some", None));
    let form = Input::Submitted {
        who: None,
        question,
        values: [("count", json!(2)), ("mail", json!("a@b.de"))]
            .map(|(slot, value)| (slot.into(), value))
            .into(),
    };
    assert_eq!(feed(&projects, &mut log, form), ["broken 2 a@b.de"]);
    let is_answered = feed(
        &projects,
        &mut log,
        Input::Pressed {
            who: None,
            question,
            value: "3".into(),
        },
    );
    assert_eq!(is_answered, ["That question is no longer open."]);
}

#[test]
fn a_group_is_answered_as_it_is_set() {
    let ada = Who::from("user:ada");
    let bob = Who::from("user:bob");
    let of = |groups: &str| {
        let assistant = PLAIN.replace("name: Test", "name: Shop");
        let assistant = format!("{assistant}groups: {groups}\n");
        let flows = "flows:\n  a:\n    start: {intents: [a]}\n    slots: {n: {type: integer}}\n    steps: [{ask: n}]\n";
        Projects::new(checked(&with_assistant(
            &assistant,
            flows,
            "ask: {n: N?}\n",
            "stories: []",
        )))
    };
    let projects = of("addressed");
    let mut log = Vec::new();
    let Input::Heard(heard) = hear("x", Some("a")) else {
        unreachable!()
    };
    feed(
        &projects,
        &mut log,
        Input::Heard(Heard {
            who: Some(ada.clone()),
            ..heard
        }),
    );
    let state = State::fold(log.iter());
    let person = |name: &str, is_staff| Person {
        who: Who::from(format!("user:{}", name.to_lowercase())),
        name: name.to_owned(),
        is_staff,
    };
    let everybody = ["Ada", "Bob", "Cyd"].map(|name| person(name, false));
    let hears = |projects: &Projects, people: &[Person], who: &Who, text, to_us| {
        let remark = Remark {
            text,
            who,
            to_us,
            called_too: &["desk"],
            people,
        };
        Engine::new(projects).is_for_us(&state, &remark)
    };
    let is_heard = |who, text| hears(&projects, &everybody, who, text, None);
    assert!(is_heard(&ada, "3"), "she was asked");
    assert!(!is_heard(&ada, "Bob, is it 3?"), "she asks Bob");
    assert!(is_heard(&ada, "shop, Bob says 3"));
    assert!(!is_heard(&bob, "3"));
    assert!(is_heard(&bob, "Shop, 3"));
    assert!(is_heard(&bob, "when is the shop open"));
    for text in ["desk, 3", "@desk 3", "is it 3, desk?"] {
        assert!(is_heard(&bob, text), "the settings call it so: {text}");
    }
    assert!(!is_heard(&bob, "I put 3 on my desk"));
    assert!(hears(&projects, &everybody, &bob, "3", Some(true)));
    assert!(!hears(&projects, &everybody, &ada, "Shop, 3", Some(false)));
    let alone = [person("Bob", false)];
    assert!(hears(&projects, &alone, &bob, "hi", None), "he is alone");
    let with_staff = [person("Bob", false), person("Olga", true)];
    let olga = Who::from("user:olga");
    assert!(
        hears(&projects, &with_staff, &bob, "hi", None),
        "staff are no group"
    );
    assert!(!hears(
        &projects,
        &with_staff,
        &bob,
        "hi Olga, you there?",
        None
    ));
    let helps = "I am Olga from the shop";
    assert!(!hears(&projects, &with_staff, &olga, helps, None));
    assert!(hears(&projects, &with_staff, &olga, helps, Some(true)));
    let tries = [person("Olga", true)];
    assert!(
        hears(&projects, &tries, &olga, "hi", None),
        "she tries it out"
    );
    let always = of("always");
    assert!(hears(&always, &everybody, &bob, "hi", None));
    assert!(!hears(&always, &with_staff, &olga, helps, None));
    let rule = of("{rule: 'addressed or text == \"bot?\" or people < 3'}");
    assert!(hears(&rule, &everybody, &bob, "bot?", None));
    assert!(hears(&rule, &everybody[..2], &bob, "hi", None));
    assert!(!hears(&rule, &everybody, &bob, "hi", None));
}

#[test]
fn anyone_may_answer_where_it_is_set() {
    let assistant = format!("{PLAIN}groups: always\nask: {{who_may_answer: anyone}}\n");
    let flows = "flows:\n  a:\n    start: {intents: [a]}\n    slots: {n: {type: integer}}\n    steps: [{ask: n}, {say: done}]\n";
    goes(&with_assistant(
        &assistant,
        flows,
        "ask: {n: N?}\ndone: \"{n}\"\n",
        "
stories:
  - story: Bob answers for Ada
    steps:
      - {user: x, intent: a, who: 'user:ada'}
      - bot: ask.n
      - {user: '3', who: 'user:bob'}
      - bot: '3'
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

#[test]
fn texts_call_people_by_their_names() {
    let flows = "flows:\n  a:\n    start: {intents: [a]}\n    steps: [{branch: [{if: \"who == 'user:bob'\", then: [{say: other, next: end}]}]}, {say: own}]\n";
    let texts = "own: 'Hello {who} ({who.value})'\nother: 'And hello {who}'\n";
    let projects = Projects::new(checked(&with_assistant(PLAIN, flows, texts, "stories: []")));
    let people = [Person {
        who: "user:ada".into(),
        name: "Ada Lovelace".to_owned(),
        is_staff: false,
    }];
    let says = |who: &str| {
        let Input::Heard(heard) = hear("x", Some("a")) else {
            return Vec::new();
        };
        let heard = Heard {
            who: Some(who.into()),
            ..heard
        };
        let turn = Engine::new(&projects).feed(&State::default(), Input::Heard(heard), NOW);
        let nobody = Answer::NoAnswer("none".to_owned());
        through(turn.among(&people), &mut Vec::new(), &nobody)
    };
    assert_eq!(says("user:ada"), ["Hello Ada Lovelace (user:ada)"]);
    assert_eq!(says("user:bob"), ["And hello bob"], "nobody knows his name");
}
