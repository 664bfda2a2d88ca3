//! What agents offer: what can be pressed, until when, and how often.

use convene_proto::{
    event::TurnPolicy,
    id::{MessageId, ParticipantId},
    position::Nonce,
};
use futures_util::future::join_all;

use super::{
    Bench,
    fixture::*,
    restores::{claim_with, restore},
};
use crate::store::{
    ClaimOutcome, Effect, Error, Limits, Needs, Press, Restore, Submit, Submitted, Wake,
};

/// Part 1 of this message, of which one press counts.
fn only_press(message: &MessageId) -> Press {
    Press {
        message: message.clone(),
        part: 1,
        once: true,
    }
}

fn draft(room: &Room, author: &ParticipantId, press: &Press) -> Submit {
    Submit {
        author: author.clone(),
        needs: Needs::Offer(press.clone()),
        wake: Wake::Agent(room.agent.clone()),
        ..room.draft_message("pressed")
    }
}

async fn press(
    room: &Room,
    author: &ParticipantId,
    press: &Press,
) -> crate::store::Result<Submitted> {
    room.store.submit(draft(room, author, press)).await
}

/// Says a message that offers something, in a run that goes on.
async fn offer(room: &Room, nonce: Nonce) -> MessageId {
    let message = room.start(nonce, "choose").await;
    room.write(nonce, Effect::Offer(message.clone()))
        .await
        .unwrap();
    message
}

/// A conversation in which a finished run has offered something, and nobody has a lease.
async fn offered(bench: &dyn Bench) -> (Room, MessageId) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let nonce = room.claim().await.nonce;
    let message = offer(&room, nonce).await;
    room.finish(nonce).await;
    assert!(room.release(nonce).await.unwrap().is_none());
    (room, message)
}

pub async fn what_is_offered_can_be_pressed_by_anybody_and_again(bench: &dyn Bench) {
    let (room, message) = offered(bench).await;
    let every = Press {
        once: false,
        ..only_press(&message)
    };
    for author in [&room.ada, &room.bob, &room.ada] {
        let pressed = press(&room, author, &every).await.unwrap();
        assert!(!pressed.duplicate);
        assert!(pressed.ring.is_some());
        assert_eq!(room.log().await.last(), Some(&pressed.entry));
    }
}

pub async fn what_is_not_offered_cannot_be_pressed(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let asked = room.say("hello").await;
    let nonce = room.claim().await.nonce;
    let plain = room.utter(nonce, "nothing to choose").await;
    let head = room.head().await;
    for message in [plain, MessageId::random()] {
        refused!(
            press(&room, &room.ada, &only_press(&message)).await,
            Error::NotOffered
        );
    }
    let unknown = Submit {
        needs: Needs::ToBeKnown,
        ..room.draft_message("pressed")
    };
    refused!(room.store.submit(unknown).await, Error::NotOffered);
    assert_eq!(room.head().await, head);
    assert!(asked.entry.seq < head);
}

pub async fn an_offer_is_a_message_that_was_said_whole(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let nonce = room.claim().await.nonce;
    let message = offer(&room, nonce).await;
    assert!(!room.streams(&message).await);
    room.abandon(nonce).await;
    let again = room.claim().await;
    assert_eq!(again.said, [message]);
    assert_eq!(again.unfinished, None);
}

pub async fn what_was_taken_back_offers_nothing(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let nonce = room.claim().await.nonce;
    let message = offer(&room, nonce).await;
    let early = press(&room, &room.ada, &only_press(&message)).await;
    let early = early.unwrap();
    room.write(nonce, Effect::Retract(message.clone()))
        .await
        .unwrap();
    refused!(
        press(&room, &room.bob, &only_press(&message)).await,
        Error::NotOffered
    );
    // What was accepted before stands.
    assert!(room.log().await.contains(&early.entry));
}

pub async fn what_a_dead_attempt_has_offered_is_not_pressed_in_the_next(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let nonce = room.claim().await.nonce;
    let message = offer(&room, nonce).await;
    room.abandon(nonce).await;
    // The next attempt thinks before it writes, and takes the message back with its first words.
    let next = room.claim().await;
    assert_eq!(next.said, [message.clone()]);
    refused!(
        press(&room, &room.ada, &only_press(&message)).await,
        Error::NotOffered
    );
    let again = offer(&room, next.nonce).await;
    press(&room, &room.ada, &only_press(&again)).await.unwrap();
}

pub async fn one_press_counts_where_only_one_may(bench: &dyn Bench) {
    let (room, message) = offered(bench).await;
    let only = only_press(&message);
    let first = press(&room, &room.ada, &only).await.unwrap();
    for author in [&room.bob, &room.ada] {
        let second = press(&room, author, &only).await;
        let Err(Error::AlreadyPressed { by, seq }) = second else {
            panic!("expected to be told who was first, got {second:?}");
        };
        assert_eq!((by, seq), (room.ada.to_string(), first.entry.seq));
    }
    assert_eq!(room.head().await, first.entry.seq);
    // Another part of the same message is another question.
    let other = Press { part: 11, ..only };
    press(&room, &room.bob, &other).await.unwrap();
    refused!(
        press(&room, &room.ada, &other).await,
        Error::AlreadyPressed { .. }
    );
}

