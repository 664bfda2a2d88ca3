//! For tests: random projects. Whatever `check` accepts must not get stuck, and must heal wherever it dies.

use convene_source::Sources;
use jiff::civil::DateTime;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::{
    bounds::{MOST_SAID, MOST_STEPS},
    engine::{
        Answer, Called, Clause, Clock, Decision, Engine, Entity, Heard, Input, Next, Ranked,
        Recorded, Request, State, Waiting, replay,
    },
    project::{Project, Vocabulary},
    projects::Projects,
};

const NOW: DateTime = DateTime::constant(2026, 11, 26, 10, 0, 0, 0);
/// No turn of a project that is this small records more.
const MOST_RECORDS: usize = 400;
/// The last one is the conversation's.
const SLOTS: [&str; 7] = ["n", "flag", "kind", "one", "word", "hour", "shared"];

const CONDITIONS: [&str; 5] = [
    "n and n > 3",
    "flag",
    "kind == \"a\"",
    "word",
    "shared and shared < 9",
];

/// The flows that one may call: those behind it.
const FLOWS: [&str; 3] = ["main", "child", "grandchild"];

/// A step, by the numbers that choose what it does and where it leads.
type Draw = (u8, u8, u8, u8);

fn step(index: usize, count: usize, draw: Draw, callable: &[&str]) -> Json {
    let (kind, one, two, next) = draw;
    let card = json!({ "title": "hello", "fields": [{ "label": "yes", "value": "hello" }] });
    let id = |number: u8| {
        let number = usize::from(number) % (count + 1);
        if number == count {
            json!("end")
        } else {
            json!(format!("s{number}"))
        }
    };
    let slot = SLOTS[usize::from(one) % SLOTS.len()];
    let mut step = match kind % 14 {
        0 => json!({ "say": "hello" }),
        1 => json!({ "say": { "text": "hello", "card": card } }),
        2 | 3 => json!({ "ask": { "slot": slot, "tries": 1 + two % 3, "otherwise": id(two) } }),
        4 => json!({ "ask": { "slot": slot, "again": true } }),
        5 => {
            let options = json!([
                { "label": "yes", "then": id(one), "intents": ["i1"] }, { "label": "no", "then": id(two) },
            ]);
            let mut choose = json!({ "text": "hello", "options": options });
            if next % 3 == 0 {
                choose["card"] = card;
            }
            json!({ "choose": choose })
        }
        6 | 7 => json!({ "branch": [
            { "if": CONDITIONS[usize::from(one) % CONDITIONS.len()], "then": id(two) },
            { "else": id(one) },
        ] }),
        8 if two % 4 == 0 => json!({ "set": { "free": lists(one) } }),
        8 => json!({ "set": { slot: Json::Null } }),
        9 => json!({ "set": { "n": 7, "flag": "{not flag}", "shared": one % 20 } }),
        10 => {
            let save = match next % 2 {
                0 => json!({ "n": "body.n" }),
                _ => json!({ "n": "body.n", "free": "body.free" }),
            };
            json!({ "call": { "url": "http://x/{n}", "save": save, "on_error": id(two) } })
        }
        11 => json!({ "generate": { "prompt": "{word}", "otherwise": "hello", "save": "word" } }),
        12 => match two % 5 {
            0 => json!({ "wait": "10m" }),
            1 => json!({ "wait": { "event": "paid", "for": "5m", "otherwise": id(one) } }),
            2 => match callable.get(usize::from(one) % callable.len().max(1)) {
                None => json!({ "wait": { "event": "paid" } }),
                Some(called) if next % 2 == 0 => json!({ "flow": called }),
                Some(called) => {
                    json!({ "flow": { "name": called, "with": { "word": "word" }, "save": { "n": "n" } } })
                }
            },
            3 => {
                json!({ "wait": { "event": "paid", "until": "hour", "otherwise": id(one) } })
            }
            _ => json!({ "handoff": {} }),
        },
        _ => json!({ "end": if two % 2 == 0 { "flow" } else { "all" } }),
    };
    step["id"] = json!(format!("s{index}"));
    if next % 5 == 0 {
        step["next"] = id(next / 5);
    }
    step
}

fn slots() -> Json {
    json!({
        "n": { "type": "integer", "entities": ["n"], "max": 50 },
        "flag": { "type": "boolean" },
        "kind": { "type": "choice", "values": ["a", "b"], "entities": ["kind"], "depends_on": ["n"] },
        "free": { "type": "list", "depends_on": ["hour"] },
        "one": { "type": "choice", "from": "free", "entities": ["kind", "hour"] },
        "word": {},
        "hour": { "type": "time", "entities": ["hour"] },
    })
}

