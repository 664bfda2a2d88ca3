//! The due set is no part of a conversation's keys, and yet must hold whatever has work.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use convene_context_service::store::{
    Cancel, Change, Claim, ClaimOutcome, Effect, Error, Limits, Store, Submit, Viewer, Wake,
    redis::{Durability, Options, RedisStore},
};
use convene_proto::{
    event::{Participant, Role},
    id::{ConversationId, ParticipantId},
    position::Nonce,
};
use futures_util::future::join;
use redis::RedisResult;

use crate::{room, server::Server};

/// What a submit gives that has not entered.
const NO_TOKEN: &str = "0";

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

impl<'a> Inside<'a> {
    /// Of a conversation that is made for it.
    async fn new(server: &'a Server, store: &RedisStore, space: &str) -> Self {
        Self {
            server,
            space: space.to_owned(),
            id: room::make(store).await,
        }
    }

    /// The shards that are not empty.
    async fn shards(&self) -> Vec<String> {
        let pattern = format!("{}due:*", self.space);
        self.server.ask(&["KEYS", &pattern]).await
    }

    /// What our functions' names begin with.
    async fn library(&self) -> String {
        let listed: redis::Value = self.server.ask(&["FUNCTION", "LIST"]).await;
        let listed = format!("{listed:?}");
        let name = &listed[listed.find("convene_").unwrap()..];
        name[.."convene_12345678".len()].to_owned()
    }

    /// Every place of the due set, with its token.
    async fn places(&self) -> Vec<(String, u64)> {
        let mut places = Vec::new();
        for shard in self.shards().await {
            let all = ["ZRANGE", &shard, "0", "-1", "WITHSCORES"];
            places.extend(self.server.ask::<Vec<(String, u64)>>(&all).await);
        }
        places
    }

    /// What a submit does first: enters the due set.
    async fn enter(&self) -> String {
        let shards = self.shards().await;
        let [shard] = &shards[..] else {
            panic!("{shards:?}");
        };
        let id = self.id.as_str();
        let function = format!("{}_due_enter", self.library().await);
        let enter = ["FCALL", &function, "1", shard, id, "50", "0"];
        self.server.ask::<u64>(&enter).await.to_string()
    }

