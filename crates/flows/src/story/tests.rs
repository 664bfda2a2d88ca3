use std::path::PathBuf;

use convene_source::Sources;

use super::{Hearing, Story, Utterance, run, said::said, teller::Teller};
use crate::{
    engine::{Decision, Entity, Heard, Ranked, replay},
    fault::Code,
    project::{Project, Vocabulary},
    projects::Projects,
};

fn shop() -> Sources {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    Sources::read(&folder).unwrap()
}

pub(crate) fn load(sources: &Sources) -> Projects {
    let checked = Project::check(sources, &Vocabulary::of(sources));
    // Stories say what is understood: what is taught there has no more in it than names.
    let of_training = [Code::TaughtTwice, Code::UnknownRole, Code::UntaughtLanguage];
    let faults = checked.faults.iter();
    let faults = faults.filter(|fault| !of_training.contains(&fault.code));
    let told: Vec<_> = faults.map(ToString::to_string).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    Projects::new(checked.project.unwrap())
}

/// The stories that can be told without the project's own understanding.
fn as_told(sources: &Sources) -> Vec<Story> {
    let (mut stories, faults) = Story::all(sources);
    assert_eq!(faults, []);
    stories.retain(|story| story.understand != Some(true));
    stories
}

#[test]
fn the_shop_s_stories_go_as_they_are_told() {
    let sources = shop();
    let projects = load(&sources);
    let stories = as_told(&sources);
    assert!(stories.len() > 20);
    let report = run(&projects, &stories, Hearing::AsTold);
    assert_eq!(report.failures(), 0, "{report}");
}

#[test]
fn a_turn_that_dies_anywhere_is_healed_by_going_through_it_again() {
    let sources = shop();
    let projects = load(&sources);
    for story in as_told(&sources) {
        let mut teller = Teller::new(&projects, story.begins(), None);
        teller.tell(&story).unwrap();
        replay::prove(&projects, &teller.turns, &teller.records);
    }
}

fn project(story: &str) -> Sources {
    let tests = format!("stories:\n  - story: it\n    steps:\n{story}");
    [
        ("assistant.yaml", "name: Test\nlanguages: [en]\nmodel: {use_for: generate}\n"),
        ("flows/a.yaml", "flows:\n  a:\n    start: {intents: [a]}\n    slots: {n: {type: integer, entities: [number]}}\n    steps:\n      - ask: n\n      - call: {url: \"http://x/{n}\", method: POST, body: {n: \"{n}\"}, on_error: end}\n      - say: done\n"),
        ("texts/en.yaml", "ask: {n: How many?}\ndone: Done\n"),
        ("tests/a.yaml", &tests),
    ]
    .into_iter()
    .collect()
}

/// The line, what was expected, and what was.
fn told(story: &str) -> Option<(u32, String, String)> {
    let sources = project(story);
    let projects = load(&sources);
    let (stories, faults) = Story::all(&sources);
    assert_eq!(faults, []);
    let report = run(&projects, &stories, Hearing::AsTold);
    let failure = report.stories.into_iter().next()?.failure?;
    Some((failure.line, failure.expected, failure.found))
}

#[test]
fn who_marks_nothing_is_told_so_where_the_story_fails() {
    let last = |said: &str| {
        let sources = project(&format!("      - {said}\n      - slot_was_set: {{n: 4}}\n"));
        let report = run(&load(&sources), &Story::all(&sources).0, Hearing::AsTold);
        let failure = report.stories.into_iter().next()?.failure?;
        failure.transcript.last().cloned()
    };
    let unmarked = last("{user: four of them, intent: a}").unwrap();
    assert!(
        unmarked.contains("nothing is marked in \"four of them\""),
        "{unmarked}"
    );
    let unheard = last("{user: four of them}").unwrap();
    assert!(!unheard.contains("marked"), "{unheard}");
    let marked = last("{user: '[four]{\"entity\": \"n\", \"value\": \"5\"} of them', intent: a}");
    assert!(!marked.unwrap().contains("marked"));
}

