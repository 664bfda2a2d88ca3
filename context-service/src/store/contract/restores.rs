//! A doorbell's command brings back what the store has lost.

use convene_proto::{
    event::{Role, TurnPolicy},
    id::{DeadLetterId, MessageId, ParticipantId},
    position::{Eid, Epoch, Nonce, Seq},
};

use super::{Bench, fixture::*};
use crate::store::{
    Claim, ClaimOutcome, Entry, Limits, NewEntry, Restore, ResumeKind, Submit, Submitted, Wake,
};

/// What the doorbell of this message would carry, had it been lost.
pub(super) fn restore(room: &Room, submit: &Submit) -> Restore {
    Restore {
        submit: Submit {
            wake: Wake::Agent(room.agent.clone()),
            ..submit.clone()
        },
        author_name: "Ada".to_owned(),
        agent: room.agent.clone(),
        pool: room.pool.clone(),
        accepted: (room.epoch, Seq(1_000)),
        prev: Eid::random(),
        anew: Eid::random(),
        epoch: Epoch::random(),
        created: entry("created anew"),
        replay: None,
    }
}

/// A dead letter that nobody has replayed yet.
fn letter() -> DeadLetterId {
    fresh("letter").parse().unwrap()
}

pub(super) async fn claim_with(room: &Room, restore: Restore) -> ClaimOutcome {
    let claim = Claim {
        conversation: restore.submit.conversation.clone(),
        restore: Some(restore),
        ..room.draft_claim()
    };
    room.store.claim(claim).await.unwrap()
}

/// A message in the log, and what its doorbell carries.
async fn said(room: &Room) -> (Submitted, Restore) {
    let draft = room.draft_message("hello");
    said_as(room, draft).await
}

async fn said_as(room: &Room, draft: Submit) -> (Submitted, Restore) {
    let submitted = room.store.submit(draft.clone()).await.unwrap();
    let accepted = (submitted.epoch, submitted.entry.seq);
    let restore = Restore {
        accepted,
        ..restore(room, &draft)
    };
    (submitted, restore)
}

/// Answers whatever waits, under this lease.
async fn answer_all(room: &Room, nonce: Nonce) -> Vec<Entry> {
    let mut inputs = Vec::new();
    room.finish(nonce).await;
    while let Some(next) = room.release(nonce).await.unwrap() {
        inputs.extend(next.inputs);
        room.finish(nonce).await;
    }
    inputs
}

pub async fn a_message_that_the_log_has_is_not_restored(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let (submitted, restore) = said(&room).await;
    let claimed = claimed(claim_with(&room, restore).await);
    assert_eq!(claimed.restored, None);
    assert_eq!(claimed.inputs, [submitted.entry]);
    assert_eq!(room.head().await, Seq(2));
}

pub async fn a_message_that_the_log_lost_is_restored(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    let room = Room::with(store, |new| new.policy = TurnPolicy::Reject).await;
    let waiting = room.say("waiting").await;
    // Its author may have left since, and its policy would refuse it now.
    let lost = Submit {
        author: person("gone"),
        policy: Some(TurnPolicy::Reject),
        ..room.draft_message("lost")
    };
    let restore = Restore {
        prev: waiting.entry.eid,
        ..restore(&room, &lost)
    };
    let first = claimed(claim_with(&room, restore).await);
    assert_eq!(first.inputs, [waiting.entry]);
    assert_eq!(first.epoch, room.epoch);
    let restored = first.restored.unwrap();
    assert_eq!(restored.seq, Seq(3));
    assert_eq!(restored.body, lost.entry.body);
    assert_eq!(restored.eid, lost.entry.eid);
    assert_eq!(first.history.last(), Some(&restored));
    room.finish(first.nonce).await;
    let second = room.release(first.nonce).await.unwrap().unwrap();
    assert_eq!(second.inputs, [restored]);
    assert_eq!((&second.agent, &second.pool), (&room.agent, &room.pool));
}

pub async fn a_restored_event_vouches_for_the_log_in_front_of_it(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let lost = room.draft_message("lost");
    // Something else was said in the place of what it followed.
    let other = room.remark("otherwise").await;
    let command = Restore {
        accepted: (room.epoch, Seq(3)),
        ..restore(&room, &lost)
    };
    let restored = claimed(claim_with(&room, command.clone()).await);
    let restored = restored.restored.unwrap();
    assert_eq!((restored.seq, restored.prev), (Seq(3), other.entry.eid));
    assert_eq!(restored.eid, command.anew);
    assert_eq!(restored.body, lost.entry.body);

    // Who had seen it where it stood knows another log.
    let seen = Entry {
        eid: lost.entry.eid,
        ..restored
    };
    let back = room.subscribe(&inbox("g"), Some(room.after(&seen))).await;
    assert_eq!(back.kind, ResumeKind::Reset);
}

