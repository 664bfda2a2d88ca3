//! Which agents there are, and whether the store is well.

use std::time::Duration;

use convene_proto::{id::Inbox, suggestion::Suggestion};

use super::{Bench, fixture::*};
use crate::store::{AgentInfo, Limits, Store};

fn agent(name: &str, description: &str) -> AgentInfo {
    AgentInfo {
        name: name.parse().unwrap(),
        title: Some(format!("{name} the {description}")),
        description: description.to_owned(),
        model: Some("parrot-1".to_owned()),
        pool: "kitchen".parse().unwrap(),
        is_learning: description == "first",
        suggestions: vec![Suggestion::new("Where is my order?", "en").titled("Track")],
        trouble: Some("flows/a.yaml:1:1: a fault".to_owned()),
    }
}

async fn announce(store: &dyn Store, worker: &Inbox, agents: &[AgentInfo], ttl: Duration) {
    store.announce(worker, agents, ttl).await.unwrap();
}

pub async fn announced_agents_are_listed_by_name_until_their_time_is_over(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    assert_eq!(store.agents().await.unwrap(), []);
    let (zoe, amy) = (agent("zoe", "last"), agent("amy", "first"));
    announce(&*store, &inbox("w1"), &[zoe.clone(), amy.clone()], LONG).await;
    announce(&*store, &inbox("w2"), &[agent("mid", "brief")], SHORT).await;
    let names = |agents: Vec<AgentInfo>| {
        agents
            .into_iter()
            .map(|agent| agent.name.to_string())
            .collect::<Vec<_>>()
    };
    until("the brief one is gone", || async {
        names(store.agents().await.unwrap()) == ["amy", "zoe"]
    })
    .await;
    assert_eq!(store.agents().await.unwrap(), [amy, zoe]);
}

pub async fn an_announcement_replaces_the_one_before(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    let (first, second) = (inbox("w1"), inbox("w2"));
    announce(
        &*store,
        &first,
        &[agent("amy", "old"), agent("zoe", "old")],
        LONG,
    )
    .await;
    tick().await;
    announce(&*store, &second, &[agent("amy", "new")], LONG).await;
    assert_eq!(
        store.agents().await.unwrap(),
        [agent("amy", "new"), agent("zoe", "old")]
    );
    tick().await;
    announce(&*store, &first, &[], LONG).await;
    assert_eq!(store.agents().await.unwrap(), [agent("amy", "new")]);
}

pub async fn an_agent_that_one_worker_has_ready_is_ready(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    let announced = |is_learning| AgentInfo {
        is_learning,
        ..agent("amy", "quick")
    };
    let is_learning = || async {
        let agents = store.agents().await.unwrap();
        agents
            .iter()
            .map(|agent| agent.is_learning)
            .collect::<Vec<_>>()
    };
    announce(&*store, &inbox("w1"), &[announced(true)], LONG).await;
    tick().await;
    announce(&*store, &inbox("w2"), &[announced(true)], LONG).await;
    assert_eq!(is_learning().await, [true]);
    tick().await;
    announce(&*store, &inbox("w1"), &[announced(false)], LONG).await;
    tick().await;
    announce(&*store, &inbox("w2"), &[announced(true)], LONG).await;
    assert_eq!(is_learning().await, [false]);
}

pub async fn a_store_that_works_answers_a_ping(bench: &dyn Bench) {
    bench.store(Limits::default()).await.ping().await.unwrap();
}