#[test]
fn a_story_that_goes_otherwise_says_where_and_how() {
    let start = "      - {user: x, intent: a}\n";
    let asked = "      - {user: x, intent: a}\n      - bot: How many?\n";
    let called = "      - {user: x, intent: a}\n      - bot: ask.n\n      - user: '3'\n";
    for (story, line, expected, found) in [
        (
            format!("{start}      - bot: done\n"),
            5,
            "says \"done\"",
            "said \"How many?\" (ask.n)",
        ),
        (
            start.to_owned(),
            4,
            "nothing more is said before the story's end",
            "the bot said \"How many?\"",
        ),
        (
            format!("{asked}      - bot: ask.n\n"),
            6,
            "says \"ask.n\"",
            "nothing happens",
        ),
        (
            format!("{asked}      - press: Yes\n"),
            6,
            "a button \"Yes\"",
            "the buttons are []",
        ),
        (
            format!("{asked}      - slot_was_set: {{n: 3}}\n"),
            6,
            "the slot n is 3",
            "it is null",
        ),
        (
            format!("{asked}      - flow: none\n"),
            6,
            "the flow on top is none",
            "it is a",
        ),
        (
            format!("{asked}      - model: x\n"),
            6,
            "the model is asked",
            "nothing happens",
        ),
        (
            format!("{called}      - bot: done\n"),
            7,
            "says \"done\"",
            "the flow calls POST http://x/3",
        ),
        (
            format!("{called}      - call: {{url: http://y, returns: {{}}}}\n"),
            7,
            "a call of http://y",
            "it is http://x/3",
        ),
        (
            format!("{called}      - call: {{body: {{n: 4}}, returns: {{}}}}\n"),
            7,
            "{\"n\":4}",
            "{\"n\":3}",
        ),
        (
            format!("{called}      - call: {{}}\n      - handoff: x\n"),
            8,
            "a person of x",
            "nobody was asked for",
        ),
    ] {
        let (at, wanted, was) = told(&story).unwrap_or_default();
        assert_eq!(at, line, "{story}: {wanted}, {was}");
        assert!(
            wanted.contains(expected) && was.contains(found),
            "{story}: {wanted}, {was}"
        );
    }
    let good = format!(
        "{called}      - call: {{method: POST, returns: {{status: 201}}}}\n      - bot: done\n      - ended: {{a: completed}}\n"
    );
    assert_eq!(told(&good), None);
}

#[test]
fn what_is_wrong_with_a_file_of_stories_is_told() {
    let faults = |text: &str| {
        let sources: Sources = [("tests/a.yaml", text)].into_iter().collect();
        let faults = Story::all(&sources).1;
        faults
            .iter()
            .map(|fault| (fault.line, fault.code.as_str()))
            .collect::<Vec<_>>()
    };
    assert_eq!(faults("x: 1\n"), [(1, "wrong-form")]);
    assert_eq!(faults("stories: [\n"), [(1, "not-yaml")]);
    let text = "stories:\n  - story: a\n    steps:\n      - {user: x, bot: y}\n      - {usr: x}\n  - steps: []\n";
    assert_eq!(
        faults(text),
        [(4, "wrong-form"), (5, "wrong-form"), (6, "wrong-form")]
    );
    let text = "stories:\n  - story: a\n    steps:\n      - {user: \"to [Paris](\"}\n";
    assert_eq!(faults(text), [(4, "wrong-form")]);
}

