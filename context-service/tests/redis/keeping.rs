//! What is kept, for how long, and at what price.

use std::collections::BTreeMap;

use bytes::Bytes;
use convene_context_service::store::{
    Append, Cancel, Effect, Store, Submit, Subscribe, Text, Viewer, Wake,
    redis::{Options, RedisStore, Retention},
};
use convene_proto::id::MessageId;

use crate::{
    room::{self, ada},
    server::Server,
};

/// How often each command has run.
async fn commands(server: &Server) -> BTreeMap<String, u64> {
    let info: String = server.ask(&["INFO", "commandstats"]).await;
    let counts = info.lines().filter_map(|line| {
        let (name, stats) = line.strip_prefix("cmdstat_")?.split_once(':')?;
        let calls = stats.strip_prefix("calls=")?.split(',').next()?;
        Some((name.to_owned(), calls.parse().ok()?))
    });
    counts.collect()
}

#[tokio::test]
async fn the_hot_path_is_one_command_a_step() {
    let Some(server) = Server::start().await else {
        return;
    };
    let store = server.store().await;
    let id = room::make(&store).await;
    room::say(&store, &id).await;
    let nonce = room::claim(&store, &id).await;
    let message = MessageId::random();
    room::write(&store, &id, nonce, Effect::Start(message.clone())).await;
    let before = commands(&server).await;
    for offset in 0..20 {
        let append = Append {
            conversation: id.clone(),
            nonce,
            run: None,
            text: Some(Text {
                message: message.clone(),
                part: 0,
                offset,
                text: Bytes::from_static(b"x"),
            }),
            entries: Vec::new(),
            step: offset + 2,
            unless_cancelled: false,
            ttl: room::TTL,
        };
        store.append(append).await.unwrap();
        store.renew(&id, nonce, room::TTL).await.unwrap();
    }
    let after = commands(&server).await;
    assert_eq!(after["fcall"] - before["fcall"], 40);
    // Nothing else comes from outside: what the scripts themselves call is named here.
    let inside = [
        "append",
        "set",
        "strlen",
        "hgetall",
        "hmget",
        "hset",
        "time",
        "zrange",
        "zrangebyscore",
    ];
    let own = ["info", "hello", "client", "client|setinfo"];
    for (name, calls) in &after {
        let grown = calls - before.get(name).unwrap_or(&0);
        let known =
            name == "fcall" || inside.contains(&name.as_str()) || own.contains(&name.as_str());
        assert!(grown == 0 || known, "{name} ran {grown} times");
    }
}

#[tokio::test]
async fn an_idle_conversation_is_forgotten_with_all_its_keys() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = Options {
        retention: Retention {
            idle_days: Some(2),
            ..Retention::default()
        },
        ..server.options()
    };
    let space = options.namespace.clone();
    let store = RedisStore::connect(options).await.unwrap();
    let id = room::make(&store).await;
    let subscribe = Subscribe {
        conversation: id.clone(),
        viewer: ada(),
        inbox: "gateway".parse().unwrap(),
        after: None,
        tail: 10,
        ttl: room::TTL,
    };
    store.subscribe(subscribe).await.unwrap();
    let said = room::say(&store, &id).await;
    store
        .signal(&id, &ada(), Some(said.entry.seq))
        .await
        .unwrap();
    let nonce = room::claim(&store, &id).await;
    let message = MessageId::random();
    let append = Append {
        conversation: id.clone(),
        nonce,
        run: None,
        text: Some(Text {
            message: message.clone(),
            part: 0,
            offset: 0,
            text: Bytes::from_static(b"hello"),
        }),
        entries: vec![(room::entry(), Effect::Start(message))],
        step: 1,
        unless_cancelled: false,
        ttl: room::TTL,
    };
    store.append(append).await.unwrap();

    let keys: Vec<String> = server.ask(&["KEYS", &format!("{space}c:*")]).await;
    assert_eq!(keys.len(), 9, "{keys:?}");
    for key in keys {
        let left: i64 = server.ask(&["PTTL", &key]).await;
        let passes = key.ends_with(":audience") || key.ends_with(":here");
        let expected = if passes {
            // With the inbox, should its gateway not come again.
            1..=60_000
        } else {
            172_700_000..=172_800_000
        };
        assert!(expected.contains(&left), "{key}: {left}");
        let () = server.ask(&["PEXPIRE", &key, "0"]).await;
    }
    let page = store.conversations(&ada(), 10, None).await.unwrap();
    assert_eq!((page.conversations.len(), page.next), (0, None));
    let lists: Vec<String> = server.ask(&["KEYS", &format!("{space}list:*")]).await;
    assert_eq!(
        lists, [""; 0],
        "what is gone leaves the list when it is read"
    );
}

#[tokio::test]
async fn who_listens_is_forgotten_with_the_last_that_does() {
    let Some(server) = Server::start().await else {
        return;
    };
    let store = server.store().await;
    let id = room::make(&store).await;
    let left = async || {
        let mut left = Vec::new();
        for pattern in ["*:audience", "*:here"] {
            let keys: Vec<String> = server.ask(&["KEYS", pattern]).await;
            left.push(server.ask::<i64>(&["PTTL", &keys[0]]).await);
        }
        left
    };
    for (inbox, ttl) in [("long", room::TTL), ("short", room::TTL / 6)] {
        let subscribe = Subscribe {
            conversation: id.clone(),
            viewer: ada(),
            inbox: inbox.parse().unwrap(),
            after: None,
            tail: 10,
            ttl,
        };
        store.subscribe(subscribe).await.unwrap();
        let left = left().await;
        assert!(
            left.iter().all(|left| (10_001..=60_000).contains(left)),
            "{left:?}"
        );
    }
}

