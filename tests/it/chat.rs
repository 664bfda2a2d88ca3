//! `convene chat`, at a terminal and in a script.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use crate::harness::{Kind, Run, Shape, Stack, Terminal, convene, on_both};

fn chat(stack: &Stack, url: &str, arguments: &[&str]) -> Command {
    let mut command = convene(stack.folder());
    command.args(["chat", "--url", url]).args(arguments);
    command
}

/// Runs it with these lines piped in.
fn piped(mut command: Command, lines: &str) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    Run::from(child.wait_with_output().unwrap())
}

/// What the guide has counted since it last began to, in lines of twenty. A loss of the connection
/// may have been noted in between.
fn counted(shown: &str) -> Vec<usize> {
    const BEGINS: &str = "Guide: ";
    const GOES_ON: &str = "Guide: ... ";
    let begins = |at: &usize| !shown[*at..].starts_with(GOES_ON);
    let begun = shown.rmatch_indices(BEGINS).map(|(at, _)| at).find(begins);
    let Some(begun) = begun else {
        return Vec::new();
    };
    let mut text = String::new();
    for line in shown[begun + BEGINS.len()..].lines() {
        match line.strip_prefix(GOES_ON) {
            Some(rest) => text.push_str(rest),
            None if line.starts_with('[') => {}
            None if text.is_empty() => text.push_str(line),
            None if line.is_empty() || line.starts_with(char::is_numeric) => {
                text.push('\n');
                text.push_str(line);
            }
            None => break,
        }
    }
    let words = text.split_whitespace();
    words.map_while(|word| word.parse().ok()).collect()
}

fn up_to(last: usize) -> Vec<usize> {
    (1..=last).collect()
}

/// What stands between these two, at their first appearance.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap();
    rest.split_once(after).unwrap().0
}

