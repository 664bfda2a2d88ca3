//! Several people in a conversation: who is answered, and whose answer counts, by what is set.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    Answer, Engine, Heard, Input, Person, Remark, State,
    people_tests::with,
    tests::{ASSISTANT as PLAIN, NOW, checked, feed, goes, hear, through, with_assistant},
};
use crate::{name::Who, projects::Projects};

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
            writers: &[],
        };
        Engine::new(projects).is_for_us(&state, &remark)
    };
    let is_heard = |who, text| hears(&projects, &everybody, who, text, None);
    assert!(is_heard(&ada, "3"), "she was asked");
    assert!(!is_heard(&ada, "Bob, is it 3?"), "she asks Bob");
    for text in [
        "thanks Bob, 3",
        "Bob: 3, please",
        "it is 3, Bob",
        "hi Cyd! 3",
    ] {
        assert!(is_heard(&ada, text), "she was asked: {text}");
        assert!(!is_heard(&bob, text), "he was not: {text}");
    }
    for text in [
        "Bob, I have 3 left",
        "thanks Bob, yes",
        "@Bob 3",
        "Bob, 3 or 4?",
        "thanks Bob!",
    ] {
        assert!(!is_heard(&ada, text), "it is for others: {text}");
    }
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