/// What there is to choose, by a number.
fn lists(number: u8) -> Json {
    match number % 4 {
        0 => Json::Null,
        1 => json!([]),
        2 => json!(["a", "14:30"]),
        _ => json!([{ "value": "b", "label": "b of all" }, { "value": 1, "label": "Yes" }, "c"]),
    }
}

/// A step, or many that do the same.
fn steps(index: usize, count: usize, draw: Draw, callable: &[&str], are_long: bool) -> Vec<Json> {
    let first = step(index, count, draw, callable);
    let (kind, one, two, _) = draw;
    if !are_long || kind % 2 == 0 {
        return vec![first];
    }
    let other = match one % 3 {
        0 => json!({ "say": "hello" }),
        1 => json!({ "set": { "n": 7 } }),
        _ => match callable.first() {
            Some(called) => json!({ "flow": called }),
            None => json!({ "set": { "flag": true } }),
        },
    };
    // Calls of what calls so often are many.
    let others = std::iter::repeat_n(other, usize::from(two) % 64);
    others.chain([first]).collect()
}

fn project(main: &[Draw], child: &[Draw], is_confirmed: bool) -> Sources {
    project_of(main, child, is_confirmed, false)
}

fn project_of(main: &[Draw], child: &[Draw], is_confirmed: bool, are_long: bool) -> Sources {
    // The grandchild does as the child, the other way round, and calls nothing.
    let grandchild: Vec<Draw> = child.iter().rev().copied().collect();
    let flow = |which: usize, draws: &[Draw], start: Json| {
        let steps: Vec<_> = draws
            .iter()
            .enumerate()
            .flat_map(|(index, draw)| {
                steps(index, draws.len(), *draw, &FLOWS[which + 1..], are_long)
            })
            .collect();
        json!({ "start": start, "slots": slots(), "steps": steps, "on_cancel": "s0" })
    };
    let flows = json!({ "flows": {
        "main": flow(0, main, json!({ "intents": ["i0"], "events": ["paid"] })),
        "child": flow(1, child, json!({ "intents": ["i1"] })),
        "grandchild": flow(2, &grandchild, json!({ "intents": ["i5"] })),
    } });
    let assistant = json!({
        "name": "Random", "languages": ["en"], "fallback": "child",
        "ask": { "confirm": is_confirmed, "tries": 2 },
        "silence": { "after": "5m", "then": if is_confirmed { "end" } else { "handoff" } },
        "commands": { "cancel": ["i2"], "correct": ["i3"], "repeat": ["i4"], "affirm": ["i6"], "deny": ["i7"] },
        "slots": { "shared": { "type": "integer", "entities": ["n", "shared"], "max": 40 } },
    });
    let texts = json!({
        "hello": "Hello {n}", "yes": "Yes", "no": "No",
        "ask": { "n": "N?", "flag": "Flag?", "kind": "Kind?", "one": "Which of {free}?", "word": "Word?", "hour": "When?", "shared": "Shared?" },
    });
    // JSON is YAML.
    [("assistant.yaml", assistant), ("flows/all.yaml", flows), ("texts/en.yaml", texts)]
        .map(|(path, json)| (path, json.to_string()))
        .into_iter()
        .chain([("nlu/en.yaml", "nlu: [{intent: i0, examples: '- [1](n) [a](kind) [2](shared) [9](hour)'}, {intent: i1, examples: '- i1'}, {intent: i2, examples: '- i2'}, {intent: i3, examples: '- i3'}, {intent: i4, examples: '- i4'}, {intent: i5, examples: '- i5'}, {intent: i6, examples: '- i6'}, {intent: i7, examples: '- i7'}]".to_owned())])
        .collect()
}

