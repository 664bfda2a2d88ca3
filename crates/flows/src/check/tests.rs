use convene_source::Sources;

use crate::{
    fault::{Code, Fault},
    project::{Project, Vocabulary},
};

const ASSISTANT: &str = "name: Shop\nlanguages: [en]\n";
const NLU: &str = "version: '3.1'\nnlu:\n- intent: greet\n  examples: |\n    - hello\n- intent: order\n  examples: |\n    - where is [AB12](order_number)\n    - [AB12]{\"entity\": \"number_of_order\", \"role\": \"old\"}\n";

fn project(files: &[(&str, &str)]) -> Sources {
    let base = [("assistant.yaml", ASSISTANT), ("nlu/en.yaml", NLU)];
    base.iter()
        .chain(files)
        .map(|(path, text)| (*path, *text))
        .collect()
}

/// A project of one flow that says what it needs to.
pub(super) fn flow(steps: &str) -> Sources {
    let flow = format!(
        "flows:\n  main:\n    start:\n      intents: [greet, order]\n    slots:\n      order_number: {{}}\n      amount: {{type: integer}}\n      kind: {{type: choice, values: [big, small]}}\n    steps:\n{steps}"
    );
    let texts = "hello: Hello\nshow: \"{amount} of {order_number}\"\nask:\n  order_number: Which?\n  amount: How many?\n  kind: Big or small?\n";
    project(&[("flows/main.yaml", &flow), ("texts/en.yaml", texts)])
}

fn faults(sources: &Sources) -> Vec<Fault> {
    Project::check(sources, &Vocabulary::of(sources)).faults
}

/// `code line:column`, but for what is of no use.
pub(super) fn told(sources: &Sources) -> Vec<String> {
    let faults = faults(sources);
    let of_use = faults.iter().filter(|fault| {
        !matches!(
            fault.code,
            Code::UnusedSlot | Code::UnusedText | Code::UnusedIntent
        )
    });
    of_use
        .map(|fault| format!("{} {}:{}", fault.code.as_str(), fault.line, fault.column))
        .collect()
}

#[test]
fn a_good_project_has_no_faults() {
    let sources = flow(
        "      - say: hello\n      - ask: order_number\n      - ask: {slot: amount, tries: 2, otherwise: end}\n      - ask: kind\n      - branch:\n          - if: kind == \"big\" and amount > 3\n            then:\n              - say: show\n          - else: end\n      - end: flow\n",
    );
    assert_eq!(faults(&sources), []);
}

