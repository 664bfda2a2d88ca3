//! An agent of a user's own, in a worker of its own, beside a cluster.

use std::{path::Path, process::Command, time::Duration};

use convene_client::NewConversation;
use xtask::process::Process;

use crate::{
    harness::{Shape, Stack, Terminal, convene},
    people::{PATIENCE, Person, client},
};

/// The example of docs/agents.md, built with the features that everything else here has.
fn echo() -> Command {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--workspace", "--example", "echo"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(built.unwrap().success());
    let programs = Path::new(env!("CARGO_BIN_EXE_convene")).parent().unwrap();
    Command::new(programs.join("examples/echo"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_in_a_worker_of_its_own_joins_a_cluster() {
    let Some(stack) = Stack::cluster(Shape::default()).await else {
        return;
    };
    let mut echo = echo();
    for (key, value) in stack.gateway(0).settings() {
        if ["broker.url", "context_service.endpoints"].contains(&key.as_str()) {
            let variable = key.to_uppercase().replace('.', "__");
            echo.env(format!("CONVENE_{variable}"), value);
        }
    }
    let log = stack.folder().join("echo.log");
    let _echo = Process::start("echo", echo, &log, Duration::ZERO).unwrap();

    let url = stack.gateway(0).url();
    let ada = client(&stack, &url, "ada").await;
    let comes = async {
        loop {
            let agents = ada.rest().agents().await.unwrap();
            if agents.iter().any(|agent| agent.name.as_str() == "echo") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, comes)
        .await
        .expect("echo is announced");
    let with_echo = NewConversation {
        agent: Some("echo".to_owned()),
        ..NewConversation::default()
    };
    let conversation = ada.rest().create(&with_echo).await.unwrap();
    let mut ada = Person::open(ada, &conversation.id).await;
    let hello = ada.says("hello").await;
    assert_eq!(ada.answer_to(hello).await, "You said: hello");

    let mut chat = convene(stack.folder());
    chat.args(["chat", "--url", &url, "--agent", "echo", "--name", "Bob"]);
    let mut bob = Terminal::run(&chat);
    bob.shows("; /stop, /invite, /quit]").await;
    bob.types("good morning");
    bob.shows("echo: You said: good morning").await;
}