    /// What a submit does then: brings its message, under the token from before.
    async fn bring(&self, token: &str) -> RedisResult<redis::Value> {
        let names = "meta log audience mailbox dedup people here read";
        let keys = names.split(' ');
        let keys = keys.map(|name| format!("{}c:{{{}}}:{name}", self.space, self.id));
        let mut words = vec![
            "FCALL".to_owned(),
            format!("{}_submit", self.library().await),
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
    let inside = Inside::new(server, store, space).await;
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
async fn what_a_release_has_ended_stays_in_the_due_set_until_it_is_safe() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = server.options();
    let space = options.namespace.clone();
    let store = RedisStore::connect_with(options, soon()).await.unwrap();
    let (inside, nonce, _) = overtaken(&server, &store, &space).await;
    let released = Instant::now();
    assert!(!room::release(&store, &inside.id, nonce).await);
    let is_there = async || {
        let places = inside.places().await;
        places.iter().any(|(id, _)| id == inside.id.as_str())
    };
    // A node that held this and not the conversation would else know of the end of a run which the
    // conversation's own may yet forget.
    while is_there().await {
        assert_eq!(store.sweep(10).await.unwrap(), []);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let stayed = released.elapsed();
    assert!(stayed > Duration::from_secs(1), "{stayed:?}");
}

#[tokio::test]
async fn a_stranger_moves_nothing() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = server.options();
    let store = RedisStore::connect(options.clone()).await.unwrap();
    let inside = Inside::new(&server, &store, &options.namespace).await;
    let from_outside = || async {
        let stranger = Submit {
            author: "user:mallory".parse().unwrap(),
            ..room::message(&inside.id)
        };
        let refused = store.submit(stranger).await;
        assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    };
    from_outside().await;
    assert_eq!(inside.places().await, []);
    room::say(&store, &inside.id).await;
    let before = inside.places().await;
    from_outside().await;
    assert_eq!(inside.places().await, before);
}

/// Allows our user what matches these patterns, and nothing else.
async fn allow(server: &Server, patterns: &[String]) {
    let mut words = vec!["ACL", "SETUSER", "default", "resetkeys"];
    let patterns: Vec<_> = patterns.iter().map(|keys| format!("~{keys}")).collect();
    words.extend(patterns.iter().map(String::as_str));
    let () = server.ask(&words).await;
}

#[tokio::test]
async fn what_is_away_takes_nothing_from_the_others() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = server.options();
    let space = options.namespace.clone();
    let store = RedisStore::connect_with(options, soon()).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..12 {
        let id = room::make(&store).await;
        room::say(&store, &id).await;
        ids.push(id);
    }
    let there = &ids[4..];
    let mut allowed = vec![format!("{space}due:*")];
    allowed.extend(there.iter().map(|id| format!("{space}c:{{{id}}}:*")));
    allow(&server, &allowed).await;
    let found = found_in_time(&store, there.len()).await;
    assert!(found.iter().all(|id| there.contains(id)));

    // And a part of the due set itself.
    allow(
        &server,
        &[format!("{space}c:*"), format!("{space}due:{{[1-9]*")],
    )
    .await;
    found_in_time(&store, 1).await;
}

#[tokio::test]
async fn a_message_waits_neither_for_lists_nor_for_who_is_at_work() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = server.options();
    let space = options.namespace.clone();
    let store = RedisStore::connect_with(options, soon()).await.unwrap();
    let id = room::make(&store).await;
    let echo = Participant {
        id: ParticipantId::Agent("echo".parse().unwrap()),
        name: "Echo".to_owned(),
        role: Role::Agent,
    };
    let added = store.change(&id, &Viewer::Service, Change::Add(echo), room::entry());
    added.await.unwrap();
    allow(&server, &[format!("{space}c:*"), format!("{space}due:*")]).await;
    room::say(&store, &id).await;
    let to = |agent: &str| Submit {
        wake: Wake::Agent(agent.parse().unwrap()),
        ..room::message(&id)
    };
    store.submit(to("guide")).await.unwrap();
    // Whose pool it would have to be put down for.
    let refused = store.submit(to("echo")).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
}

