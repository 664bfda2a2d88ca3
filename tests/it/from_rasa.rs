//! A Rasa project as it is, and the guide "From Rasa", followed to the letter with it.

use std::path::{Path, PathBuf};

use crate::{
    document::Document,
    first_agent::{Step, run_until, steps},
    flow::copy,
    harness::{Run, convene},
};

pub(crate) const GUIDE: &str = "docs/from-rasa.md";

fn project(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("crates/training-data/tests/rasa")
        .join(name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rasa_project_becomes_an_assistant_as_the_guide_says() {
    let folder = tempfile::tempdir().unwrap();
    copy(&project("travel"), &folder.path().join("travel"));
    let mut ran = 0;
    for step in steps(GUIDE) {
        if let Step::Run { script, shows } = step {
            assert!(!shows.is_empty(), "{script}");
            run_until(folder.path(), "", &script, &shows).await;
            ran += 1;
        }
    }
    assert!(Document::read(GUIDE.to_owned()).is(|guide| guide.matches("```bash").count() == ran));
}

#[test]
fn what_is_no_training_data_is_told_once_and_not_on_standard_output() {
    let judged = Run::from(
        convene(&project("starter"))
            .args(["nlu", "evaluate", "--train", ".", "--json"])
            .output()
            .unwrap(),
    );
    let told = judged.err.clone();
    assert_eq!(told.matches("passed over").count(), 1, "{told}");
    assert!(told.contains("data/rules.yml, "), "{told}");
    let report: serde_json::Value = serde_json::from_str(&judged.expect_success()).unwrap();
    assert_eq!(report["training"]["sentences"], 14);
}

#[test]
fn who_takes_a_rasa_project_for_an_assistant_is_told_what_to_do() {
    for command in [vec!["check"], vec!["test"], vec!["config", "check"]] {
        let mut convene = convene(&project("starter"));
        convene
            .args(command)
            .env("CONVENE_AGENTS__DESK__KIND", "flow");
        convene.env("CONVENE_AGENTS__DESK__PROJECT", ".");
        let ran = Run::from(convene.output().unwrap());
        let complaint = ran.expect_complaint();
        assert!(complaint.contains("this is a Rasa project"), "{complaint}");
        assert!(complaint.contains("docs/from-rasa.md"), "{complaint}");
        assert!(!complaint.contains("makes one"), "{complaint}");
    }
}
