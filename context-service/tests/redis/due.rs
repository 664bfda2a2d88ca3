//! The due set is no part of a conversation's keys, and yet must hold whatever has work.

use std::time::Duration;

use convene_context_service::store::{Effect, Limits, Store, redis::RedisStore};
use futures_util::future::join;

use crate::{room, server::Server};

fn soon() -> Limits {
    Limits {
        due_after: Duration::from_millis(50),
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_submit_that_a_release_overtook_enters_again() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = server.options();
    let meta = |id| format!("{}c:{{{id}}}:meta", options.namespace);
    let shards = format!("{}due:*", options.namespace);
    let store = RedisStore::connect(options.clone()).await.unwrap();
    let id = room::make(&store).await;
    room::say(&store, &id).await;
    let nonce = room::claim(&store, &id).await;
    room::write(&store, &id, nonce, Effect::Finish).await;
    assert!(!room::release(&store, &id, nonce).await);
    let left: Vec<String> = server.ask(&["KEYS", &shards]).await;
    assert_eq!(left, [""; 0], "the release has left the due set");

    // Up to a token that the next submit is behind, as it would be had it entered before.
    let token = 4_000_000_000_000_u64;
    let () = server
        .ask(&["HSET", &meta(&id), "left", &token.to_string()])
        .await;
    room::say(&store, &id).await;
    let shards: Vec<String> = server.ask(&["KEYS", &shards]).await;
    let entered: u64 = server.ask(&["ZSCORE", &shards[0], id.as_str()]).await;
    assert_eq!(entered, token + 1);
}

/// Submits race the release of the run before; whatever the release did not take up must be found
/// by a sweep, though nobody rings.
#[tokio::test]
async fn work_that_nobody_rings_for_is_always_swept() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = server.options();
    let one = RedisStore::connect_with(options.clone(), soon())
        .await
        .unwrap();
    let two = RedisStore::connect_with(options, soon()).await.unwrap();
    let id = room::make(&one).await;
    room::say(&one, &id).await;
    for _ in 0..40 {
        let nonce = room::claim(&one, &id).await;
        room::write(&one, &id, nonce, Effect::Finish).await;
        let says = join(room::say(&one, &id), room::say(&two, &id));
        let (_, taken_up) = join(says, room::release(&one, &id, nonce)).await;
        if taken_up {
            // Its worker fails, and no doorbell comes back.
            let at_once = Effect::Retry(Duration::ZERO);
            room::write(&one, &id, nonce, at_once).await;
        }
        let swept = async {
            while two.sweep(10).await.unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let swept = tokio::time::timeout(Duration::from_secs(10), swept).await;
        assert!(swept.is_ok(), "there is work, and it is not in the due set");
        // One of the two is answered, the other goes on to the next round.
        let nonce = room::claim(&one, &id).await;
        room::write(&one, &id, nonce, Effect::Finish).await;
        assert!(room::release(&one, &id, nonce).await);
        room::write(&one, &id, nonce, Effect::Retry(Duration::ZERO)).await;
    }
}
