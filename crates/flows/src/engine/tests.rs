//! How conversations go by rules that have no file of their own; and what the engine's tests share.

use convene_source::Sources;
use jiff::civil::DateTime;

use super::{Answer, Decision, Effect, Engine, Heard, Input, Next, Ranked, Recorded, State, Turn};
use crate::{
    project::{Project, Vocabulary},
    projects::Projects,
    story::{Hearing, Story, run, tests::load},
};

pub(super) const NOW: DateTime = DateTime::constant(2026, 11, 26, 10, 0, 0, 0);
pub(super) const ASSISTANT: &str = "name: Test\nlanguages: [en]\nmodel: {use_for: generate}\ncommands: {affirm: [yes], deny: [no], human: [human], cancel: [cancel], correct: [correct]}\n";

pub(super) fn sources(flows: &str, texts: &str, stories: &str) -> Sources {
    with_assistant(ASSISTANT, flows, texts, stories)
}

pub(super) fn with_assistant(assistant: &str, flows: &str, texts: &str, stories: &str) -> Sources {
    [
        ("assistant.yaml", assistant),
        ("flows/a.yaml", flows),
        ("texts/en.yaml", texts),
        ("tests/a.yaml", stories),
    ]
    .into_iter()
    .collect()
}

/// The same with training data in which each of these intents has this example.
pub(super) fn taught(files: &Sources, intents: &[&str], example: &str) -> Sources {
    let intents = intents.iter();
    let intents: String = intents
        .map(|intent| format!("- intent: {intent}\n  examples: '- {intent} {example}'\n"))
        .collect();
    let nlu = format!("nlu:\n{intents}");
    let nlu = ("nlu/en.yaml", nlu.as_str());
    files.iter().chain([nlu]).collect()
}

/// The stories go as they are told, and so they do if every turn dies.
#[track_caller]
pub(super) fn goes(sources: &Sources) {
    go(&load(sources), sources);
}

/// The same where the project has more than its stories need.
#[track_caller]
pub(super) fn goes_with_more(sources: &Sources) {
    go(&Projects::new(checked(sources)), sources);
}

#[track_caller]
fn go(projects: &Projects, sources: &Sources) {
    let (stories, faults) = Story::all(sources);
    assert_eq!(faults, []);
    assert!(!stories.is_empty());
    let report = run(projects, &stories, Hearing::AsTold);
    assert_eq!(report.failures(), 0, "{report}");
}

pub(super) fn hear(text: &str, intent: Option<&str>) -> Input {
    let decision = if intent.is_some() {
        Decision::Sure
    } else {
        Decision::Lost
    };
    let intents: Vec<_> = intent.map(|intent| (intent, 1.0)).into_iter().collect();
    hear_as(decision, text, &intents)
}

/// The same with all that it may mean, and how likely that is.
pub(super) fn hear_as(decision: Decision, text: &str, intents: &[(&str, f64)]) -> Input {
    let intents = intents.iter().map(|(intent, confidence)| Ranked {
        intent: (*intent).into(),
        confidence: *confidence,
        score: None,
    });
    Input::Heard(Heard {
        text: text.into(),
        intents: intents.collect(),
        decision,
        ..Heard::default()
    })
}

/// Feeds an input, writes its records to the log, and gives what was said. Whoever is asked does not answer.
pub(super) fn feed(projects: &Projects, log: &mut Vec<Recorded>, input: Input) -> Vec<String> {
    feed_with(projects, log, input, &Answer::NoAnswer("none".into()))
}

/// The same where whoever is asked answers this.
pub(super) fn feed_with(
    projects: &Projects,
    log: &mut Vec<Recorded>,
    input: Input,
    answer: &Answer,
) -> Vec<String> {
    let state = State::fold(log.iter());
    through(Engine::new(projects).feed(&state, input, NOW), log, answer)
}

/// Goes through a turn, writes its records to the log, and gives what was said.
pub(super) fn through(mut turn: Turn<'_>, log: &mut Vec<Recorded>, answer: &Answer) -> Vec<String> {
    let mut said = Vec::new();
    loop {
        match turn.next() {
            Next::Record(record) => log.push(record),
            Next::Do(Effect::Say(saying)) => said.push(saying.text),
            Next::Do(_) => {}
            Next::Ask(_) => turn.resume(answer.clone()),
            Next::Diverged => turn = turn.begin_anew(),
            Next::Done => return said,
        }
    }
}

pub(super) fn asking(question: &str, after: &str) -> Sources {
    let flows = format!(
        "flows:\n  a:\n    start: {{intents: [a]}}\n    slots: {{n: {{type: integer}}}}\n    steps:\n      - ask: n\n{after}"
    );
    let texts = format!("ask: {{n: {question}}}\ndone: Done with {{n}}\nmore: More\n");
    sources(&flows, &texts, "stories: []")
}

