//! An agent of a user's own, in a worker of its own, beside a cluster.

use std::{path::Path, process::Command, time::Duration};

use xtask::process::Process;

use crate::{
    flow::{hears, presses},
    harness::{Shape, Stack, Terminal, convene},
    people::{Person, announced},
};

/// An example of the documents, built with the features that everything else here has.
fn example(name: &str) -> Command {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--workspace", "--example", name])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(built.unwrap().success());
    let programs = Path::new(env!("CARGO_BIN_EXE_convene")).parent().unwrap();
    Command::new(programs.join("examples").join(name))
}

/// The example's worker, beside a cluster that has announced its agent.
async fn join(stack: &Stack, name: &'static str) -> Process {
    let mut worker = example(name);
    for (key, value) in stack.gateway(0).settings() {
        if ["broker.url", "context_service.endpoints"].contains(&key.as_str()) {
            let variable = key.to_uppercase().replace('.', "__");
            worker.env(format!("CONVENE_{variable}"), value);
        }
    }
    let log = stack.folder().join(format!("{name}.log"));
    let worker = Process::start(name, worker, &log, Duration::ZERO).unwrap();
    announced(stack, &stack.gateway(0).url(), |agent| agent.name == name).await;
    worker
}

async fn begin(stack: &Stack, user: &str, agent: &str) -> Person {
    Person::with_agent(stack, &stack.gateway(0).url(), user, agent).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_in_a_worker_of_its_own_joins_a_cluster() {
    let Some(stack) = Stack::cluster(Shape::default()).await else {
        return;
    };
    let _echo = join(&stack, "echo").await;
    let url = stack.gateway(0).url();
    let mut ada = begin(&stack, "ada", "echo").await;
    let hello = ada.says("hello").await;
    assert_eq!(ada.answer_to(hello).await, "You said: hello");

    let mut chat = convene(stack.folder());
    chat.args(["chat", "--url", &url, "--agent", "echo", "--name", "Bob"]);
    let mut bob = Terminal::run(&chat);
    bob.shows("; /stop, /invite, /quit]").await;
    bob.types("good morning");
    bob.shows("echo: You said: good morning").await;

    let _wrap = join(&stack, "wrap").await;
    let mut cem = begin(&stack, "cem", "wrap").await;
    let asks = hears(&mut cem, "a present, please").await;
    assert_eq!(asks, "Which paper shall it be?");
    assert_eq!(presses(&mut cem, "Stars").await, "Stars it is, cem.");
}
