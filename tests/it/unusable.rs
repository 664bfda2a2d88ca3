//! Agents whose projects have faults when their worker starts for the first time.

use std::fs;

use convene_client::Agent;
use serde_json::Value;
use xtask::process::Scratch;

use crate::{
    access::rest,
    flow::{booking, hears, settings, write},
    harness::{Role, Run, Stack, Terminal, convene},
    people::{Person, announced},
};

const WRONG: &str = "flows:\n  book:\n    steps: [{sya: old}]\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_whose_project_has_faults_waits_until_they_are_mended_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let [good, faulty] = ["good", "faulty"].map(|name| folder.path().join(name));
    booking(&good, "old");
    booking(&faulty, "new");
    write(&faulty, "flows/a.yaml", WRONG);
    let mut all = settings(&good);
    all.push(("agents.desk.kind", "flow".to_owned()));
    all.push(("agents.desk.project", faulty.display().to_string()));
    let stack = Stack::embedded_with(&all).await;
    let url = stack.gateway(0).url();
    let mut ada = Person::with_agent(&stack, &url, "ada", "shop").await;
    assert_eq!(hears(&mut ada, "please book a table").await, "How many?");
    let tells = |report: &Value| {
        let remark = report["remarks"]["agents.desk"].as_str();
        let green = report["status"] == "green";
        remark.is_some_and(|remark| green && remark.contains("waits until they are mended"))
    };
    stack.gateway(0).reports(tells).await;
    let waits = announced(&stack, &url, |agent| agent.name.as_str() == "desk").await;
    assert!(!waits.ready, "{waits:?}");
    assert_eq!(waits.trouble, None, "it is for operators");
    let olga = rest(&stack, stack.token("olga", Role::Operator));
    let desk = |agents: Vec<Agent>| agents.into_iter().find(|one| one.name == "desk").unwrap();
    let told = desk(olga.agents().await.unwrap()).trouble.unwrap();
    assert!(
        told.contains("flows/a.yaml:3:14") && told.contains("convene check"),
        "{told}"
    );

    let mut bob = Person::with_agent(&stack, &url, "bob", "desk").await;
    let said = bob.says("please book a table").await;
    let mut chat = convene(stack.folder());
    chat.args(["chat", "--url", &url, "--agent", "desk", "--name", "Eve"]);
    let mut eve = Terminal::run(&chat);
    eve.shows("/quit]").await;
    eve.types("please book a table");
    eve.shows("[desk is getting ready; what you said waits]")
        .await;
    booking(&faulty, "new");
    assert_eq!(bob.answer_to(said).await, "How many?");
    eve.shows("How many?").await;
    assert_eq!(hears(&mut bob, "3").await, "New: 3");
    let good = |report: &Value| report["status"] == "green" && report.get("remarks").is_none();
    stack.gateway(0).reports(good).await;
}

#[test]
fn where_no_agent_could_answer_the_start_is_refused_and_each_is_named() {
    let scratch = Scratch::new("convene-it").unwrap();
    let mut settings = String::new();
    for name in ["one", "two"] {
        let folder = scratch.path().join(name);
        booking(&folder, "old");
        write(&folder, "flows/a.yaml", WRONG);
        settings += &format!("[agents.{name}]\nkind = \"flow\"\nproject = \"{name}\"\n");
    }
    fs::write(scratch.path().join("convene.toml"), settings).unwrap();
    let arguments = ["serve", "--listen", "127.0.0.1:0"];
    let output = convene(scratch.path()).args(arguments).output().unwrap();
    let said = Run::from(output).expect_complaint();
    for name in ["one", "two"] {
        let named = format!("agents.{name}.project: the project has a fault: flows/a.yaml:3:14");
        assert!(said.contains(&named), "{said}");
    }
}
