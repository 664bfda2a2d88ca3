//! Each kind of process killed in mid-answer: every accepted message is still answered once,
//! whole and in order, in sight of the people who watch.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use convene_client::{
    ConversationView, Error, RunStatus, message,
    proto::{error::ErrorCode, event::Outcome, frame::NewMessage},
};
use xtask::process::Signal;

use crate::{
    harness::{Kind, Shape, Stack},
    people::{Person, assert_counts},
};

/// Two people ask, `fault` strikes in mid-answer, and both see both answers whole.
async fn survives(mut stack: Stack, url: &str, fault: impl AsyncFnOnce(&mut Stack)) {
    let mut ada = Person::beginning(&stack, url, "ada").await;
    let mut bob = ada.invites(&stack, url, "bob").await;
    let first = ada.says("/stream 400 at 200").await;
    let second = bob.says("/stream 50 at 100").await;
    bob.some_answer(first, 20).await;
    fault(&mut stack).await;
    let third = ada.says("/echo afterwards").await;
    for person in [&mut ada, &mut bob] {
        assert_counts(&person.answer_to(first).await, 400);
        assert_counts(&person.answer_to(second).await, 50);
        assert_eq!(person.answer_to(third).await, "afterwards");
        for input in [first, second, third] {
            let run = person.view().run_for(input).unwrap();
            assert_eq!(run.status, RunStatus::Finished(Outcome::Completed));
            assert_eq!(run.inputs, [input]);
        }
        assert_eq!(
            person.view().runs().len(),
            3,
            "something was answered twice"
        );
        if !stack.may_lose_the_tail() {
            assert_eq!(person.resets, 0, "the log was reset");
        }
        person.saw_the_log().await;
    }
    assert!(stack.witnessed("hear delta"), "nobody watched the wire");
}

/// Longer than any wait for an answer, a lease, and most heartbeats.
async fn outage() {
    tokio::time::sleep(Duration::from_secs(20)).await;
}

macro_rules! cluster_survives {
    ($($name:ident($shape:expr, $fault:expr);)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            if let Some((stack, balancer)) = Stack::balanced($shape).await {
                let url = balancer.url();
                Box::pin(survives(stack, &url, $fault)).await;
            }
        }
    )+};
}