#[test]
fn each_kind_of_fault_is_found_where_it_stands() {
    // The steps begin in line 10.
    for (steps, expected) in [
        ("      - say: hullo\n", "unknown-text 10:14"),
        ("      - ask: order_numbr\n", "unknown-slot 10:14"),
        (
            "      - ask: {slot: amount, as: choices}\n",
            "wrong-form 10:33",
        ),
        (
            "      - say: hello\n        next: nowhere\n",
            "unknown-step 11:15",
        ),
        ("      - flow: other\n", "unknown-flow 10:15"),
        ("      - flow: {name: main}\n", "flow-circle 10:22"),
        (
            "      - branch:\n          - if: amount >\n            then: end\n",
            "bad-expression 11:17",
        ),
        (
            "      - ask: kind\n      - branch:\n          - if: kind == \"tiny\"\n            then: end\n",
            "wrong-type 12:17",
        ),
        (
            "      - branch:\n          - if: unheard > 3\n            then: end\n",
            "unknown-placeholder 11:17",
        ),
        ("      - set: {amount: many}\n", "wrong-type 10:23"),
        ("      - set: {kind: tiny}\n", "wrong-type 10:21"),
        (
            "      - say: hello\n        sya: hello\n",
            "wrong-form 11:9",
        ),
        ("      - id: a\n", "wrong-form 10:9"),
        ("      - say: hello\n        end: flow\n", "wrong-form 10:9"),
        (
            "      - id: a\n        say: hello\n      - id: a\n        say: hello\n",
            "duplicate 12:13",
        ),
        ("      - id: 2a\n        say: hello\n", "bad-name 10:13"),
        (
            "      - end: flow\n      - say: hello\n      - say: hello\n",
            "unreachable 11:9",
        ),
        (
            "      - id: a\n        say: hello\n        next: a\n",
            "endless-loop 10:9",
        ),
        (
            "      - id: a\n        ask: amount\n        next: a\n",
            "endless-loop 10:9",
        ),
        (
            "      - branch:\n          - if: amount > 3\n            then: end\n",
            "never-set 10:9",
        ),
        (
            "      - ask: amount\n      - branch:\n          - if: amount > 3\n            then: [{ask: order_number}]\n      - say: show\n",
            "maybe-unset 14:9",
        ),
        ("      - wait: soon\n", "wrong-form 10:15"),
        ("      - wait: {}\n", "wrong-form 10:9"),
        ("      - ask: {slot: amount, tries: 0}\n", "wrong-form 10:9"),
        (
            "      - choose: {text: hello, options: []}\n",
            "wrong-form 10:9",
        ),
        (
            "      - branch: [{else: end}, {if: today, then: end}]\n",
            "wrong-form 10:9",
        ),
        (
            "      - call: {url: \"http://x/{order\"}\n",
            "bad-expression 10:21",
        ),
        (
            "      - call: {url: \"http://x/{order}\"}\n",
            "unknown-placeholder 10:21",
        ),
        (
            "      - call: {url: http://x, save: {amount: \"body.\"}}\n",
            "bad-expression 10:46",
        ),
    ] {
        assert_eq!(
            told(&flow(steps)),
            [expected],
            "{steps}\n{:#?}",
            faults(&flow(steps))
        );
    }
}

#[test]
fn circles_that_wait_are_good() {
    for steps in [
        "      - id: a\n        ask: {slot: amount, again: true}\n      - say: hello\n        next: a\n",
        "      - id: a\n        ask: amount\n      - set: {amount: null}\n        next: a\n",
        "      - say: hello\n      - id: a\n        wait: 10m\n        next: a\n",
        "      - id: a\n        ask: amount\n      - set: {amount: 3}\n      - say: hello\n      - set: {amount: null}\n        next: a\n",
        "      - set: {amount: 3}\n      - id: a\n        set: {amount: null}\n      - ask: amount\n        next: a\n",
        "      - id: a\n        say: hello\n      - wait: {event: paid, for: 1h}\n        next: a\n",
        "      - id: a\n        say: hello\n      - wait: 1h\n      - branch:\n          - if: waiting > 3\n            then: end\n          - else: a\n",
        "      - id: a\n        choose:\n          text: hello\n          options:\n            - {label: hello, then: a}\n",
    ] {
        assert_eq!(told(&flow(steps)), Vec::<String>::new(), "{steps}");
    }
    // One of its circles does not empty the slot.
    let steps = "      - id: a\n        ask: amount\n      - branch:\n          - if: amount > 3\n            then: a\n      - set: {amount: null}\n        next: a\n";
    assert_eq!(told(&flow(steps)), ["endless-loop 10:9"]);
    // It is filled again by the time that the question is come to.
    let steps = "      - id: a\n        ask: amount\n      - set: {amount: null}\n      - say: hello\n      - set: {amount: 4}\n        next: a\n";
    assert_eq!(told(&flow(steps)), ["endless-loop 10:9"]);
    // Nobody is ever waited for.
    let steps = "      - id: a\n        say: hello\n      - wait: 1s\n        next: a\n";
    assert_eq!(told(&flow(steps)), ["talks-alone 10:9"]);
}

