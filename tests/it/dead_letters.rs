//! What no attempt could answer: from its failure to the operator's hand, and back.

use axum::{Router, http::header, routing::post};
use convene_client::{
    Client, ConversationView, NewConversation, RunStatus,
    proto::{event::Outcome, position::Seq},
};
use convene_runtime::Tasks;
use reqwest::StatusCode;
use serde_json::Value;
use xtask::ports;

use crate::{
    harness::{Kind, Role, Run, Shape, Stack},
    people::{Person, client},
};

const POOL: &str = "late";

/// What is asked of the gateway here.
pub(crate) const OPERATIONS: [&str; 4] = [
    "GET /v1/dead-letters",
    "GET /v1/dead-letters/{id}",
    "POST /v1/dead-letters/{id}/replay",
    "DELETE /v1/dead-letters/{id}",
];

/// What the model says once it is there.
const ANSWER: &str = "\
data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Here I am.\"},\"finish_reason\":null}]}\n\n\
data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
data: [DONE]\n\n";

/// An agent whose model is not there yet.
fn settings(model: u16) -> Vec<(&'static str, String)> {
    vec![
        ("agents.late.kind", "llm".to_owned()),
        (
            "agents.late.base_url",
            format!("http://127.0.0.1:{model}/v1"),
        ),
        ("agents.late.model", "late".to_owned()),
        ("agents.late.attempts", "1".to_owned()),
        ("agents.late.pool", POOL.to_owned()),
        ("agent_worker.pool", POOL.to_owned()),
        ("agent_worker.max_attempts", "2".to_owned()),
        ("agent_worker.retry_base_ms", "100".to_owned()),
    ]
}

async fn switch_on(model: u16, tasks: &Tasks) {
    let answer = async || ([(header::CONTENT_TYPE, "text/event-stream")], ANSWER);
    let routes = Router::new().route("/v1/chat/completions", post(answer));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", model)).await;
    let serving = axum::serve(listener.unwrap(), routes).into_future();
    tasks.spawn_until_stop(async { serving.await.unwrap() });
}

fn run(stack: &Stack, action: &[&str]) -> Run {
    let url = stack.gateway(0).url();
    let command = ["dead-letters", "--json", "--pool", POOL, "--url", &url];
    stack.run(&[&command, action].concat())
}

/// Runs the command, which must succeed.
fn dead_letters(stack: &Stack, action: &[&str]) -> String {
    run(stack, action).expect_success()
}

/// The ids, oldest first. No list shows what was said.
fn listed(stack: &Stack) -> Vec<String> {
    let list = dead_letters(stack, &["list"]);
    assert!(!list.contains("a secret"), "{list}");
    let letters: Vec<Value> = serde_json::from_str(&list).unwrap();
    let id = |letter: &Value| letter["id"].as_str().unwrap().to_owned();
    letters.iter().map(id).collect()
}

async fn until(person: &mut Person, input: Seq, wished: fn(&RunStatus) -> bool) {
    let is_as_wished =
        |view: &ConversationView| view.run_for(input).is_some_and(|run| wished(&run.status));
    person.until("the run has ended so", is_as_wished).await;
}

fn has_failed(status: &RunStatus) -> bool {
    matches!(status, RunStatus::Finished(Outcome::Failed { .. }))
}

