//! Tokens that are good no longer.

use super::Bench;
use crate::store::{Limits, Revocation, Store};

fn token(id: &str, expires_at: Option<u64>) -> Revocation {
    Revocation::Token {
        id: id.parse().unwrap(),
        expires_at,
    }
}

fn user(id: &str, issued_until: u64) -> Revocation {
    Revocation::User {
        id: id.parse().unwrap(),
        issued_until,
    }
}

/// Long after this test.
const LATER: u64 = 9_000_000_000;

async fn all(store: &dyn Store) -> Vec<Revocation> {
    store.revocations(0, 100).await.unwrap().revocations
}

pub async fn what_is_revoked_is_listed_after_a_number(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    let none = store.revocations(0, 10).await.unwrap();
    assert_eq!((none.revocations, none.last), (vec![], 0));
    let said = [
        token("jti with spaces: \u{e4}", None),
        user("ada", 1_700_000_000),
        token("second", Some(LATER)),
        user("bob", 3),
    ];
    for revocation in &said {
        store.revoke(revocation.clone()).await.unwrap();
    }
    assert_eq!(all(&*store).await, said);
    let (mut after, mut read) = (0, Vec::new());
    loop {
        let page = store.revocations(after, 3).await.unwrap();
        assert!(page.revocations.len() <= 3);
        if page.revocations.is_empty() {
            assert_eq!(page.last, after);
            break;
        }
        assert!(page.last > after);
        after = page.last;
        read.extend(page.revocations);
    }
    assert_eq!(read, said);
    store.revoke(user("eve", 4)).await.unwrap();
    let next = store.revocations(after, 3).await.unwrap();
    assert_eq!(next.revocations, [user("eve", 4)]);
}

pub async fn of_what_is_revoked_twice_the_later_time_counts(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    for revocation in [
        user("ada", 10),
        token("one", Some(LATER)),
        user("ada", 5),
        user("ada", 10),
        token("one", Some(LATER - 1)),
    ] {
        store.revoke(revocation).await.unwrap();
    }
    assert_eq!(
        all(&*store).await,
        [user("ada", 10), token("one", Some(LATER))]
    );
    let known = store.revocations(0, 10).await.unwrap().last;
    store.revoke(user("ada", 11)).await.unwrap();
    store.revoke(token("one", None)).await.unwrap();
    let news = store.revocations(known, 10).await.unwrap();
    assert_eq!(news.revocations, [user("ada", 11), token("one", None)]);
    assert_eq!(all(&*store).await, news.revocations);
    store.revoke(token("one", Some(LATER))).await.unwrap();
    assert_eq!(all(&*store).await, news.revocations);
}

pub async fn a_token_that_has_expired_is_forgotten(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    store.revoke(user("ada", 1)).await.unwrap();
    store.revoke(token("past", Some(1))).await.unwrap();
    store.revoke(token("kept", None)).await.unwrap();
    store.revoke(token("good", Some(LATER))).await.unwrap();
    assert_eq!(
        all(&*store).await,
        [
            user("ada", 1),
            token("kept", None),
            token("good", Some(LATER))
        ]
    );
}