#[test]
fn training_data_of_which_nothing_is_learnt_is_refused() {
    let lookup = "nlu:\n- lookup: city\n  examples: |\n    - Rome\n";
    let told = |nlu: &str| {
        let sources = [
            ("assistant.yaml", ASSISTANT),
            (
                "flows/a.yaml",
                "flows: {a: {start: {events: [go]}, steps: [{say: hello}]}}\n",
            ),
            ("texts/en.yaml", "hello: Hello\n"),
            ("nlu/en.yaml", nlu),
        ];
        told(&sources.into_iter().collect())
    };
    for nlu in [
        lookup,
        "version: '3.1'\n",
        "",
        "nlu:\n- intent: oos\n  examples: |\n    - hm\n",
    ] {
        assert_eq!(told(nlu), ["nothing-taught 0:0"], "{nlu}");
    }
    let taught = format!("{lookup}- intent: greet\n  examples: |\n    - hello\n");
    assert_eq!(told(&taught), Vec::<String>::new());
}

#[test]
fn all_faults_of_all_files_are_told_in_one_go() {
    let sources = project(&[
        (
            "assistant.yaml",
            "name: Shop\nlanguages: [en, de]\nfallback: nothing\ncommands: {cancel: [stop]}\nslots:\n  size: {type: choice}\n",
        ),
        (
            "flows/a.yaml",
            "flows:\n  a:\n    start: {intents: [greet]}\n    steps:\n      - say: one\n      - sya: two\n      - say: three\n",
        ),
        (
            "flows/b.yaml",
            "flows:\n  b:\n    start: {intents: [greet, odrer]}\n    slots:\n      n: {type: integer, min: few, pattern: \"[\", entities: [order_nmber]}\n    steps: []\n  lonely:\n    steps: [{say: one}]\n",
        ),
        (
            "texts/en.yaml",
            "one: \"One {thing}\"\nunused: x\nbad: \"{\"\n",
        ),
        ("texts/de.yaml", "one: Eins\nconvene: {unheard_of: x}\n"),
        ("texts/fr.yaml", "one: Un\n"),
    ]);
    let told: Vec<_> = faults(&sources)
        .iter()
        .map(|fault| format!("{}:{} {}", fault.file, fault.line, fault.code.as_str()))
        .collect();
    for expected in [
        "assistant.yaml:3 unknown-flow",
        "assistant.yaml:4 unknown-intent",
        "assistant.yaml:6 wrong-type",
        "flows/a.yaml:6 wrong-form",
        "flows/a.yaml:7 unknown-text",
        "flows/b.yaml:3 ambiguous-start",
        "flows/b.yaml:3 unknown-intent",
        "flows/b.yaml:5 wrong-type",
        "flows/b.yaml:5 bad-expression",
        "flows/b.yaml:5 unknown-entity",
        "flows/b.yaml:6 wrong-form",
        "texts/en.yaml:1 unknown-placeholder",
        "texts/en.yaml:3 bad-expression",
        "texts/de.yaml:2 unknown-text",
        "texts/fr.yaml:0 unknown-language",
    ] {
        assert!(
            told.iter().any(|fault| fault == expected),
            "{expected} is not in {told:#?}"
        );
    }
}

#[test]
fn numbers_of_the_assistant_have_bounds() {
    for more in [
        "ask: {tries: 0}",
        "thresholds: {sure: 1.5}",
        "thresholds: {sure: 0.2, lost: 0.4}",
    ] {
        let good = flow("      - say: hello\n");
        let assistant = format!("{ASSISTANT}{more}\n");
        let files: Sources = good
            .iter()
            .chain([("assistant.yaml", assistant.as_str())])
            .collect();
        assert_eq!(told(&files), ["wrong-form 0:0"], "{more}");
    }
}

#[test]
fn a_fault_says_what_to_do() {
    let sources = flow("      - say: helo\n");
    let faults_of = faults(&sources);
    let fault = faults_of
        .iter()
        .find(|fault| fault.code == Code::UnknownText)
        .unwrap();
    assert_eq!(
        fault.to_string(),
        "flows/main.yaml:10:14: error[unknown-text]: there is no text `helo`\n    did you mean `hello`?"
    );
    let none = Sources::default();
    assert_eq!(faults(&none)[0].code, Code::Unreadable);
}

