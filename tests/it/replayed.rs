//! Conversations that went otherwise than from question to answer, and go again as they went while the files are the same.

use std::fs;

use convene_client::{
    Rest, message,
    proto::{event::TurnPolicy, frame::NewMessage, id::ConversationId, position::Seq},
};

use crate::{
    flow::{Warehouse, customer, hears, settings, watched_by_staff, write},
    harness::{Run, Stack, convene},
};

const FLOWS: &str = r#"flows:
  book:
    start: {intents: [book]}
    slots: {n: {type: integer}, receipt: {}, status: {}}
    steps:
      - ask: n
      - call:
          method: POST
          url: http://ADDRESS/receipts
          body: {n: "{n}"}
          save: {receipt: body.id}
      - say: paid
      - call: {url: "http://ADDRESS/orders/{receipt}", save: {status: body.status}, timeout: 60s}
      - say: done
  fetch:
    start: {intents: [fetch]}
    slots: {which: {}, status: {}}
    steps:
      - ask: which
      - say: soon
      - call: {url: "http://ADDRESS/orders/{which}", save: {status: body.status}, timeout: 60s}
      - say: done
  news:
    start: {events: [news]}
    steps: [{say: news}]
"#;

fn desk(folder: &std::path::Path, address: &str) {
    let assistant = "name: Desk\nlanguages: [en]\ncommands: {human: [human]}\n";
    write(folder, "assistant.yaml", assistant);
    write(folder, "flows/a.yaml", &FLOWS.replace("ADDRESS", address));
    let texts = "ask: {n: 'How many?', which: 'Which one?'}\nsoon: 'I look.'\npaid: 'Receipt {receipt}.'\ndone: 'It is {status}.'\nnews: 'News!'\n";
    write(folder, "texts/en.yaml", texts);
    write(
        folder,
        "nlu/en.yaml",
        "nlu:\n- intent: book\n  examples: |\n    - please book a table\n    - I want to book\n\
         - intent: fetch\n  examples: |\n    - where is my parcel\n    - what became of my parcel\n\
         - intent: human\n  examples: |\n    - a person please\n    - let me talk to somebody\n",
    );
}

pub(crate) async fn export(rest: &Rest, conversation: &ConversationId, file: &std::path::Path) {
    let log = rest.history_after(conversation, Seq(0), 1000).await;
    fs::write(file, serde_json::to_vec(&log.unwrap().events).unwrap()).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_stopped_or_handed_off_goes_again_as_it_went() {
    let folder = tempfile::tempdir().unwrap();
    let (warehouse, address) = Warehouse::start().await;
    let project = folder.path().join("desk");
    desk(&project, &address);
    let stack = Stack::embedded_with(&settings(&project)).await;
    let mut ada = customer(&stack, 0, "ada").await;
    let staff = watched_by_staff(&stack, &ada).await;
    let conversation = ada.conversation().clone();
    let tells = async |name: &str| {
        let event = serde_json::from_value(serde_json::json!({ "id": name, "name": name }));
        staff
            .tell(&conversation, &event.unwrap())
            .await
            .unwrap()
            .seq
    };

    // Interrupted while the first call is under way: the answer that led to it is kept, and no other words are.
    warehouse.opens(false);
    assert_eq!(hears(&mut ada, "where is my parcel").await, "Which one?");
    let which = ada.says("AB1").await;
    warehouse.was_called(1).await;
    let interrupting = NewMessage {
        policy: Some(TurnPolicy::Interrupt),
        ..message("please book a table")
    };
    let book = ada.client.send(&conversation, interrupting).await.unwrap();
    assert_eq!(ada.answer_to(which).await, "I look.");
    warehouse.was_called(2).await;
    warehouse.opens(true);
    assert_eq!(ada.answer_to(book).await, "It is packed.How many?");
    let keys = warehouse.keys();
    assert_eq!(keys[0], keys[1], "it is asked once more for the same");

    // Stopped behind a call that was answered, while another one is under way.
    warehouse.opens(false);
    let three = ada.says("3").await;
    warehouse.was_called(3).await;
    staff.cancel(&conversation, None).await.unwrap();
    assert_eq!(ada.answer_to(three).await, "Receipt 7.");
    warehouse.opens(true);
    let on = hears(&mut ada, "a person please").await;
    assert!(on.starts_with("It is packed."), "{on}");
    // Handed off: nothing comes of an event that nobody waits for, and the assistant goes on with one that begins a flow
    // and with what is said.
    let nothing = tells("nothing").await;
    assert_eq!(ada.answer_to(nothing).await, "");
    let news = tells("news").await;
    assert_eq!(ada.answer_to(news).await, "News!");
    hears(&mut ada, "a person please").await;
    // Staff are there: what is said is said to them, but for what calls the assistant by its name.
    assert_eq!(hears(&mut ada, "I want to book").await, "");
    assert_eq!(hears(&mut ada, "Desk, I want to book").await, "How many?");

    let file = folder.path().join("conversation.json");
    export(&staff, &conversation, &file).await;
    let again = || {
        let mut command = convene(folder.path());
        command.args(["replay", "desk", "--file", "conversation.json"]);
        Run::from(command.output().unwrap())
    };
    let same = again().expect_success();
    assert!(same.contains("exchanges go as they went"), "{same}");

    // Then nobody began a flow with it.
    let flows = FLOWS.replace("ADDRESS", &address);
    write(
        &project,
        "flows/a.yaml",
        &flows.replace("[news]", "[nothing]"),
    );
    let parted = again();
    for line in ["event: nothing", "+ news begins (event nothing)", "+ News!"] {
        assert!(parted.out.contains(line), "{}", parted.out);
    }
    parted.expect_complaint();
}
