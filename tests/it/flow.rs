//! The example's shop, talked to through every door: what it understands, what its flows do about it, and
//! that nothing of it is lost or done twice when what carries it dies.

mod project;
mod staff;
mod talk;
mod warehouse;

use std::fs;

use convene_client::{
    Error,
    proto::{error::ErrorCode, part::Layout, position::Seq},
};
use serde_json::{Value, json};

use self::talk::{form, labels_of_form, offered_as, open_forms};
pub(crate) use self::{
    project::{booking, copy, in_a_cluster, settings, shop, write},
    staff::{customer, notes, watched_by_staff},
    talk::{hears, offered, presses},
    warehouse::Warehouse,
};
use crate::{
    harness::{Kind, Role, Run, Stack, convene},
    people::{PATIENCE, Person, announced, client},
};

/// A way through the shop: an order, a digression, a correction, buttons, another language, a person.
async fn shops(ada: &mut Person) {
    let hello = hears(ada, "hello").await;
    assert!(hello.contains("support desk"), "{hello}");
    assert_eq!(offered_as(ada.view()), Some(Layout::QuickReplies));
    let asks = presses(ada, "Track an order").await;
    assert!(asks.contains("What is the number of your order?"), "{asks}");
    let hours = hears(ada, "what are your opening hours?").await;
    assert!(
        hours.contains("9:00") && hours.contains("What is the number"),
        "{hours}"
    );
    let packed = hears(ada, "it is AB1234").await;
    assert!(
        packed.contains("AB1234 is being packed") && packed.contains("24 days"),
        "{packed}"
    );

    let reason = hears(ada, "I want to send something back").await;
    assert!(
        !reason.contains("number of your order"),
        "it was said before: {reason}"
    );
    assert!(reason.contains("Why are you sending it back?"), "{reason}");
    assert_eq!(offered_as(ada.view()), Some(Layout::Choices));
    let wish = presses(ada, "It is the wrong item").await;
    assert!(wish.contains("What would you like?"), "{wish}");
    let pieces = presses(ada, "My money back").await;
    assert!(pieces.contains("How many pieces"), "{pieces}");
    let too_many = hears(ada, "99").await;
    assert!(
        too_many.contains("10") && too_many.contains("How many pieces"),
        "{too_many}"
    );
    let email = hears(ada, "2").await;
    assert!(email.contains("e-mail"), "{email}");
    let summary = hears(ada, "ada@example.org").await;
    assert!(summary.contains("ada@example.org"), "{summary}");
}

