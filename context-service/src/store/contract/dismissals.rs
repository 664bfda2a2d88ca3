//! Agents answer in the conversations that they are in, and in no other.

use convene_proto::event::{Role, TurnPolicy};

use super::{Bench, fixture::*};
use crate::store::{AgentInfo, Cancelled, Change, ClaimOutcome, Due, Error, Limits, Written};

impl Room {
    async fn dismiss(&self, agent: &str) -> Written {
        let agent = agent_id(agent);
        self.change(&self.ada, Change::Remove(agent)).await.unwrap()
    }

    async fn bring_in(&self, agent: &str) {
        let agent = participant(&agent_id(agent), agent, Role::Agent);
        self.change(&self.ada, Change::Add(agent)).await.unwrap();
    }

    fn due(&self) -> Due {
        Due {
            conversation: self.id.clone(),
            pool: self.pool.clone(),
            timer: false,
        }
    }
}

pub async fn an_agent_that_is_not_in_it_cannot_be_asked(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    let room = Room::with(store, |new| new.policy = TurnPolicy::Reject).await;
    let draft = room.draft_question("painter", "a horse");
    let before = room.head().await;
    refused!(
        room.store.submit(draft.clone()).await,
        Error::NoSuchParticipant
    );
    assert_eq!(room.head().await, before);
    assert!(matches!(room.try_claim().await, ClaimOutcome::Empty));

    room.bring_in("painter").await;
    let asked = room.store.submit(draft.clone()).await.unwrap();
    assert!(!asked.duplicate, "what was refused is not known");
    room.dismiss("painter").await;
    let again = room.store.submit(draft).await.unwrap();
    assert!(again.duplicate, "what was accepted stays so");
    assert_eq!(again.entry, asked.entry);
}

pub async fn who_is_removed_is_the_conversation_s_agent_no_longer(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.dismiss("guide").await;
    assert_eq!(room.look().await.0.agent, None);
    assert_eq!(room.say("anybody?").await.ring, None);
    assert!(matches!(room.try_claim().await, ClaimOutcome::Empty));
    room.bring_in("guide").await;
    assert_eq!(room.look().await.0.agent, None, "not even when it is back");
    assert_eq!(room.say("anybody?").await.ring, None);
    let asked = room.draft_question("guide", "you there");
    assert!(room.store.submit(asked).await.unwrap().ring.is_some());
}

pub async fn the_run_of_an_agent_that_is_removed_is_cancelled(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.bring_in("painter").await;
    room.say("hello").await;
    let draft = room.draft_claim();
    let claimed = claimed(room.store.claim(draft.clone()).await.unwrap());
    assert_eq!(room.dismiss("painter").await.stopped, None);
    let renewed = room.store.renew(&room.id, claimed.nonce, LONG).await;
    assert!(!renewed.unwrap().cancel, "another agent's run goes on");
    let stopped = Cancelled {
        run: Some(claimed.run.clone()),
        holder: Some(draft.holder),
    };
    assert_eq!(room.dismiss("guide").await.stopped, Some(stopped));
    let renewed = room.store.renew(&room.id, claimed.nonce, LONG).await;
    assert!(renewed.unwrap().cancel);
    room.abandon(claimed.nonce).await;
    let again = room.claim().await;
    assert_eq!((again.run, again.cancelled), (claimed.run, true));
}

pub async fn what_waits_for_an_agent_that_is_removed_ends_and_blocks_nothing(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let studio = AgentInfo {
        name: "painter".parse().unwrap(),
        title: None,
        description: String::new(),
        model: None,
        pool: "studio".parse().unwrap(),
        is_learning: false,
        suggestions: Vec::new(),
        trouble: None,
    };
    let announced = room.store.announce(&inbox("w"), &[studio], LONG).await;
    announced.unwrap();
    room.bring_in("painter").await;
    let mut asked = Vec::new();
    for what in ["a horse", "a dog"] {
        let draft = room.draft_question("painter", what);
        asked.push(room.store.submit(draft).await.unwrap().entry);
    }
    let behind = room.say("and you?").await.entry;
    room.dismiss("painter").await;
    assert_eq!(
        room.store.sweep(10).await.unwrap(),
        [room.due()],
        "at once, and where there are workers"
    );

    let mut next = Some(room.claim().await);
    let mut runs = Vec::new();
    while let Some(claimed) = next {
        runs.push((claimed.inputs, claimed.cancelled));
        room.finish(claimed.nonce).await;
        next = room.release(claimed.nonce).await.unwrap();
    }
    let dog = asked.remove(1);
    let horse = asked.remove(0);
    let expected = [
        (vec![horse], true),
        (vec![dog], true),
        (vec![behind], false),
    ];
    assert_eq!(runs, expected);
}

pub async fn an_agent_that_came_back_answers_what_waited(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let said = room.say("hello").await;
    room.dismiss("guide").await;
    room.bring_in("guide").await;
    let claimed = room.claim().await;
    assert_eq!(
        (claimed.inputs, claimed.cancelled),
        (vec![said.entry], false)
    );
}