#[test]
fn a_name_that_is_taken_is_told_which_others_are() {
    let sources = project(&[(
        "flows/a.yaml",
        "flows:\n  a:\n    start: {intents: [greet]}\n    slots: {people: {type: integer}}\n    steps: [{say: one}]\n",
    )]);
    let faults = faults(&sources);
    let mut bad = faults.iter().filter(|fault| fault.code == Code::BadName);
    let taken = bad.next().unwrap();
    assert!(
        taken.message.contains("`people` is no name for a slot: "),
        "{taken}"
    );
    for name in ["`people`", "`text`", "`value`"] {
        assert!(taken.remedy.contains(name), "{taken}");
    }
}

#[test]
fn a_language_without_built_in_texts_needs_its_own() {
    let sources = project(&[
        ("assistant.yaml", "name: Shop\nlanguages: [nl]\n"),
        (
            "flows/a.yaml",
            "flows:\n  a:\n    start: {intents: [greet]}\n    steps: [{say: one}]\n",
        ),
        ("texts/nl.yaml", "one: Een\n"),
    ]);
    let faults = faults(&sources);
    let missing = faults
        .iter()
        .find(|fault| fault.code == Code::MissingTranslation)
        .unwrap();
    assert!(missing.message.contains("convene.which"), "{missing}");
    assert_eq!(missing.file, "texts/nl.yaml");
}

#[test]
fn the_languages_that_are_built_in_need_nothing_of_their_own() {
    for language in ["en", "de", "es", "fr"] {
        let assistant = format!("name: Shop\nlanguages: [{language}]\n");
        let texts = format!("texts/{language}.yaml");
        let sources = project(&[
            ("assistant.yaml", &assistant),
            (
                "flows/a.yaml",
                "flows:\n  a:\n    start: {intents: [greet]}\n    steps: [{say: one}]\n",
            ),
            (&texts, "one: 1\n"),
        ]);
        let found = faults(&sources);
        let missing = found
            .iter()
            .find(|fault| fault.code == Code::MissingTranslation);
        assert_eq!(missing, None, "{language}");
    }
}

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

/// All that is told, warnings too.
fn all_told(files: &[(&str, &str)]) -> Vec<String> {
    let sources = project(files);
    let (stories, _) = crate::story::Story::all(&sources);
    let vocabulary = Vocabulary::of(&sources);
    let checked = Project::check(&sources, &vocabulary);
    let mut faults = checked.faults;
    if let Some(project) = checked.project {
        faults.extend(crate::story::Story::check(&stories, &project, &vocabulary));
    }
    // Flows without titles are the same in every test here.
    let of_use = faults
        .iter()
        .filter(|fault| fault.code != Code::Untranslated);
    of_use
        .map(|fault| format!("{} {}:{}", fault.code.as_str(), fault.file, fault.line))
        .collect()
}

const FLOWS: &str = "flows:
  main:
    start: {intents: [greet, order]}
    slots: {kind: {type: choice, values: [big, small]}}
    steps: [{ask: kind}, {say: shown}]
";
const TEXTS: &str = "shown: It is {kind}
ask: {kind: Big or small?}
";

#[test]
fn one_mistake_is_one_fault() {
    let one = |flows: &str, texts: &str| {
        all_told(&[("flows/main.yaml", flows), ("texts/en.yaml", texts)])
    };
    assert_eq!(one(FLOWS, TEXTS), [""; 0]);
    for (from, to, expected) in [
        ("ask: kind", "ask: knid", "unknown-slot flows/main.yaml:5"),
        ("say: shown", "say: shwon", "unknown-text flows/main.yaml:5"),
        (
            "slots: {kind:",
            "slots: {knid:",
            "unknown-slot flows/main.yaml:5",
        ),
        ("{ask: kind}", "{aks: kind}", "wrong-form flows/main.yaml:5"),
        ("start: {", "start: [", "not-yaml flows/main.yaml:3"),
        ("[big, small]", "big", "wrong-form flows/main.yaml:4"),
    ] {
        let told = one(&FLOWS.replace(from, to), TEXTS);
        assert_eq!(told, [expected], "{to}");
    }
    for (from, to, expected) in [
        ("{kind}", "{knid}", "unknown-placeholder texts/en.yaml:1"),
        ("{kind}", "{kind", "bad-expression texts/en.yaml:1"),
        ("It is {kind}", "5", "wrong-form texts/en.yaml:1"),
        ("shown: It", "shown: 'It", "not-yaml texts/en.yaml:1"),
    ] {
        let told = one(FLOWS, &TEXTS.replace(from, to));
        assert_eq!(told, [expected], "{to}");
    }
}

