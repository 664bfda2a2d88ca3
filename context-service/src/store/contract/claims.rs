//! Taking the lease: who gets it, over which inputs, at which attempt.

use std::time::Duration;

use convene_proto::{
    event::{
        MESSAGES_OF_A_RUN, Role,
        TurnPolicy::{Enqueue, Merge},
    },
    id::{ConversationId, MessageId},
    position::Seq,
};

use super::{Bench, fixture::*};
use crate::store::{
    Append, Claim, ClaimOutcome, Effect, Error, Held, Limits, MERGED, Recent, Release, Submit,
};

pub async fn a_claim_takes_the_lease_and_the_first_input(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let gateway = inbox("gateway");
    room.subscribe(&gateway, None).await;
    let said = room.say("hello").await;
    let draft = room.draft_claim();
    let claimed = claimed(room.store.claim(draft.clone()).await.unwrap());
    assert_eq!((claimed.nonce, &claimed.run), (draft.nonce, &draft.run));
    assert_eq!(claimed.attempt, 1);
    assert_eq!((&claimed.agent, &claimed.pool), (&room.agent, &room.pool));
    assert_eq!(claimed.inputs, [said.entry]);
    assert_eq!(claimed.history, room.log().await);
    assert_eq!(claimed.conversation, room.look().await.0);
    assert_eq!(claimed.epoch, room.epoch);
    assert_eq!(claimed.unfinished, None);
    assert!(!claimed.cancelled);
    assert_eq!(claimed.audience, [gateway]);
    assert_eq!(claimed.restored, None);
}

pub async fn without_input_there_is_nothing_to_claim(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    assert!(matches!(room.try_claim().await, ClaimOutcome::Empty));
    let unknown = Claim {
        conversation: ConversationId::random(),
        ..room.draft_claim()
    };
    assert!(matches!(
        room.store.claim(unknown).await.unwrap(),
        ClaimOutcome::Empty
    ));
}

pub async fn a_lease_is_held_against_others(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    room.claim().await;
    room.say("and").await;
    match room.try_claim().await {
        ClaimOutcome::Held(Held { left, .. }) => {
            assert!(
                left <= LONG && left > LONG - Duration::from_secs(30),
                "{left:?}"
            );
        }
        other => panic!("{other:?}"),
    }
}

pub async fn a_renewed_lease_is_held_longer(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let gateway = inbox("gateway");
    room.say("hello").await;
    let claimed = room.claim_for(SHORT).await;
    room.subscribe(&gateway, None).await;
    let renewed = room
        .store
        .renew(&room.id, claimed.nonce, LONG)
        .await
        .unwrap();
    assert_eq!(renewed.epoch, room.epoch);
    assert_eq!(renewed.head, Seq(2));
    assert_eq!(renewed.entries, []);
    assert_eq!(renewed.audience, [gateway]);
    assert!(!renewed.cancel);
    tokio::time::sleep(SHORT * 2).await;
    assert!(matches!(room.try_claim().await, ClaimOutcome::Held(_)));
    let other = room.draft_claim().nonce;
    refused!(room.store.renew(&room.id, other, LONG).await, Error::Fenced);
}

