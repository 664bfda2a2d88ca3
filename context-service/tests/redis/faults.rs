//! Servers that forget the scripts, go away, freeze or come back empty.

use std::time::Duration;

use convene_context_service::store::{
    ClaimOutcome, Effect, Error, Range, Store, Viewer,
    redis::{Options, RedisStore},
};
use convene_proto::position::Seq;

use crate::{
    bench,
    room::{self, ada},
    server::Server,
};

const ALL: Range = Range::After {
    seq: Seq(0),
    limit: 1000,
};

/// However slow the machine is.
async fn soon<T>(outcome: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), outcome)
        .await
        .unwrap()
}

async fn until_well(store: &RedisStore) {
    soon(async {
        while store.ping().await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn scripts_that_were_flushed_are_loaded_again() {
    let Some(server) = Server::start().await else {
        return;
    };
    let store = server.store().await;
    let id = room::make(&store).await;
    let () = server.ask(&["FUNCTION", "FLUSH"]).await;
    let () = server.ask(&["SCRIPT", "FLUSH"]).await;
    let calls = (0..10).map(|_| room::say(&store, &id));
    let said = futures_util::future::join_all(calls).await;
    assert_eq!(said.len(), 10);
    let events = store.read_events(&id, &Viewer::Service, ALL).await.unwrap();
    assert_eq!(events.head, Seq(11));
}

#[tokio::test]
async fn every_master_of_a_cluster_gets_its_scripts_back() {
    let Some(options) = bench::cluster_options() else {
        return;
    };
    let store = RedisStore::connect(options.clone()).await.unwrap();
    let nodes = [options.url.replace("+cluster", "")];
    let cluster = redis::cluster::ClusterClient::new(nodes).unwrap();
    let mut cluster = cluster.get_async_connection().await.unwrap();
    let mut flush = redis::cmd("FUNCTION");
    let () = flush.arg("FLUSH").query_async(&mut cluster).await.unwrap();
    let made = (0..30).map(|_| room::make(&store));
    assert_eq!(futures_util::future::join_all(made).await.len(), 30);
}

#[tokio::test]
async fn a_restarted_server_is_found_again_with_what_it_kept() {
    let Some(mut server) = Server::start().await else {
        return;
    };
    let options = Options {
        connect_timeout_ms: 500,
        response_timeout_ms: 500,
        ..server.options()
    };
    let store = RedisStore::connect(options).await.unwrap();
    let id = room::make(&store).await;
    let draft = room::message(&id);
    let said = store.submit(draft.clone()).await.unwrap();
    let nonce = room::claim(&store, &id).await;
    server.kill();

    for _ in 0..3 {
        let refused = soon(store.submit(draft.clone())).await;
        assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    }

    server.start_again().await;
    until_well(&store).await;
    let again = store.submit(draft).await.unwrap();
    assert!(again.duplicate);
    assert_eq!(again.entry, said.entry);
    room::write(&store, &id, nonce, Effect::Finish).await;
    assert!(!room::release(&store, &id, nonce).await);
}

#[tokio::test]
async fn a_frozen_server_costs_its_callers_a_bounded_wait() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = Options {
        connect_timeout_ms: 300,
        response_timeout_ms: 300,
        ..server.options()
    };
    let store = RedisStore::connect(options).await.unwrap();
    let id = room::make(&store).await;
    server.signal("STOP");
    let refused = soon(store.submit(room::message(&id))).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    server.signal("CONT");
    until_well(&store).await;
    room::say(&store, &id).await;
}

#[tokio::test]
async fn a_server_that_lost_everything_gets_it_back_from_the_command() {
    let Some(server) = Server::start().await else {
        return;
    };
    let store = server.store().await;
    let id = room::make(&store).await;
    let submit = room::message(&id);
    let said = store.submit(submit.clone()).await.unwrap();
    let () = server.ask(&["FLUSHALL"]).await;
    let () = server.ask(&["FUNCTION", "FLUSH"]).await;

    let mut claim = room::draft_claim(&id);
    claim.restore = Some(room::command(&said, &submit));
    let ClaimOutcome::Claimed(claimed) = store.claim(claim).await.unwrap() else {
        panic!("nothing was claimed");
    };
    assert_eq!(claimed.inputs.len(), 1);
    assert_eq!(claimed.inputs[0].body, submit.entry.body);
    let page = store.conversations(&ada(), 10, None).await.unwrap();
    assert_eq!(page.conversations[0].id, id);
}

#[tokio::test]
async fn of_two_stores_that_race_for_a_claim_one_wins() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = server.options();
    let one = RedisStore::connect(options.clone()).await.unwrap();
    let two = RedisStore::connect(options).await.unwrap();
    let id = room::make(&one).await;
    let mut wins = [0, 0];
    for _ in 0..50 {
        room::say(&two, &id).await;
        let claims = [room::draft_claim(&id), room::draft_claim(&id)];
        let nonces = [claims[0].nonce, claims[1].nonce];
        let [first, second] = claims;
        let outcomes = tokio::join!(one.claim(first), two.claim(second));
        let outcomes = [outcomes.0.unwrap(), outcomes.1.unwrap()];
        let won = outcomes.map(|outcome| matches!(outcome, ClaimOutcome::Claimed(_)));
        assert_ne!(won[0], won[1]);
        let winner = usize::from(won[1]);
        wins[winner] += 1;
        let loser = nonces[1 - winner];
        let refused = two.renew(&id, loser, room::TTL).await;
        assert!(matches!(refused, Err(Error::Fenced)));
        room::write(&two, &id, nonces[winner], Effect::Finish).await;
        assert!(!room::release(&one, &id, nonces[winner]).await);
    }
    assert_eq!(wins[0] + wins[1], 50);
}

#[tokio::test]
async fn a_claim_that_comes_twice_is_answered_twice_and_counts_once() {
    let Some(server) = Server::start().await else {
        return;
    };
    let store = server.store().await;
    let id = room::make(&store).await;
    room::say(&store, &id).await;
    let claim = room::draft_claim(&id);
    for _ in 0..2 {
        let ClaimOutcome::Claimed(claimed) = store.claim(claim.clone()).await.unwrap() else {
            panic!("its answer was lost, and the worker asks again");
        };
        assert_eq!((claimed.attempt, &claimed.run), (1, &claim.run));
    }
}

#[tokio::test]
async fn impossible_options_are_refused_in_words() {
    let Some(server) = Server::start().await else {
        return;
    };
    let braces = Options {
        namespace: "{a}".to_owned(),
        ..server.options()
    };
    let nonsense = Options {
        url: "mysql://127.0.0.1".to_owned(),
        ..Options::default()
    };
    let nonsense_of_a_cluster = Options {
        url: "mysql+cluster://127.0.0.1".to_owned(),
        ..Options::default()
    };
    for options in [braces, nonsense, nonsense_of_a_cluster] {
        let refused = RedisStore::connect(options).await.unwrap_err();
        assert!(matches!(refused, Error::Unavailable(_)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_too_old_is_refused_in_words() {
    let Some(server) = Server::start_with(&["--rename-command", "FUNCTION", ""]).await else {
        return;
    };
    let refused = RedisStore::connect(server.options()).await.unwrap_err();
    let words = "Redis 7.0 or newer is needed";
    assert!(refused.to_string().contains(words), "{refused}");
}

#[tokio::test]
async fn a_server_that_refuses_our_password_is_told_of_at_once() {
    let Some(server) = Server::start().await else {
        return;
    };
    let () = server
        .ask(&["CONFIG", "SET", "requirepass", "secret"])
        .await;
    let refused = RedisStore::connect(server.options()).await.unwrap_err();
    assert!(matches!(refused, Error::Unavailable(_)), "{refused:?}");
    let wrong = Options {
        url: server.url().replace("://", "://:wrong@"),
        ..server.options()
    };
    let refused = RedisStore::connect(wrong).await.unwrap_err();
    assert!(!refused.to_string().contains(":wrong@"), "{refused}");
}

#[tokio::test]
async fn a_server_that_comes_later_is_found() {
    let Some(mut server) = Server::start().await else {
        return;
    };
    server.kill();
    let store = server.store().await;
    let missing = store.ping().await;
    assert!(matches!(missing, Err(Error::Unavailable(_))), "{missing:?}");
    server.start_again().await;
    let id = room::make(&store).await;
    room::say(&store, &id).await;
}

#[tokio::test]
async fn a_cluster_without_any_node_is_waited_for() {
    if bench::named("CONVENE_TEST_REDIS").is_none() {
        return;
    }
    let nowhere = Options {
        url: "redis+cluster://127.0.0.1:1,127.0.0.1:2".to_owned(),
        connect_timeout_ms: 500,
        ..Options::default()
    };
    let store = RedisStore::connect(nowhere).await.unwrap();
    let missing = store.ping().await;
    assert!(matches!(missing, Err(Error::Unavailable(_))), "{missing:?}");
}
