//! What agents offer beside their text, and hear of it.

use std::sync::Arc;

use convene_agent::{
    Error, Run,
    part::{Action, Actions, Card, Field, Form, Input, Part},
};
use convene_proto::{
    error::ErrorCode,
    event::{EventBody, Message},
};
use serde_json::json;
use tokio::sync::Notify;

use crate::{
    actors::{Actor, Calls},
    house::{House, endless, quick},
    log::{answers, kinds, outcomes},
};

fn yes_or_no() -> Actions {
    let actions = ["yes", "no"].map(|id| Action::new(id.parse().unwrap(), id.to_uppercase()));
    Actions::buttons(actions).once()
}

/// Where the log has the last whole message of an agent, and what it is.
fn last_offer(log: &[EventBody]) -> (u64, Message) {
    let said = (1..).zip(log).filter_map(|(seq, body)| match body {
        EventBody::MessageCompleted { message, .. } => Some((seq, message.clone())),
        _ => None,
    });
    said.last().unwrap()
}

/// Offers, and says what was made of it.
async fn asks(run: &mut Run) -> Result<(), Error> {
    let acts: Vec<_> = run
        .acts()
        .map(|(who, act)| (run.name_of(who), act.action.to_string(), act.value.clone()))
        .collect();
    if acts.is_empty() {
        run.write("Shall I?").await?;
        run.offer(yes_or_no()).await?;
        let field = Field::new("city".parse().unwrap(), "City", Input::text()).required();
        run.offer(Form::new("where".parse().unwrap(), "Go", [field]))
            .await?;
        return run.write("I wait.").await;
    }
    for (name, action, value) in acts {
        let value = value.unwrap_or_default();
        run.write(format!("{name} {action} {value}")).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_offered_comes_with_the_whole_message_and_what_is_pressed_is_heard() {
    let house = House::new();
    let actor = Actor::new(|run| Box::pin(asks(run)));
    let _worker = house.worker(quick(), actor.alone());
    let room = house.conversation().await;
    room.say("go").await;
    let log = room.finished(1).await;
    assert_eq!(
        kinds(&log),
        [
            "message.created",
            "run.started",
            "message.started",
            "message.completed",
            "message.started",
            "message.completed",
            "message.started",
            "message.completed",
            "run.finished"
        ]
    );
    let whole = (1..).zip(&log).filter_map(|(seq, body)| match body {
        EventBody::MessageCompleted { message, .. } => Some((seq, message)),
        _ => None,
    });
    let whole: Vec<(u64, &Message)> = whole.collect();
    assert!(matches!(
        &whole[0].1.parts[..],
        [Part::Text { .. }, Part::Actions(_)]
    ));
    assert!(matches!(&whole[1].1.parts[..], [Part::Form(_)]));
    assert_eq!(whole[2].1.text(), "I wait.");
    let (buttons, form) = (whole[0].0, whole[1].0);

    for (what, value, code) in [
        ((buttons, "maybe"), None, ErrorCode::NotOffered),
        ((form, "yes"), None, ErrorCode::NotOffered),
        ((buttons - 1, "yes"), None, ErrorCode::NotOffered),
        ((999, "yes"), None, ErrorCode::NotOffered),
        ((buttons, "yes"), Some(json!(1)), ErrorCode::InvalidValue),
        ((form, "where"), None, ErrorCode::InvalidValue),
    ] {
        assert_eq!(
            room.press("user:ada", what, value).await,
            Err(code),
            "{what:?}"
        );
    }
    let stranger = room.press("user:eve", (buttons, "yes"), None).await;
    assert_eq!(stranger, Err(ErrorCode::NotFound));

    room.press("user:bob", (buttons, "no"), None).await.unwrap();
    let again = room.press("user:ada", (buttons, "yes"), None).await;
    assert_eq!(again, Err(ErrorCode::AlreadyPressed));
    let lisbon = json!({ "city": "Lisbon" });
    let submitted = room
        .press("user:ada", (form, "where"), Some(lisbon))
        .await
        .unwrap();
    let log = room.finished(3).await;
    let said = answers(&log);
    assert_eq!(
        said[said.len() - 2..],
        ["Bob no null", "Ada where {\"city\":\"Lisbon\"}"]
    );
    let EventBody::MessageCreated { message } = &log[submitted as usize - 1] else {
        panic!("{:?}", log[submitted as usize - 1]);
    };
    assert_eq!(message.text(), "City: Lisbon");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_failed_attempt_has_offered_cannot_be_pressed() {
    let house = House::new();
    let calls = Calls::default();
    let seen = Arc::new(Notify::new());
    let waits = seen.clone();
    let actor = Actor::new(move |run| {
        let (call, waits) = (calls.count(), waits.clone());
        Box::pin(async move {
            run.write(format!("attempt {call}")).await?;
            run.offer(yes_or_no()).await?;
            if call == 1 {
                waits.notified().await;
                return Err(Error::transient("tired", "I am tired"));
            }
            Ok(())
        })
    });
    let _worker = house.worker(quick(), actor.alone());
    let room = house.conversation().await;
    room.say("go").await;
    room.until("something is offered", |log| {
        matches!(log.last(), Some(EventBody::MessageCompleted { .. }))
    })
    .await;
    seen.notify_one();
    let log = room.finished(1).await;
    let offers: Vec<_> = (1..)
        .zip(&log)
        .filter(|(_, body)| matches!(body, EventBody::MessageCompleted { .. }))
        .map(|(seq, _)| seq)
        .collect();
    assert_eq!(offers.len(), 2, "{log:#?}");
    let taken_back = room.press("user:ada", (offers[0], "yes"), None).await;
    assert_eq!(taken_back, Err(ErrorCode::NotOffered));
    room.press("user:ada", (offers[1], "yes"), None)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_it_is_not_for_cannot_press_it() {
    let house = House::new();
    let actor = Actor::new(|run| {
        Box::pin(async move {
            let bob = "user:bob".parse().unwrap();
            run.offer(yes_or_no().only_for([bob])).await
        })
    });
    let _worker = house.worker(quick(), actor.alone());
    let room = house.conversation().await;
    room.say("go").await;
    let (seq, message) = last_offer(&room.finished(1).await);
    assert_eq!(message.text(), "");
    let other = room.press("user:ada", (seq, "yes"), None).await;
    assert_eq!(other, Err(ErrorCode::NotOffered));
    room.press("user:bob", (seq, "yes"), None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_offers_too_much_fails_for_good_and_is_told_why() {
    let house = House::new();
    let calls = Calls::default();
    let counted = calls.clone();
    let actor = Actor::new(move |run| {
        counted.count();
        Box::pin(async move {
            run.write("Here it comes").await?;
            let mut card = Card::new("Much");
            card.text = Some("x".repeat(100_000));
            run.offer(card).await
        })
    });
    let _worker = house.worker(quick(), actor.alone());
    let room = house.conversation().await;
    room.say("go").await;
    let log = room.finished(1).await;
    assert_eq!(outcomes(&log), ["failed"]);
    assert_eq!(calls.so_far(), 1);
    let told = serde_json::to_string(&log.last()).unwrap();
    assert!(
        told.contains("offer_invalid") && told.contains("bytes"),
        "{told}"
    );
}

/// The offers that each run has closed.
fn closed(log: &[EventBody]) -> Vec<Vec<String>> {
    let closed = log.iter().filter_map(|body| match body {
        EventBody::RunFinished { closes, .. } => {
            Some(closes.iter().map(ToString::to_string).collect())
        }
        _ => None,
    });
    closed.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_are_closed_in_the_step_that_ends_the_run_unless_it_failed() {
    let house = House::new();
    let actor = Actor::new(|run| {
        Box::pin(async move {
            run.close_offers(["q1", "q2", "q1"].map(|name| name.parse().unwrap()));
            match run.input_text().as_str() {
                "fail" => Err(Error::permanent("tired", "I am tired")),
                "wait" => {
                    run.write("half an answer").await?;
                    std::future::pending().await
                }
                _ => Ok(()),
            }
        })
    });
    let _worker = house.worker(endless(), actor.alone());
    let room = house.conversation().await;
    room.say("go").await;
    room.finished(1).await;
    room.say("fail").await;
    room.finished(2).await;
    room.say("wait").await;
    room.writes().await;
    room.cancel().await;
    let log = room.finished(3).await;
    assert_eq!(outcomes(&log), ["completed", "failed", "cancelled"]);
    let both = vec!["q1".to_owned(), "q2".to_owned()];
    assert_eq!(closed(&log), [both.clone(), Vec::new(), both]);
}