pub async fn a_press_made_again_is_answered_as_before(bench: &dyn Bench) {
    let (room, message) = offered(bench).await;
    let draft = draft(&room, &room.ada, &only_press(&message));
    let first = room.store.submit(draft.clone()).await.unwrap();
    let forgotten = Submit {
        needs: Needs::ToBeKnown,
        ..draft.clone()
    };
    for retry in [draft.clone(), forgotten] {
        let again = room.store.submit(retry).await.unwrap();
        assert!(again.duplicate);
        assert_eq!(again.entry, first.entry);
        assert_eq!(again.ring, first.ring);
    }
    let stolen = Submit {
        author: room.bob.clone(),
        ..draft
    };
    refused!(room.store.submit(stolen).await, Error::Conflict(_));
}

pub async fn concurrent_presses_have_one_winner(bench: &dyn Bench) {
    let (room, message) = offered(bench).await;
    let only = only_press(&message);
    let presses = (0..20).map(|n| {
        let author = if n % 2 == 0 { &room.ada } else { &room.bob };
        press(&room, author, &only)
    });
    let outcomes = join_all(presses).await;
    let won: Vec<_> = outcomes.iter().flatten().collect();
    assert_eq!(won.len(), 1);
    for lost in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        let seq = won[0].entry.seq;
        assert!(
            matches!(lost, Error::AlreadyPressed { seq: first, .. } if *first == seq),
            "{lost:?}"
        );
    }
    assert_eq!(room.head().await, won[0].entry.seq);
}

pub async fn a_press_obeys_the_turn_policy(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let nonce = room.claim().await.nonce;
    let message = offer(&room, nonce).await;
    let only = only_press(&message);
    let under = |policy| Submit {
        policy: Some(policy),
        ..draft(&room, &room.ada, &only)
    };
    let rejected = room.store.submit(under(TurnPolicy::Reject)).await;
    refused!(rejected, Error::Busy);
    // What was refused has pressed nothing.
    let interrupting = room.store.submit(under(TurnPolicy::Interrupt)).await;
    assert!(interrupting.unwrap().interrupted.is_some());
}

pub async fn an_offer_is_forgotten_with_its_event(bench: &dyn Bench) {
    let limits = Limits {
        retention: 4,
        ..Limits::default()
    };
    let room = Room::new(bench.store(limits).await).await;
    room.say("hello").await;
    let nonce = room.claim().await.nonce;
    let message = offer(&room, nonce).await;
    room.finish(nonce).await;
    assert!(room.release(nonce).await.unwrap().is_none());
    let every = Press {
        once: false,
        ..only_press(&message)
    };
    let silent = Submit {
        wake: Wake::Nobody,
        ..draft(&room, &room.ada, &every)
    };
    room.store.submit(silent.clone()).await.unwrap();
    for n in 0..6 {
        room.remark(&n.to_string()).await;
    }
    let late = Submit {
        message: MessageId::random(),
        ..silent
    };
    refused!(room.store.submit(late).await, Error::NotOffered);
}

pub async fn a_lost_press_is_restored_and_counts(bench: &dyn Bench) {
    let (room, message) = offered(bench).await;
    let only = only_press(&message);
    let command = restore(&room, &draft(&room, &room.ada, &only));
    let restored = claimed(claim_with(&room, command).await).restored.unwrap();
    let second = press(&room, &room.bob, &only).await;
    let Err(Error::AlreadyPressed { by, seq }) = second else {
        panic!("expected to be told who was first, got {second:?}");
    };
    assert_eq!((by, seq), (room.ada.to_string(), restored.seq));
}

pub async fn a_lost_press_that_was_outrun_is_given_up(bench: &dyn Bench) {
    let (room, message) = offered(bench).await;
    let only = only_press(&message);
    let command = restore(&room, &draft(&room, &room.ada, &only));
    let first = press(&room, &room.bob, &only).await.unwrap();
    let taken = claimed(claim_with(&room, command.clone()).await);
    assert_eq!(taken.restored, None);
    assert_eq!(taken.inputs, [first.entry.clone()]);
    assert_eq!(room.head().await, first.entry.seq);
    // Nor does it come back once that is answered, nor where somebody replays it.
    room.finish(taken.nonce).await;
    assert!(room.release(taken.nonce).await.unwrap().is_none());
    let replayed = Restore {
        replay: Some(fresh("letter").parse().unwrap()),
        ..command.clone()
    };
    for again in [command, replayed] {
        let outcome = claim_with(&room, again).await;
        assert!(matches!(outcome, ClaimOutcome::Empty), "{outcome:?}");
    }
}

pub async fn a_lost_press_that_was_outrun_is_given_up_though_its_offer_was_taken_back(
    bench: &dyn Bench,
) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let nonce = room.claim().await.nonce;
    let message = offer(&room, nonce).await;
    let only = only_press(&message);
    let command = restore(&room, &draft(&room, &room.ada, &only));
    press(&room, &room.bob, &only).await.unwrap();
    room.write(nonce, Effect::Retract(message.clone()))
        .await
        .unwrap();
    let late = press(&room, &room.ada, &only).await;
    refused!(late, Error::NotOffered);
    room.finish(nonce).await;
    let head = room.head().await;
    let next = room.release(nonce).await.unwrap().unwrap();
    room.finish(next.nonce).await;
    assert!(room.release(next.nonce).await.unwrap().is_none());
    let outcome = claim_with(&room, command).await;
    assert!(matches!(outcome, ClaimOutcome::Empty), "{outcome:?}");
    assert_eq!(room.head().await, head.next(), "nothing but that run's end");
}

pub async fn a_lost_press_whose_offer_is_lost_is_restored(bench: &dyn Bench) {
    let (room, _) = offered(bench).await;
    let gone = only_press(&MessageId::random());
    let command = restore(&room, &draft(&room, &room.ada, &gone));
    let restored = claimed(claim_with(&room, command).await).restored;
    assert!(restored.is_some());
}
