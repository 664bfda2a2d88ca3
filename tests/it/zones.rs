//! People of several time zones in one conversation: "tomorrow at 9" is that of whoever says it, and so is when they are reminded.

use std::{fs, path::Path};

use convene_client::{
    message,
    proto::{event::EventBody, frame::NewMessage, position::Seq, timer::Rings},
};
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

use crate::{
    flow::{customer, settings, watched_by_staff, write},
    harness::{Role, Run, Stack, convene},
    people::Person,
};

/// Never on the same day: they are 25 hours apart.
const EAST: &str = "Pacific/Kiritimati";
const WEST: &str = "Pacific/Pago_Pago";

fn desk(folder: &Path) {
    write(
        folder,
        "assistant.yaml",
        "name: Desk\nlanguages: [en]\ngroups: always\n",
    );
    write(
        folder,
        "flows/a.yaml",
        "flows:\n  remind:\n    start: {intents: [remind]}\n    slots:\n      \
         day: {type: date, entities: [time], min: today}\n      hour: {type: time, entities: [time]}\n    \
         steps: [{ask: day}, {ask: hour}, {say: done}, {wait: {until: day, at: hour}}, {say: now}]\n",
    );
    write(
        folder,
        "texts/en.yaml",
        "ask: {day: 'Which day?', hour: 'When?'}\ndone: 'At {day.value} {hour.value}.'\nnow: 'Now.'\n",
    );
    write(
        folder,
        "nlu/en.yaml",
        "nlu:\n- intent: remind\n  examples: |\n    - remind me tomorrow\n    - please remind me at 7\n    - I need a reminder\n",
    );
}

fn from(zone: Option<&str>, hour: u8) -> NewMessage {
    NewMessage {
        timezone: zone.map(|zone| zone.parse().unwrap()),
        ..message(format!("please remind me tomorrow at {hour}"))
    }
}

fn tomorrow(zone: &str) -> Date {
    let now = Timestamp::now().to_zoned_datetime(TimeZone::get(zone).unwrap());
    now.date() + 1.day()
}

/// Says it from somewhere, and is reminded on the next day of another place: midnight may come meanwhile. When its timer
/// rings, in milliseconds since 1970.
async fn is_reminded(person: &mut Person, at: u8, from_zone: Option<&str>, zone: &str) -> u64 {
    let conversation = person.conversation().clone();
    let before = tomorrow(zone);
    let said = person.client.send(&conversation, from(from_zone, at)).await;
    let answer = person.answer_to(said.unwrap()).await;
    let mut days = [before, tomorrow(zone)].into_iter();
    let told = |day: &Date| answer == format!("At {day} {at:02}:00.");
    let day = days
        .find(told)
        .unwrap_or_else(|| panic!("{answer:?} is not {before}"));
    let moment = day
        .at(i8::try_from(at).unwrap(), 0, 0, 0)
        .in_tz(zone)
        .unwrap();
    u64::try_from(moment.timestamp().as_millisecond()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tomorrow_is_that_of_whoever_says_it() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("desk");
    desk(&project);
    let stack = Stack::embedded_with(&settings(&project)).await;
    let mut ada = customer(&stack, 0, "ada").await;
    let url = stack.gateway(0).url();
    let mut bob = ada.invites(&stack, &url, "bob").await;
    let mut due = vec![
        is_reminded(&mut ada, 9, Some(EAST), EAST).await,
        is_reminded(&mut bob, 9, Some(WEST), WEST).await,
        // Where they were last, also when they tell of a place that nobody knows; without any the assistant's.
        is_reminded(&mut ada, 10, None, EAST).await,
        is_reminded(&mut bob, 10, Some("Mars/Olympus_Mons"), WEST).await,
    ];
    let mut eve = ada.invites(&stack, &url, "eve").await;
    due.push(is_reminded(&mut eve, 9, None, "UTC").await);

    let staff = watched_by_staff(&stack, &ada).await;
    let log = staff.history_after(ada.conversation(), Seq(0), 1000).await;
    let events = log.unwrap().events;
    let told = events.iter().filter_map(|event| match &event.body {
        EventBody::MessageCreated { message } => Some(message.timezone.as_ref()),
        _ => None,
    });
    let told: Vec<_> = told.map(|zone| zone.map(|zone| zone.as_str())).collect();
    assert_eq!(
        told,
        [
            Some(EAST),
            Some(WEST),
            None,
            Some("Mars/Olympus_Mons"),
            None
        ]
    );
    let set = events.iter().filter_map(|event| match &event.body {
        EventBody::TimerSet { rings, .. } => *rings,
        _ => None,
    });
    let due: Vec<_> = due.into_iter().map(Rings::AtMs).collect();
    assert_eq!(set.collect::<Vec<_>>(), due);
    let file = folder.path().join("conversation.json");
    fs::write(&file, serde_json::to_vec(&events).unwrap()).unwrap();
    let mut command = convene(folder.path());
    command.args(["replay", "desk", "--file", "conversation.json"]);
    let same = Run::from(command.output().unwrap()).expect_success();
    assert!(same.contains("exchanges go as they went"), "{same}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_be_no_time_zone_is_refused() {
    let stack = Stack::embedded().await;
    let url = stack.gateway(0).url();
    let ada = Person::beginning(&stack, &url, "ada").await;
    let messages = format!("{url}/v1/conversations/{}/messages", ada.conversation());
    let http = reqwest::Client::new();
    for (zone, is_one) in [
        ("Europe/Berlin", true),
        ("../etc/passwd", false),
        ("", false),
    ] {
        let body = json!({
            "id": format!("m{}", zone.len()), "parts": [{"type": "text", "text": "hi"}], "timezone": zone,
        });
        let request = http
            .post(&messages)
            .bearer_auth(stack.token("ada", Role::User));
        let answer = request.json(&body).send().await.unwrap();
        assert_eq!(answer.status().is_success(), is_one, "{zone}");
        if !is_one {
            let problem: Value = answer.json().await.unwrap();
            assert_eq!(problem["code"], "bad_request");
            let message = problem["message"].as_str().unwrap();
            assert!(message.contains("such as Europe/Berlin"), "{message}");
        }
    }
}
