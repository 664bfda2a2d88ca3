//! Slots whose declaration has changed while a conversation was held.

use super::{
    Recorded, State,
    tests::{checked, feed, hear, with_assistant},
};
use crate::projects::Projects;

/// A project whose slot `size`, of the whole conversation, is declared so. `a` asks for it; `b` says it behind a question of
/// its own, and what stands behind that.
fn project(size: &str, own: &str, behind: &str) -> Projects {
    let assistant = format!(
        "name: Test\nlanguages: [en]\ncommands: {{affirm: [yes], deny: [no]}}\nslots: {{size: {size}}}\n"
    );
    let flows = format!(
        "flows:
  a:
    start: {{intents: [a]}}
    steps: [{{ask: size}}, {{say: size}}]
  b:
    start: {{intents: [b]}}
    slots: {{own: {own}}}
    steps: [{{ask: own}}, {{ask: {{slot: own, again: true}}}}, {{say: size}}{behind}]
"
    );
    with_flows(&assistant, &flows)
}

fn with_flows(assistant: &str, flows: &str) -> Projects {
    let texts = "ask: {size: Size?, own: Own?}\nsize: '{size}'\nmore: More\n";
    Projects::new(checked(&with_assistant(
        assistant,
        flows,
        texts,
        "stories: []",
    )))
}

/// A project with the flow `a` of these steps, and flows beside it, whose slot `size` is declared so.
fn steps(size: &str, steps: &str, beside: &str) -> Projects {
    let assistant = format!(
        "name: Test\nlanguages: [en]\nmodel: {{use_for: generate}}\nslots: {{size: {size}}}\n"
    );
    let flows = format!(
        "flows:
  a:
    start: {{intents: [a]}}
    slots: {{own: {{}}}}
    steps: [{steps}]
{beside}"
    );
    with_flows(&assistant, &flows)
}

const MORE: &str = ", {say: more}";

fn outdated(log: &[Recorded]) -> usize {
    let is_one = |record: &&Recorded| matches!(record, Recorded::SlotOutdated { .. });
    log.iter().filter(is_one).count()
}

#[test]
fn a_value_that_its_slot_takes_no_more_is_asked_for_again() {
    let mut log = Vec::new();
    let before = project("{}", "{}", "");
    feed(&before, &mut log, hear("x", Some("a")));
    assert_eq!(
        feed(&before, &mut log, hear("quite big", None)),
        ["quite big"]
    );
    for size in [
        "{type: integer}",
        "{type: choice, values: [small, big]}",
        "{pattern: '[SML]'}",
        "{max: 4}",
    ] {
        let mut log = log.clone();
        let now = project(size, "{}", "");
        assert_eq!(
            feed(&now, &mut log, hear("x", Some("a"))),
            ["Size?"],
            "{size}"
        );
        assert_eq!(outdated(&log), 1, "{size}");
        let checkpoint = State::fold(&log).checkpoint();
        assert_eq!(State::fold(&checkpoint), State::fold(&log));
    }
}

#[test]
fn a_value_that_can_be_read_as_the_new_type_is_that() {
    let mut log = Vec::new();
    let before = project("{}", "{}", "");
    feed(&before, &mut log, hear("x", Some("a")));
    assert_eq!(feed(&before, &mut log, hear("12", None)), ["12"]);
    let now = project("{type: integer}", "{}", "");
    assert_eq!(feed(&now, &mut log, hear("x", Some("a"))), ["12"]);
    assert_eq!(outdated(&log), 1);
    feed(&now, &mut log, hear("x", Some("a")));
    assert_eq!(outdated(&log), 1, "once");
    // And back.
    assert_eq!(feed(&before, &mut log, hear("x", Some("a"))), ["12"]);
}

#[test]
fn to_a_flow_whose_version_takes_it_it_stays_as_it_was() {
    // The flow itself has changed, or what it uses of the conversation alone.
    for behind in [MORE, ""] {
        let mut log = Vec::new();
        let mut projects = project("{}", "{}", "");
        feed(&projects, &mut log, hear("x", Some("a")));
        feed(&projects, &mut log, hear("big", None));
        assert_eq!(feed(&projects, &mut log, hear("x", Some("b"))), ["Own?"]);
        let now = project("{type: integer}", "{}", behind);
        projects.reload(now.current().clone());
        assert_eq!(feed(&projects, &mut log, hear("x", Some("a"))), ["Size?"]);
        assert_eq!(
            feed(&projects, &mut log, hear("3", None)),
            ["3", "Now back to where we were.", "Own?"]
        );
        feed(&projects, &mut log, hear("own", None));
        assert_eq!(feed(&projects, &mut log, hear("own", None)), ["big"]);
        assert_eq!(feed(&projects, &mut log, hear("x", Some("a"))), ["3"]);
    }
}

#[test]
fn an_open_question_takes_what_it_offered() {
    let choice = |values: &str| steps(&format!("{{type: choice, values: {values}}}"), SAID, "");
    let mut projects = choice("[small, big]");
    let mut log = Vec::new();
    assert_eq!(feed(&projects, &mut log, hear("x", Some("a"))), ["Size?"]);
    projects.reload(choice("[small, tall]").current().clone());
    assert_eq!(feed(&projects, &mut log, hear("big", None)), ["big"]);
    assert_eq!(feed(&projects, &mut log, hear("x", Some("a"))), ["Size?"]);
    assert_eq!(outdated(&log), 1);
}