on_both! {
    async fn two_people_talk_at_their_terminals(stack: Stack) {
        let (here, there) = (stack.gateway(0).url(), stack.gateway(1).url());
        let mut ada = Terminal::run(&chat(&stack, &here, &["--name", "Ada"]));
        ada.shows("; /stop, /invite, /quit]").await;
        ada.types("/stream 60 at 30");
        // It streams: there are some words before there are all.
        ada.until("the first words are shown", |shown| counted(shown).len() > 3).await;
        let shown = ada.until("all is shown", |shown| counted(shown).len() == 60).await;
        assert_eq!(counted(&shown), up_to(60));

        ada.types("/invite");
        let command = format!("[convene chat --url {here} --join ");
        let shown = ada.shows(&command).await;
        let invitation = between(&shown, &command, "]").to_owned();
        let mut bob = Terminal::run(&chat(&stack, &there, &["--name", "Bob", "--join", &invitation]));
        bob.shows("Ada: /stream 60 at 30").await;
        bob.types("/echo hello Ada");
        for screen in [&ada, &bob] {
            screen.shows("Guide: hello Ada").await;
        }
        ada.shows("Bob: /echo hello Ada").await;

        ada.types("/stream 5000 at 20");
        bob.until("some of it is shown", |shown| counted(shown).len() > 5).await;
        bob.types("/stop");
        for screen in [&ada, &bob] {
            screen.shows("[stopped]").await;
        }
        assert!(counted(&ada.shown()).len() < 5000);
        bob.types("/quit");
        assert_eq!(bob.ended().await, Some(0));
        ada.types("/echo still here");
        ada.shows("Guide: still here").await;
    }

    async fn a_script_says_each_line_when_the_one_before_is_answered(stack: Stack) {
        let url = stack.gateway(0).url();
        let said = piped(chat(&stack, &url, &["--name", "Ada"]), "/echo one\n/echo two\n");
        assert_eq!(
            said.expect_success(),
            "you: /echo one\nGuide: one\nyou: /echo two\nGuide: two\n"
        );
        let mut there = convene(stack.folder());
        there.args(["chat", "--listen", url.trim_start_matches("http://"), "--name", "Ada"]);
        let said = piped(there, "/echo there\n").expect_success();
        assert_eq!(said, "you: /echo there\nGuide: there\n");
        let offered = piped(chat(&stack, &url, &["--name", "Ada"]), "/card\n/1\n");
        let offered = offered.expect_success();
        assert!(offered.contains("  /1 Take the seat\n"), "{offered}");
        assert!(offered.contains("you: Take the seat\nGuide: Ada was first"), "{offered}");
        let lines = "/form\n/form name=Ada Lovelace tickets=9\n";
        let wrong = piped(chat(&stack, &url, &["--name", "Ada"]), lines).expect_complaint();
        assert!(wrong.contains("not said: tickets: It must be at most 6."), "{wrong}");
        let mut german = chat(&stack, &url, &["--name", "Ada"]);
        german.env("LANG", "de_DE.UTF-8");
        let wrong = piped(german, lines).expect_complaint();
        assert!(wrong.contains("nicht gesagt: tickets: Es darf höchstens 6 sein."), "{wrong}");
        let french = chat(&stack, &url, &["--name", "Ada", "--language", "fr"]);
        let helped = piped(french, "/help\n/echo bonjour\n").expect_success();
        assert!(helped.contains("[/stop : arrêter la réponse]"), "{helped}");
        assert!(helped.ends_with("vous: /echo bonjour\nGuide: bonjour\n"), "{helped}");
        let french = chat(&stack, &url, &["--language", "fr", "--join", "nonsense"]);
        let refused = piped(french, "").expect_complaint();
        assert!(refused.contains("impossible de rejoindre la conversation : "), "{refused}");
        let mut german = chat(&stack, &url, &["--language", "de"]);
        german.env("CONVENE_TOKEN", "nonsense");
        let refused = piped(german, "").expect_complaint();
        assert!(refused.contains("`convene token` macht einen"), "{refused}");
        let lines = "/form\n/form name=Ada Lovelace tickets=2\n";
        let filled = piped(chat(&stack, &url, &["--name", "Ada"]), lines).expect_success();
        assert!(filled.contains("- Name: Ada Lovelace\n- Tickets: 2"), "{filled}");
        let mut unread = chat(&stack, &url, &["--name", "Ada"]);
        unread.stdout(Stdio::piped()).stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut unread = unread.spawn().unwrap();
        drop(unread.stdout.take());
        unread.stdin.take().unwrap().write_all(b"/echo unread\n").unwrap();
        Run::from(unread.wait_with_output().unwrap()).expect_success();

        let token = stack.run(&["token", "--user", "ada", "--name", "Ada"]).expect_success();
        let mut with_token = chat(&stack, &url, &[]);
        with_token.env("CONVENE_TOKEN", token.trim());
        assert!(piped(with_token, "/who\n").expect_success().contains("Ada"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_guests_are_let_in_it_is_said_how_to_come_in() {
    let stack = Stack::embedded_with(&[("auth.guests", "false".to_owned())]).await;
    let url = stack.gateway(0).url();
    let refused = piped(chat(&stack, &url, &["--language", "en"]), "").expect_complaint();
    let way =
        "no guests are let in there: give a token with --token, as `convene token` makes them";
    assert!(refused.contains(way), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_goes_on_at_the_byte_when_its_gateway_dies() {
    let Some((mut stack, balancer)) = Stack::balanced(Shape::default()).await else {
        return;
    };
    let mut ada = Terminal::run(&chat(&stack, &balancer.url(), &["--name", "Ada"]));
    ada.shows("; /stop, /invite, /quit]").await;
    ada.types("/stream 400 at 100");
    ada.until("some of it is shown", |shown| counted(shown).len() > 10)
        .await;
    // One of the two holds the terminal's socket.
    stack.kill(Kind::Gateway, 0);
    stack.start_again(Kind::Gateway, 0).await;
    stack.kill(Kind::Gateway, 1);
    let shown = ada
        .until("all is shown", |shown| counted(shown).len() == 400)
        .await;
    assert_eq!(counted(&shown), up_to(400));
    assert!(!shown.contains("forget its words"), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_comes_again_when_the_single_process_dies() {
    let mut stack = Stack::embedded().await;
    let url = stack.gateway(0).url();
    let mut ada = Terminal::run(&chat(&stack, &url, &["--name", "Ada"]));
    ada.shows("; /stop, /invite, /quit]").await;
    ada.types("/stream 200 at 100");
    ada.until("some of it is shown", |shown| counted(shown).len() > 10)
        .await;
    stack.kill(Kind::Gateway, 0);
    stack.start_again(Kind::Gateway, 0).await;
    let shown = ada
        .until("all is shown", |shown| counted(shown).len() == 200)
        .await;
    assert_eq!(counted(&shown), up_to(200));
    ada.types("/echo afterwards");
    ada.shows("Guide: afterwards").await;
}

#[test]
fn nobody_there_is_one_clear_sentence() {
    let scratch = xtask::process::Scratch::new("convene-it").unwrap();
    let url = format!("http://127.0.0.1:{}", xtask::ports::free().unwrap());
    let output = convene(scratch.path())
        .args(["chat", "--url", &url])
        .output();
    let said = Run::from(output.unwrap()).expect_complaint();
    assert!(
        said.starts_with(&format!("convene: nobody answers at {url} (")),
        "{said}"
    );
    assert!(
        said.ends_with("start one with `convene serve`, or say where with --url or --listen"),
        "{said}"
    );
}
