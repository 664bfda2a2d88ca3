//! Red where something is away that a process cannot work without, with the reason; and green again.

use std::{fs, time::Duration};

use convene_client::{
    message,
    proto::{event::EventBody, position::Seq},
};

use crate::{
    harness::{Kind, Shape, Stack},
    people::Person,
};

const POOL: &str = "watched";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_needs_the_broker_or_a_queue_of_its_is_red_without_it() {
    let shape = Shape {
        gateways: 1,
        workers: 1,
        context_services: 1,
        own_rabbitmq: true,
        settings: vec![
            ("agent_worker.pool", POOL.to_owned()),
            ("agents.guide.pool", POOL.to_owned()),
            ("agent_worker.concurrency", "1".to_owned()),
        ],
        ..Shape::default()
    };
    let Some(mut stack) = Stack::cluster(shape).await else {
        return;
    };
    let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
    let greeting = ada.says("/echo hello").await;
    assert_eq!(ada.answer_to(greeting).await, "hello");

    stack.kill(Kind::RabbitMq, 0);
    let worker = stack.node(Kind::Worker, 0);
    worker
        .red("agent-worker", "the broker does not answer")
        .await;
    worker.red("agent-worker", "no doorbells are taken").await;
    let gateway = stack.gateway(0);
    gateway.red("broker", "the broker is unavailable: ").await;
    gateway.red("inbox", "the message queue is away").await;
    stack.start_again(Kind::RabbitMq, 0).await;
    stack.ready().await;
    let again = ada.says("/echo here again").await;
    assert_eq!(ada.answer_to(again).await, "here again");

    // The broker answers, and the queue is gone for good: who consumes nothing must not be green,
    // and must find out with all hands full.
    let long = ada.says("/stream 5000 at 20").await;
    ada.some_answer(long, 10).await;
    stack.rabbitmqctl(&["set_permissions", "guest", "^worker", ".*", ".*"]);
    stack.rabbitmqctl(&["delete_queue", &format!("runs.{POOL}")]);
    stack
        .node(Kind::Worker, 0)
        .red("agent-worker", "no doorbells are taken")
        .await;
    stack.rabbitmqctl(&["set_permissions", "guest", ".*", ".*", ".*"]);
    stack.ready().await;
    let rest = ada.client.rest();
    rest.cancel(ada.conversation(), None).await.unwrap();
    let last = ada.says("/echo and again").await;
    assert_eq!(ada.answer_to(last).await, "and again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_process_whose_disk_is_full_says_so_and_ends_and_is_whole_when_it_comes_back() {
    let mut stack = Stack::embedded().await;
    let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
    let database = stack.folder().join("data/convene.redb");
    let full = fs::metadata(database).unwrap().len();
    let node = stack.node(Kind::Gateway, 0);
    let rest = ada.client.rest();
    let filler = || message("x".repeat(30_000));
    let mut accepted = vec![rest.say(ada.conversation(), &filler()).await.unwrap()];
    node.limit_files(full);
    while let Ok(said) = rest.say(ada.conversation(), &filler()).await {
        accepted.push(said);
    }
    assert_eq!(node.ended(Duration::from_secs(60)).await, Some(1));
    node.logged("the disk is full").await;
    node.logged("(store)").await;

    stack.start_again(Kind::Gateway, 0).await;
    let last = ada.says("/echo room again").await;
    assert_eq!(ada.answer_to(last).await, "room again");
    let rest = ada.client.rest();
    for said in accepted {
        let before = Seq(said.seq.0 - 1);
        let page = rest.history_after(ada.conversation(), before, 1).await;
        let EventBody::MessageCreated { message } = &page.unwrap().events[0].body else {
            panic!("{said:?} was accepted, and is lost");
        };
        assert_eq!(message.id, said.message);
    }
    ada.saw_the_log().await;
}
