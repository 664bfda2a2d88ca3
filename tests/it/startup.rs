//! The first seconds of a process, and its last ones: each thing that can be wrong is one clear
//! sentence, and every end is an orderly one.

use std::{fs, os::unix::fs::PermissionsExt as _};

use reqwest::StatusCode;
use serde_json::{Value, json};
use xtask::process::{Scratch, Signal};

use crate::{
    harness::{Kind, Role, Run, Shape, Stack, convene, is_skipped},
    people::{PATIENCE, Person},
};

/// Runs a command that must fail before it starts anything.
fn complaint(scratch: &Scratch, arguments: &[&str]) -> String {
    let output = convene(scratch.path()).args(arguments).output().unwrap();
    Run::from(output).expect_complaint()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_on_the_same_folder_is_refused_and_leaves_the_first_alone() {
    let mut stack = Stack::embedded().await;
    let scratch = Scratch::new("convene-it").unwrap();
    let data = stack.folder().join("data").display().to_string();
    let said = complaint(
        &scratch,
        &["serve", "--listen", "127.0.0.1:0", "--data", &data],
    );
    assert_eq!(
        said,
        format!(
            "convene: {data} is in use by another process: stop the other one, or choose another \
             folder with --data"
        )
    );
    stack.ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_named_with_the_setting_that_changes_it() {
    let stack = Stack::embedded().await;
    let address = format!("127.0.0.1:{}", stack.gateway(0).port());
    let scratch = Scratch::new("convene-it").unwrap();
    for (service, setting) in [
        ("serve", "gateway.listen"),
        ("gateway", "gateway.listen"),
        ("agent-worker", "admin.listen"),
        ("context-service", "admin.listen"),
    ] {
        let secret = "auth.secret=0123456789abcdef0123456789abcdef";
        let taken = format!("{setting}={address}");
        let said = complaint(&scratch, &[service, "--set", &taken, "--set", secret]);
        assert_eq!(
            said,
            format!(
                "convene: {address} is taken by another program: stop that, or set {setting} to \
                 another address"
            )
        );
    }
}

#[test]
fn settings_that_cannot_be_used_are_all_named_before_anything_starts() {
    let scratch = Scratch::new("convene-it").unwrap();
    let file = scratch.path().join("convene.toml");
    fs::write(
        &file,
        "[gateway]\ntail = 0\nport = 80\n[agents.bot]\nkind = \"llm\"\nmodel = \"m\"\n",
    )
    .unwrap();
    let said = complaint(&scratch, &["serve"]);
    for part in [
        "the settings cannot be used:",
        "\n  - gateway.tail must be from 1 to 1000 (gateway.tail from convene.toml)",
        "\n  - gateway.port is no setting; there are ",
        "\n  - agents.bot.api_key is missing, and api.openai.com answers nobody without a key: ",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    assert_eq!(said.lines().count(), 4, "{said}");
    assert!(!scratch.path().join("data").exists());
}

#[test]
fn a_file_that_cannot_be_read_is_named_in_one_sentence() {
    let scratch = Scratch::new("convene-it").unwrap();
    let missing = complaint(&scratch, &["serve", "--config", "missing.toml"]);
    assert!(
        missing.contains("missing.toml cannot be read: No such file"),
        "{missing}"
    );
    fs::write(scratch.path().join("convene.toml"), "[gateway\n").unwrap();
    let broken = complaint(&scratch, &["gateway"]);
    assert!(
        broken.contains("convene.toml is not TOML at line 1: "),
        "{broken}"
    );
    assert_eq!(broken.lines().count(), 1);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let scratch = Scratch::new("convene-it").unwrap();
    fs::write(scratch.path().join("file"), "").unwrap();
    let said = complaint(&scratch, &["serve", "--data", "file/data"]);
    assert!(
        said.starts_with("convene: the data folder file/data cannot be made: "),
        "{said}"
    );
}

#[test]
fn a_context_service_that_its_redis_refuses_says_so() {
    if is_skipped() {
        return;
    }
    let scratch = Scratch::new("convene-it").unwrap();
    let redis = std::env::var("CONVENE_TEST_REDIS").unwrap();
    let wrong = format!("store.url={}", redis.replace("://", "://:hush@"));
    let admin = format!("admin.listen=127.0.0.1:{}", xtask::ports::free().unwrap());
    let said = complaint(
        &scratch,
        &["context-service", "--set", &wrong, "--set", &admin],
    );
    assert!(
        said.starts_with("convene: store.url leads to no Redis that can be used: "),
        "{said}"
    );
    assert!(!said.contains("hush"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_context_service_is_red_until_its_redis_comes() {
    let shape = Shape {
        gateways: 1,
        workers: 1,
        context_services: 1,
        own_redis: true,
        ..Shape::default()
    };
    let Some(mut stack) = Stack::cluster(shape).await else {
        return;
    };
    stack.terminate(Kind::ContextService, 0).await;
    stack.kill(Kind::Redis, 0);
    stack.node(Kind::ContextService, 0).start();
    // Each time it comes without its data, and so without our scripts.
    for _ in 0..2 {
        let node = stack.node(Kind::ContextService, 0);
        node.red("store", "the store is unavailable: ").await;
        fs::remove_dir_all(stack.folder().join("redis/appendonlydir")).unwrap();
        stack.start_again(Kind::Redis, 0).await;
        stack.ready().await;
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let said = ada.says("/echo hello").await;
        ada.answer_to(said).await;
        stack.kill(Kind::Redis, 0);
    }
}

/// Whoever waited for runs to end, or for this to be over, would wait longer than any test.
fn patient_drains() -> [(&'static str, String); 1] {
    [("agent_worker.drain_deadline_ms", "600000".to_owned())]
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_who_has_nothing_to_do_at_once() {
    let mut stack = Stack::embedded_with(&patient_drains()).await;
    let node = stack.node(Kind::Gateway, 0);
    node.signal(Signal::Int);
    assert_eq!(node.ended(PATIENCE).await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_stays_between_starts_and_so_do_tokens() {
    let mut stack = Stack::embedded_with(&[("auth.secret", String::new())]).await;
    let secret = stack.folder().join("data/auth.secret");
    assert_eq!(
        fs::metadata(&secret).unwrap().permissions().mode() & 0o777,
        0o600
    );

    let url = format!("{}/v1/conversations", stack.gateway(0).url());
    let http = reqwest::Client::new();
    let guest = http
        .post(format!("{}/v1/auth/guest", stack.gateway(0).url()))
        .json(&json!({ "name": "Ada" }))
        .send()
        .await
        .unwrap();
    let token = guest.json::<Value>().await.unwrap()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let made = http
        .post(&url)
        .bearer_auth(&token)
        .json(&json!({ "title": "Kept" }))
        .send()
        .await;
    assert_eq!(made.unwrap().status(), StatusCode::CREATED);

    stack.terminate(Kind::Gateway, 0).await;
    stack.start_again(Kind::Gateway, 0).await;
    let listed = http.get(&url).bearer_auth(&token).send().await.unwrap();
    let listed: Value = listed.json().await.unwrap();
    assert_eq!(listed["conversations"][0]["title"], "Kept", "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_command_signs_for_the_data_folder_beside_it() {
    let stack = Stack::embedded_with(&[("auth.secret", String::new())]).await;
    let output = convene(stack.folder())
        .args([
            "token", "--user", "ada", "--name", "Ada", "--role", "operator", "--ttl", "5m",
        ])
        .output()
        .unwrap();
    let token = Run::from(output).expect_success();
    let me = format!("{}/v1/me", stack.gateway(0).url());
    let me = reqwest::Client::new()
        .get(me)
        .bearer_auth(token.trim())
        .send()
        .await
        .unwrap();
    assert_eq!(me.status(), StatusCode::OK);
    let me: Value = me.json().await.unwrap();
    assert_eq!(me["name"], "Ada", "{me}");
    // And tokens of the harness's own secret are none here.
    let url = format!("{}/v1/me", stack.gateway(0).url());
    let forged = reqwest::Client::new()
        .get(url)
        .bearer_auth(stack.token("ada", Role::User));
    assert_eq!(
        forged.send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_healthcheck_asks_the_service_that_is_configured() {
    let mut stack = Stack::embedded().await;
    let listen = format!("gateway.listen=127.0.0.1:{}", stack.gateway(0).port());
    let folder = stack.folder().to_owned();
    let ask = || {
        Run::from(
            convene(&folder)
                .args(["healthcheck", "--set", &listen])
                .output()
                .unwrap(),
        )
    };
    assert!(ask().expect_success().contains("\"status\":\"green\""));
    stack.kill(Kind::Gateway, 0);
    assert!(ask().expect_complaint().contains("cannot ask 127.0.0.1:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_stops_at_once_whatever_runs() {
    let mut stack = Stack::embedded_with(&patient_drains()).await;
    let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
    let said = ada.says("/stream 5000 at 20").await;
    ada.some_answer(said, 10).await;
    let node = stack.node(Kind::Gateway, 0);
    node.signal(Signal::Term);
    node.logged("draining; a second signal stops at once").await;
    node.signal(Signal::Term);
    assert_eq!(node.ended(PATIENCE).await, Some(1));
}