pub async fn a_conversation_that_was_lost_is_made_anew(bench: &dyn Bench) {
    // Never created, which is all that a store can know of what it has lost.
    let room = Room::new(bench.store(Limits::default()).await).await;
    let lost = Submit {
        conversation: convene_proto::id::ConversationId::random(),
        ..room.draft_message("lost")
    };
    let restore = restore(&room, &lost);
    let claimed = claimed(claim_with(&room, restore.clone()).await);
    assert_eq!(claimed.epoch, restore.epoch);
    assert_eq!(claimed.attempt, 1);
    let bodies: Vec<_> = claimed
        .history
        .iter()
        .map(|entry| (entry.seq.0, &entry.body))
        .collect();
    assert_eq!(bodies, [(1, &restore.created.body), (2, &lost.entry.body)]);
    assert_eq!(claimed.restored.as_ref(), Some(&claimed.history[1]));
    assert_eq!(claimed.inputs, [claimed.history[1].clone()]);

    let conversation = claimed.conversation;
    assert_eq!(conversation.id, lost.conversation);
    assert_eq!(conversation.title, None);
    assert_eq!(conversation.agent.as_ref(), Some(&room.agent));
    assert_eq!(conversation.policy, TurnPolicy::Enqueue);
    let agent = ParticipantId::Agent(room.agent.clone());
    let participants = [
        participant(&room.ada, "Ada", Role::Owner),
        participant(&agent, "guide", Role::Agent),
    ];
    assert_eq!(conversation.participants, participants);
    let page = room.store.conversations(&room.ada, 10, None).await.unwrap();
    assert!(
        page.conversations
            .iter()
            .any(|listed| listed.id == conversation.id)
    );
}

pub async fn a_restored_input_waits_behind_a_held_lease(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let first = room.claim().await;
    let lost = Submit {
        policy: Some(TurnPolicy::Interrupt),
        ..room.draft_message("lost")
    };
    let outcome = claim_with(&room, restore(&room, &lost)).await;
    assert!(matches!(outcome, ClaimOutcome::Held(_)), "{outcome:?}");
    assert_eq!(room.head().await, Seq(3));
    assert!(
        !room.finish(first.nonce).await.cancel,
        "what it interrupted is long over"
    );
    let next = room.release(first.nonce).await.unwrap().unwrap();
    assert_eq!(next.inputs[0].body, lost.entry.body);
}

pub async fn a_restored_message_is_known_from_then_on(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let lost = room.draft_message("lost");
    let restore = restore(&room, &lost);
    let claimed = claimed(claim_with(&room, restore.clone()).await);
    assert!(matches!(
        claim_with(&room, restore).await,
        ClaimOutcome::Held(_)
    ));
    let again = room.store.submit(lost).await.unwrap();
    assert!(again.duplicate);
    assert_eq!(again.entry.seq, Seq(2));
    room.finish(claimed.nonce).await;
    assert!(room.release(claimed.nonce).await.unwrap().is_none());
}

pub async fn a_finished_input_comes_back_only_by_replay(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let (submitted, restore) = said(&room).await;
    let first = room.claim().await;
    room.finish(first.nonce).await;
    room.release(first.nonce).await.unwrap();
    assert!(matches!(
        claim_with(&room, restore.clone()).await,
        ClaimOutcome::Empty
    ));

    let replay = Restore {
        replay: Some(letter()),
        ..restore
    };
    let again = claimed(claim_with(&room, replay).await);
    assert_eq!(again.inputs, [submitted.entry]);
    assert_eq!(again.restored, None, "nothing was written to the log");
    assert_ne!(again.run, first.run);
    assert_eq!(again.attempt, 1);
    assert_eq!(room.head().await, Seq(3));
    room.finish(again.nonce).await;
    assert!(room.release(again.nonce).await.unwrap().is_none());
}