async fn ends(ada: &mut Person) {
    let done = presses(ada, "Send the label").await;
    assert!(!done.is_empty());
    let german = hears(ada, "Wann haben Sie geöffnet?").await;
    assert!(german.contains("Montag"), "{german}");
    let lost = hears(ada, "qzx wvk").await;
    assert!(lost.contains("nicht verstanden"), "{lost}");
    let person = hears(ada, "Ich möchte mit einem Menschen sprechen").await;
    assert!(person.contains("hole"), "{person}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newcomer_meets_the_shop_and_need_not_wait_until_it_has_learnt() {
    let stack = Stack::newcomers().await;
    let url = stack.gateway(0).url();
    let shop = announced(&stack, &url, |agent| agent.default).await;
    assert!(shop.description.contains("support desk of a shop"));
    let suggested = shop.suggestions.iter();
    let suggested: Vec<_> = suggested
        .map(|one| (one.language.as_deref(), &*one.text))
        .collect();
    assert_eq!(suggested[0], (Some("en"), "Where is my order AB1234?"));
    assert_eq!(
        suggested[3],
        (Some("de"), "Wo ist meine Bestellung AB1234?")
    );
    let mut ada = Person::beginning(&stack, &url, "ada").await;
    // People see what it is called, not the key of the settings.
    let id = ada.conversation().clone();
    let begun = ada.client.rest().conversation(&id).await.unwrap();
    let names: Vec<_> = begun.participants.iter().map(|one| &*one.name).collect();
    assert!(names.contains(&"Velora"), "{names:?}");
    let hello = hears(&mut ada, "hello").await;
    assert!(hello.contains("support desk"), "{hello}");
    let packed = hears(&mut ada, "where is my order CD5678?").await;
    assert!(packed.contains("CD5678 is being packed"), "{packed}");
    ada.saw_the_log().await;

    // Two questions are a form, with fields of the slots' types.
    hears(&mut ada, "I want to send something back").await;
    presses(&mut ada, "It is the wrong item").await;
    let pieces = presses(&mut ada, "My money back").await;
    assert!(pieces.contains("How many pieces"), "{pieces}");
    let id = ada.conversation().clone();
    let filled = |pieces| json!({ "pieces": pieces, "email": "ada@example.org" });
    let wrong = ada.client.act(&id, form(ada.view(), filled(99))).await;
    assert!(
        matches!(&wrong, Err(Error::Refused(problem)) if problem.code == ErrorCode::InvalidValue),
        "{wrong:?}"
    );
    // Asked again behind a digression, the form is a second one; the answer to either closes both.
    hears(&mut ada, "what are your opening hours?").await;
    assert_eq!(open_forms(ada.view()), 2);
    let act = form(ada.view(), filled(2));
    let labels = ["Pieces", "E-mail address"];
    assert_eq!(labels_of_form(ada.view()), labels);
    let submitted = ada.client.act(&id, act).await.unwrap();
    let summary = ada.answer_to(submitted).await;
    assert!(
        summary.contains("2 pieces") && summary.contains("ada@example.org"),
        "{summary}"
    );
    assert_eq!(open_forms(ada.view()), 0);
    // What is answered in words is closed, too; who presses it all the same is told so.
    assert_eq!(offered_as(ada.view()), Some(Layout::Buttons));
    let late = offered(ada.view(), "Send the label");
    let done = hears(&mut ada, "yes please").await;
    assert!(done.contains("ada@example.org"), "{done}");
    assert_eq!(offered_as(ada.view()), None);
    let pressed = ada.client.act(&id, late).await.unwrap();
    let stale = ada.answer_to(pressed).await;
    assert_eq!(stale, "That question is no longer open.");
    ada.saw_the_log().await;

    // The guide is there for whoever asks for it.
    let mut bob = Person::with_agent(&stack, &url, "bob", "guide").await;
    assert_eq!(hears(&mut bob, "/echo good day").await, "good day");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shop_in_one_process_goes_on_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let (warehouse, address) = Warehouse::start().await;
    let shop = shop(folder.path(), &address);
    let mut stack = Stack::embedded_with(&settings(&shop)).await;
    let mut ada = customer(&stack, 0, "ada").await;
    shops(&mut ada).await;
    stack.kill(Kind::Gateway, 0);
    stack.start_again(Kind::Gateway, 0).await;
    ends(&mut ada).await;
    ada.saw_the_log().await;
    assert_eq!(warehouse.keys().len(), 1, "an order is looked up once");

    let staff = watched_by_staff(&stack, &ada).await;
    let log = staff.history_after(ada.conversation(), Seq(0), 1000).await;
    let exported = folder.path().join("conversation.json");
    fs::write(&exported, serde_json::to_vec(&log.unwrap().events).unwrap()).unwrap();
    let token = stack.token("staff", Role::Operator);
    let (url, id) = (stack.gateway(0).url(), ada.conversation().to_string());
    let again = |from: &[&str]| {
        let mut command = convene(folder.path());
        Run::from(
            command
                .args(["replay", "shop"])
                .args(from)
                .output()
                .unwrap(),
        )
    };
    let live = again(&["--conversation", &id, "--url", &url, "--token", &token]).expect_success();
    assert!(live.contains("exchanges go as they went"), "{live}");
    assert_eq!(warehouse.keys().len(), 1, "nothing is looked up");

    // The present files say otherwise.
    let texts = shop.join("texts/en.yaml");
    let text = fs::read_to_string(&texts).unwrap();
    let changed = text.replace("How many pieces", "What number of pieces");
    assert_ne!(text, changed);
    fs::write(&texts, changed).unwrap();
    let file = ["--file", "conversation.json"];
    let parted = again(&file);
    for line in [
        "- How many pieces",
        "+ What number of pieces",
        "they part at exchange",
    ] {
        assert!(parted.out.contains(line), "{}", parted.out);
    }
    assert!(parted.expect_complaint().contains("they part"));
    let json: Value = serde_json::from_str(&again(&["--json", file[0], file[1]]).out).unwrap();
    assert_eq!(json["parted"], true);

    let of_ada = client(&stack, &url, "ada").await;
    let log = of_ada
        .rest()
        .history_after(ada.conversation(), Seq(0), 1000)
        .await;
    fs::write(&exported, serde_json::to_vec(&log.unwrap().events).unwrap()).unwrap();
    let hidden = again(&file).expect_complaint();
    assert!(hidden.contains("is hidden"), "{hidden}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flow_ends_on_the_version_that_it_began_with_though_its_worker_starts_again() {
    let folder = tempfile::tempdir().unwrap();
    booking(folder.path(), "old");
    let mut stack = Stack::embedded_with(&settings(folder.path())).await;
    let mut ada = customer(&stack, 0, "ada").await;
    assert_eq!(hears(&mut ada, "please book a table").await, "How many?");
    stack.kill(Kind::Gateway, 0);
    booking(folder.path(), "new");
    stack.start_again(Kind::Gateway, 0).await;
    assert_eq!(hears(&mut ada, "3").await, "Old: 3");
    assert_eq!(hears(&mut ada, "please book a table").await, "How many?");

    // While it runs, too, and sentences in a table are learnt.
    booking(folder.path(), "old");
    write(
        folder.path(),
        "nlu/more.csv",
        "text,intent\nfour chairs at the window,book\nfour chairs please,book\n\
         two chairs at the window,book\nchairs for four,book\n",
    );
    let mut bob = customer(&stack, 0, "bob").await;
    let began = std::time::Instant::now();
    while hears(&mut bob, "four chairs at the window").await != "How many?" {
        assert!(began.elapsed() < PATIENCE, "the sentence is not learnt");
    }
    assert_eq!(hears(&mut bob, "4").await, "Old: 4");
    assert_eq!(hears(&mut ada, "4").await, "New: 4");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readiness_tells_of_a_project_whose_files_have_faults_and_which_goes_on_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    booking(folder.path(), "old");
    let mut stack = Stack::embedded_with(&settings(folder.path())).await;
    let mut ada = customer(&stack, 0, "ada").await;
    assert_eq!(hears(&mut ada, "please book a table").await, "How many?");
    let tells = |report: &Value| {
        let remark = report["remarks"]["agents.shop"].as_str();
        let green = report["status"] == "green";
        remark.is_some_and(|remark| green && remark.contains("have faults"))
    };
    let tells_nothing =
        |report: &Value| report["status"] == "green" && report.get("remarks").is_none();
    stack.gateway(0).reports(tells_nothing).await;
    write(folder.path(), "flows/a.yaml", "flows: [\n");
    stack.gateway(0).reports(tells).await;
    stack.kill(Kind::Gateway, 0);
    stack.start_again(Kind::Gateway, 0).await;
    stack.gateway(0).reports(tells).await;
    assert_eq!(hears(&mut ada, "3").await, "Old: 3");
    booking(folder.path(), "new");
    stack.gateway(0).reports(tells_nothing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shop_of_a_cluster_goes_on_with_any_worker_and_repeats_no_call() {
    let folder = tempfile::tempdir().unwrap();
    let (warehouse, address) = Warehouse::start().await;
    let shop = shop(folder.path(), &address);
    let Some(mut stack) = Stack::cluster(in_a_cluster(settings(&shop))).await else {
        return;
    };
    let mut ada = customer(&stack, 0, "ada").await;
    shops(&mut ada).await;

    // Whoever has asked the warehouse dies while it looks: another asks in the same name.
    warehouse.opens(false);
    let before = warehouse.keys().len();
    let mut bob = customer(&stack, 1, "bob").await;
    let asked = bob.says("where is my order CD5678?").await;
    warehouse.was_called(before + 1).await;
    for worker in [0, 1] {
        stack.kill(Kind::Worker, worker);
    }
    warehouse.opens(true);
    for worker in [0, 1] {
        stack.start_again(Kind::Worker, worker).await;
    }
    let packed = bob.answer_to(asked).await;
    assert!(packed.contains("CD5678 is being packed"), "{packed}");
    let keys = warehouse.keys().split_off(before);
    assert_eq!(keys.len(), 2, "{keys:?}");
    assert_eq!(keys[0], keys[1]);

    ends(&mut ada).await;
    for person in [&ada, &bob] {
        person.saw_the_log().await;
    }

    // What it made of all this is for staff.
    let for_ada = notes(&stack, &ada, Role::User).await;
    assert!(for_ada.len() > 10);
    assert!(
        for_ada.iter().all(|(_, value)| value.is_null()),
        "{for_ada:?}"
    );
    let for_staff = notes(&stack, &ada, Role::Operator).await;
    let understood = for_staff.iter().find(|(name, _)| name == "understood");
    let greeting = &understood.unwrap().1["intents"][0];
    assert_eq!(greeting["intent"], "greet");
    assert!(
        greeting["confidence"].is_f64() && greeting["score"].is_f64(),
        "{greeting}"
    );
    assert!(
        for_staff.iter().any(|(name, value)| {
            name == "flow" && value.to_string().contains("\"return_item\"")
        })
    );
}