/// What happens, by numbers.
fn input(draw: Draw, state: &State) -> Input {
    let (kind, one, two, three) = draw;
    let number = u64::from(two) % 60;
    let text = [
        number.to_string(),
        "yes".into(),
        "b".into(),
        "no idea what to say".into(),
        format!("yes, {number} of a and {} shared of b", number + 1),
        "no and what".into(),
        "9:30".into(),
    ][usize::from(one) % 7]
        .clone();
    let kinds = ["a", "b", "c"];
    let found = [
        ("n", json!(number), number.to_string()),
        ("kind", json!(kinds[usize::from(two) % 3]), "b".into()),
        ("shared", json!(number + 1), (number + 1).to_string()),
        ("number", json!(number), number.to_string()),
        ("hour", json!("14:30"), "9:30".into()),
    ];
    let entities = found
        .into_iter()
        .take(usize::from(three) % 6)
        .map(|(name, value, said)| Entity {
            name: name.into(),
            value,
            role: None,
            start: text.find(&said),
            end: text.find(&said).map(|start| start + said.len()),
            wish: None,
        });
    let ranked = |intent: String| Ranked {
        intent: intent.as_str().into(),
        confidence: if three % 2 == 0 { 0.5 } else { 0.96 },
        score: None,
    };
    let clauses = match text.split_once(" and ").filter(|_| two % 2 == 0) {
        None => Vec::new(),
        Some((before, _)) => [(0, before.len(), one), (before.len() + 5, text.len(), two)]
            .map(|(start, end, intent)| Clause {
                start,
                end,
                meant: ranked(format!("i{}", intent % 8)),
            })
            .into(),
    };
    let heard = |decision, intents: Vec<String>| {
        Input::Heard(Heard {
            text: text.clone(),
            who: Some(["user:ada", "user:bob"][usize::from(three / 3) % 2].into()),
            language: None,
            called: Called::No,
            by_words_alone: false,
            intents: intents.into_iter().map(ranked).collect(),
            decision,
            entities: entities.clone().collect(),
            clauses: clauses.clone(),
        })
    };
    let question = state.question().map_or(number, |question| question.id);
    match kind % 10 {
        0 | 1 => heard(Decision::Sure, vec![format!("i{}", one % 8)]),
        2 => heard(Decision::Sure, vec![format!("i{}+i{}", one % 8, two % 8)]),
        3 => heard(
            Decision::Torn,
            vec!["i0".into(), "i1".into(), "i2".into(), "i7".into()],
        ),
        4 | 5 => heard(Decision::Lost, Vec::new()),
        6 => Input::Pressed {
            who: None,
            question: if three % 4 == 0 { number } else { question },
            value: ["0", "1", "true", "a", "yes", "no", "i1", ""][usize::from(one) % 8].into(),
        },
        7 => Input::Submitted {
            who: None,
            question,
            values: [("n".into(), json!(number)), ("kind".into(), json!("a"))].into(),
        },
        8 => Input::Timer { timer: number },
        _ if three % 2 == 0 => Input::HandedBack,
        _ => Input::Event {
            name: "paid".into(),
            data: [("n".into(), json!(number))].into(),
        },
    }
}

fn answer(request: &Request, seed: u8) -> Answer {
    match (request, seed % 3) {
        (Request::Call(_), 0) => Answer::Http {
            status: 200,
            body: Some(json!({ "n": seed, "free": lists(seed / 3) })),
        },
        (Request::Call(_), 1) => Answer::Http {
            status: 500,
            body: None,
        },
        (Request::Generate(_), 0 | 1) => Answer::Written(format!("wrote {seed}")),
        _ => Answer::NoAnswer("none".into()),
    }
}

/// After a turn, somebody is waited for, or nothing runs.
fn is_waiting(state: &State) -> bool {
    let top = state.stack().last();
    top.is_none_or(|frame| matches!(frame.waiting, Waiting::Answer(_) | Waiting::Outside { .. }))
}

fn draws(most: usize) -> impl Strategy<Value = Vec<Draw>> {
    prop::collection::vec(any::<Draw>(), 1..most)
}