pub async fn a_replay_does_not_double_what_waits(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    for policy in [TurnPolicy::Enqueue, TurnPolicy::Interrupt] {
        let draft = Submit {
            policy: Some(policy),
            ..room.draft_message("hello")
        };
        let submitted = room.store.submit(draft.clone()).await.unwrap();
        let replay = Restore {
            replay: Some(letter()),
            ..restore(&room, &draft)
        };
        let first = claimed(claim_with(&room, replay.clone()).await);
        assert_eq!(first.inputs, [submitted.entry]);
        let outcome = claim_with(&room, replay).await;
        assert!(matches!(outcome, ClaimOutcome::Held(_)), "{outcome:?}");
        room.finish(first.nonce).await;
        let released = room.release(first.nonce).await.unwrap();
        assert!(released.is_none(), "{policy:?}");
    }
}

pub async fn a_replay_that_comes_twice_is_done_once(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let (_, restore) = said(&room).await;
    let replay = || Restore {
        replay: Some(letter()),
        ..restore.clone()
    };
    // The first comes while its input still waits, the second when that was answered.
    for replay in [replay(), replay()] {
        let nonce = claimed(claim_with(&room, replay.clone()).await).nonce;
        assert_eq!(answer_all(&room, nonce).await, []);
        let again = claim_with(&room, replay).await;
        assert!(matches!(again, ClaimOutcome::Empty), "{again:?}");
    }
}

pub async fn a_command_is_known_by_its_event_too(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let (submitted, command) = said(&room).await;
    let forgotten = Restore {
        submit: Submit {
            message: MessageId::random(),
            ..command.submit.clone()
        },
        ..command.clone()
    };
    let first = claimed(claim_with(&room, forgotten.clone()).await);
    assert_eq!(first.restored, None);
    assert_eq!(first.inputs, [submitted.entry]);
    assert_eq!(answer_all(&room, first.nonce).await, []);

    // Another event stands where the command's stood: it was lost.
    let overwritten = Restore {
        submit: Submit {
            entry: NewEntry {
                eid: Eid::random(),
                ..forgotten.submit.entry.clone()
            },
            ..forgotten.submit
        },
        ..command
    };
    let second = claimed(claim_with(&room, overwritten).await);
    assert_eq!(second.inputs, second.restored.as_slice());
}

pub async fn what_retention_dropped_comes_back_only_by_replay(bench: &dyn Bench) {
    let limits = Limits {
        retention: 5,
        ..Limits::default()
    };
    let room = Room::new(bench.store(limits).await).await;
    let (submitted, restore) = said(&room).await;
    let nonce = room.claim().await.nonce;
    assert_eq!(answer_all(&room, nonce).await, []);
    while room.look().await.0.first <= submitted.entry.seq {
        room.remark("more").await;
    }
    let before = room.head().await;
    let outcome = claim_with(&room, restore.clone()).await;
    assert!(matches!(outcome, ClaimOutcome::Empty), "{outcome:?}");
    assert_eq!(room.head().await, before);

    // The log does not have it any more, so it is said anew; but once.
    let replay = Restore {
        replay: Some(letter()),
        ..restore
    };
    let again = claimed(claim_with(&room, replay.clone()).await);
    assert_eq!(again.inputs, again.restored.as_slice());
    assert_eq!(again.inputs[0].seq, before.next());
    let outcome = claim_with(&room, replay).await;
    assert!(matches!(outcome, ClaimOutcome::Held(_)), "{outcome:?}");
    assert_eq!(answer_all(&room, again.nonce).await, []);
}

pub async fn a_restored_interrupt_waits_in_line(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let waiting = room.say("waiting").await;
    let lost = Submit {
        policy: Some(TurnPolicy::Interrupt),
        ..room.draft_message("lost")
    };
    let first = claimed(claim_with(&room, restore(&room, &lost)).await);
    assert_eq!(first.inputs, [waiting.entry]);
    let restored = first.restored.unwrap();
    assert_eq!(answer_all(&room, first.nonce).await, [restored]);
}

pub async fn a_replayed_interrupt_waits_in_line(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let draft = Submit {
        policy: Some(TurnPolicy::Interrupt),
        ..room.draft_message("poison")
    };
    let (poison, restore) = said_as(&room, draft).await;
    let nonce = room.claim().await.nonce;
    assert_eq!(answer_all(&room, nonce).await, []);
    // In the log's order, as everything that waits.
    let waiting = room.say("waiting").await;
    room.say_under(TurnPolicy::Interrupt, "stop").await;
    let replay = Restore {
        replay: Some(letter()),
        ..restore
    };
    let first = claimed(claim_with(&room, replay).await);
    assert_eq!(seqs(&first.inputs), [5], "the one that interrupts now");
    let rest = answer_all(&room, first.nonce).await;
    assert_eq!(rest, [poison.entry, waiting.entry]);
}