#[test]
fn what_is_of_no_use_is_told_where_nothing_is_wrong() {
    let flows =
        FLOWS.replace("[greet, order]", "[greet]") + "  lonely:\n    steps: [{say: shown}]\n";
    let flows = flows.replace(
        "[{say: shown}]",
        "[{ask: kind}, {say: shown}]\n    slots: {kind: {type: choice, values: [a]}, idle: {}}",
    );
    let texts = format!("{TEXTS}unsaid: x\n");
    assert_eq!(
        all_told(&[("flows/main.yaml", &flows), ("texts/en.yaml", &texts)]),
        [
            "never-started flows/main.yaml:6",
            "unused-slot flows/main.yaml:8",
            "unused-intent nlu/:0",
            "unused-text texts/en.yaml:3"
        ]
    );
}

#[test]
fn a_language_is_missed_once_and_a_misspelt_key_is_guessed() {
    let assistant = ("assistant.yaml", "name: Shop\nlanguages: [en, de]\n");
    let files = [
        assistant,
        ("flows/main.yaml", FLOWS),
        ("texts/en.yaml", TEXTS),
    ];
    assert_eq!(all_told(&files), ["missing-translation assistant.yaml:2"]);
    let german = TEXTS.replace("shown", "shwon");
    let files = [&files[..], &[("texts/de.yaml", german.as_str())]].concat();
    let told = all_told(&files);
    assert_eq!(told.last().unwrap(), "missing-translation texts/en.yaml:1");
    assert_eq!(told.len(), 2, "and that nothing is learnt in it: {told:?}");
    let mut found = faults(&project(&files));
    found.retain(|fault| fault.code == Code::MissingTranslation);
    assert!(
        found[0].remedy.contains("did you mean `shwon`?"),
        "{}",
        found[0]
    );
}

#[test]
fn sentences_that_nobody_will_be_heard_with_are_told() {
    let nlu = "nlu:\n- intent: greet\n  examples: |\n    - bonjour\n";
    let files = [
        ("flows/main.yaml", FLOWS),
        ("texts/en.yaml", TEXTS),
        ("nlu/fr.yaml", nlu),
    ];
    assert_eq!(all_told(&files), ["foreign-sentences nlu/fr.yaml:4"]);
}

#[test]
fn a_language_that_nothing_is_learnt_in_is_told() {
    let flows = FLOWS.replace("greet, order", "greet");
    let files = |sentences| {
        [
            ("assistant.yaml", "name: Shop\nlanguages: [en, de]\n"),
            ("flows/main.yaml", flows.as_str()),
            ("texts/en.yaml", TEXTS),
            ("texts/de.yaml", TEXTS),
            (
                sentences,
                "nlu:\n- intent: greet\n  examples: |\n    - hallo\n",
            ),
        ]
    };
    let told = |sentences| all_told(&files(sentences));
    assert_eq!(told("nlu/en.yaml"), ["untaught-language assistant.yaml:2"]);
    // Beside the English sentences that every project here has.
    assert_eq!(told("nlu/de.yaml"), ["unused-intent nlu/:0"]);
}

