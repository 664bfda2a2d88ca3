//! What was answered survives the death of the process.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use convene_context_service::store::{Append, Effect, Store};
use convene_proto::{
    id::{ConversationId, MessageId},
    position::{Nonce, Seq},
};
use tempfile::TempDir;

use crate::support::*;

const FOLDER: &str = "CONVENE_TEST_CRASH_FOLDER";

/// The process that is killed: people talk and an agent answers, and each answer of the store is
/// told on standard output.
#[tokio::test]
#[ignore = "run by what_was_answered_survives_a_kill, in a process of its own"]
async fn talks_until_it_is_killed() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let store = open(&PathBuf::from(folder));
    let id = create(&store).await;
    tell(&format!("conversation {id}"));
    futures_util::future::join3(talk(&store, &id), talk(&store, &id), answer(&store, &id)).await;
}

async fn talk(store: &dyn Store, id: &ConversationId) {
    loop {
        let submit = message(id);
        let message = submit.message.clone();
        let entry = store.submit(submit).await.unwrap().entry;
        tell(&format!("said {} {} {message}", entry.seq, entry.eid));
    }
}

async fn answer(store: &dyn Store, id: &ConversationId) {
    store.submit(message(id)).await.unwrap();
    let mut nonce: Nonce = claimed(store, id).await.nonce;
    let mut steps = 0;
    loop {
        let message = MessageId::random();
        let start = effect(id, nonce, steps + 1, Effect::Start(message.clone()));
        let complete = effect(id, nonce, 0, Effect::Complete(message.clone()));
        let mut finish = effect(id, nonce, steps + 7, Effect::Finish);
        finish.entries.splice(0..0, complete.entries);
        let written = store.append(start).await.unwrap().entries;
        for offset in 0..5 {
            let piece = Append {
                text: Some(text(&message, offset, "x")),
                ..append(id, nonce, steps + 2 + offset)
            };
            store.append(piece).await.unwrap();
        }
        let finished = store.append(finish).await.unwrap().entries;
        steps += 7;
        for entry in written.into_iter().chain(finished) {
            tell(&format!("wrote {} {}", entry.seq, entry.eid));
        }
        nonce = match store.release(release(id, nonce)).await.unwrap() {
            Some(next) => next.nonce,
            None => return,
        };
    }
}

fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n> {line}").unwrap();
    out.flush().unwrap();
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let folder = TempDir::new().unwrap();
    let mut child = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "crash::talks_until_it_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut told = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        told.extend(line.strip_prefix("> ").map(str::to_owned));
        if told.len() == 200 {
            // In the middle of whatever it does; what it told before is still in the pipe.
            child.kill().unwrap();
        }
    }
    assert!(!child.wait().unwrap().success(), "it was to be killed");

    let store = open(folder.path());
    let id: ConversationId = told[0]
        .strip_prefix("conversation ")
        .unwrap()
        .parse()
        .unwrap();
    let log = log(&store, &id).await;
    let numbers = log.iter().map(|entry| entry.seq.0);
    assert!(numbers.eq(1..=log.len() as u64), "a hole in the log");
    let mut survivors = 0;
    for line in &told[1..] {
        let words: Vec<&str> = line.split(' ').collect();
        let seq: u64 = words[1].parse().unwrap();
        let entry = &log[seq as usize - 1];
        assert_eq!(entry.eid.to_string(), words[2], "{line}");
        if words[0] == "said" {
            let mut again = message(&id);
            again.message = words[3].parse().unwrap();
            let again = store.submit(again).await.unwrap();
            assert!(again.duplicate, "{line}");
            assert_eq!(again.entry.seq, Seq(seq));
        }
        survivors += 1;
    }
    assert!(survivors >= 199);
    assert_eq!(store.sweep(10).await.unwrap().len(), 1, "what waits is due");
}

/// Text waits for no disk. It gets there within about a second nevertheless, with nothing else
/// going on.
#[tokio::test]
async fn text_reaches_the_disk_by_itself() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path());
    let id = create(&store).await;
    store.submit(message(&id)).await.unwrap();
    let nonce = claimed(&store, &id).await.nonce;
    let message = MessageId::random();
    let start = effect(&id, nonce, 1, Effect::Start(message.clone()));
    store.append(start).await.unwrap();
    let piece = Append {
        text: Some(text(&message, 0, "Good morning")),
        ..append(&id, nonce, 2)
    };
    store.append(piece).await.unwrap();
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        // What a process would find that was started now, after this one died.
        let found = TempDir::new().unwrap();
        fs::copy(
            folder.path().join("convene.redb"),
            found.path().join("convene.redb"),
        )
        .unwrap();
        let image = open(found.path());
        let text = image.read_text(&id, &message, 0, 0).await.unwrap();
        if text.text == "Good morning" {
            return;
        }
    }
    panic!("the text was not on disk after ten seconds");
}