#[test]
fn annotations_are_taken_out_of_a_text() {
    let (text, entities) = said(
        "from [Berlin]{\"entity\": \"city\", \"role\": \"from\"} to [the sea](place:sea) [x] at [5](n)",
    )
    .unwrap();
    assert_eq!(text, "from Berlin to the sea [x] at 5");
    let told: Vec<_> = entities
        .iter()
        .map(|entity| {
            (
                entity.name.as_str(),
                entity.value.as_str().unwrap(),
                entity.role.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("city", "Berlin", Some("from")),
            ("place", "sea", None),
            ("n", "5", None)
        ]
    );
}

/// Understands every word as one intent with one entity.
fn as_a(said: Utterance<'_>) -> Heard {
    Heard {
        text: said.text.to_owned(),
        intents: vec![Ranked {
            intent: "a".into(),
            confidence: 0.9,
            score: None,
        }],
        decision: Decision::Sure,
        entities: vec![Entity {
            name: "city".into(),
            value: serde_json::json!({"type": "text", "text": "Bonn"}),
            role: None,
            start: None,
            end: None,
            wish: None,
        }],
        ..Heard::default()
    }
}

/// What was expected, and what was, of a story whose words are understood.
fn understood(told: &str, story: &str) -> Option<(String, String)> {
    let mut sources = project(story);
    let text = sources.get("tests/a.yaml").unwrap().to_owned();
    let text = text.replace("    steps:", &format!("    {told}\n    steps:"));
    sources = sources
        .iter()
        .map(|(path, old)| (path, if path == "tests/a.yaml" { &text } else { old }))
        .collect();
    let (stories, faults) = Story::all(&sources);
    assert_eq!(faults, []);
    let hearing = Hearing::Understood {
        by: &as_a,
        always: told.contains("now"),
    };
    let report = run(&load(&sources), &stories, hearing);
    let failure = report.stories.into_iter().next()?.failure?;
    Some((failure.expected, failure.found))
}

#[test]
fn what_is_understood_must_be_what_the_story_says() {
    let asked = "      - bot: ask.n\n";
    for told in ["understand: true", "now: 2026-11-26T10:00"] {
        for good in [
            "{user: x}",
            "{user: x, intent: a}",
            "{user: 'to [Bonn](city)', intent: a}",
        ] {
            assert_eq!(understood(told, &format!("      - {good}\n{asked}")), None);
        }
        for (bad, expected) in [
            ("{user: x, intent: b}", "\"x\" is understood as `b`"),
            (
                "{user: x, torn: [a, b]}",
                "\"x\" is understood as torn between `a` and `b`",
            ),
            (
                "{user: 'to [Rome](city)', intent: a}",
                "\"to Rome\" is understood as `a` with city Rome",
            ),
            (
                "{user: 'on [1](n)'}",
                "\"on 1\" is understood as no intent with n 1",
            ),
        ] {
            let (was_expected, found) = understood(told, &format!("      - {bad}\n")).unwrap();
            assert_eq!(was_expected, expected);
            assert_eq!(found, "it is understood as `a` with city Bonn");
        }
    }
    let as_told = [
        "      - {user: x, intent: a}\n",
        asked,
        "      - {user: y, intent: b}\n      - bot: convene.invalid.integer\n",
        asked,
    ];
    assert_eq!(understood("understand: false", &as_told.concat()), None);
}

#[test]
fn what_is_found_counts_where_nothing_is_marked() {
    let four = |_: Utterance<'_>| {
        vec![Entity {
            name: "number".into(),
            value: serde_json::json!({"type": "number", "number": 4}),
            role: None,
            start: None,
            end: None,
            wish: None,
        }]
    };
    let marked = "'[five]{\"entity\": \"number\", \"value\": \"5\"} of them'";
    for (said, number) in [("four of them", 4), (marked, 5)] {
        let story = format!(
            "      - {{user: {said}, intent: a}}\n      - slot_was_set: {{n: {number}}}\n      - call: {{}}\n"
        );
        let sources = project(&story);
        let (stories, faults) = Story::all(&sources);
        assert_eq!(faults, []);
        let report = run(&load(&sources), &stories, Hearing::Found(&four));
        assert_eq!(report.failures(), 0, "{report}");
    }
}

#[test]
fn what_every_project_has_is_found_beside_marks_and_by_its_name() {
    let four = |said: Utterance<'_>| {
        let start = said.text.find("four");
        let found = |name: &str| Entity {
            name: name.into(),
            value: serde_json::json!({"type": "number", "number": 4}),
            role: None,
            start,
            end: start.map(|start| start + "four".len()),
            wish: None,
        };
        vec![found("word_of_a_list"), found("number")]
    };
    for said in [
        "[big](size) ones and four of them",
        "[four](number) of them",
    ] {
        let story = format!(
            "      - {{user: '{said}', intent: a}}\n      - slot_was_set: {{n: 4}}\n      - call: {{}}\n"
        );
        let sources = project(&story);
        let (stories, faults) = Story::all(&sources);
        assert_eq!(faults, []);
        let report = run(&load(&sources), &stories, Hearing::Found(&four));
        assert_eq!(report.failures(), 0, "{report}");
    }
}

#[test]
fn what_somebody_is_called_is_no_markdown_of_the_assistant_s() {
    let sources: Sources = [
        ("assistant.yaml", "name: Test\nlanguages: [en]\n"),
        (
            "flows/a.yaml",
            "flows:\n  a:\n    start: {intents: [a]}\n    slots: {guest: {type: text}}\n    steps:\n      - ask: guest\n      - say: hello\n",
        ),
        (
            "texts/en.yaml",
            "ask: {guest: In which name?}\nhello: '**Hello** {guest}!'\n",
        ),
        (
            "tests/a.yaml",
            "stories:\n  - story: it\n    steps:\n      - {user: x, intent: a}\n      - bot: ask.guest\n      - user: '# *Eve* <b>'\n      - bot: '**Hello** # *Eve* <b>!'\n",
        ),
    ]
    .into_iter()
    .collect();
    let projects = load(&sources);
    let (stories, _) = Story::all(&sources);
    let mut teller = Teller::new(&projects, stories[0].begins(), None);
    teller.tell(&stories[0]).unwrap();
    let said = teller.transcript.last().unwrap();
    assert_eq!(said, r"bot: **Hello** \# \*Eve\* \<b>!");
}