cluster_survives! {
    a_gateway_killed_in_mid_answer(Shape::default(), async |stack: &mut Stack| {
        stack.kill(Kind::Gateway, 0);
        stack.start_again(Kind::Gateway, 0).await;
        stack.kill(Kind::Gateway, 1);
    });
    a_worker_killed_in_mid_answer(Shape { workers: 1, ..Shape::default() }, async |stack: &mut Stack| {
        stack.kill(Kind::Worker, 0);
        stack.start_again(Kind::Worker, 0).await;
    });
    either_worker_killed_in_mid_answer(Shape::default(), async |stack: &mut Stack| {
        stack.kill(Kind::Worker, 0);
        stack.start_again(Kind::Worker, 0).await;
        stack.kill(Kind::Worker, 1);
    });
    a_context_service_killed_in_mid_answer(Shape::default(), async |stack: &mut Stack| {
        stack.kill(Kind::ContextService, 0);
        stack.start_again(Kind::ContextService, 0).await;
        stack.kill(Kind::ContextService, 1);
    });
    rabbitmq_killed_in_mid_answer(Shape { own_rabbitmq: true, ..Shape::default() }, async |stack: &mut Stack| {
        stack.kill(Kind::RabbitMq, 0);
        stack.start_again(Kind::RabbitMq, 0).await;
    });
    redis_killed_in_mid_answer(Shape { own_redis: true, ..Shape::default() }, async |stack: &mut Stack| {
        stack.kill(Kind::Redis, 0);
        stack.start_again(Kind::Redis, 0).await;
    });
    redis_fails_over_to_its_replica_in_mid_answer(Shape { replica: true, ..Shape::default() }, async |stack: &mut Stack| {
        stack.fail_over();
    });
    rabbitmq_and_redis_behind_tls_killed_in_mid_answer(Shape { tls: true, ..Shape::default() }, async |stack: &mut Stack| {
        for kind in [Kind::RabbitMq, Kind::Redis] {
            stack.kill(kind, 0);
            stack.start_again(kind, 0).await;
        }
    });
    each_node_of_a_redis_cluster_behind_tls_killed_in_mid_answer(Shape { redis_cluster: true, tls: true, ..Shape::default() }, async |stack: &mut Stack| {
        for node in 0..3 {
            stack.kill(Kind::Redis, node);
            stack.start_again(Kind::Redis, node).await;
        }
    });
    rabbitmq_frozen_in_mid_answer(Shape { own_rabbitmq: true, ..Shape::default() }, async |stack: &mut Stack| {
        stack.freeze(Kind::RabbitMq, 0);
        for index in 0..2 {
            stack.node(Kind::Gateway, index).red("broker", "").await;
        }
        outage().await;
        stack.thaw(Kind::RabbitMq, 0);
        stack.ready().await;
    });
    redis_frozen_in_mid_answer(Shape { own_redis: true, ..Shape::default() }, async |stack: &mut Stack| {
        stack.freeze(Kind::Redis, 0);
        for index in 0..2 {
            stack.node(Kind::ContextService, index).red("store", "").await;
            stack.node(Kind::Gateway, index).red("context-service", "").await;
        }
        outage().await;
        stack.thaw(Kind::Redis, 0);
        stack.ready().await;
    });
    each_context_service_frozen_in_mid_answer(Shape::default(), async |stack: &mut Stack| {
        for index in 0..2 {
            stack.freeze(Kind::ContextService, index);
            outage().await;
            stack.thaw(Kind::ContextService, index);
            stack.ready().await;
        }
    });
    every_service_restarted_in_mid_answer_loses_nothing(Shape::default(), async |stack: &mut Stack| {
        for kind in [Kind::Worker, Kind::ContextService, Kind::Gateway] {
            for index in 0..2 {
                stack.terminate(kind, index).await;
                stack.start_again(kind, index).await;
            }
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_node_of_a_redis_cluster_holds_up_nothing_that_is_kept_elsewhere() {
    const FROZEN: usize = 1;
    let shape = Shape {
        redis_cluster: true,
        ..Shape::default()
    };
    let Some(mut stack) = Stack::cluster(shape).await else {
        return;
    };
    let (mut here, mut elsewhere) = (Vec::new(), Vec::new());
    while here.len() < 2 || elsewhere.len() < 4 {
        let index = here.len() + elsewhere.len();
        let url = stack.gateway(index).url();
        let mut ada = Person::beginning(&stack, &url, "ada").await;
        let input = ada.says("/stream 400 at 40").await;
        ada.some_answer(input, 20).await;
        let kept = match stack.keeper(ada.conversation()) {
            FROZEN => &mut here,
            _ => &mut elsewhere,
        };
        kept.push((ada, input));
    }
    stack.freeze(Kind::Redis, FROZEN);
    for (person, input) in &mut elsewhere {
        assert_counts(&person.answer_to(*input).await, 400);
        assert_eq!(person.view().run_for(*input).unwrap().attempt, 1);
        let meanwhile = person.says("/echo meanwhile").await;
        assert_eq!(person.answer_to(meanwhile).await, "meanwhile");
    }
    stack.ready().await;
    stack.thaw(Kind::Redis, FROZEN);
    stack.ready().await;
    for (person, input) in here.iter_mut().chain(&mut elsewhere) {
        assert_counts(&person.answer_to(*input).await, 400);
        person.saw_the_log().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_can_be_read_while_the_broker_is_away() {
    let shape = Shape {
        own_rabbitmq: true,
        ..Shape::default()
    };
    let Some((mut stack, balancer)) = Stack::balanced(shape).await else {
        return;
    };
    let mut ada = Person::beginning(&stack, &balancer.url(), "ada").await;
    let before = ada.says("/echo before").await;
    ada.answer_to(before).await;
    stack.kill(Kind::RabbitMq, 0);
    for gateway in 0..2 {
        stack.gateway(gateway).red("broker", "").await;
    }
    balancer.logged("backend 'gateways' has no server available");

    let read = ada.client.rest().messages(ada.conversation(), None, 10);
    assert_eq!(read.await.unwrap().messages.len(), 2);
    let now = message("now?");
    let refused = ada.client.rest().say(ada.conversation(), &now);
    let Error::Refused(problem) = refused.await.unwrap_err() else {
        panic!("it is the gateway that refuses, with its reason");
    };
    assert_eq!(problem.code, ErrorCode::Unavailable);
    stack.start_again(Kind::RabbitMq, 0).await;
    let after = ada.says("/echo after").await;
    assert_eq!(ada.answer_to(after).await, "after");
    ada.saw_the_log().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_go_on_talking_while_the_broker_is_away() {
    let shape = Shape {
        own_rabbitmq: true,
        // What is read in this test, no usual audit has brought.
        settings: vec![("gateway.audit_seconds", "120".to_owned())],
        ..Shape::default()
    };
    let Some(mut stack) = Stack::cluster(shape).await else {
        return;
    };
    let urls = [stack.gateway(0).url(), stack.gateway(1).url()];
    let mut ada = Person::beginning(&stack, &urls[0], "ada").await;
    let mut bob = ada.invites(&stack, &urls[1], "bob").await;
    let asked = ada.says("/stream 100 at 10").await;
    bob.some_answer(asked, 10).await;
    stack.kill(Kind::RabbitMq, 0);
    for gateway in 0..2 {
        stack.gateway(gateway).red("inbox", "").await;
    }
    let has_said = |view: &ConversationView, seq| {
        let mut messages = view.messages().iter();
        messages.any(|message| message.seq == seq)
    };
    for round in 0..3 {
        let (speaker, listener) = if round % 2 == 0 {
            (&mut ada, &mut bob)
        } else {
            (&mut bob, &mut ada)
        };
        let said = NewMessage {
            to: Some(Vec::new()),
            ..message(format!("round {round}"))
        };
        let conversation = speaker.conversation().clone();
        let seq = speaker.client.send(&conversation, said).await.unwrap();
        for person in [speaker, listener] {
            person.until("it is read", |view| has_said(view, seq)).await;
        }
    }
    // An answer under way goes on.
    for person in [&mut ada, &mut bob] {
        assert_counts(&person.answer_to(asked).await, 100);
    }
    // Whoever comes meanwhile reads it, too.
    let mut eve = ada.invites(&stack, &urls[1], "eve").await;
    stack.start_again(Kind::RabbitMq, 0).await;
    let after = ada.says("/echo after").await;
    for person in [&mut ada, &mut bob, &mut eve] {
        assert_eq!(person.answer_to(after).await, "after");
        assert_eq!(person.resets, 0);
        person.saw_the_log().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_lost_its_end_is_told_to_whoever_saw_it() {
    let shape = Shape {
        own_redis: true,
        ..Shape::default()
    };
    let Some(mut stack) = Stack::cluster(shape).await else {
        return;
    };
    let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
    let mut bob = ada.invites(&stack, &stack.gateway(1).url(), "bob").await;
    let kept = ada.says("/echo kept").await;
    ada.answer_to(kept).await;
    keep(&stack);
    let lost = ada.says("/echo lost").await;
    for person in [&mut ada, &mut bob] {
        assert_eq!(person.answer_to(lost).await, "lost");
    }
    lose_since(&mut stack).await;

    // It goes on at the number of what was lost.
    assert_eq!(ada.says("/echo otherwise").await, lost);
    for person in [&mut ada, &mut bob] {
        person
            .until("the log is as it is now", |view| {
                let mut texts = view
                    .messages()
                    .iter()
                    .map(convene_client::MessageView::text);
                texts.any(|text| text == "otherwise") && view.is_answered(lost)
            })
            .await;
        assert_eq!(person.resets, 1);
        person.saw_the_log().await;
    }
}

/// The holder of a run stands still, with all its connections open and its doorbell in its hands.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_stands_still_in_mid_answer_is_replaced_and_comes_back_fenced() {
    let Some(mut stack) = Stack::cluster(Shape::default()).await else {
        return;
    };
    // So that it is the other one that has the run.
    stack.terminate(Kind::Worker, 1).await;
    let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
    let mut bob = ada.invites(&stack, &stack.gateway(1).url(), "bob").await;
    let first = ada.says("/stream 800 at 100").await;
    ada.some_answer(first, 20).await;
    stack.start_again(Kind::Worker, 1).await;
    stack.node(Kind::Worker, 0).signal(Signal::Stop);
    let frozen = Instant::now();
    let taken_over =
        |view: &ConversationView| view.run_for(first).is_some_and(|run| run.attempt > 1);
    ada.until("another has taken it over", taken_over).await;
    println!(
        "taken over after {:?}; a lease is three seconds",
        frozen.elapsed()
    );
    let second = bob.says("/echo meanwhile").await;
    for person in [&mut ada, &mut bob] {
        assert_counts(&person.answer_to(first).await, 800);
        assert_eq!(person.answer_to(second).await, "meanwhile");
    }

    let sleeper = stack.node(Kind::Worker, 0);
    sleeper.signal(Signal::Cont);
    sleeper
        .logged("the run is left to whoever has the lease")
        .await;
    let third = ada.says("/echo afterwards").await;
    for person in [&mut ada, &mut bob] {
        assert_eq!(person.answer_to(third).await, "afterwards");
        for input in [first, second, third] {
            let run = person.view().run_for(input).unwrap();
            assert_eq!(run.status, RunStatus::Finished(Outcome::Completed));
        }
        assert_eq!(
            person.view().runs().len(),
            3,
            "something was answered twice"
        );
        assert_eq!(person.resets, 0);
        person.saw_the_log().await;
    }
}

/// Both messages are accepted; Redis, and with it the second, loses its last moment while the worker
/// that holds the lease has not yet come to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_accepted_during_a_run_comes_back_from_its_doorbell() {
    let shape = Shape {
        own_redis: true,
        ..Shape::default()
    };
    let Some(mut stack) = Stack::cluster(shape).await else {
        return;
    };
    let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
    let first = ada.says("/stream 400 at 100").await;
    ada.some_answer(first, 5).await;
    keep(&stack);
    ada.says("/echo not lost").await;
    lose_since(&mut stack).await;
    ada.until("both are answered", |view| {
        let texts: Vec<_> = view
            .messages()
            .iter()
            .map(convene_client::MessageView::text)
            .collect();
        texts.iter().filter(|text| *text == "not lost").count() == 1
            && view
                .runs()
                .iter()
                .all(|run| matches!(run.status, RunStatus::Finished(_)))
    })
    .await;
}

/// Where Redis keeps its log, and where a copy of it is kept.
fn kept(stack: &Stack) -> (PathBuf, PathBuf) {
    let at = |name| stack.folder().join(name);
    (at("redis/appendonlydir"), at("copy"))
}

/// Keeps what Redis holds now.
fn keep(stack: &Stack) {
    let (data, copy) = kept(stack);
    put(&data, &copy);
}

/// Redis dies, and comes back with what it held at [`keep`].
async fn lose_since(stack: &mut Stack) {
    let (data, copy) = kept(stack);
    stack.kill(Kind::Redis, 0);
    std::fs::remove_dir_all(&data).unwrap();
    put(&copy, &data);
    stack.start_again(Kind::Redis, 0).await;
}

/// Copies a folder.
fn put(from: &std::path::Path, to: &std::path::Path) {
    let copied = std::process::Command::new("cp")
        .arg("-aT")
        .args([from, to])
        .status();
    assert!(copied.unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_single_process_killed_in_mid_answer() {
    let stack = Stack::embedded().await;
    let url = stack.gateway(0).url();
    Box::pin(survives(stack, &url, async |stack: &mut Stack| {
        stack.kill(Kind::Gateway, 0);
        stack.start_again(Kind::Gateway, 0).await;
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_single_process_stopped_in_mid_answer() {
    let stack = Stack::embedded().await;
    let url = stack.gateway(0).url();
    Box::pin(survives(stack, &url, async |stack: &mut Stack| {
        stack.terminate(Kind::Gateway, 0).await;
        stack.start_again(Kind::Gateway, 0).await;
    }))
    .await;
}
