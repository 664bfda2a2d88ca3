//! `convene nlu`: training data of a shop, measured and asked.

use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use serde_json::Value;
use xtask::process::Scratch;

use crate::{
    flow::write,
    harness::{Run, convene},
};

const SHOP: &str = r#"version: "3.1"
nlu:
- intent: track_order
  examples: |
    - where is my order
    - where is my parcel
    - when does order [4711](order_number) arrive
    - has my package been sent yet
    - what is the status of order [123456](order_number)
    - is my parcel on its way
- intent: return_item
  examples: |
    - I want to return a jacket
    - how can I send something back
    - I would like to return my order
    - can I exchange these trousers
    - please take the lamp back
    - can I give the shoes back
- intent: opening_hours
  examples: |
    - when do you open
    - what are your opening hours
    - are you open on sundays
    - until when is the shop open
    - at what time do you close
    - is the shop open tomorrow
"#;

const HELD_OUT: &str = "text,intent\nwhere is my package,track_order\nwhen are you open,opening_hours\ncan I return the lamp,return_item\nwho painted that ceiling,oos\n";

/// A folder with the shop's data.
fn shop() -> Scratch {
    let scratch = Scratch::new("convene-it").unwrap();
    fs::write(scratch.path().join("nlu.yml"), SHOP).unwrap();
    fs::write(scratch.path().join("test.csv"), HELD_OUT).unwrap();
    scratch
}

fn nlu(scratch: &Scratch, arguments: &[&str]) -> Run {
    let mut command: Command = convene(scratch.path());
    Run::from(command.arg("nlu").args(arguments).output().unwrap())
}

fn json(run: Run) -> Value {
    serde_json::from_str(&run.expect_success()).unwrap()
}

#[test]
fn held_out_sentences_are_judged_and_drawn() {
    let scratch = shop();
    let held_out = ["evaluate", "--train", "nlu.yml", "--test", "test.csv"];
    let mut arguments = held_out.to_vec();
    arguments.extend(["--json", "--confusion", "confusion.svg"]);
    let report = json(nlu(&scratch, &arguments));
    assert_eq!(report["in_scope"], 3, "{report:#}");
    assert_eq!(report["out_of_scope"], 1, "{report:#}");
    assert_eq!(report["accuracy"], 1.0, "{report:#}");
    assert_eq!(report["auroc"], 1.0, "{report:#}");
    assert_eq!(report["training"]["sentences"], 18, "{report:#}");
    assert!(
        report["training"]["bytes"].as_u64().unwrap() > 1000,
        "{report:#}"
    );
    let picture = fs::read_to_string(scratch.path().join("confusion.svg")).unwrap();
    assert!(
        picture.contains("track_order") && picture.ends_with("</svg>\n"),
        "{picture}"
    );
    let table = nlu(&scratch, &held_out).expect_success();
    for words in [
        "accuracy",
        "100.00 %",
        "out-of-scope recall",
        "opening_hours",
    ] {
        assert!(table.contains(words), "{table}");
    }
}

#[test]
fn without_held_out_sentences_it_is_cross_validated() {
    let scratch = shop();
    let report = json(nlu(
        &scratch,
        &["evaluate", "--train", "nlu.yml", "--folds", "3", "--json"],
    ));
    assert_eq!(report["judged_on"], "each training sentence, in 3 folds");
    assert_eq!(report["in_scope"], 18, "{report:#}");
    let intents = report["intents"].as_array().unwrap();
    assert_eq!(intents.len(), 3);
    assert_eq!(report["spans"]["there"], 2, "{report:#}");
    let folds = nlu(&scratch, &["evaluate", "--train", "nlu.yml"]).expect_success();
    assert!(folds.contains("in 5 folds"), "{folds}");
}