fn check(sources: &Sources) -> Option<Projects> {
    let checked = Project::check(sources, &Vocabulary::of(sources));
    checked.project.map(Projects::new)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_global_rejects: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn what_check_accepts_never_gets_stuck_and_heals_wherever_it_dies(
        main in draws(7),
        child in draws(4),
        is_confirmed: bool,
        inputs in prop::collection::vec(any::<Draw>(), 1..12),
        answers in prop::collection::vec(any::<u8>(), 8),
    ) {
        let sources = project(&main, &child, is_confirmed);
        let projects = check(&sources);
        prop_assume!(projects.is_some());
        let projects = projects.unwrap();
        let engine = Engine::new(&projects);
        let mut log: Vec<Recorded> = Vec::new();
        let mut turns = Vec::new();
        let mut seeds = answers.iter().cycle();
        for draw in inputs {
            let state = State::fold(&log);
            let input = input(draw, &state);
            let zones = [None, Some("Asia/Tokyo"), Some("America/New_York"), Some("No/Where")];
            let zone = zones[usize::from(draw.3) % zones.len()];
            let clock = Clock::from(NOW).told(zone.map(Into::into));
            let mut turn = engine.feed(&state, input.clone(), clock.clone());
            let mut given = Vec::new();
            let mut count = 0;
            loop {
                match turn.next() {
                    Next::Record(record) => log.push(record),
                    Next::Do(_) => {}
                    Next::Ask(request) => {
                        let answer = answer(&request, *seeds.next().unwrap());
                        given.push(answer.clone());
                        turn.resume(answer);
                    }
                    Next::Diverged => prop_assert!(false, "nothing was begun before"),
                    Next::Done => break,
                }
                count += 1;
                prop_assert!(count < 2 * MOST_RECORDS, "a turn goes on and on");
            }
            let now = State::fold(&log);
            prop_assert!(is_waiting(&now), "it runs, and waits for nobody: {:#?}", now.stack());
            turns.push((input, clock, given));
        }
        replay::prove(&projects, &turns, &log);
    }

    #[test]
    fn what_check_accepts_is_never_longer_than_a_turn_may_be(
        main in draws(5),
        child in draws(4),
        answers in prop::collection::vec(any::<u8>(), 8),
    ) {
        let projects = check(&project_of(&main, &child, false, true));
        prop_assume!(projects.is_some());
        let projects = projects.unwrap();
        let heard = Heard {
            intents: vec![Ranked { intent: "i0".into(), confidence: 1.0, score: None }],
            decision: Decision::Sure,
            ..Heard::default()
        };
        let mut turn = Engine::new(&projects).feed(&State::default(), Input::Heard(heard), NOW);
        let (mut steps, mut done) = (0, 0);
        let mut seeds = answers.iter().cycle();
        loop {
            match turn.next() {
                Next::Record(Recorded::FlowStepped { .. }) => steps += 1,
                Next::Do(_) => done += 1,
                Next::Ask(request) => turn.resume(answer(&request, *seeds.next().unwrap())),
                Next::Done => break,
                _ => {}
            }
            prop_assert!(steps <= MOST_STEPS && done < MOST_SAID, "{} steps, {} messages", steps, done);
        }
    }

    #[test]
    fn no_file_makes_the_reader_panic(text in "[a-z:\\-\\[\\]{}|&*'\"#\n ]{0,120}") {
        for path in ["assistant.yaml", "flows/a.yaml", "texts/en.yaml", "tests/a.yaml", "nlu/a.yaml"] {
            let good = project(&[(0, 0, 0, 1)], &[(0, 0, 0, 1)], false);
            let files = good.iter().map(|(path, text)| (path.to_owned(), text.to_owned()));
            let sources: Sources = files.chain([(path.to_owned(), text.clone())]).collect();
            drop(Project::check(&sources, &Vocabulary::of(&sources)));
            drop(crate::story::Story::all(&sources));
        }
    }

    #[test]
    fn no_words_make_the_engine_panic(text in "\\PC{0,40}", intent in "[a-z+]{0,6}") {
        let sources = project(&[(2, 0, 1, 1), (2, 1, 1, 1), (2, 2, 1, 1)], &[(0, 0, 0, 1)], true);
        let projects = check(&sources).expect("a good project");
        let mut log = Vec::new();
        for intent in ["i0", &intent, ""] {
            let heard = Heard {
                text: text.clone(),
                intents: vec![Ranked { intent: intent.into(), confidence: 1.0, score: None }],
                decision: if intent.is_empty() { Decision::Lost } else { Decision::Sure },
                ..Heard::default()
            };
            let mut turn = Engine::new(&projects).feed(&State::fold(&log), Input::Heard(heard), NOW);
            loop {
                match turn.next() {
                    Next::Record(record) => log.push(record),
                    Next::Ask(_) => turn.resume(Answer::NoAnswer("none".into())),
                    Next::Done => break,
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn a_good_part_of_random_projects_is_accepted() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = (draws(7), draws(4));
    let accepted = (0..200).filter(|_| {
        let drawn = strategy.new_tree(&mut runner).unwrap().current();
        check(&project(&drawn.0, &drawn.1, false)).is_some()
    });
    let accepted = accepted.count();
    println!("{accepted} of 200");
    assert!(accepted > 20, "{accepted} of 200");
}

use proptest::strategy::ValueTree as _;
