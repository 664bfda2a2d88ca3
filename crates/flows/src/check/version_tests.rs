//! What makes a flow's version: what it says, and the conversation's slots that it uses.

use convene_source::Sources;

use super::tests::{flow, project};
use crate::project::{Project, Vocabulary};

#[test]
fn only_what_a_flow_says_makes_its_version() {
    let version = |sources: &Sources| {
        let project = Project::check(sources, &Vocabulary::of(sources))
            .project
            .unwrap();
        project.flows().next().unwrap().version.clone()
    };
    let one = version(&flow("      - say: hello\n      - end: flow\n"));
    assert_eq!(
        one,
        version(&flow(
            "\n\n      -   say:  \"hello\"\n      - end: flow # the end\n"
        ))
    );
    assert_ne!(
        one,
        version(&flow("      - say: hello\n      - end: all\n"))
    );
}

#[test]
fn the_slots_of_the_conversation_that_a_flow_uses_make_its_version_too() {
    let version = |slots: &str, hello: &str| {
        let assistant = format!("name: Test\nlanguages: [en]\nslots: {slots}\n");
        let flows = "flows:\n  a:\n    start: {events: [a]}\n    steps: [{ask: size}, {say: hello}, {flow: b}]\n  b:\n    start: {events: [b]}\n    steps: [{branch: [{if: deep, then: [{say: hello}]}]}]\n";
        let texts = format!("hello: '{hello}'\nask: {{size: Size?}}\n");
        let sources = project(&[
            ("assistant.yaml", &assistant),
            ("flows/a.yaml", flows),
            ("texts/en.yaml", &texts),
        ]);
        let checked = Project::check(&sources, &Vocabulary::of(&sources));
        let project = checked.project.ok_or(checked.faults).unwrap();
        project.flow(&"a".into()).unwrap().version.clone()
    };
    let (plain, hello) = ("{size: {}, deep: {}, other: {}}", "Hello");
    let one = version(plain, hello);
    assert_eq!(one, version(plain, "Good day"));
    let number = "{size: {}, deep: {}, other: {type: integer}}";
    for (slots, is_same) in [
        ("\n  other: {}\n  deep:  {}\n  size: {}", true),
        ("{size: {}, deep: {}}", true),
        (number, true),
        ("{size: {max: 3}, deep: {}, other: {}}", false),
        ("{size: {}, deep: {type: integer}, other: {}}", false),
        ("{size: {depends_on: [other]}, deep: {}, other: {}}", false),
    ] {
        assert_eq!(one == version(slots, hello), is_same, "{slots}");
    }
    assert_ne!(
        version(plain, "Hello {other}"),
        version(number, "Hello {other}")
    );
}
