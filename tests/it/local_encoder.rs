//! A project that understands with a sentence encoder in the process: a tiny BERT in a folder.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    encoder::{ALIKE, PARAPHRASE, becomes_right, customer, desk},
    flow::{hears, watched_by_staff, write},
    harness::{Run, Stack, convene},
    replayed::export,
};

#[path = "../../crates/sentence-encoder/tests/tiny/mod.rs"]
mod tiny;

/// Words that mean the same have the same direction, and layers that add nothing keep it. That of what is not
/// among them is of what begins each sentence.
fn encoder(folder: &Path) {
    let words = ALIKE.concat();
    let group = |word: &str| ALIKE.iter().position(|group| group.contains(&word));
    let directions: Vec<_> = words.iter().map(|word| group(word)).collect();
    tiny::write(folder, &words, |tensor, index| {
        let (row, column) = (index / tiny::HIDDEN, index % tiny::HIDDEN);
        let is_there = match tensor {
            "embeddings.word_embeddings.weight" => match row.checked_sub(4) {
                Some(word) => directions[word] == Some(column),
                // [CLS], after [PAD] and [UNK].
                None => row == 2 && column == ALIKE.len(),
            },
            norm => norm.ends_with("LayerNorm.weight"),
        };
        f32::from(u8::from(is_there))
    });
}

fn settings(folder: &Path) -> Vec<(&'static str, String)> {
    let at = |name: &str| folder.join(name).display().to_string();
    vec![
        ("agents.desk.kind", "flow".to_owned()),
        ("agents.desk.project", at("desk")),
        ("agents.desk.versions", at("kept")),
        ("agents.desk.encoder.path", at("encoder")),
        // However busy the machine is.
        ("agents.desk.encoder.message_timeout_ms", "60000".to_owned()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_in_other_words_is_understood_while_the_weights_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    desk(folder.path());
    encoder(&folder.path().join("encoder"));
    let stack = Stack::embedded_with(&settings(folder.path())).await;
    let mut ada = customer(&stack, "ada").await;
    assert_eq!(hears(&mut ada, PARAPHRASE).await, "It is on its way");

    // The tools hear it as the assistant did, with the same encoder.
    let file = folder.path().join("said.json");
    let staff = watched_by_staff(&stack, &ada).await;
    export(&staff, ada.conversation(), &file).await;
    let tool = |words: &[&str]| {
        let mut command = convene(folder.path());
        Run::from(command.args(words).output().unwrap())
    };
    let replay = ["replay", "desk", "--file", "said.json"];
    tool(&[&replay[..], &["--encoder", "encoder"]].concat()).expect_success();
    assert_eq!(tool(&replay).code, Some(1));
    let story = format!(
        "stories:\n  - story: Other words\n    understand: true\n    steps:\n      - user: {PARAPHRASE}\n        intent: track\n      - bot: on_its_way\n"
    );
    write(&folder.path().join("desk"), "tests/a.yaml", &story);
    tool(&["test", "desk", "--encoder", "encoder"]).expect_success();
    assert_eq!(tool(&["test", "desk"]).code, Some(1));

    // Its disk fails.
    let weights = folder.path().join("encoder/model.safetensors");
    let bytes = fs::read(&weights).unwrap();
    fs::write(&weights, "").unwrap();
    assert_eq!(hears(&mut ada, PARAPHRASE).await, "From nine to five");
    let money = "I want my money back";
    assert_eq!(hears(&mut ada, money).await, "Send it to us");
    let logs = stack.logs();
    assert!(logs.contains("understood by their words alone"), "{logs}");
    fs::write(&weights, bytes).unwrap();
    becomes_right(&mut ada).await;
    ada.saw_the_log().await;
}

#[test]
fn the_tools_understand_with_a_folder_and_one_that_is_none_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    desk(folder.path());
    encoder(&folder.path().join("encoder"));
    let parse = |encoder: &str| {
        let mut command = convene(folder.path());
        command.args(["nlu", "parse", PARAPHRASE, "--train", "desk/nlu", "--json"]);
        Run::from(command.args(["--encoder", encoder]).output().unwrap())
    };
    let parsed: Value = serde_json::from_str(&parse("encoder").expect_success()).unwrap();
    assert_eq!(parsed["intents"][0]["intent"], "track", "{parsed:#}");
    assert_eq!(parsed["encoding"], "joined", "{parsed:#}");
    let refused = parse("elsewhere").expect_complaint();
    assert!(refused.contains("--encoder"), "{refused}");
    let no_name = parse("http://127.0.0.1:1/v1").expect_complaint();
    assert!(no_name.contains("--encoder-model is missing"), "{no_name}");

    let checked = |settings: &[(&str, String)]| {
        let mut check = convene(folder.path());
        for (key, value) in settings {
            let key = key.to_uppercase().replace('.', "__");
            check.env(format!("CONVENE_{key}"), value);
        }
        Run::from(check.args(["config", "check"]).output().unwrap())
    };
    let mut settings = settings(folder.path());
    checked(&settings).expect_success();
    settings.push(("agents.desk.encoder.model", "minilm".to_owned()));
    let refused = checked(&settings).expect_complaint();
    assert!(refused.contains("agents.desk.encoder.model"), "{refused}");
    settings.pop();
    fs::remove_file(folder.path().join("encoder/tokenizer.json")).unwrap();
    let refused = checked(&settings).expect_complaint();
    for part in ["agents.desk.encoder.path", "tokenizer.json cannot be read"] {
        assert!(refused.contains(part), "{refused}");
    }
}