pub async fn a_lapsed_lease_is_taken_over_with_the_next_attempt(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let said = room.say("hello").await;
    let first = room.claim_for(SHORT).await;
    room.say("and").await;
    let second = loop {
        let claim = Claim {
            ttl: SHORT,
            ..room.draft_claim()
        };
        match room.store.claim(claim).await.unwrap() {
            ClaimOutcome::Claimed(claimed) => break claimed,
            ClaimOutcome::Held(Held { left, .. }) => {
                assert!(left <= SHORT);
                tokio::time::sleep(left).await;
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(second.run, first.run);
    assert_eq!(second.attempt, 2);
    assert_eq!(second.inputs, [said.entry]);
    refused!(
        room.store.renew(&room.id, first.nonce, LONG).await,
        Error::Fenced
    );
    until("a third attempt", || async {
        match room.try_claim().await {
            ClaimOutcome::Claimed(third) => third.attempt == 3,
            _ => false,
        }
    })
    .await;
}

pub async fn a_claim_made_again_is_answered_as_the_first_time(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let draft = Claim {
        ttl: Duration::from_millis(1),
        ..room.draft_claim()
    };
    for attempt in 1..=2 {
        // The second time another worker takes over, since the lease of the first has lapsed.
        let draft = Claim {
            nonce: room.draft_claim().nonce,
            run: room.draft_claim().run,
            ..draft.clone()
        };
        tick().await;
        let first = claimed(room.store.claim(draft.clone()).await.unwrap());
        let again = claimed(room.store.claim(draft.clone()).await.unwrap());
        assert_eq!((first.nonce, again.nonce), (draft.nonce, draft.nonce));
        assert_eq!(first.run, again.run);
        assert_eq!((first.attempt, again.attempt), (attempt, attempt));
        assert_eq!(first.inputs, again.inputs);
    }
}

pub async fn a_claim_that_comes_again_too_late_takes_nothing(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let draft = room.draft_claim();
    claimed(room.store.claim(draft.clone()).await.unwrap());
    room.say("and").await;
    room.finish(draft.nonce).await;
    refused!(room.store.claim(draft.clone()).await, Error::Fenced);
    room.abandon(draft.nonce).await;
    refused!(room.store.claim(draft.clone()).await, Error::Fenced);
    let next = room.claim().await;
    assert_ne!(next.run, draft.run);
    assert_eq!(next.attempt, 1);
}

/// A network kept it for a while. Its run is over, and another must not have the same id.
pub async fn a_claim_that_comes_again_after_others_takes_nothing(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let draft = room.draft_claim();
    room.say("hello").await;
    claimed(room.store.claim(draft.clone()).await.unwrap());
    room.finish(draft.nonce).await;
    room.abandon(draft.nonce).await;
    for _ in 0..3 {
        room.say("and").await;
        let next = room.claim().await;
        room.finish(next.nonce).await;
        room.abandon(next.nonce).await;
    }
    room.say("at last").await;
    refused!(room.store.claim(draft.clone()).await, Error::Fenced);
    let last = room.claim().await;
    assert_ne!(last.run, draft.run);
    assert_eq!(last.attempt, 1);
}

pub async fn a_lapsed_lease_that_nobody_took_still_writes(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let claimed = room.claim_for(Duration::from_millis(1)).await;
    tick().await;
    room.write(claimed.nonce, Effect::None).await.unwrap();
    assert!(
        matches!(room.try_claim().await, ClaimOutcome::Held(_)),
        "the append renewed it"
    );
}

pub async fn history_is_the_end_of_the_log(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    for n in 2..=6 {
        room.remark(&n.to_string()).await;
    }
    room.say("hello").await;
    let claim = Claim {
        history: Recent::last(3),
        ..room.draft_claim()
    };
    let claimed = claimed(room.store.claim(claim).await.unwrap());
    assert_eq!(seqs(&claimed.history), [5, 6, 7]);
}

pub async fn history_leaves_out_what_the_worker_knows(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    for n in 2..=6 {
        room.remark(&n.to_string()).await;
    }
    room.say("hello").await;
    room.say("and").await;
    let draft = room.draft_claim();
    let known = |events, from| Recent {
        events,
        from: Seq(from),
    };
    // The same claim again is answered again.
    for (history, brings) in [
        (known(100, 6), vec![6, 7, 8]),
        (known(2, 6), vec![7, 8]),
        (known(100, 8), vec![8]),
        (known(100, 9), vec![]),
    ] {
        let claim = Claim {
            history,
            ..draft.clone()
        };
        let claimed = claimed(room.store.claim(claim).await.unwrap());
        assert_eq!(seqs(&claimed.history), brings, "{history:?}");
    }
    room.finish(draft.nonce).await;
    let release = Release {
        history: known(100, 9),
        ..room.draft_release(draft.nonce)
    };
    let next = room.store.release(release).await.unwrap().unwrap();
    assert_eq!(seqs(&next.history), [9]);
}

pub async fn history_of_large_bodies_is_shorter(bench: &dyn Bench) {
    let limits = Limits {
        page_bytes: 1_000_000,
        ..Limits::default()
    };
    let room = Room::new(bench.store(limits).await).await;
    room.say("hello").await;
    room.say("and").await;
    for _ in 0..8 {
        room.remark_at_length(200_000).await;
    }
    let first = room.claim().await;
    assert_eq!(seqs(&first.history), [7, 8, 9, 10, 11]);
    assert_eq!(seqs(&first.inputs), [2]);
    room.finish(first.nonce).await;
    let next = room.release(first.nonce).await.unwrap().unwrap();
    assert_eq!(seqs(&next.history), [8, 9, 10, 11, 12]);
}

pub async fn inputs_are_claimed_one_by_one_in_order(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let mut said = Vec::new();
    for n in 0..3 {
        said.push(room.say(&n.to_string()).await.entry);
        room.remark("aside").await;
    }
    for entry in said {
        let claimed = room.claim().await;
        assert_eq!(claimed.inputs, [entry]);
        assert_eq!(claimed.attempt, 1);
        room.finish(claimed.nonce).await;
        room.abandon(claimed.nonce).await;
    }
    assert!(matches!(room.try_claim().await, ClaimOutcome::Empty));
}

pub async fn merging_inputs_share_a_run_up_to_the_first_other(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    for policy in [Merge, Merge, Enqueue, Merge] {
        room.say_under(policy, "x").await;
    }
    let mut next = Some(room.claim().await);
    let mut answered = Vec::new();
    while let Some(claimed) = next {
        answered.push(seqs(&claimed.inputs));
        room.finish(claimed.nonce).await;
        next = room.release(claimed.nonce).await.unwrap();
    }
    assert_eq!(answered, [vec![2, 3], vec![4], vec![5]]);
}

pub async fn inputs_for_two_agents_never_share_a_run(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    let room = Room::with(store, |new| {
        let painter = participant(&agent_id("painter"), "Painter", Role::Agent);
        new.participants.push(painter);
    })
    .await;
    for agent in ["guide", "painter", "painter"] {
        let submit = Submit {
            policy: Some(Merge),
            ..room.draft_question(agent, "you there")
        };
        room.store.submit(submit).await.unwrap();
    }
    let first = room.claim().await;
    assert_eq!(
        (first.agent.as_str(), seqs(&first.inputs)),
        ("guide", vec![2])
    );
    room.finish(first.nonce).await;
    let second = room.release(first.nonce).await.unwrap().unwrap();
    assert_eq!(
        (second.agent.as_str(), seqs(&second.inputs)),
        ("painter", vec![3, 4])
    );
}

pub async fn only_so_many_inputs_share_a_run(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    for _ in 0..MERGED + 3 {
        room.say_under(Merge, "x").await;
    }
    room.cancel(None).await.unwrap();
    let first = room.claim().await;
    assert_eq!((first.inputs.len(), first.cancelled), (MERGED, true));
    room.finish(first.nonce).await;
    let second = room.release(first.nonce).await.unwrap().unwrap();
    assert_eq!((second.inputs.len(), second.cancelled), (3, false));
}

pub async fn a_claim_says_what_was_left_streaming(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let first = room.claim().await;
    let message = room.start(first.nonce, "Good mor").await;
    room.abandon(first.nonce).await;
    let second = room.claim().await;
    assert_eq!(second.unfinished, Some(message.clone()));
    assert_eq!(room.text(&message, 0).await, "Good mor");
    room.write(second.nonce, Effect::Retract(message))
        .await
        .unwrap();
    room.abandon(second.nonce).await;
    assert_eq!(room.claim().await.unfinished, None);
}

pub async fn a_claim_says_what_was_said_whole(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    room.say("and").await;
    let first = room.claim().await;
    assert_eq!(first.said, []);
    let one = room.utter(first.nonce, "one").await;
    let taken_back = room.utter(first.nonce, "two").await;
    let three = room.utter(first.nonce, "three").await;
    let retract = Effect::Retract(taken_back);
    room.write(first.nonce, retract).await.unwrap();
    let unfinished = room.start(first.nonce, "fou").await;
    room.abandon(first.nonce).await;

    let forgetful = Claim {
        history: Recent::default(),
        ..room.draft_claim()
    };
    let second = claimed(room.store.claim(forgetful).await.unwrap());
    assert_eq!(second.said, [one.clone(), three.clone()]);
    assert_eq!(second.unfinished, Some(unfinished.clone()));
    for message in [unfinished, one] {
        let retract = Effect::Retract(message);
        room.write(second.nonce, retract).await.unwrap();
    }
    let again = Release {
        history: Recent::default(),
        ..room.draft_release(second.nonce)
    };
    let third = room.store.release(again).await.unwrap().unwrap();
    assert_eq!((&third.run, third.attempt), (&first.run, 2));
    assert_eq!(third.said, [three]);
    room.finish(third.nonce).await;
    let next = room.release(third.nonce).await.unwrap().unwrap();
    assert_eq!(next.said, [], "that was another run");
}

pub async fn a_run_says_no_more_messages_than_are_remembered(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let nonce = room.claim().await.nonce;
    let whole = || {
        let message = MessageId::random();
        let start = (entry("started"), Effect::Start(message.clone()));
        [start, (entry("completed"), Effect::Complete(message))]
    };
    let append = |messages: usize| Append {
        entries: (0..messages).flat_map(|_| whole()).collect(),
        ..room.draft_append(nonce)
    };
    room.append(append(MESSAGES_OF_A_RUN - 2)).await.unwrap();
    let before = room.head().await;
    refused!(room.append(append(3)).await, Error::Conflict(_));
    assert_eq!(room.head().await, before);
    room.append(append(2)).await.unwrap();
    refused!(room.append(append(1)).await, Error::Conflict(_));
    room.abandon(nonce).await;
    assert_eq!(room.claim().await.said.len(), MESSAGES_OF_A_RUN);
}
