//! Who may see what of a conversation, and say what in it.

use convene_client::{
    Error, Options, RawSocket, Rest, RunStatus, message,
    proto::{
        error::ErrorCode,
        event::Outcome,
        frame::{ClientFrame, NewMessage, ServerFrame},
        id::ConversationId,
        position::Seq,
    },
};

use crate::{
    harness::{Role, Stack, on_both},
    people::{PATIENCE, Person},
};

pub(crate) fn rest(stack: &Stack, token: String) -> Rest {
    Rest::new(&Options::new(stack.gateway(1).url(), token)).unwrap()
}

pub(crate) fn code<T: std::fmt::Debug>(answer: Result<T, Error>) -> ErrorCode {
    match answer {
        Err(Error::Refused(problem)) => problem.code,
        other => panic!("not refused: {other:?}"),
    }
}

on_both! {
    async fn a_stranger_neither_reads_nor_writes(stack: Stack) {
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let input = ada.says("/echo private").await;
        ada.answer_to(input).await;
        let id = ada.conversation().clone();
        for role in [Role::User, Role::Operator, Role::Admin] {
            let eve = rest(&stack, stack.token("eve", role));
            assert_eq!(code(eve.conversation(&id).await), ErrorCode::NotFound);
            assert_eq!(code(eve.say(&id, &message("hi")).await), ErrorCode::NotFound);
            assert_eq!(code(eve.messages(&id, None, 10).await), ErrorCode::NotFound);
            assert_eq!(code(eve.history_after(&id, Seq(0), 10).await), ErrorCode::NotFound);
            assert_eq!(code(eve.cancel(&id, None).await), ErrorCode::NotFound);
            assert_eq!(code(eve.typing(&id).await), ErrorCode::NotFound);
            assert_eq!(code(eve.read(&id, Seq(1)).await), ErrorCode::NotFound);
            assert_eq!(code(eve.rename(&id, "mine").await), ErrorCode::NotFound);
            assert_eq!(code(eve.invite(&id).await), ErrorCode::NotFound);
            assert_eq!(code(eve.events(&id, None).await.map(drop)), ErrorCode::NotFound);
            assert!(eve.conversations(None, 10).await.unwrap().conversations.is_empty());

            let mut socket = RawSocket::open(
                &stack.gateway(1).url(), Some(&stack.token("eve", role)), PATIENCE,
            ).await.unwrap();
            socket.send(&ClientFrame::Subscribe { request: 7, conversation: id.clone(), after: None })
                .await.unwrap();
            loop {
                match socket.next_frame(PATIENCE).await.unwrap() {
                    ServerFrame::Welcome { .. } => {}
                    ServerFrame::Error { request, problem } => {
                        assert_eq!((request, problem.code), (Some(7), ErrorCode::NotFound));
                        break;
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    async fn agents_answer_where_they_are_and_nowhere_else(stack: Stack) {
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let id = ada.conversation().clone();
        let to = |agent: &str| NewMessage {
            to: Some(vec![agent.parse().unwrap()]),
            ..message("/echo you")
        };
        let rest = ada.client.rest();
        assert_eq!(code(rest.say(&id, &to("agent:stranger")).await), ErrorCode::NoSuchParticipant);
        let refused = ada.client.send(&id, to("agent:stranger")).await;
        assert_eq!(code(refused), ErrorCode::NoSuchParticipant);
        let asked = ada.client.send(&id, to("agent:guide")).await.unwrap();
        assert_eq!(ada.answer_to(asked).await, "you");

        // It is taken out in mid-answer: what it has said stays, and it says no more.
        let long = ada.says("/stream 5000 at 20").await;
        ada.some_answer(long, 10).await;
        let rest = ada.client.rest();
        rest.remove(&id, &"agent:guide".parse().unwrap()).await.unwrap();
        ada.until("its run has ended", |view| view.is_answered(long)).await;
        let status = &ada.view().run_for(long).unwrap().status;
        assert_eq!(*status, RunStatus::Finished(Outcome::Cancelled));
        assert_eq!(ada.view().conversation().unwrap().agent, None);
        let asked = ada.client.send(&id, to("agent:guide")).await;
        assert_eq!(code(asked), ErrorCode::NoSuchParticipant);
        ada.says("anybody there?").await;
    }

    async fn who_is_taken_out_reads_no_further(stack: Stack) {
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let bob = ada.invites(&stack, &stack.gateway(1).url(), "bob").await;
        let id = ada.conversation().clone();
        let mut socket = RawSocket::open(
            &stack.gateway(1).url(), Some(&stack.token("bob", Role::User)), PATIENCE,
        ).await.unwrap();
        socket.send(&ClientFrame::Subscribe { request: 1, conversation: id.clone(), after: None })
            .await.unwrap();
        while !matches!(socket.next_frame(PATIENCE).await.unwrap(), ServerFrame::Snapshot { .. }) {}
        ada.client.rest().remove(&id, &"user:bob".parse().unwrap()).await.unwrap();
        let secret = ada.says("/echo secret").await;
        ada.answer_to(secret).await;
        socket.send(&ClientFrame::Ping { request: 2 }).await.unwrap();
        let mut told = false;
        loop {
            match socket.next_frame(PATIENCE).await.unwrap() {
                ServerFrame::Event { event, .. } => {
                    assert!(event.seq < secret, "bob read {event:?}");
                    told |= serde_json::to_string(&event).unwrap().contains("participant.left");
                }
                ServerFrame::Delta { .. } => panic!("bob read on"),
                ServerFrame::Pong { .. } => break,
                _ => {}
            }
        }
        assert!(told, "bob was not told");
        assert_eq!(code(bob.client.rest().conversation(&id).await), ErrorCode::NotFound);
    }

    async fn a_moment_is_answered_by_nothing_though_it_is_refused(stack: Stack) {
        let token = stack.token("eve", Role::User);
        let mut socket = RawSocket::open(&stack.gateway(0).url(), Some(&token), PATIENCE).await.unwrap();
        assert!(matches!(socket.next_frame(PATIENCE).await.unwrap(), ServerFrame::Welcome { .. }));
        let nowhere = ConversationId::random();
        for frame in [
            ClientFrame::Typing { conversation: nowhere.clone() },
            ClientFrame::Read { conversation: nowhere, seq: Seq(1) },
            ClientFrame::Ping { request: 1 },
        ] {
            socket.send(&frame).await.unwrap();
        }
        let answer = socket.next_frame(PATIENCE).await.unwrap();
        assert!(matches!(answer, ServerFrame::Pong { request: 1 }), "{answer:?}");
    }
}