#[tokio::test]
async fn an_idle_conversation_keeps_of_its_runs_no_more_than_their_marks() {
    let Some(server) = Server::start().await else {
        return;
    };
    let store = server.store().await;
    let id = room::make(&store).await;
    let meta: Vec<String> = server.ask(&["KEYS", "*:meta"]).await;
    let meta = &meta[0];
    let begun: Vec<String> = server.ask(&["HKEYS", meta]).await;
    for _ in 0..20 {
        room::say(&store, &id).await;
        let nonce = room::claim(&store, &id).await;
        room::write(&store, &id, nonce, Effect::Finish).await;
        assert!(!room::release(&store, &id, nonce).await);
    }
    let mut left: Vec<String> = server.ask(&["HKEYS", meta]).await;
    left.retain(|field| !begun.contains(field));
    left.sort_unstable();
    assert_eq!(left, ["brought", "entered", "spent"]);
    let form: String = server.ask(&["OBJECT", "ENCODING", meta]).await;
    assert_eq!(form, "listpack");
}

#[tokio::test]
async fn what_is_dropped_at_once_is_bounded_in_bytes() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = Options {
        retention: Retention {
            max_events: 4,
            idle_days: None,
        },
        ..server.options()
    };
    let store = RedisStore::connect(options).await.unwrap();
    let id = room::make(&store).await;
    room::say(&store, &id).await;
    let mut large = room::entry();
    large.body = "x".repeat(1_000_000).into();
    for _ in 0..12 {
        let remark = Submit {
            wake: Wake::Nobody,
            entry: large.clone(),
            ..room::message(&id)
        };
        store.submit(remark).await.unwrap();
    }
    let nonce = room::claim(&store, &id).await;
    let first = async || {
        let looked = store.conversation(&id, &Viewer::Service).await;
        looked.unwrap().conversation.first.0
    };
    room::write(&store, &id, nonce, Effect::Finish).await;
    let mut before = first().await;
    assert!(before < 8, "all that gathered goes at once: {before}");
    while before < 11 {
        room::write(&store, &id, nonce, Effect::None).await;
        let now = first().await;
        assert!(
            (before + 1..=before + 3).contains(&now),
            "{before} to {now}"
        );
        before = now;
    }
}

#[tokio::test]
async fn nothing_is_forgotten_any_more_where_that_is_switched_off() {
    let Some(server) = Server::start().await else {
        return;
    };
    let forgetting = Options {
        retention: Retention {
            idle_days: Some(2),
            ..Retention::default()
        },
        ..server.options()
    };
    let keeping = Options {
        retention: Retention::default(),
        ..forgetting.clone()
    };
    let pattern = format!("{}c:*", forgetting.namespace);
    let store = RedisStore::connect(forgetting).await.unwrap();
    let id = room::make(&store).await;
    room::say(&store, &id).await;
    let store = RedisStore::connect(keeping).await.unwrap();
    room::say(&store, &id).await;
    let keys: Vec<String> = server.ask(&["KEYS", &pattern]).await;
    assert!(keys.len() > 3, "{keys:?}");
    for key in keys {
        let left: i64 = server.ask(&["PTTL", &key]).await;
        assert_eq!(left, -1, "{key}");
    }
}

#[tokio::test]
async fn a_message_s_id_costs_a_field_and_goes_with_its_event() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = Options {
        retention: Retention {
            max_events: 40,
            idle_days: None,
        },
        ..server.options()
    };
    let store = RedisStore::connect(options).await.unwrap();
    let id = room::make(&store).await;
    for _ in 0..60 {
        let remark = Submit {
            wake: Wake::Nobody,
            ..room::message(&id)
        };
        store.submit(remark).await.unwrap();
    }
    let dedup: Vec<String> = server.ask(&["KEYS", "*:dedup"]).await;
    let fields: u64 = server.ask(&["HLEN", &dedup[0]]).await;
    assert_eq!(fields, 40);
}

#[tokio::test]
async fn a_mailbox_that_cancelling_made_anew_is_forgotten_with_the_rest() {
    let Some(server) = Server::start().await else {
        return;
    };
    let options = Options {
        retention: Retention {
            idle_days: Some(2),
            ..Retention::default()
        },
        ..server.options()
    };
    let store = RedisStore::connect(options).await.unwrap();
    let id = room::make(&store).await;
    room::say(&store, &id).await;
    let cancel = Cancel {
        conversation: id.clone(),
        viewer: Viewer::Service,
        run: None,
    };
    store.cancel(cancel).await.unwrap();
    let mailbox: Vec<String> = server.ask(&["KEYS", "*:mailbox"]).await;
    let left: i64 = server.ask(&["PTTL", &mailbox[0]]).await;
    assert!(left > 0, "{left}");
}

#[tokio::test]
async fn two_namespaces_share_a_server_and_nothing_else() {
    let Some(server) = Server::start().await else {
        return;
    };
    let (one, two) = (server.store().await, server.store().await);
    let id = room::make(&one).await;
    assert!(two.submit(room::message(&id)).await.is_err());
    assert_eq!(
        two.conversations(&ada(), 10, None)
            .await
            .unwrap()
            .conversations,
        []
    );
}
