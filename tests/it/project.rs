//! The tools for an assistant's project: made, checked, run, drawn.

use std::{fs, path::Path};

use crate::harness::{Run, convene};

fn run(folder: &Path, words: &[&str]) -> Run {
    Run::from(convene(folder).args(words).output().unwrap())
}

#[test]
fn a_new_project_is_good_and_its_stories_pass() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let made = run(at, &["new", "desk"]).expect_success();
    assert!(made.contains("convene check desk"), "{made}");
    assert_eq!(
        run(at, &["check", "desk", "--strict"])
            .expect_success()
            .trim(),
        "the project is good"
    );
    let told = run(at, &["test", "desk"]).expect_success();
    assert!(told.contains("ok") && told.contains(" 0 failed"), "{told}");
    let understood = run(at, &["test", "desk", "--understand"]).expect_success();
    assert!(understood.contains(" 0 failed"), "{understood}");
    let drawn = run(at, &["flows", "graph", "desk", "--flow", "return_item"]).expect_success();
    assert!(drawn.starts_with("flowchart TD"), "{drawn}");
    let again = run(at, &["new", "desk"]).expect_complaint();
    assert!(again.contains("not empty"), "{again}");
}

#[test]
fn what_is_named_otherwise_than_it_is_meant_is_told_what_to_name() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let made = run(at, &["new", "our desk"]).expect_success();
    assert!(made.contains("convene check 'our desk' "), "{made}");
    for command in ["check", "test"] {
        let told = run(at, &[command, "our desk/assistant.yaml"]).expect_complaint();
        assert!(told.contains("is a file: name the folder"), "{told}");
        assert!(told.contains("such as our desk"), "{told}");
    }
    // Capitals are not looked at.
    let told = run(at, &["test", "our desk", "--only", "several PEOPLE"]).expect_success();
    assert!(told.contains("Several people: "), "{told}");
    let told = run(at, &["test", "our desk", "--only", "unheard of"]).expect_complaint();
    assert!(told.contains("has `unheard of` in its name"), "{told}");
}

#[test]
fn schemas_are_those_that_ship() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    run(at, &["new", "desk"]).expect_success();
    let schema = at.join("desk/schemas/flows.schema.json");
    let shipped = fs::read(&schema).unwrap();
    fs::remove_file(&schema).unwrap();
    run(at, &["flows", "schemas", "desk"]).expect_success();
    assert_eq!(fs::read(&schema).unwrap(), shipped);
}

#[test]
fn faults_are_told_with_place_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    run(at, &["new", "desk"]).expect_success();
    let flows = at.join("desk/flows/welcome.yaml");
    let text = fs::read_to_string(&flows).unwrap();
    let wrong = text.replace("say: goodbye", "say: goodby");
    assert_ne!(wrong, text);
    fs::write(&flows, wrong).unwrap();
    let checked = run(at, &["check", "desk"]);
    assert!(
        checked.out.contains("error[unknown-text]"),
        "{}",
        checked.out
    );
    assert!(
        checked.out.contains("did you mean `goodbye`?"),
        "{}",
        checked.out
    );
    let complaint = checked.expect_complaint();
    assert!(complaint.contains("1 error"), "{complaint}");
    let json = run(at, &["check", "desk", "--json"]);
    let faults: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(faults[0]["file"], "flows/welcome.yaml");
    assert!(
        run(at, &["test", "desk"])
            .expect_complaint()
            .contains("convene check")
    );
}

#[test]
fn what_needs_no_learning_is_found_in_what_a_story_does_not_mark() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    run(at, &["new", "desk"]).expect_success();
    let story = r#"stories:
  - story: Marks nothing
    now: 2026-11-26T10:00
    steps:
      - {user: deliver AB1234 tomorrow, intent: change_delivery}
      - bot: "November 27, 2026: is that right?"
      - {user: "no, in two days", intent: deny}
      - bot: "November 28, 2026: is that right?"
"#;
    fs::write(at.join("desk/tests/unmarked.yaml"), story).unwrap();
    run(at, &["test", "desk", "--only", "Marks nothing"]).expect_success();
}

#[test]
fn a_story_that_fails_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    run(at, &["new", "desk"]).expect_success();
    let story = "stories:\n  - story: Greets badly\n    steps:\n      - {user: hello, intent: greet}\n      - bot: goodbye\n";
    fs::write(at.join("desk/tests/wrong.yaml"), story).unwrap();
    let told = run(at, &["test", "desk", "--only", "Greets badly"]);
    assert!(
        told.out.contains("tests/wrong.yaml:5:9: Greets badly"),
        "{}",
        told.out
    );
    assert!(
        told.out.contains("expected: the bot says \"goodbye\""),
        "{}",
        told.out
    );
    assert!(told.expect_complaint().contains("1 of 1 stories failed"));
    let story = "stories:\n  - story: Is misunderstood\n    understand: true\n    steps:\n      - {user: 'where is my order [AB1234](order_number)', intent: greet}\n";
    fs::write(at.join("desk/tests/wrong.yaml"), story).unwrap();
    let told = run(at, &["test", "desk", "--only", "Is misunderstood"]);
    let found = "it is understood as `track_order` with order_number AB1234";
    assert!(told.out.contains(found), "{}", told.out);
    told.expect_complaint();
    let nlu = at.join("desk/nlu/en.yaml");
    let text = fs::read_to_string(&nlu).unwrap();
    fs::write(
        &nlu,
        text.replace("- where is my order\n", "- where is [my](order\n"),
    )
    .unwrap();
    let checked = run(at, &["check", "desk"]);
    assert!(checked.out.contains("error[annotation]"), "{}", checked.out);
    let nothing = run(at, &["check", "nowhere"]).expect_complaint();
    assert!(nothing.contains("convene new"), "{nothing}");
}
