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
    let texts = "ask: {size: Size?, own: Own?}\nsize: '{size}'\nmore: More\n";
    Projects::new(checked(&with_assistant(
        &assistant,
        &flows,
        texts,
        "stories: []",
    )))
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
    let mut log = Vec::new();
    let mut projects = project("{}", "{}", "");
    feed(&projects, &mut log, hear("x", Some("a")));
    feed(&projects, &mut log, hear("big", None));
    assert_eq!(feed(&projects, &mut log, hear("x", Some("b"))), ["Own?"]);
    let now = project("{type: integer}", "{}", MORE);
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
