//! Talking: several people and an agent in one conversation, over every protocol and gateway.

use std::time::Duration;

use convene_client::{
    MessageStatus, Options, RawSocket, Rest, RunStatus, message,
    proto::{
        event::{EventBody, Outcome, TurnPolicy},
        frame::{ClientFrame, ServerFrame},
        id::{ConversationId, ParticipantId},
        position::Position,
    },
};

use crate::{
    harness::{Role, Stack, on_both},
    people::{PATIENCE, Person, assert_counts, client},
};

on_both! {
    async fn two_people_and_an_agent_see_the_same_log(stack: Stack) {
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let mut bob = ada.invites(&stack, &stack.gateway(1).url(), "bob").await;
        let mut stream = bob.client.rest().events(bob.conversation(), None).await.unwrap();

        let first = ada.says("/stream 200 at 400").await;
        let second = bob.says("/echo second").await;
        for person in [&mut ada, &mut bob] {
            assert_counts(&person.answer_to(first).await, 200);
            assert_eq!(person.answer_to(second).await, "second");
            person.saw_the_log().await;
        }

        let mut streamed = String::new();
        loop {
            let received = stream.next().await.unwrap().expect("the stream goes on");
            match &received.frame {
                ServerFrame::Delta { offset, text, .. } => {
                    if *offset == 0 {
                        streamed.clear();
                    }
                    assert_eq!(*offset, streamed.len() as u64);
                    streamed.push_str(text);
                }
                ServerFrame::Event { event, .. } => {
                    if let EventBody::MessageCompleted { message, .. } = &event.body {
                        assert!(message.text().starts_with(&streamed));
                        streamed.clear();
                        if message.text() == "second" {
                            break;
                        }
                    }
                }
                _ => {}
            }
        }
    }

    async fn a_message_sent_again_is_said_once(stack: Stack) {
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let said = message("/echo once");
        let mut seqs = Vec::new();
        for gateway in [0, 1, 0, 1] {
            let options = Options::new(stack.gateway(gateway).url(), stack.token("ada", Role::User));
            let rest = Rest::new(&options).unwrap();
            seqs.push(rest.say(ada.conversation(), &said).await.unwrap().seq);
        }
        assert!(seqs.iter().all(|seq| *seq == seqs[0]), "{seqs:?}");
        assert_eq!(ada.answer_to(seqs[0]).await, "once");
        let last = ada.says("/echo after").await;
        ada.answer_to(last).await;
        let answers = ada.view().messages().iter().filter(|said| said.text() == "once").count();
        assert_eq!(answers, 1);
        ada.saw_the_log().await;

        let mut other = said.clone();
        other.parts = message("something else").parts;
        let bob = ada.invites(&stack, &stack.gateway(1).url(), "bob").await;
        let refused = bob.client.rest().say(ada.conversation(), &other).await.unwrap_err();
        assert!(refused.to_string().contains("id"), "{refused}");
    }

    async fn a_socket_cut_in_mid_answer_resumes_at_the_byte_elsewhere(stack: Stack) {
        let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let token = stack.token("ada", Role::User);
        ada.says("/stream 300 at 60").await;
        let mut text = String::new();
        let mut position: Option<Position> = None;
        let mut connections = 0;
        'answer: loop {
            let url = stack.gateway(connections).url();
            let mut socket = RawSocket::open(&url, Some(&token), PATIENCE).await.unwrap();
            connections += 1;
            subscribe(&mut socket, ada.conversation(), position.clone()).await;
            let mut pieces = 0;
            loop {
                let frame = socket.next_frame(PATIENCE).await.unwrap();
                match &frame {
                    ServerFrame::Resumed { .. } => assert!(position.is_some()),
                    ServerFrame::Snapshot { state, .. } => {
                        assert!(position.is_none(), "{frame:?}");
                        text = state.streaming.as_ref().map(|now| now.text.clone()).unwrap_or_default();
                    }
                    ServerFrame::Delta { offset, text: piece, .. } => {
                        assert_eq!(*offset, text.len() as u64, "not the exact byte");
                        text.push_str(piece);
                        pieces += 1;
                    }
                    ServerFrame::Event { event, .. } => {
                        if let EventBody::MessageCompleted { message, .. } = &event.body {
                            let whole = message.text();
                            assert!(whole.starts_with(&text));
                            assert_counts(&whole, 300);
                            break 'answer;
                        }
                    }
                    ServerFrame::Reset { .. } => panic!("{frame:?}"),
                    _ => {}
                }
                position = at(&frame).or(position);
                if pieces == 3 {
                    // No goodbye.
                    drop(socket);
                    break;
                }
            }
        }
        assert!(connections > 3, "only {connections} connections");
    }

    async fn an_event_stream_resumes_by_its_last_event_id_elsewhere(stack: Stack) {
        let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        ada.says("/stream 300 at 60").await;
        let mut text = String::new();
        let mut position: Option<Position> = None;
        let mut connections = 0;
        'answer: loop {
            let options =
                Options::new(stack.gateway(connections).url(), stack.token("ada", Role::User));
            let rest = Rest::new(&options).unwrap();
            let mut stream = rest.events(ada.conversation(), position.as_ref()).await.unwrap();
            connections += 1;
            let mut pieces = 0;
            while pieces < 3 {
                let received = stream.next().await.unwrap().expect("the stream goes on");
                match &received.frame {
                    ServerFrame::Snapshot { state, .. } => {
                        assert!(position.is_none());
                        text = state.streaming.as_ref().map(|now| now.text.clone()).unwrap_or_default();
                    }
                    ServerFrame::Delta { offset, text: piece, .. } => {
                        assert_eq!(*offset, text.len() as u64, "not the exact byte");
                        text.push_str(piece);
                        pieces += 1;
                    }
                    ServerFrame::Event { event, .. } => {
                        if let EventBody::MessageCompleted { message, .. } = &event.body {
                            assert_counts(&message.text(), 300);
                            break 'answer;
                        }
                    }
                    ServerFrame::Reset { .. } => panic!("reset"),
                    _ => {}
                }
                position = stream.position().cloned().or(position);
            }
        }
        assert!(connections > 3, "only {connections} connections");
    }

    async fn stop_keeps_what_was_said(stack: Stack) {
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let mut bob = ada.invites(&stack, &stack.gateway(1).url(), "bob").await;
        let input = ada.says("/stream 5000 at 50").await;
        bob.some_answer(input, 40).await;
        bob.client.cancel(bob.conversation(), None).await.unwrap();
        for person in [&mut ada, &mut bob] {
            person.until("the run is cancelled", |view| view.run_for(input)
                .is_some_and(|run| run.status == RunStatus::Finished(Outcome::Cancelled))).await;
            let cut: Vec<_> = person.view().messages().iter()
                .filter(|message| message.status == MessageStatus::Cut).collect();
            assert_eq!(cut.len(), 1);
            assert!(cut[0].text().len() >= 40);
        }
        let nothing = bob.client.cancel(bob.conversation(), None).await.unwrap_err();
        assert!(nothing.to_string().contains("no run"), "{nothing}");
        let next = ada.says("/echo goes on").await;
        assert_eq!(ada.answer_to(next).await, "goes on");
    }

    async fn a_failing_attempt_heals_in_sight(stack: Stack) {
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let input = ada.says("/fail 1").await;
        let answer = ada.answer_to(input).await;
        assert!(!answer.is_empty());
        let run = ada.view().run_for(input).unwrap();
        assert_eq!((run.attempt, &run.status), (2, &RunStatus::Finished(Outcome::Completed)));
        ada.saw_the_log().await;
        let history = ada.client.rest().history_before(ada.conversation(), None, 100).await.unwrap();
        let bodies: Vec<_> = history.events.iter().map(|event| &event.body).collect();
        assert!(bodies.iter().any(|body| matches!(body, EventBody::RunRetrying { .. })));
        assert!(bodies.iter().any(|body| matches!(body, EventBody::MessageRetracted { .. })));
    }

    async fn turn_policies_say_what_happens_to_the_second_message(stack: Stack) {
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let long = ada.says("/stream 5000 at 50").await;
        ada.some_answer(long, 10).await;

        let mut rejected = message("/echo no");
        rejected.policy = Some(TurnPolicy::Reject);
        let refused = ada.client.rest().say(ada.conversation(), &rejected).await.unwrap_err();
        assert!(refused.to_string().contains("under way"), "{refused}");

        let mut urgent = message("/echo now");
        urgent.policy = Some(TurnPolicy::Interrupt);
        let urgent = ada.client.send(&ada.conversation().clone(), urgent).await.unwrap();
        assert_eq!(ada.answer_to(urgent).await, "now");
        let first = ada.view().run_for(long).unwrap();
        assert_eq!(first.status, RunStatus::Finished(Outcome::Cancelled));
    }

    async fn people_can_talk_among_themselves(stack: Stack) {
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let mut bob = ada.invites(&stack, &stack.gateway(1).url(), "bob").await;
        let mut aside = message("/echo between us");
        aside.to = Some(vec!["user:bob".parse::<ParticipantId>().unwrap()]);
        let aside = ada.client.send(&ada.conversation().clone(), aside).await.unwrap();
        let asked = bob.says("/echo to the agent").await;
        assert_eq!(ada.answer_to(asked).await, "to the agent");
        assert!(ada.view().run_for(aside).is_none(), "the agent answered what was not for it");
        bob.until("ada is here", |view| view.here().len() == 2).await;
        drop(ada);
        bob.until("ada has gone", |view| view.here().len() == 1).await;
    }

    async fn a_slow_reader_holds_up_nobody_and_misses_nothing(stack: Stack) {
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let slow = client(&stack, &stack.gateway(0).url(), "ada").await;
        let mut socket = RawSocket::open(
            &stack.gateway(0).url(), Some(&stack.token("ada", Role::User)), PATIENCE,
        ).await.unwrap();
        subscribe(&mut socket, ada.conversation(), None).await;
        let mut last = None;
        for _ in 0..8 {
            last = Some(ada.says("/stream 20000 at 0").await);
        }
        let last = last.unwrap();
        assert_counts(&ada.answer_to(last).await, 20_000);
        // It has not read a byte so far.
        let mut seen = 0;
        loop {
            match socket.next_frame(Duration::from_secs(20)).await.unwrap() {
                ServerFrame::Event { event, .. } => {
                    if seen > 0 {
                        assert_eq!(event.seq.0, seen + 1, "a hole or a repetition");
                    }
                    seen = event.seq.0;
                    let finished = matches!(event.body, EventBody::RunFinished { .. });
                    let of_last = ada.view().run_for(last).map(|run| run.id.clone());
                    if finished && matches!(&event.body, EventBody::RunFinished { run, .. } if Some(run) == of_last.as_ref()) {
                        break;
                    }
                }
                ServerFrame::Snapshot { state, .. } => seen = state.conversation.head.0,
                _ => {}
            }
        }
        slow.close().await;
        ada.saw_the_log().await;
    }
}

async fn subscribe(socket: &mut RawSocket, to: &ConversationId, after: Option<Position>) {
    let frame = ClientFrame::Subscribe {
        request: 1,
        conversation: to.clone(),
        after,
    };
    socket.send(&frame).await.unwrap();
}

fn at(frame: &ServerFrame) -> Option<Position> {
    match frame {
        ServerFrame::Resumed { position, .. }
        | ServerFrame::Snapshot { position, .. }
        | ServerFrame::Reset { position, .. }
        | ServerFrame::Event { position, .. }
        | ServerFrame::Delta { position, .. } => Some(position.clone()),
        _ => None,
    }
}
