//! What an endpoint has answered is offered, pressed and said, in one process and in a cluster.

use std::{fs, path::Path};

use convene_client::proto::position::Seq;

use crate::{
    flow::{
        Warehouse, customer, hears, in_a_cluster, offered, presses, settings, watched_by_staff,
        write,
    },
    harness::{Kind, Run, Stack, convene},
    people::Person,
};

/// A clinic whose free hours an endpoint knows.
fn clinic(folder: &Path, address: &str) {
    write(
        folder,
        "assistant.yaml",
        "name: Clinic\nlanguages: [en]\ncommands: {correct: [correct]}\n",
    );
    let flow = r#"
flows:
  book:
    start: {intents: [book]}
    slots:
      day: {pattern: '[a-z]+day', case: lower, entities: [day]}
      free: {type: list, item: {value: id, label: 'hour ~ " with " ~ dentist.name'}}
      visit: {type: choice, from: free}
    steps:
      - id: which_day
        ask: day
      - call: {url: 'http://ADDRESS/free/{day}', save: {free: body.hours}}
      - ask: {slot: visit, otherwise: full}
      - say: booked
        next: end
      - {id: full, say: full}
      - set: {day: null}
        next: which_day
"#;
    write(folder, "flows/book.yaml", &flow.replace("ADDRESS", address));
    write(
        folder,
        "texts/en.yaml",
        "ask: {day: Which day?, visit: '{free}: which?'}\nbooked: 'Booked: {visit}, {visit.value}.'\nfull: 'Nothing on {day}.'\n",
    );
    write(
        folder,
        "nlu/en.yaml",
        "nlu:\n- intent: book\n  examples: |\n    - I would like a visit\n    - please book a visit on [monday](day)\n    - a visit please\n- intent: correct\n  examples: |\n    - no, [tuesday](day)\n    - I meant [friday](day)\n    - no, on [monday](day)\n",
    );
}

/// Nothing on one day, two hours on another; another day after all; and a press of what is not offered any more.
async fn visits(ada: &mut Person) {
    assert_eq!(hears(ada, "I would like a visit").await, "Which day?");
    let full = hears(ada, "sunday").await;
    assert!(
        full.contains("Nothing on sunday.") && full.contains("Which day?"),
        "{full}"
    );
    let which = hears(ada, "monday").await;
    assert_eq!(which, "9:00 with Ann and 10:30 with Bob: which?");
    let old = offered(ada.view(), "10:30 with Bob");
    let again = hears(ada, "no, tuesday").await;
    assert!(again.contains("8:00 with Cy: which?"), "{again}");
    let id = ada.conversation().clone();
    let pressed = ada.client.act(&id, old).await.unwrap();
    let stale = ada.answer_to(pressed).await;
    assert!(
        stale.contains("no longer") || stale.contains("Please choose one of these."),
        "{stale}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hours_of_an_endpoint_are_chosen_in_one_process_and_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let (_warehouse, address) = Warehouse::start().await;
    clinic(folder.path(), &address);
    let mut stack = Stack::embedded_with(&settings(folder.path())).await;
    let mut ada = customer(&stack, 0, "ada").await;
    visits(&mut ada).await;
    stack.kill(Kind::Gateway, 0);
    stack.start_again(Kind::Gateway, 0).await;
    assert_eq!(
        presses(&mut ada, "8:00 with Cy").await,
        "Booked: 8:00 with Cy, 9."
    );
    ada.saw_the_log().await;

    let staff = watched_by_staff(&stack, &ada).await;
    let log = staff.history_after(ada.conversation(), Seq(0), 1000).await;
    let exported = folder.path().join("conversation.json");
    fs::write(&exported, serde_json::to_vec(&log.unwrap().events).unwrap()).unwrap();
    let mut command = convene(folder.path());
    let again = command.args(["replay", ".", "--file", "conversation.json"]);
    let told = Run::from(again.output().unwrap()).expect_success();
    assert!(told.contains("exchanges go as they went"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hours_of_an_endpoint_are_chosen_with_any_worker_of_a_cluster() {
    let folder = tempfile::tempdir().unwrap();
    let (_warehouse, address) = Warehouse::start().await;
    clinic(folder.path(), &address);
    let Some(mut stack) = Stack::cluster(in_a_cluster(settings(folder.path()))).await else {
        return;
    };
    let mut ada = customer(&stack, 0, "ada").await;
    visits(&mut ada).await;
    for worker in [0, 1] {
        stack.kill(Kind::Worker, worker);
        stack.start_again(Kind::Worker, worker).await;
    }
    assert_eq!(
        hears(&mut ada, "Cy, please").await,
        "Booked: 8:00 with Cy, 9."
    );
    ada.saw_the_log().await;
}