#[test]
fn what_is_more_than_a_message_can_show_is_told() {
    let many: Vec<_> = (0..65).map(|n| format!("v{n}")).collect();
    let flows = FLOWS.replace("big, small", &many.join(", "));
    let told = |flows: &str, texts: &str| {
        all_told(&[("flows/main.yaml", flows), ("texts/en.yaml", texts)])
    };
    assert_eq!(told(&flows, TEXTS), ["too-much flows/main.yaml:4"]);
    let option = "{label: shown, then: end}, ";
    let choose = |options: usize| {
        let step = format!(
            "{{choose: {{text: shown, options: [{}]}}}}",
            option.repeat(options)
        );
        FLOWS.replace("{say: shown}", &step)
    };
    assert_eq!(told(&choose(64), TEXTS), [""; 0]);
    assert_eq!(told(&choose(65), TEXTS), ["too-much flows/main.yaml:5"]);
    let long = TEXTS.replace("It is", &"x".repeat(1000));
    assert_eq!(told(&choose(1), &long), ["too-much flows/main.yaml:5"]);
    let card = FLOWS.replace("{say: shown}", "{say: {text: shown, card: {title: shown}}}");
    assert_eq!(told(&card, TEXTS), [""; 0]);
    assert_eq!(told(&card, &long), ["too-much flows/main.yaml:5"]);
    let image = card.replace("{title: shown}", "{title: shown, image: 'http://x'}");
    assert_eq!(told(&image, TEXTS), ["wrong-form flows/main.yaml:5"]);
}

#[test]
fn what_stories_name_must_be_there() {
    let stories = "stories:
  - story: it
    steps:
      - {user: hello, intent: gret}
      - slot_was_set: {knid: big}
      - flow: mian
";
    let files = [
        ("flows/main.yaml", FLOWS),
        ("texts/en.yaml", TEXTS),
        ("tests/a.yaml", stories),
    ];
    assert_eq!(
        all_told(&files),
        [
            "unknown-intent tests/a.yaml:4",
            "unknown-slot tests/a.yaml:5",
            "unknown-flow tests/a.yaml:6"
        ]
    );
}

#[test]
fn what_can_be_no_moment_is_not_waited_for() {
    let told_of = |steps: &str| {
        let flow = format!(
            "flows:\n  main:\n    start: {{intents: [greet, order]}}\n    slots: {{day: {{type: date}}, hour: {{type: time}}, n: {{type: integer}}}}\n    steps:\n{steps}"
        );
        let texts = "hello: Hello\nask: {day: Which?, hour: When?, n: How many?}\n";
        told(&project(&[
            ("flows/main.yaml", &flow),
            ("texts/en.yaml", texts),
        ]))
    };
    let asked = "      - ask: day\n      - ask: hour\n      - ask: n\n";
    for (wait, expected) in [
        ("{until: day}", None),
        ("{until: hour}", None),
        ("{until: day, at: hour}", None),
        ("{until: n}", Some("wrong-type 9:23")),
        ("{until: hour, at: hour}", Some("wrong-type 9:23")),
        ("{until: day, at: day}", Some("wrong-type 9:32")),
        ("{until: week}", Some("unknown-slot 9:23")),
        ("{until: day, for: 5m}", Some("wrong-form 9:23")),
        ("{at: hour}", Some("wrong-form 9:20")),
    ] {
        let told = told_of(&format!(
            "{asked}      - wait: {wait}\n      - say: hello\n"
        ));
        assert_eq!(told, expected.into_iter().collect::<Vec<_>>(), "{wait}");
    }
    assert_eq!(told_of("      - wait: {until: day}\n"), ["never-set 6:9"]);
    let maybe = "      - ask: {slot: day, tries: 1, otherwise: late}\n      - id: late\n        wait: {until: day}\n";
    assert_eq!(told_of(maybe), ["maybe-unset 7:9"]);
    // It may be past.
    let round =
        format!("{asked}      - id: again\n        wait: {{until: day}}\n        next: again\n");
    assert_eq!(told_of(&round), ["endless-loop 9:9"]);
}
