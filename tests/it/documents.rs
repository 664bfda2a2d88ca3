//! The documents say what is true: their links lead somewhere, the files that they name are there,
//! and their examples run. What Rust they show is compiled as doctests of `convene-agent`.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use crate::{
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

pub(crate) struct Document {
    /// Its path in the repository.
    name: String,
    text: String,
}

fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

fn documents() -> Vec<Document> {
    let folder = fs::read_dir(root().join("docs")).unwrap();
    let in_docs = folder
        .map(|entry| format!("docs/{}", entry.unwrap().file_name().display()))
        .filter(|name| name.ends_with(".md"));
    let others = [
        "README.md",
        "ARCHITECTURE.md",
        "gateway/web/README.md",
        "gateway/web/client/README.md",
    ];
    let names = in_docs.chain(others.map(ToOwned::to_owned));
    names.map(Document::read).collect()
}

impl Document {
    /// A document of the repository.
    pub(crate) fn read(name: String) -> Self {
        let text = fs::read_to_string(root().join(&name)).unwrap();
        Self { name, text }
    }

    /// Whether this is true of its text.
    pub(crate) fn is(&self, true_of: impl FnOnce(&str) -> bool) -> bool {
        true_of(&self.text)
    }

    /// The fenced blocks of a language.
    fn blocks(&self, language: &str) -> Vec<String> {
        let all = self.all_blocks().into_iter();
        let blocks = all.filter(|(found, _)| found == language);
        blocks.map(|(_, block)| block).collect()
    }

    /// The fenced blocks with their languages, in their order.
    pub(crate) fn all_blocks(&self) -> Vec<(String, String)> {
        let mut blocks = Vec::new();
        let mut lines = self.text.lines();
        while let Some(line) = lines.next() {
            if let Some(found) = line.trim().strip_prefix("```") {
                let block: Vec<_> = lines
                    .by_ref()
                    .take_while(|line| line.trim() != "```")
                    .collect();
                blocks.push((found.to_owned(), block.join("\n")));
            }
        }
        blocks
    }

    /// What stands outside of the blocks.
    fn prose(&self) -> String {
        let parts = self.text.split("```");
        parts.step_by(2).collect::<Vec<_>>().join("\n")
    }

    /// What stands between backticks in the prose.
    fn quoted(&self) -> Vec<String> {
        let prose = self.prose();
        let quoted = prose.split('`').skip(1).step_by(2);
        quoted.map(ToOwned::to_owned).collect()
    }

    fn headings(&self) -> BTreeSet<String> {
        let prose = self.prose();
        let headings = prose.lines().filter(|line| line.starts_with('#'));
        headings
            .map(|line| anchor(line.trim_start_matches('#').trim()))
            .collect()
    }

    /// The targets of its links; what stands between backticks links nowhere.
    fn links(&self) -> Vec<String> {
        let prose = self.prose();
        let words: String = prose.split('`').step_by(2).collect();
        let links = words.split("](").skip(1);
        links
            .filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
            .collect()
    }

    fn commands(&self) -> Vec<String> {
        let blocks = self.blocks("sh").join("\n");
        let lines = blocks
            .lines()
            .map(|line| line.split(" #").next().unwrap_or_default().trim());
        lines
            .filter(|line| !line.is_empty())
            .map(ToOwned::to_owned)
            .collect()
    }
}

/// A heading's anchor, as code hosts make it.
fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.map(|c| {
        if c == ' ' {
            '-'
        } else {
            c.to_ascii_lowercase()
        }
    })
    .collect()
}

#[test]
fn links_lead_somewhere() {
    for document in documents() {
        let from = root().join(&document.name);
        for link in document.links() {
            if link.contains("://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() {
                from.clone()
            } else {
                from.parent().unwrap().join(file)
            };
            assert!(
                target.exists(),
                "{} links to {link}, which is not there",
                document.name
            );
            if !heading.is_empty() {
                let text = fs::read_to_string(target).unwrap();
                let target = Document {
                    name: link.clone(),
                    text,
                };
                assert!(
                    target.headings().contains(heading),
                    "{} links to {link}, and there is no such heading",
                    document.name
                );
            }
        }
    }
}

#[test]
fn files_that_are_named_are_there() {
    const OURS: [&str; 9] = [
        "agent-worker/",
        "context-service/",
        "crates/",
        "deploy/",
        "docs/",
        "gateway/",
        "src/",
        "tests/",
        "xtask/",
    ];
    for document in documents() {
        // Their paths are their package's own.
        if document.name.starts_with("gateway/") {
            continue;
        }
        for quoted in document.quoted() {
            let is_path = OURS.iter().any(|folder| quoted.starts_with(folder));
            if is_path && !quoted.contains([' ', '*', '<']) {
                let exists = root().join(&quoted).exists();
                assert!(
                    exists,
                    "{} names {quoted}, which is not there",
                    document.name
                );
            }
        }
    }
}

#[test]
fn blocks_of_data_can_be_read() {
    for document in documents() {
        for block in document.blocks("json") {
            for line in block.lines() {
                if let Err(error) = serde_json::from_str::<serde_json::Value>(line) {
                    panic!("{}: {error}: {line}", document.name);
                }
            }
        }
        for block in document.blocks("toml") {
            if let Err(error) = toml::from_str::<toml::Table>(&block) {
                panic!("{}: {error}: {block}", document.name);
            }
        }
    }
}

#[test]
fn the_settings_of_redis_that_are_explained_are_those_that_we_ship() {
    let shipped = fs::read_to_string(root().join("deploy/redis.conf")).unwrap();
    let operations = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let document = Document {
        name: String::new(),
        text: operations,
    };
    let explained = document.blocks("conf").join("\n");
    assert!(!explained.is_empty());
    for line in explained.lines() {
        let setting = line.split('#').next().unwrap_or_default().trim();
        assert!(
            shipped.lines().any(|line| line == setting),
            "{setting} is not in deploy/redis.conf"
        );
    }
}

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

#[test]
fn every_document_is_linked_from_the_readme() {
    let documents = documents();
    let readme = documents
        .iter()
        .find(|document| document.name == "README.md");
    let links = readme.unwrap().links();
    for document in documents
        .iter()
        .filter(|document| document.name.starts_with("docs/"))
    {
        assert!(
            links.contains(&document.name),
            "the README does not link to {}",
            document.name
        );
    }
}
