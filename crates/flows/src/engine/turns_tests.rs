//! Turns that die or are given up half way, and versions that are gone.

use std::collections::BTreeMap;

use super::{
    Engine, Input, Next, State,
    tests::{NOW, asking, checked, feed, goes, hear, sources, with_assistant},
};
use crate::{
    project::{Project, Vocabulary},
    projects::Projects,
};

#[test]
fn a_flow_ends_on_the_version_that_it_began_with() {
    let mut projects = Projects::new(checked(&asking("Old?", "      - say: done\n")));
    let mut log = Vec::new();
    assert_eq!(feed(&projects, &mut log, hear("x", Some("a"))), ["Old?"]);
    projects.reload(checked(&asking(
        "New?",
        "      - say: done\n      - say: more\n",
    )));
    assert_eq!(
        feed(&projects, &mut log, hear("many", None)),
        ["I need a whole number.", "Old?"]
    );
    assert_eq!(feed(&projects, &mut log, hear("3", None)), ["Done with 3"]);
    assert_eq!(feed(&projects, &mut log, hear("x", Some("a"))), ["New?"]);
    assert_eq!(
        feed(&projects, &mut log, hear("4", None)),
        ["Done with 4", "More"]
    );
    let state = State::fold(log.iter());
    assert_eq!(state.running().count(), 0);
}

#[test]
fn a_version_that_is_gone_goes_on_at_its_step_or_ends() {
    let mut log = Vec::new();
    let before = Projects::new(checked(&asking("Old?", "      - say: done\n")));
    feed(&before, &mut log, hear("x", Some("a")));
    // The step is there still.
    let after = Projects::new(checked(&asking("New?", "      - say: more\n")));
    let mut moved = log.clone();
    assert_eq!(feed(&after, &mut moved, hear("3", None)), ["New?"]);
    assert_eq!(feed(&after, &mut moved, hear("3", None)), ["More"]);
    // It is not.
    let other = "flows:\n  a:\n    start: {intents: [a]}\n    steps: [{say: hello}]\n";
    let gone = Projects::new(checked(&sources(other, "hello: Hello\n", "stories: []")));
    let said = feed(&gone, &mut log, hear("3", None));
    assert_eq!(
        said,
        ["This has changed in the meantime, so we have to begin again."]
    );
    assert_eq!(State::fold(log.iter()).stack(), []);
}

#[test]
fn a_turn_that_cannot_be_gone_through_again_is_begun_anew() {
    let old = Projects::new(checked(&asking("Old?", "      - say: done\n")));
    let mut log = Vec::new();
    feed(&old, &mut log, hear("x", Some("a")));
    log.pop();
    assert!(State::fold(log.iter()).is_under_way());
    let new = Projects::new(checked(&asking("New?", "      - say: more\n")));
    let mut turn = Engine::new(&new).feed(&State::fold(log.iter()), hear("x", Some("a")), NOW);
    let first = std::iter::from_fn(|| Some(turn.next())).find(|next| !matches!(next, Next::Do(_)));
    assert_eq!(first, Some(Next::Diverged));
    assert_eq!(feed(&new, &mut log, hear("x", Some("a"))), ["New?"]);
    let state = State::fold(log.iter());
    assert_eq!(
        state.stack().len(),
        1,
        "the turn that died has left nothing"
    );
    assert_eq!(feed(&new, &mut log, hear("3", None)), ["More"]);
}

#[test]
fn a_turn_that_is_begun_anew_says_everything_once() {
    let calling = |child: &str| {
        let flows = format!(
            "flows:\n  a:\n    start: {{intents: [a]}}\n    steps: [{{say: hello}}, {{flow: b}}]\n  b:\n    steps: [{{say: {child}}}, {{call: {{url: 'http://x', on_error: end}}}}]\n"
        );
        let texts = "hello: Hello\nold: Old\nnew: New\n";
        let checked = Project::check(
            &sources(&flows, texts, "stories: []"),
            &Vocabulary::default(),
        );
        Projects::new(checked.project.unwrap())
    };
    let (old, new) = (calling("old"), calling("new"));
    let mut whole = Vec::new();
    assert_eq!(
        feed(&old, &mut whole, hear("x", Some("a"))),
        ["Hello", "Old"]
    );
    for count in 1..whole.len() {
        let mut log = whole[..count].to_vec();
        let said = feed(&new, &mut log, hear("x", Some("a")));
        assert_eq!(said, ["Hello", "New"], "after {count} records");
    }
}

#[test]
fn a_turn_that_was_given_up_never_was() {
    let projects = Projects::new(checked(&asking("How many?", "      - say: done\n")));
    let mut log = Vec::new();
    feed(&projects, &mut log, hear("x", Some("a")));
    log.pop();
    let said = feed(&projects, &mut log, hear("3", None));
    assert_eq!(
        said,
        ["I will get a person to help you."],
        "there is no question that 3 would answer"
    );
}

#[test]
fn what_is_nothing_to_the_conversation_leaves_no_record() {
    let projects = Projects::new(checked(&asking("How many?", "      - say: done\n")));
    let mut log = Vec::new();
    feed(&projects, &mut log, Input::Timer { timer: 7 });
    feed(&projects, &mut log, Input::HandedBack);
    feed(&projects, &mut log, Input::Resumed);
    let event = Input::Event {
        name: "unheard".into(),
        data: BTreeMap::new(),
    };
    feed(&projects, &mut log, event);
    assert_eq!(log, []);
}

#[test]
fn a_wish_that_waits_keeps_what_was_said_for_it() {
    let flows = "
flows:
  a:
    start: {intents: [a]}
    slots: {word: {}}
    steps: [{ask: word}]
  b:
    start: {intents: [b]}
    slots: {number: {entities: [number_of_b]}}
    steps: [{ask: number}, {say: done}]
";
    let texts = "ask: {word: Word?, number: Number?}\ndone: 'Number {number}'\n";
    let stories = "
stories:
  - story: It was said two messages earlier
    steps:
      - {user: 'both for [N7](number_of_b)', intent: a+b}
      - bot: ask.word
      - user: hello
      - bot: convene.next
      - bot: Number N7
  - story: It was said while something else was asked
    steps:
      - {user: x, intent: a}
      - bot: ask.word
      - {user: 'not now [N8](number_of_b)', intent: b}
      - bot: Number N8
      - bot: convene.resumed
      - bot: ask.word
";
    let nlu = "nlu: [{intent: a, examples: '- x'}, {intent: b, examples: '- [N7](number_of_b)'}]";
    let assistant = "name: Test\nlanguages: [en]\n";
    let files = with_assistant(assistant, flows, texts, stories);
    goes(&files.iter().chain([("nlu/en.yaml", nlu)]).collect());
}