/// Sweeps until so many conversations were found.
async fn found_in_time(store: &RedisStore, count: usize) -> HashSet<ConversationId> {
    let mut found = HashSet::new();
    let swept = async {
        while found.len() < count {
            let due = store.sweep(100).await.unwrap();
            found.extend(due.into_iter().map(|due| due.conversation));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let swept = tokio::time::timeout(Duration::from_secs(60), swept).await;
    assert!(swept.is_ok(), "found {} of {count}", found.len());
    found
}

#[tokio::test]
async fn what_is_due_in_two_places_is_handed_out_once() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = server.options();
    let store = RedisStore::connect_with(options, soon()).await.unwrap();
    let id = room::make(&store).await;
    for _ in 0..10 {
        room::say(&store, &id).await;
        tokio::time::sleep(soon().due_after * 2).await;
        let cancel = Cancel {
            conversation: id.clone(),
            viewer: Viewer::Service,
            run: None,
        };
        store.cancel(cancel).await.unwrap();
        assert_eq!(store.sweep(10).await.unwrap().len(), 1);
    }
}

/// How long it is until a command is safe in the log of a store that syncs like this: asked for again
/// and again, that is over in the end.
async fn settles(durability: Durability, asked: impl AsyncFn() -> Duration) {
    let young = asked().await;
    assert_eq!(young.is_zero(), durability == Durability::Strict);
    assert!(young <= Duration::from_secs(2));
    let settled = async {
        while !asked().await.is_zero() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let settled = tokio::time::timeout(Duration::from_secs(60), settled).await;
    assert!(settled.is_ok(), "it never settles");
}

async fn syncing(server: &Server, durability: Durability) -> RedisStore {
    let options = Options {
        durability,
        ..server.options()
    };
    RedisStore::connect(options).await.unwrap()
}

/// A message to a conversation whose lease is held, as its doorbell brings it.
#[tokio::test]
async fn a_command_settles_in_the_log_when_redis_has_surely_synced_it() {
    let Some(server) = Server::start().await else {
        return;
    };
    for durability in [Durability::Everysec, Durability::Strict] {
        let store = syncing(&server, durability).await;
        let id = room::make(&store).await;
        room::say(&store, &id).await;
        room::claim(&store, &id).await;
        let submit = room::message(&id);
        let said = store.submit(submit.clone()).await.unwrap();
        settles(durability, async || {
            let claim = Claim {
                restore: Some(room::command(&said, &submit)),
                ..room::draft_claim(&id)
            };
            match store.claim(claim).await.unwrap() {
                ClaimOutcome::Held(held) => held.settles,
                other => panic!("{other:?}"),
            }
        })
        .await;
    }
}

/// A message that waits behind another, as its doorbell brings it: the claim takes the other.
#[tokio::test]
async fn who_claims_is_told_when_the_command_that_it_brought_settles() {
    let Some(server) = Server::start().await else {
        return;
    };
    for durability in [Durability::Everysec, Durability::Strict] {
        let store = syncing(&server, durability).await;
        let id = room::make(&store).await;
        let first = room::say(&store, &id).await;
        let submit = room::message(&id);
        let said = store.submit(submit.clone()).await.unwrap();
        let claim = Claim {
            restore: Some(room::command(&said, &submit)),
            ..room::draft_claim(&id)
        };
        settles(durability, async || {
            match store.claim(claim.clone()).await.unwrap() {
                ClaimOutcome::Claimed(claimed) => {
                    assert_eq!(claimed.inputs, std::slice::from_ref(&first.entry));
                    claimed.settles
                }
                other => panic!("{other:?}"),
            }
        })
        .await;
    }
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
    let left = tokio::time::timeout(Duration::from_secs(60), left).await;
    assert!(left.is_ok(), "what has no work leaves the due set");
    assert!(is_late(inside.bring(&token).await));
    assert!(is_late(inside.bring(NO_TOKEN).await));
}

#[tokio::test]
async fn a_submit_that_comes_late_enters_again() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = server.options();
    let store = RedisStore::connect(options.clone()).await.unwrap();
    let inside = Inside::new(&server, &store, &options.namespace).await;
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

/// Functions that were called so far.
async fn calls(server: &Server) -> u64 {
    let info: String = server.ask(&["INFO", "commandstats"]).await;
    let line = info
        .lines()
        .find_map(|line| line.strip_prefix("cmdstat_fcall:calls="));
    let count = line.and_then(|line| line.split(',').next());
    count.map_or(0, |count| count.parse().unwrap())
}

#[tokio::test]
async fn a_message_and_its_claim_are_one_call_each_and_the_lease_is_watched_all_the_same() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = server.options();
    let store = RedisStore::connect(options.clone()).await.unwrap();
    let inside = Inside::new(&server, &store, &options.namespace).await;
    let before = calls(&server).await;
    room::say(&store, &inside.id).await;
    assert_eq!(calls(&server).await - before, 1);
    let places = inside.places().await;
    room::claim(&store, &inside.id).await;
    assert_eq!(calls(&server).await - before, 2);
    assert_eq!(inside.places().await.len(), places.len() + 1);
}

#[tokio::test]
async fn who_speaks_again_finds_the_conversation_in_the_due_set() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = server.options();
    let store = RedisStore::connect(options.clone()).await.unwrap();
    let inside = Inside::new(&server, &store, &options.namespace).await;
    assert!(is_late(inside.bring(NO_TOKEN).await));
    room::say(&store, &inside.id).await;
    let places = inside.places().await;
    inside.bring(NO_TOKEN).await.unwrap();
    assert_eq!(inside.places().await, places);
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
    let swept = tokio::time::timeout(Duration::from_secs(60), swept).await;
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
        let swept = tokio::time::timeout(Duration::from_secs(60), swept).await;
        assert!(swept.is_ok(), "there is work, and it is not in the due set");
        // One of the two is answered, the other goes on to the next round.
        let nonce = room::claim(&one, &id).await;
        room::write(&one, &id, nonce, Effect::Finish).await;
        assert!(room::release(&one, &id, nonce).await);
        room::write(&one, &id, nonce, Effect::Retry(Duration::ZERO)).await;
    }
}