const SAID: &str = "{ask: size}, {say: size}";

#[test]
fn a_flow_that_is_called_knows_the_slots_that_its_caller_knows() {
    let calling = |size: &str| {
        let called = "  c:\n    steps: [{ask: size}, {say: size}]\n";
        steps(size, "{ask: size}, {ask: own}, {flow: c}", called)
    };
    let mut projects = calling("{}");
    let mut log = Vec::new();
    feed(&projects, &mut log, hear("x", Some("a")));
    assert_eq!(feed(&projects, &mut log, hear("quite big", None)), ["Own?"]);
    projects.reload(calling("{type: integer}").current().clone());
    assert_eq!(feed(&projects, &mut log, hear("own", None)), ["quite big"]);
    let called = log.iter().filter_map(|record| match record {
        Recorded::FlowStarted { flow, version, .. } if flow.as_str() == "c" => Some(version),
        _ => None,
    });
    let now = projects.current().flow(&"c".into()).unwrap();
    assert!(called.clone().all(|version| *version != now.version));
    assert_eq!(called.count(), 1);
}

/// What is said to each of these, where the version with which `a` begins is forgotten before the last of them, and the slot
/// takes numbers from then on.
fn forgotten(what: &str, beside: &str, texts: &[&str]) -> (Vec<String>, Vec<Recorded>) {
    let (before, now) = (
        steps("{}", what, beside),
        steps("{type: integer}", what, beside),
    );
    let mut log = Vec::new();
    let (last, first) = texts.split_last().unwrap();
    feed(&before, &mut log, hear("x", Some("a")));
    for text in first {
        feed(&before, &mut log, hear(text, None));
    }
    let said = feed(&now, &mut log, hear(last, None));
    let checkpoint = State::fold(&log).checkpoint();
    assert_eq!(State::fold(&checkpoint), State::fold(&log));
    (said, log)
}

#[test]
fn a_flow_whose_version_is_gone_goes_back_to_the_question_whose_answer_is() {
    let posted = "{ask: size}, {ask: own}, {call: {method: POST, url: 'http://x', body: {size: '{size}'}, on_error: end}}";
    let (said, log) = forgotten(posted, "", &["quite big", "mine"]);
    assert_eq!(said, ["Size?"]);
    let is_call = |record: &Recorded| matches!(record, Recorded::CallAnswered { .. });
    assert!(!log.iter().any(is_call));
    // What a called flow needs of it is needed.
    let called = "  c:\n    steps: [{say: size}]\n";
    let (said, _) = forgotten("{ask: size}, {ask: own}, {flow: c}", called, &["big", "x"]);
    assert_eq!(said, ["Size?"]);
}

#[test]
fn it_goes_back_for_nothing_that_is_not_needed() {
    let (said, _) = forgotten(
        "{ask: size}, {say: size}, {ask: own}, {say: more}",
        "",
        &["big", "x"],
    );
    assert_eq!(said, ["Own?"]);
}

#[test]
fn an_answer_from_before_the_flow_is_asked_for_where_every_path_has_asked_for_it() {
    let straight = "{ask: size}, {ask: own}, {say: size}";
    let around =
        "{branch: [{if: 'language == \"de\"', then: [{ask: size}]}]}, {ask: own}, {say: size}";
    let before = "  z:\n    start: {intents: [z]}\n    steps: [{ask: size}, {say: more}]\n";
    for (what, expected) in [(straight, "Size?"), (around, "Own?")] {
        let (old, now) = (
            steps("{}", what, before),
            steps("{type: integer}", what, before),
        );
        let mut log = Vec::new();
        feed(&old, &mut log, hear("x", Some("z")));
        assert_eq!(feed(&old, &mut log, hear("quite big", None)), ["More"]);
        assert_eq!(
            feed(&old, &mut log, hear("x", Some("a"))),
            ["Own?"],
            "{what}"
        );
        assert_eq!(feed(&now, &mut log, hear("x", None)), [expected], "{what}");
    }
}

#[test]
fn a_flow_whose_version_is_gone_goes_on_with_what_it_takes_now() {
    let mut log = Vec::new();
    let before = project("{}", "{}", "");
    feed(&before, &mut log, hear("x", Some("b")));
    assert_eq!(feed(&before, &mut log, hear("not many", None)), ["Own?"]);
    // Its second question is there still, and what was said to the first is none any more.
    let now = project("{}", "{type: integer}", MORE);
    feed(&now, &mut log, hear("x", None));
    assert_eq!(outdated(&log), 1);
    assert_eq!(State::fold(&log).slot("own"), None);
}

#[test]
fn a_bound_of_today_was_that_of_another_day() {
    let dated = "{type: date, min: today}";
    let projects = project(dated, "{}", "");
    let mut log = Vec::new();
    feed(&projects, &mut log, hear("x", Some("a")));
    feed(&projects, &mut log, hear("2026-11-26", None));
    let state = State::fold(&log);
    assert!(state.slot("size").is_some());
    let later = super::tests::NOW.saturating_add(jiff::SignedDuration::from_hours(48));
    let mut turn = super::Engine::new(&projects).feed(&state, hear("x", Some("a")), later);
    let first: Vec<_> = std::iter::from_fn(|| match turn.next() {
        super::Next::Record(record) => Some(record),
        _ => None,
    })
    .collect();
    assert_eq!(outdated(&first), 0, "{first:#?}");
}
