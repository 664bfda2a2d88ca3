//! What is said where no answer fits, the last time, too.

use super::tests::{checked, feed, hear, sources};
use crate::projects::Projects;

const OTHERWISE: &str = ", otherwise: [{say: out, next: end}]";

/// What is said to two answers that do not fit, where nobody is asked a third time.
fn said_to(slot: &str, otherwise: &str, answer: &str) -> [Vec<String>; 2] {
    let flows = format!(
        "flows:\n  a:\n    start: {{intents: [a]}}\n    slots: {{it: {slot}}}\n    steps:\n      - ask: {{slot: it, tries: 2{otherwise}}}\n      - say: done\n"
    );
    let texts = "ask: {it: 'It?'}\ndone: Done\nout: Another way then\nown: We have other ones\n";
    let projects = Projects::new(checked(&sources(&flows, texts, "stories: []")));
    let mut log = Vec::new();
    feed(&projects, &mut log, hear("x", Some("a")));
    [(); 2].map(|()| feed(&projects, &mut log, hear(answer, None)))
}

#[test]
fn at_the_last_try_it_is_said_why_before_the_way_out() {
    for (slot, answer, why) in [
        ("{type: integer, max: 8}", "9", "It must be at most 8."),
        ("{type: integer}", "many", "I need a whole number."),
        (
            "{pattern: '[A-Z]{2}'}",
            "A1",
            "That does not have the form that I need.",
        ),
        (
            "{type: choice, values: [red, blue], invalid: own}",
            "pink",
            "We have other ones",
        ),
    ] {
        let [first, last] = said_to(slot, OTHERWISE, answer);
        assert_eq!(first, [why, "It?"], "{answer}");
        assert_eq!(last, [why, "Another way then"], "{answer}");
    }
    let [_, last] = said_to("{type: integer}", "", "many");
    assert_eq!(
        last,
        ["I need a whole number.", "I will get a person to help you."]
    );
}

#[test]
fn who_can_choose_no_more_is_not_told_to_choose() {
    for slot in ["{type: choice, values: [red, blue]}", "{type: boolean}"] {
        let [first, last] = said_to(slot, OTHERWISE, "pink");
        assert_eq!(first.len(), 2, "{slot}");
        assert_eq!(last, ["Another way then"], "{slot}");
    }
}