/// Two messages fail for good; the processes may then be restarted; one is dropped, the other is
/// replayed, and answered.
async fn from_failure_to_answer(
    mut stack: Stack,
    model: u16,
    restart: impl AsyncFnOnce(&mut Stack),
) {
    let tasks = Tasks::new();
    let url = stack.gateway(0).url();
    let ada: Client = client(&stack, &url, "ada").await;
    let with_late = NewConversation {
        agent: Some("late".to_owned()),
        ..NewConversation::default()
    };
    let conversation = ada.rest().create(&with_late).await.unwrap();
    let mut ada = Person::open(ada, &conversation.id).await;
    let first = ada.says("a secret, to be answered").await;
    until(&mut ada, first, has_failed).await;
    let second = ada.says("a secret, to be dropped").await;
    until(&mut ada, second, has_failed).await;
    let letters = listed(&stack);
    assert_eq!(letters.len(), 2);

    restart(&mut stack).await;

    assert_eq!(listed(&stack), letters);
    let [to_be_answered, to_be_dropped] = [&letters[0], &letters[1]];
    let shown: Value =
        serde_json::from_str(&dead_letters(&stack, &["show", to_be_answered])).unwrap();
    assert_eq!(shown["conversation"], conversation.id.as_str());
    assert!(
        shown["event"].to_string().contains("to be answered"),
        "{shown}"
    );
    dead_letters(&stack, &["drop", to_be_dropped]);
    let said = run(&stack, &["drop", to_be_dropped]);
    assert_eq!(
        said.expect_complaint(),
        format!("convene: no dead letter {to_be_dropped} in the pool {POOL}")
    );

    switch_on(model, &tasks).await;
    dead_letters(&stack, &["replay", to_be_answered]);
    until(&mut ada, first, |status| {
        matches!(status, RunStatus::Finished(Outcome::Completed))
    })
    .await;
    assert_eq!(ada.answer_to(first).await, "Here I am.");
    assert!(has_failed(&ada.view().run_for(second).unwrap().status));
    assert_eq!(listed(&stack), Vec::<String>::new());
    ada.saw_the_log().await;
    let seen = stack.gateway(0).witness().unwrap().seen();
    for operation in OPERATIONS {
        assert!(seen.contains(operation), "{operation}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_single_process_outlive_it_and_are_answered_when_replayed() {
    let model = ports::free().unwrap();
    let stack = Stack::embedded_with(&settings(model)).await;
    Box::pin(from_failure_to_answer(
        stack,
        model,
        async |stack: &mut Stack| {
            stack.kill(Kind::Gateway, 0);
            stack.start_again(Kind::Gateway, 0).await;
            let metrics = format!("{}/metrics", stack.gateway(0).health_url());
            let metrics = reqwest::get(metrics).await.unwrap().text().await.unwrap();
            let waiting = format!("convene_bus_dead_letters{{pool=\"{POOL}\"}} 2");
            assert!(metrics.contains(&waiting), "{waiting} is not in {metrics}");
        },
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_cluster_outlive_its_broker_and_are_answered_when_replayed() {
    let model = ports::free().unwrap();
    let shape = Shape {
        own_rabbitmq: true,
        settings: settings(model),
        ..Shape::default()
    };
    let Some(stack) = Stack::cluster(shape).await else {
        return;
    };
    Box::pin(from_failure_to_answer(
        stack,
        model,
        async |stack: &mut Stack| {
            stack.kill(Kind::RabbitMq, 0);
            stack.start_again(Kind::RabbitMq, 0).await;
            stack.ready().await;
        },
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn are_for_administrators_alone() {
    let stack = Stack::embedded().await;
    let url = format!("{}/v1/dead-letters", stack.gateway(0).url());
    for (role, status) in [
        (Role::User, StatusCode::FORBIDDEN),
        (Role::Operator, StatusCode::FORBIDDEN),
        (Role::Admin, StatusCode::OK),
    ] {
        let asked = reqwest::Client::new().get(&url);
        let answer = asked.bearer_auth(stack.token("ada", role)).send().await;
        assert_eq!(answer.unwrap().status(), status, "{role:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn are_asked_for_with_a_clear_word_where_nobody_answers() {
    let mut stack = Stack::embedded().await;
    stack.kill(Kind::Gateway, 0);
    let said = stack.run(&["dead-letters", "list"]).expect_complaint();
    let url = format!("http://127.0.0.1:{}", stack.gateway(0).port());
    assert!(
        said.starts_with(&format!("convene: nobody answers at {url} (")),
        "{said}"
    );
}