pub(super) fn checked(sources: &Sources) -> std::sync::Arc<Project> {
    Project::check(sources, &Vocabulary::of(sources))
        .project
        .unwrap()
}

#[test]
fn a_person_has_the_conversation_until_it_is_given_back() {
    let projects = Projects::new(checked(&asking("How many?", "      - say: done\n")));
    let mut log = Vec::new();
    feed(&projects, &mut log, hear("help", Some("human")));
    assert!(State::fold(log.iter()).is_handed_off());
    assert_eq!(
        feed(&projects, &mut log, hear("x", Some("a"))),
        Vec::<String>::new()
    );
    feed(&projects, &mut log, Input::HandedBack);
    assert_eq!(
        feed(&projects, &mut log, hear("x", Some("a"))),
        ["How many?"]
    );
}

#[test]
fn buttons_choices_and_forms_are_answers() {
    goes(&sources("
flows:
  a:
    start: {intents: [a]}
    slots:
      size: {type: choice, values: [{value: s, label: small}, {value: l, label: large}], intents: {tiny: s}}
      n: {type: integer, max: 5}
    steps:
      - ask: {slot: size, form: [n]}
      - ask: n
      - choose:
          text: which
          options:
            - {label: small, intents: [tiny], then: [{say: small}]}
            - {label: large, then: [{say: large}]}
          tries: 2
          otherwise: [{say: which}]
", "ask: {size: Size?, n: N?}\nsmall: Small\nlarge: Large\nwhich: Which?\n", "
stories:
  - story: Pressed and chosen
    steps:
      - {user: x, intent: a}
      - bot: ask.size
      - form: [size, n]
      - buttons: []
      - user: large
      - slot_was_set: {size: l}
      - bot: ask.n
      - user: '3'
      - bot: which
      - {user: whatever, intent: tiny}
      - bot: small
  - story: By intent, number and label
    steps:
      - {user: x, intent: a}
      - bot: ask.size
      - {user: the tiny one, intent: tiny}
      - slot_was_set: {size: s}
      - bot: ask.n
      - user: '3'
      - bot: which
      - user: huge
      - bot: convene.invalid.choice
      - bot: which
      - user: '2'
      - bot: large
  - story: A form
    steps:
      - {user: x, intent: a}
      - bot: ask.size
      - submit: {size: l, n: 4}
      - bot: which
      - user: none
      - bot: convene.invalid.choice
      - bot: which
      - user: none
      - bot: which
      - flow: none
  - story: A form with a part that fits not
    steps:
      - {user: x, intent: a}
      - bot: ask.size
      - submit: {size: l, n: 9}
      - bot: convene.invalid.above
      - bot: ask.n
"));
}

#[test]
fn what_does_not_fit_in_a_form_is_told_of_each_field() {
    let flows = "
flows:
  a:
    start: {intents: [a]}
    slots:
      mail: {type: email, label: it}
      at: {type: time, min: '09:00', label: it}
      paid: {type: money, max: 100, label: it}
    steps: [{ask: {slot: mail, form: [at, paid]}}, {ask: at}, {ask: paid}, {say: done}]
";
    let texts = "ask: {mail: 'Mail?', at: 'When?', paid: 'How much?'}\nit: It\ndone: '{mail} {at} {paid}'\n";
    let projects = Projects::new(checked(&sources(flows, texts, "stories: []")));
    let submitted = |at: &str, paid: &str| {
        let mut log = Vec::new();
        feed(&projects, &mut log, hear("x", Some("a")));
        let values = [("at", at), ("mail", "a@b.de"), ("paid", paid)];
        let input = Input::Submitted {
            who: None,
            question: 1,
            values: values
                .map(|(slot, value)| (slot.into(), value.into()))
                .into(),
        };
        feed(&projects, &mut log, input).join(" / ")
    };
    assert_eq!(
        submitted("02:30 pm", "EUR 12.50"),
        "a@b.de 2:30\u{202f}PM 12.50\u{a0}EUR"
    );
    let told = submitted("8:00", "250 euros");
    assert!(told.contains("09:00") && told.contains("100"), "{told}");
    assert!(told.ends_with(" / When?"), "{told}");
}

#[test]
fn a_field_of_a_form_says_what_its_slot_says_of_an_answer_that_does_not_fit() {
    let flows = "
flows:
  a:
    start: {intents: [a]}
    slots:
      code: {pattern: '[A-Z]{2}', invalid: no_code}
      n: {type: integer}
    steps: [{ask: {slot: code, form: [n]}}, {ask: n}, {say: done}]
";
    let texts =
        "ask: {code: 'Code?', n: 'How many?'}\nno_code: Two letters, as on the back.\ndone: Done\n";
    let projects = Projects::new(checked(&sources(flows, texts, "stories: []")));
    let state = State::fold([]);
    let mut turn = Engine::new(&projects).feed(&state, hear("x", Some("a")), NOW);
    let form = loop {
        match turn.next() {
            Next::Do(Effect::Say(saying)) => break saying.form.unwrap(),
            Next::Ask(_) => turn.resume(Answer::NoAnswer("none".into())),
            Next::Done => panic!("there is no form"),
            _ => {}
        }
    };
    let own: Vec<_> = form
        .fields
        .iter()
        .map(|one| one.invalid.as_deref())
        .collect();
    assert_eq!(own, [Some("Two letters, as on the back."), None]);
}

#[test]
fn a_correction_in_the_same_breath_as_an_answer_takes_both() {
    let flows = "
flows:
  a:
    start: {intents: [a]}
    slots:
      one: {type: integer, entities: [one]}
      two: {type: integer, depends_on: [one], entities: [two]}
      three: {type: integer, entities: [three]}
    steps: [{ask: one}, {ask: two}, {ask: three}, {say: sum}]
";
    let nlu = "nlu:\n- intent: a\n  examples: '- [1](one) [2](two) [3](three)'\n- intent: correct\n  examples: '- x'\n- intent: yes\n  examples: '- yes'\n- intent: no\n  examples: '- no'\n- intent: cancel\n  examples: '- cancel'\n- intent: human\n  examples: '- human'\n";
    let stories = "
stories:
  - story: both
    steps:
      - {user: '[1](one)', intent: a}
      - bot: ask.two
      - user: '2'
      - bot: ask.three
      - user: '[3](three), and the first is [4](one)'
      - bot: convene.corrected
      - bot: ask.two
      - user: '5'
      - bot: 4 5 3
";
    let texts = "ask: {one: 'One?', two: 'Two?', three: 'Three?'}\nsum: '{one} {two} {three}'\n";
    let files = sources(flows, texts, stories);
    let files: Sources = files.iter().chain([("nlu/en.yaml", nlu)]).collect();
    goes(&files);
}

#[test]
fn digressions_do_not_pile_up() {
    let mut flows = String::from("flows:\n");
    for number in 0..12 {
        flows += &format!(
            "  f{number}:\n    start: {{intents: [i{number}]}}\n    slots: {{n: {{type: integer}}}}\n    steps: [{{ask: n}}]\n"
        );
    }
    let projects = Projects::new(checked(&sources(&flows, "ask: {n: N?}\n", "stories: []")));
    let mut log = Vec::new();
    for number in 0..12 {
        feed(&projects, &mut log, hear("x", Some(&format!("i{number}"))));
        let state = State::fold(log.iter());
        assert!(state.stack().len() <= 8);
        assert_eq!(
            state.stack().last().unwrap().flow.as_str(),
            format!("f{number}")
        );
    }
}

#[test]
fn a_text_that_cannot_be_said_fails_its_flow_and_no_other() {
    let below =
        "  b:\n    start: {intents: [b]}\n    slots: {m: {type: integer}}\n    steps: [{ask: m}]\n";
    for broken in [
        "{say: each}, {say: done}",
        "{say: each, next: end}",
        "{choose: {text: each, options: [{label: done, then: [{say: done}]}]}}",
        "{flow: c}, {say: done}",
    ] {
        let flows = format!(
            "flows:\n{below}  a:\n    start: {{intents: [a]}}\n    slots: {{n: {{type: integer}}}}\n    steps: [{{ask: n}}, {broken}]\n  c:\n    slots: {{n: {{type: integer}}}}\n    steps: [{{set: {{n: 0}}}}, {{say: each}}]\n"
        );
        let texts = "ask: {n: 'N?', m: 'M?'}\neach: 'Each {10 / n}'\ndone: Done\n";
        let projects = Projects::new(checked(&sources(&flows, texts, "stories: []")));
        let mut log = Vec::new();
        feed(&projects, &mut log, hear("x", Some("b")));
        feed(&projects, &mut log, hear("x", Some("a")));
        let said = feed(&projects, &mut log, hear("0", None));
        let failed = "Something went wrong on our side, so I cannot finish this now.";
        assert_eq!(said[0], failed, "{broken}");
        assert_eq!(said.last().unwrap(), "M?", "{broken}");
        let state = State::fold(&log);
        assert_eq!(state.stack().len(), 1, "{broken}");
        assert_eq!(state.stack()[0].flow.as_str(), "b", "{broken}");
        let ended = log.iter().filter_map(|record| match record {
            Recorded::FlowEnded { outcome, .. } => Some(*outcome),
            _ => None,
        });
        assert!(
            ended
                .into_iter()
                .all(|outcome| outcome == super::Outcome::Failed),
            "{broken}"
        );
    }
}
