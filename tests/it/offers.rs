//! What the guide offers, pressed and submitted through every door.

use convene_client::{
    ConversationView, Error, MessageView, Options, Rest, message, press,
    proto::{
        error::ErrorCode,
        event::Part,
        frame::{NewAct, Problem},
        id::MessageId,
        part::FaultCode,
        position::Seq,
    },
};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    harness::{Role, Stack, on_both},
    people::Person,
};

/// The last message that offers something.
fn offering(view: &ConversationView) -> &MessageView {
    let offers = |said: &&MessageView| said.parts.iter().any(|part| part.offer().is_some());
    view.messages().iter().rfind(offers).unwrap()
}

fn act(person: &Person, action: &str, value: Option<Value>) -> NewAct {
    press(offering(person.view()), action.parse().unwrap(), value)
}

fn rest(stack: &Stack, gateway: usize, user: &str) -> Rest {
    let options = Options::new(stack.gateway(gateway).url(), stack.token(user, Role::User));
    Rest::new(&options).unwrap()
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Problem {
    match outcome {
        Err(Error::Refused(problem)) => problem,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

on_both! {
    async fn one_press_of_a_card_counts_whoever_presses_on_whatever_gateway(stack: Stack) {
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let mut bob = ada.invites(&stack, &stack.gateway(1).url(), "bob").await;
        let asked = ada.says("/card").await;
        for person in [&mut ada, &mut bob] {
            person.answer_to(asked).await;
        }
        let id = ada.conversation().clone();
        let presses = (0..8).map(|n| {
            let (user, action) = [("ada", "take"), ("bob", "leave")][n % 2];
            let (rest, act, id) = (rest(&stack, n % 2, user), act(&ada, action, None), &id);
            async move { (user, act.clone(), rest.act(id, &act).await) }
        });
        let mut won = Vec::new();
        let mut lost = Vec::new();
        for (user, act, outcome) in join_all(presses).await {
            match outcome {
                Ok(sent) => won.push((user, act, sent.seq)),
                Err(error) => lost.push(refused::<()>(Err(error))),
            }
        }
        assert_eq!((won.len(), lost.len()), (1, 7));
        let (winner, first, seq) = won.remove(0);
        for problem in &lost {
            assert_eq!(problem.code, ErrorCode::AlreadyPressed);
            assert!(problem.message.contains(&format!("user:{winner}")), "{}", problem.message);
            assert!(!problem.retryable);
        }
        // Said again it converges, on every gateway; somebody else cannot say it.
        for gateway in [0, 1] {
            let again = rest(&stack, gateway, winner).act(&id, &first).await.unwrap();
            assert_eq!(again.seq, seq);
        }
        let other = if winner == "ada" { "bob" } else { "ada" };
        let stolen = refused(rest(&stack, 0, other).act(&id, &first).await);
        assert_eq!(stolen.code, ErrorCode::Conflict);

        for person in [&mut ada, &mut bob] {
            assert!(person.answer_to(seq).await.contains("was first"));
            let pressed: Vec<_> = person.view().messages().iter()
                .flat_map(|said| &said.parts)
                .filter(|part| matches!(part, Part::Act(_)))
                .collect();
            assert_eq!(pressed.len(), 1);
            person.saw_the_log().await;
        }
    }

    async fn a_form_is_judged_field_by_field_and_its_answers_are_heard(stack: Stack) {
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let asked = ada.says("/form").await;
        ada.answer_to(asked).await;
        let id = ada.conversation().clone();
        let wrong = json!({ "email": "nowhere", "tickets": 7, "day": "2026-02-30", "meal": "stew" });
        let problem = refused(ada.client.act(&id, act(&ada, "order", Some(wrong))).await);
        assert_eq!(problem.code, ErrorCode::InvalidValue);
        let mut faults: Vec<_> =
            problem.faults.iter().map(|one| (one.field.as_str(), one.code)).collect();
        faults.sort_by_key(|(field, _)| *field);
        assert_eq!(faults, [
            ("day", FaultCode::WrongType),
            ("email", FaultCode::Pattern),
            ("meal", FaultCode::NotAnOption),
            ("name", FaultCode::Required),
            ("tickets", FaultCode::TooLarge),
        ]);
        let same = json!({ "tickets": "two" });
        let over_rest = refused(ada.client.rest().act(&id, &act(&ada, "order", Some(same))).await);
        assert_eq!(over_rest.code, ErrorCode::InvalidValue);
        assert!(!over_rest.faults.is_empty());

        // None of this has pressed it.
        let right = json!({ "name": "Ada", "tickets": 2, "meal": "soup" });
        let submitted = ada.client.act(&id, act(&ada, "order", Some(right))).await.unwrap();
        let heard = ada.answer_to(submitted).await;
        assert!(heard.contains("Tickets: 2") && heard.contains("Meal: Soup"), "{heard}");
        let said = ada.view().messages().iter().find(|said| said.seq == submitted).unwrap();
        assert_eq!(said.text(), "Name: Ada\nTickets: 2\nMeal: Soup");
        ada.saw_the_log().await;
    }

    async fn what_is_not_offered_is_refused_and_nobody_offers_but_agents(stack: Stack) {
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let asked = ada.says("hello").await;
        ada.answer_to(asked).await;
        let id = ada.conversation().clone();
        let suggested = act(&ada, "card", None);
        for (what, wrong) in [
            ("nothing of this id", NewAct { action: "dance".parse().unwrap(), ..suggested.clone() }),
            ("no message of an agent", NewAct { seq: asked, ..suggested.clone() }),
            ("no message of an agent", NewAct { seq: Seq(10_000), ..suggested.clone() }),
            ("nothing of this id", NewAct { message: Some(MessageId::random()), ..suggested.clone() }),
        ] {
            let wrong = NewAct { id: MessageId::random(), ..wrong };
            let problem = refused(ada.client.act(&id, wrong).await);
            assert_eq!(problem.code, ErrorCode::NotOffered);
            assert!(problem.message.contains(what), "{}", problem.message);
        }
        let stranger = refused(rest(&stack, 0, "eve").act(&id, &suggested).await);
        assert_eq!(stranger.code, ErrorCode::NotFound);
        for part in offering(ada.view()).parts.clone() {
            let mut offered = message("mine");
            offered.parts.push(part.clone());
            if part.offer().is_some() {
                let problem = refused(ada.client.rest().say(&id, &offered).await);
                assert_eq!(problem.code, ErrorCode::BadRequest);
            }
        }
        // A quick reply can be given as often as one likes, and its value is the command.
        for _ in 0..2 {
            let pressed = act_of(&suggested);
            let seq = ada.client.act(&id, pressed).await.unwrap();
            assert!(ada.answer_to(seq).await.contains("one seat left"));
        }
        ada.saw_the_log().await;
    }
}

/// The same under a fresh id.
fn act_of(act: &NewAct) -> NewAct {
    NewAct {
        id: MessageId::random(),
        ..act.clone()
    }
}
