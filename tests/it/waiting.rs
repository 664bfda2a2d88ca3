//! Flows that wait: for a time, for somebody who says nothing, and for what happens outside; while whoever
//! set the timer dies.

use std::{fs, path::Path};

use convene_client::{
    ConversationView, Error, Options, Rest, RunStatus,
    proto::{
        error::ErrorCode,
        event::{EventBody, Happening, Outcome},
        frame::NewEvent,
        id::MessageId,
        position::Seq,
        timer::Rings,
    },
};
use serde_json::json;

use crate::{
    flow::{Warehouse, customer, hears, in_a_cluster, settings, shop},
    harness::{Kind, Role, Stack},
    people::Person,
};

const FLOWS: &str = "
flows:
  brew:
    title: title.brew
    start: {intents: [brew_tea]}
    steps:
      - say: tea.soon
      - wait: 6s
      - say: tea.ready
  pay:
    title: title.pay
    start: {intents: [pay_order]}
    slots: {paid: {type: number}}
    steps:
      - say: pay.soon
      - wait: {event: payment_received, for: 1h, otherwise: late}
      - say: pay.thanks
        next: end
      - id: late
        say: pay.late
  steep:
    title: title.steep
    start: {intents: [steep_leaves]}
    steps:
      - say: leaves.soon
      - wait: 1s
      - call: {url: http://WAREHOUSE/orders/leaves, timeout: 30s}
      - say: leaves.ready
  lost:
    title: title.lost
    start: {events: [parcel_lost]}
    steps:
      - say: parcel.lost
";

const TEXTS: &str = r#"
title:
  brew: Brew some tea
  pay: Pay
  lost: A lost parcel
  steep: Steep the leaves

leaves:
  soon: The leaves are in the pot.
  ready: The leaves have steeped.

tea:
  soon: The kettle is on.
  ready: The tea is ready.

pay:
  soon: I wait for your money.
  thanks: "Thank you for {paid}."
  late: No money came.

parcel:
  lost: Your parcel is lost.
"#;

const SAID: &str = "
  - intent: brew_tea
    examples: |
      - brew some tea
      - please brew tea
      - make me a cup of tea
      - tea please
  - intent: pay_order
    examples: |
      - I pay by bank transfer
      - I will pay now
      - I pay now
      - let me pay
  - intent: steep_leaves
    examples: |
      - let the leaves steep
      - please steep the leaves
      - the leaves may steep now
      - put the leaves into the pot
";

/// Where no warehouse is.
const NOBODY: &str = "127.0.0.1:1";

/// The shop, which also waits, and soon asks whether somebody is there.
fn patient_shop(folder: &Path, warehouse: &str) -> Vec<(&'static str, String)> {
    let shop = shop(folder, warehouse);
    let flows = FLOWS.replace("WAREHOUSE", warehouse);
    fs::write(shop.join("flows/waiting.yaml"), flows).unwrap();
    for language in ["en", "de"] {
        for (file, more) in [
            ("texts", TEXTS.replace("title:\n", "")),
            ("nlu", SAID.to_owned()),
        ] {
            let path = shop.join(format!("{file}/{language}.yaml"));
            let mut text = fs::read_to_string(&path).unwrap();
            if file == "texts" {
                let (titles, rest) = more.split_once("\n\n").unwrap();
                assert!(text.contains("\ntitle:\n"));
                text = text.replacen("\ntitle:\n", &format!("\ntitle:{titles}\n"), 1);
                text.push_str(&format!("\n{rest}"));
            } else {
                text.push_str(&more);
            }
            fs::write(path, text).unwrap();
        }
    }
    let assistant = shop.join("assistant.yaml");
    let text = fs::read_to_string(&assistant).unwrap();
    assert!(text.contains("after: 5m"));
    fs::write(&assistant, text.replace("after: 5m", "after: 6s")).unwrap();
    settings(&shop)
}

async fn is_told(person: &mut Person, text: &str) {
    person
        .until(text, |view| {
            view.messages()
                .iter()
                .any(|said| said.text().contains(text))
        })
        .await;
}

fn rest(stack: &Stack, user: &str, role: Role) -> Rest {
    let options = Options::new(stack.gateway(0).url(), stack.token(user, role));
    Rest::new(&options).unwrap()
}

fn event(name: &str, data: serde_json::Value) -> NewEvent {
    NewEvent {
        id: MessageId::random(),
        name: name.parse().unwrap(),
        data,
    }
}

async fn log(rest: &Rest, person: &Person) -> Vec<EventBody> {
    let page = rest
        .history_after(person.conversation(), Seq(0), 1000)
        .await;
    let events = page.unwrap().events.into_iter();
    events.map(|event| event.body).collect()
}

/// Two wait, and what carries both dies meanwhile.
async fn wait_over(stack: &mut Stack, kill: &[(Kind, usize)]) -> (Person, Person) {
    let mut ada = customer(stack, 0, "ada").await;
    let mut bob = customer(stack, 0, "bob").await;
    let asked = hears(&mut bob, "where is my order").await;
    assert!(asked.contains("What is the number"), "{asked}");
    let soon = hears(&mut ada, "brew some tea").await;
    assert_eq!(soon, "The kettle is on.");
    for (kind, index) in kill {
        stack.kill(*kind, *index);
    }
    for (kind, index) in kill {
        stack.start_again(*kind, *index).await;
    }
    is_told(&mut ada, "The tea is ready.").await;
    is_told(&mut bob, "Are you still there?").await;
    for person in [&mut ada, &mut bob] {
        person.saw_the_log().await;
    }
    let of_ada = log(&rest(stack, "ada", Role::User), &ada).await;
    let fired = of_ada
        .iter()
        .filter(|body| matches!(body, EventBody::TimerFired { .. }));
    assert_eq!(fired.count(), 1);
    (ada, bob)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_in_one_process_is_woken_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut stack = Stack::embedded_with(&patient_shop(folder.path(), NOBODY)).await;
    wait_over(&mut stack, &[(Kind::Gateway, 0)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_in_a_cluster_is_woken_by_any_worker_and_told_of_what_happens() {
    let folder = tempfile::tempdir().unwrap();
    let settings = patient_shop(folder.path(), NOBODY);
    let Some(mut stack) = Stack::cluster(in_a_cluster(settings)).await else {
        return;
    };
    let (mut ada, _) = wait_over(&mut stack, &[(Kind::Worker, 0), (Kind::Worker, 1)]).await;

    // What happens outside is told by a backend, and not by people.
    let soon = hears(&mut ada, "I pay by bank transfer").await;
    assert_eq!(soon, "I wait for your money.");
    let paid = event("payment_received", json!({ "paid": 12.5 }));
    let conversation = ada.conversation().clone();
    let refused = rest(&stack, "ada", Role::User)
        .tell(&conversation, &paid)
        .await;
    assert!(
        matches!(&refused, Err(Error::Refused(problem)) if problem.code == ErrorCode::Forbidden),
        "{refused:?}"
    );
    let backend = rest(&stack, "backend", Role::Operator);
    let told = backend.tell(&conversation, &paid).await.unwrap();
    assert_eq!(
        backend.tell(&conversation, &paid).await.unwrap().seq,
        told.seq
    );
    assert_eq!(ada.answer_to(told.seq).await, "Thank you for 12.5.");
    let lost = event("parcel_lost", json!(null));
    let told = backend.tell(&conversation, &lost).await.unwrap();
    assert_eq!(ada.answer_to(told.seq).await, "Your parcel is lost.");
    ada.saw_the_log().await;

    // When timers ring, and what is known of an event, is for staff.
    let seen = log(&rest(&stack, "ada", Role::User), &ada).await;
    let mut happened = seen.iter().filter_map(|body| match body {
        EventBody::EventHappened { event } => Some(event),
        _ => None,
    });
    let expected = Happening {
        id: paid.id,
        name: paid.name,
        by: "user:backend".parse().unwrap(),
        data: json!(null),
    };
    assert_eq!(happened.next(), Some(&expected));
    let set = |body: &EventBody| match body {
        EventBody::TimerSet { rings, .. } => Some(*rings),
        _ => None,
    };
    assert!(seen.iter().filter_map(set).all(|rings| rings.is_none()));
    assert!(seen.iter().any(|body| set(body).is_some()));
    let staff = convene_client::NewParticipant {
        id: "user:backend".parse().unwrap(),
        name: None,
        role: None,
    };
    backend.add(&conversation, &staff).await.unwrap();
    let seen = log(&backend, &ada).await;
    let is_an_hour = |rings| matches!(rings, Some(Rings::AfterMs(3_500_000..=3_600_000)));
    assert!(seen.iter().filter_map(set).any(is_an_hour));
}

/// Somebody stops what a timer rang for, at its first call: with the next message it goes on there, and does not wait again.
async fn stops_what_rang(stack: &Stack, warehouse: &Warehouse) {
    warehouse.opens(false);
    let mut ada = customer(stack, 0, "ada").await;
    let soon = hears(&mut ada, "let the leaves steep").await;
    assert_eq!(soon, "The leaves are in the pot.");
    warehouse.was_called(1).await;
    let stopped = ada.client.cancel(ada.conversation(), None).await;
    stopped.unwrap();
    // An answer that comes before the worker has heard of it would still be told.
    let is_stopped = |view: &ConversationView| {
        let last = view.runs().last();
        last.is_some_and(|run| run.status == RunStatus::Finished(Outcome::Cancelled))
    };
    ada.until("the run is stopped", is_stopped).await;
    warehouse.opens(true);
    let hours = hears(&mut ada, "what are your opening hours?").await;
    assert!(hours.contains("9:00"), "{hours}");
    is_told(&mut ada, "The leaves have steeped.").await;
    warehouse.was_called(2).await;
    ada.saw_the_log().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_rang_for_a_run_that_was_stopped_is_done_in_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let (warehouse, address) = Warehouse::start().await;
    let settings = patient_shop(folder.path(), &address);
    let stack = Stack::embedded_with(&settings).await;
    stops_what_rang(&stack, &warehouse).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_rang_for_a_run_that_was_stopped_is_done_in_a_cluster() {
    let folder = tempfile::tempdir().unwrap();
    let (warehouse, address) = Warehouse::start().await;
    let settings = patient_shop(folder.path(), &address);
    let Some(stack) = Stack::cluster(in_a_cluster(settings)).await else {
        return;
    };
    stops_what_rang(&stack, &warehouse).await;
}
