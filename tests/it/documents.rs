//! The commands that documents show run as they stand. What Rust they show is compiled as doctests of
//! `convene-agent`.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    process::{Command, Stdio},
};

use crate::{
    document::{Document, documents, root},
    first_agent, from_rasa,
    harness::{Run, Stack, convene},
};

/// Commands that run elsewhere, and where. Those of `convene` must still be commands of it.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "cargo xtask run",
        "page.rs and startup.rs run what it starts",
    ),
    (
        "cargo xtask run -- --listen 127.0.0.1:9000",
        "page.rs and startup.rs run what it starts",
    ),
    (
        "OPENAI_API_KEY=sk-... OPENAI_MODEL=gpt-4o-mini cargo xtask run",
        "needs a key; crates/config/src/tests.rs reads these variables",
    ),
    (
        "OPENAI_BASE_URL=http://127.0.0.1:11434/v1 OPENAI_MODEL=llama3.2 cargo xtask run",
        "needs Ollama; crates/config/src/tests.rs reads these variables",
    ),
    (
        "convene replay shop-to-try --conversation 0198c1f4 --url https://chat.example",
        "needs a conversation that was; flow.rs replays one",
    ),
    (
        "convene replay shop-to-try --file conversation.json --json",
        "needs a conversation that was; flow.rs replays one",
    ),
    ("cargo xtask test", "runs this"),
    (
        "CONVENE_TEST_QUIET=1 cargo xtask test -- revoked:: rolling::",
        "needs a machine on which nothing else runs",
    ),
    (
        "cargo xtask cluster",
        "does not end; Stack::cluster starts the same",
    ),
    (
        "cargo xtask screenshot",
        "writes the picture; looked at by whoever runs it",
    ),
    (
        "convene context-service --config convene.toml",
        "Stack::cluster",
    ),
    (
        "convene agent-worker    --config convene.toml",
        "Stack::cluster",
    ),
    (
        "convene gateway         --config convene.toml",
        "Stack::cluster",
    ),
    (
        "cargo xtask web && cargo install --locked --path .",
        "a release build takes minutes",
    ),
    (
        ". target/cluster/env",
        "of `cargo xtask cluster`; agents.rs sets the like",
    ),
    (
        "cargo run -p convene-agent-worker --example echo",
        "agents.rs runs it",
    ),
    (
        "convene chat --agent echo",
        "agents.rs does, while that example runs",
    ),
    ("convene serve", "first_agent.rs runs it"),
    (
        "cargo run -p convene-agent-worker --example wrap",
        "agents.rs runs it",
    ),
    (
        "convene chat --agent wrap",
        "agents.rs does, while that example runs",
    ),
    (
        "cargo xtask chaos --seeds 100",
        "tests/chaos runs the first seeds",
    ),
    ("cargo xtask chaos --seeds 300 --jobs 2", "an hour of it"),
    (
        "cargo xtask chaos --seeds 1 --first-seed 4711",
        "tests/chaos runs others",
    ),
    (
        "cargo xtask chaos --seeds 20 --faults kill,lose-tail",
        "tests/chaos/lies.rs narrows the faults down, too",
    ),
    ("cargo xtask test lies", "tests/chaos/lies.rs"),
    (
        "CONVENE_LIE=no-fencing cargo xtask chaos --seeds 50 --binary target/lies/convene --expect one-writer",
        "tests/chaos/lies.rs does the same",
    ),
    (
        "cargo xtask fuzz all --seconds 60",
        "fuzz/tests/replay.rs runs a moment of it",
    ),
    (
        "cargo xtask fuzz rest --seconds 600 --guided",
        "ten minutes, of the same target",
    ),
    ("cargo xtask sim", "tests/sim runs the first schedules"),
    (
        "cargo xtask bench growth",
        "minutes of it; benches/core runs a moment of each curve",
    ),
    (
        "cargo xtask sim --first-seed 4711 --schedules 1 --trace",
        "tests/sim runs others",
    ),
    (
        "convene nlu evaluate --train nlu --folds 5 --confusion confusion.svg",
        "nlu.rs does the like in a project's folder",
    ),
    (
        "convene nlu evaluate --train nlu --test held-out.csv --json",
        "nlu.rs does the like in a project's folder",
    ),
    (
        "convene nlu parse --train nlu --zone Europe/Berlin",
        "nlu.rs does the like in a project's folder",
    ),
    (
        "convene nlu evaluate --train examples/shop/nlu --test crates/nlu/tests/shop",
        "crates/nlu/tests/nlu/shop.rs judges by the same sentences",
    ),
    (
        "convene nlu evaluate --train examples/shop/nlu --folds 5",
        "nlu.rs does the like in a project's folder",
    ),
    (
        "convene nlu evaluate --train ../shared/nlu/clinc150",
        "needs the public data; crates/nlu/tests/nlu/public_data.rs learns a part of it",
    ),
    (
        "convene nlu evaluate --train ../shared/nlu/banking77 --folds 5",
        "needs the public data; a minute of it",
    ),
    (
        "convene nlu evaluate --train ../shared/nlu/snips",
        "needs the public data; crates/nlu/tests/nlu/public_data.rs learns a part of it",
    ),
    ("convene revoke <token>", "revoked.rs"),
    ("convene dead-letters show <id>", "dead_letters.rs"),
    ("convene dead-letters replay <id>", "dead_letters.rs"),
    ("convene dead-letters drop <id>", "dead_letters.rs"),
];