#[test]
fn a_sentence_is_taken_for_something_and_why() {
    let scratch = shop();
    let asked = ["parse", "--train", "nlu.yml", "--zone", "Europe/Berlin"];
    let mut arguments = asked.to_vec();
    arguments.extend(["--json", "when does order 99123 arrive", "hjkl qwert"]);
    let lines = nlu(&scratch, &arguments).expect_success();
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        lines[0]["intents"][0]["intent"], "track_order",
        "{:#}",
        lines[0]
    );
    assert_eq!(
        lines[0]["entities"][0]["entity"], "order_number",
        "{:#}",
        lines[0]
    );
    assert!(
        !lines[0]["evidence"].as_array().unwrap().is_empty(),
        "{:#}",
        lines[0]
    );
    assert_eq!(lines[1]["decision"]["is"], "lost", "{:#}", lines[1]);

    let behind = [
        "parse", "--json", "--train", "nlu.yml", "--train", "test.csv",
    ];
    let behind = [behind.as_slice(), &["are you open", "where is it"]].concat();
    let lines = nlu(&scratch, &behind).expect_success();
    assert_eq!(lines.lines().count(), 2, "{lines}");

    let mut command = convene(scratch.path());
    command
        .arg("nlu")
        .args(asked)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut parsing = command.spawn().unwrap();
    parsing
        .stdin
        .take()
        .unwrap()
        .write_all(b"are you open tomorrow\n")
        .unwrap();
    let words = Run::from(parsing.wait_with_output().unwrap()).expect_success();
    assert!(
        words.contains("opening_hours") && words.contains("(to the day)"),
        "{words}"
    );
}

/// The language of the sentences, and from what confidence on is meant what they say.
#[test]
fn a_project_is_understood_as_its_assistant_does() {
    let scratch = shop();
    let project = scratch.path().join("desk");
    let files = [
        (
            "assistant.yaml",
            "name: Desk\nlanguages: [de]\nthresholds: {sure: 0.999}\n",
        ),
        (
            "flows/a.yaml",
            "flows:\n  a:\n    start: {intents: [track_order, return_item, opening_hours]}\n    steps: [{say: hello}]\n",
        ),
        ("texts/de.yaml", "hello: Hallo\n"),
        ("nlu/a.yaml", SHOP),
    ];
    for (path, text) in files {
        write(&project, path, text);
    }
    let parsed = |more: &[&str]| {
        let said = ["parse", "so where is my order", "--json", "--train"];
        json(nlu(&scratch, &[&said, more].concat()))
    };
    let alone = parsed(&["nlu.yml"]);
    assert_eq!(alone["language"], "en", "{alone:#}");
    assert_eq!(alone["decision"]["is"], "sure", "{alone:#}");
    let as_project = parsed(&["desk"]);
    assert_eq!(as_project["language"], "de", "{as_project:#}");
    assert_eq!(as_project["decision"]["is"], "torn", "{as_project:#}");
    let told = parsed(&["desk", "--sure", "0.1", "--language", "en"]);
    assert_eq!(told["decision"]["is"], "sure", "{told:#}");

    let evaluated = [
        "evaluate", "--train", "desk", "--test", "test.csv", "--json",
    ];
    let report = json(nlu(&scratch, &evaluated));
    assert_eq!(report["decisions"]["sure"], 0.0, "{report:#}");
}

#[test]
fn what_is_not_taught_and_what_is_not_there_is_told() {
    let scratch = shop();
    let unknown = "text,intent\nwhere is my package,track_order\nsing a song,music\n";
    fs::write(scratch.path().join("more.csv"), unknown).unwrap();
    let evaluate = [
        "evaluate", "--train", "nlu.yml", "--test", "more.csv", "--json",
    ];
    let run = nlu(&scratch, &evaluate);
    assert!(
        run.err.contains("each counts as wrong: music"),
        "{}",
        run.err
    );
    let report = json(run);
    for share in ["out_of_scope_recall", "out_of_scope_answered"] {
        assert!(report["decisions"][share].is_null(), "{report:#}");
    }
}

#[test]
fn faults_are_named_with_their_place_and_a_remedy() {
    let scratch = shop();
    let wrong = "nlu:\n- intent: a\n  examples: |\n    - to [Paris](city\n- intnet: b\n";
    fs::write(scratch.path().join("wrong.yml"), wrong).unwrap();
    let complaint = nlu(&scratch, &["evaluate", "--train", "wrong.yml"]).expect_complaint();
    for words in ["wrong.yml:4:10: ", "wrong.yml:5:3: ", "close it with"] {
        assert!(complaint.contains(words), "{complaint}");
    }
    let complaint = nlu(&scratch, &["parse", "--train", "nowhere", "hi"]).expect_complaint();
    assert!(complaint.contains("it is not there"), "{complaint}");
}
