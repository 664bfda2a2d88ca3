//! The due set is no part of a conversation's keys, and yet must hold whatever has work.

use std::time::Duration;

use convene_context_service::store::{Effect, Limits, Store, redis::RedisStore};
use convene_proto::{id::ConversationId, position::Nonce};
use futures_util::future::join;
use redis::RedisResult;

use crate::{room, server::Server};

fn soon() -> Limits {
    Limits {
        due_after: Duration::from_millis(50),
        ..Limits::default()
    }
}

/// The due set and the keys of one conversation, seen from outside.
struct Inside<'a> {
    server: &'a Server,
    space: String,
    id: ConversationId,
}

impl Inside<'_> {
    /// The shards that are not empty.
    async fn shards(&self) -> Vec<String> {
        let pattern = format!("{}due:*", self.space);
        self.server.ask(&["KEYS", &pattern]).await
    }

    /// What a submit does first: enters the due set.
    async fn enter(&self) -> String {
        let shards = self.shards().await;
        let [shard] = &shards[..] else {
            panic!("{shards:?}");
        };
        let id = self.id.as_str();
        let enter = ["FCALL", "convene_v1_due_enter", "1", shard, id, "50", "0"];
        self.server.ask::<u64>(&enter).await.to_string()
    }

    /// What a submit does then: brings its message, under the token from before.
    async fn bring(&self, token: &str) -> RedisResult<redis::Value> {
        let names = "meta log audience mailbox dedup people here read";
        let keys = names.split(' ');
        let keys = keys.map(|name| format!("{}c:{{{}}}:{name}", self.space, self.id));
        let mut words = vec![
            "FCALL".to_owned(),
            "convene_v1_submit".to_owned(),
            "8".to_owned(),
        ];
        words.extend(keys);
        let said = room::message(&self.id);
        let eid = said.entry.eid.to_string();
        let rest = [
            "0",
            "1000",
            token,
            said.message.as_str(),
            "user:ada",
            &eid,
            "{}",
            "*",
            "",
            "",
        ];
        words.extend(rest.map(str::to_owned));
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        self.server.try_ask(&words).await
    }
}

/// A message in an answered run, and a submit that entered the due set before that and has not
/// brought its own yet; with `Effect::Finish` written, but no release.
async fn overtaken<'a>(
    server: &'a Server,
    store: &RedisStore,
    space: &str,
) -> (Inside<'a>, Nonce, String) {
    let inside = Inside {
        server,
        space: space.to_owned(),
        id: room::make(store).await,
    };
    room::say(store, &inside.id).await;
    let token = inside.enter().await;
    room::say(store, &inside.id).await;
    let nonce = room::claim(store, &inside.id).await;
    room::write(store, &inside.id, nonce, Effect::Finish).await;
    assert!(room::release(store, &inside.id, nonce).await);
    room::write(store, &inside.id, nonce, Effect::Finish).await;
    (inside, nonce, token)
}

fn is_late(outcome: RedisResult<redis::Value>) -> bool {
    outcome.is_err_and(|error| error.to_string().contains("late"))
}

#[tokio::test]
async fn a_submit_that_a_release_overtook_cannot_bring_work_unseen() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = server.options();
    let store = RedisStore::connect(options.clone()).await.unwrap();
    let (inside, nonce, token) = overtaken(&server, &store, &options.namespace).await;
    assert!(!room::release(&store, &inside.id, nonce).await);
    assert_eq!(
        inside.shards().await,
        [""; 0],
        "the release has left the due set"
    );
    assert!(is_late(inside.bring(&token).await));
}

#[tokio::test]
async fn a_submit_that_a_sweep_overtook_cannot_bring_work_unseen() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = server.options();
    let space = options.namespace.clone();
    let store = RedisStore::connect_with(options, soon()).await.unwrap();
    // The worker died before its release.
    let (inside, _, token) = overtaken(&server, &store, &space).await;
    let left = async {
        while !inside.shards().await.is_empty() {
            assert_eq!(store.sweep(10).await.unwrap(), []);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let left = tokio::time::timeout(Duration::from_secs(10), left).await;
    assert!(left.is_ok(), "what has no work leaves the due set");
    assert!(is_late(inside.bring(&token).await));
}

#[tokio::test]
async fn a_submit_that_comes_late_enters_again() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = server.options();
    let store = RedisStore::connect(options.clone()).await.unwrap();
    let inside = Inside {
        server: &server,
        space: options.namespace.clone(),
        id: room::make(&store).await,
    };
    let meta = format!("{}c:{{{}}}:meta", inside.space, inside.id);
    let token = 4_000_000_000_000_u64;
    let () = server
        .ask(&["HSET", &meta, "left", &token.to_string()])
        .await;
    room::say(&store, &inside.id).await;
    let shards = inside.shards().await;
    let entered: u64 = server
        .ask(&["ZSCORE", &shards[0], inside.id.as_str()])
        .await;
    assert_eq!(entered, token + 1);
}

#[tokio::test]
async fn a_conversation_that_cannot_be_read_does_not_stop_the_sweep() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = server.options();
    let store = RedisStore::connect_with(options.clone(), soon())
        .await
        .unwrap();
    let mut ids = Vec::new();
    for _ in 0..20 {
        let id = room::make(&store).await;
        room::say(&store, &id).await;
        ids.push(id);
    }
    for id in ids.drain(..10) {
        let mailbox = format!("{}c:{{{id}}}:mailbox", options.namespace);
        let () = server.ask(&["SET", &mailbox, "nonsense"]).await;
    }
    let mut found = Vec::new();
    let swept = async {
        while found.len() < ids.len() {
            found.extend(store.sweep(100).await.unwrap());
        }
    };
    let swept = tokio::time::timeout(Duration::from_secs(10), swept).await;
    assert!(swept.is_ok(), "found {} of {}", found.len(), ids.len());
    assert!(found.iter().all(|due| ids.contains(&due.conversation)));
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