/// Whether the binary knows the command and its flags.
#[track_caller]
fn expect_readable(words: &str) {
    let mut help = convene(&root());
    help.args(words.split_whitespace()).arg("--help");
    Run::from(help.output().unwrap()).expect_success();
}

#[test]
fn commands_in_the_prose_are_commands() {
    for document in documents() {
        for quoted in document.quoted() {
            if let Some(words) = quoted.strip_prefix("convene ") {
                expect_readable(words);
            }
        }
    }
}

#[test]
fn commands_that_run_elsewhere_are_in_a_document_and_can_be_read() {
    let all: BTreeSet<_> = documents().iter().flat_map(Document::commands).collect();
    for (command, _) in ELSEWHERE {
        assert!(
            all.contains(*command),
            "no document has {command:?} any more"
        );
        if let Some(words) = command.strip_prefix("convene ") {
            expect_readable(words);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_other_commands_run_as_they_stand() {
    let stack = Stack::embedded().await;
    for document in documents() {
        for command in document.commands() {
            let elsewhere = ELSEWHERE.iter().any(|(known, _)| *known == command);
            // What builds the page is tested by building it.
            if elsewhere || command.starts_with("npm ") {
                continue;
            }
            let words = command.strip_prefix("convene ");
            let Some(words) = words else {
                panic!(
                    "{} has a command that nobody runs: {command}",
                    document.name
                );
            };
            let words: Vec<_> = words.split_whitespace().collect();
            let ran = at_the_stack(&stack, &words);
            assert_eq!(
                ran.code,
                Some(0),
                "{}: {command}: {}",
                document.name,
                ran.err
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_run_as_they_stand() {
    let stack = Stack::embedded().await;
    // What makes a project, step by step, these two run themselves.
    let others = documents().into_iter().filter(|document| {
        ![first_agent::GUIDE, from_rasa::GUIDE].contains(&document.name.as_str())
    });
    let scripts = others.flat_map(|document| {
        let name = document.name.clone();
        document
            .blocks("bash")
            .into_iter()
            .map(move |script| (name.clone(), script))
    });
    for (document, script) in scripts {
        let mut bash = script_at(&stack.gateway(0).url(), &script);
        bash.env("CONVENE_AUTH__SECRET", Stack::secret())
            .current_dir(stack.folder());
        let ran = Run::from(bash.output().unwrap());
        assert_eq!(ran.code, Some(0), "{document}: {}\n{}", ran.out, ran.err);
        assert!(!ran.out.contains(r#""code":"#), "{document}: {}", ran.out);
    }
}

/// A script, with our binary in its PATH.
pub(crate) fn script_at(url: &str, script: &str) -> Command {
    let programs = PathBuf::from(env!("CARGO_BIN_EXE_convene"));
    let others = std::env::var("PATH").unwrap();
    let path = format!("{}:{others}", programs.parent().unwrap().display());
    let mut bash = Command::new("bash");
    bash.args(["-eu", "-c", script])
        .env("PATH", path)
        .env("CONVENE_URL", url);
    bash
}

/// Runs a command as somebody who has started the stack would.
fn at_the_stack(stack: &Stack, words: &[&str]) -> Run {
    let mut command: Command = stack.command(words);
    command
        .env("CONVENE_URL", stack.gateway(0).url())
        .stdin(Stdio::null());
    Run::from(command.output().unwrap())
}
