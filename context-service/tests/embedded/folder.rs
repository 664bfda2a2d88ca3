//! The folder: its lock, its format, damage, and what is in it after a restart.

use std::{
    fs,
    io::{Seek as _, SeekFrom, Write as _},
    path::PathBuf,
};

use convene_context_service::store::{
    Append, Due, Effect, Error, Store as _,
    embedded::{EmbeddedStore, OpenError, Options},
};
use convene_proto::id::{ConversationId, MessageId};
use futures_util::FutureExt as _;
use redb::{Database, TableDefinition};
use tempfile::TempDir;

use crate::support::*;

fn refused(folder: &TempDir) -> OpenError {
    EmbeddedStore::open(folder.path(), Options::default()).unwrap_err()
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("convene.redb")
}

/// A folder with a conversation whose log is some hundred kilobytes long.
async fn filled() -> (TempDir, ConversationId) {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path());
    let id = create(&store).await;
    let mut submits = Vec::new();
    for _ in 0..300 {
        let mut submit = message(&id);
        submit.entry.body = vec![b'x'; 1000].into();
        submits.push(store.submit(submit));
    }
    futures_util::future::try_join_all(submits).await.unwrap();
    store.close().await;
    (folder, id)
}

#[tokio::test]
async fn a_folder_is_for_one_store_at_a_time() {
    let folder = TempDir::new().unwrap();
    let first = open(folder.path());
    let error = refused(&folder);
    assert!(matches!(error, OpenError::AlreadyOpen { .. }), "{error:?}");
    first.close().await;
    open(folder.path()).ping().await.unwrap();
}

#[tokio::test]
async fn a_closed_store_is_unavailable() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path());
    let id = create(&store).await;
    let told = store.ended().now_or_never();
    assert!(told.is_none(), "it takes steps");
    store.close().await;
    store.close().await;
    store.ended().await;
    let submitted = store.submit(message(&id)).await;
    assert!(
        matches!(submitted, Err(Error::Unavailable(_))),
        "{submitted:?}"
    );
    let read = store.read_text(&id, &MessageId::random(), 0, 0).await;
    assert!(matches!(read, Err(Error::Unavailable(_))), "{read:?}");
}

async fn with_format(format: u64) -> TempDir {
    let (folder, _) = filled().await;
    let table: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
    let database = Database::create(file(&folder)).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(table)
        .unwrap()
        .insert("format", format)
        .unwrap();
    transaction.commit().unwrap();
    folder
}

#[tokio::test]
async fn a_newer_format_is_refused_and_left_alone() {
    let folder = with_format(99).await;
    for _ in 0..2 {
        match refused(&folder) {
            OpenError::TooNew { found, known, .. } => assert!(found == 99 && known < 99),
            other => panic!("{other:?}"),
        }
    }
    assert!(refused(&folder).to_string().contains("upgrade convene"));
}

#[tokio::test]
async fn an_older_format_is_refused_and_left_alone() {
    let folder = with_format(1).await;
    for _ in 0..2 {
        let error = refused(&folder);
        assert!(
            matches!(error, OpenError::TooOld { found: 1, .. }),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn what_is_not_a_database_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let letter = b"Dear Ada, this is no database. ".repeat(1000);
    fs::write(file(&folder), &letter).unwrap();
    let error = refused(&folder);
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
    assert_eq!(fs::read(file(&folder)).unwrap(), letter);
}

#[tokio::test]
async fn damage_is_noticed_wherever_it_matters() {
    let (folder, id) = filled().await;
    let whole = fs::read(file(&folder)).unwrap();
    let mut noticed = 0;
    for place in (0..whole.len()).step_by(whole.len() / 16) {
        fs::write(file(&folder), &whole).unwrap();
        let mut damaged = fs::OpenOptions::new()
            .write(true)
            .open(file(&folder))
            .unwrap();
        damaged.seek(SeekFrom::Start(place as u64)).unwrap();
        damaged.write_all(&[0x5a; 512]).unwrap();
        drop(damaged);
        match EmbeddedStore::open(folder.path(), Options::default()) {
            Err(OpenError::Damaged { .. }) => noticed += 1,
            Err(other) => panic!("{other:?}"),
            Ok(store) => {
                // It was in a page that nothing uses.
                assert_eq!(log(&store, &id).await.len(), 301);
                store.close().await;
            }
        }
    }
    assert!(noticed > 2, "{noticed}");
    fs::write(file(&folder), &whole[..whole.len() / 2]).unwrap();
    assert!(matches!(refused(&folder), OpenError::Damaged { .. }));
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_an_io_error() {
    let folder = TempDir::new().unwrap();
    let occupied = folder.path().join("occupied");
    fs::write(&occupied, "").unwrap();
    let error = EmbeddedStore::open(&occupied, Options::default()).unwrap_err();
    assert!(matches!(error, OpenError::Io { .. }), "{error:?}");
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path());
    let id = create(&store).await;
    let said = store.submit(message(&id)).await.unwrap();
    let first = claimed(&store, &id).await;
    let streaming = MessageId::random();
    let start = Append {
        text: Some(text(&streaming, 0, "Good morn")),
        ..effect(&id, first.nonce, 1, Effect::Start(streaming.clone()))
    };
    store.append(start).await.unwrap();
    let before = log(&store, &id).await;
    store.close().await;

    let store = open(folder.path());
    assert_eq!(log(&store, &id).await, before);
    let text = store.read_text(&id, &streaming, 0, 5).await.unwrap();
    assert_eq!((&text.text[..], text.streams), (&b"morn"[..], true));
    // The lease was for a minute, and the doorbell was in the memory of the process.
    let due = Due {
        conversation: id.clone(),
        pool: "kitchen".parse().unwrap(),
        timer: false,
    };
    assert_eq!(store.sweep(10).await.unwrap(), [due]);
    let second = claimed(&store, &id).await;
    assert_eq!((second.run, second.attempt), (first.run, 2));
    assert_eq!(second.inputs, [said.entry]);
    assert_eq!(second.unfinished, Some(streaming));
    assert_eq!(second.audience, []);
}

#[tokio::test]
async fn what_an_earlier_process_rang_for_in_vain_is_rung_for_at_once() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path());
    let id = create(&store).await;
    store.submit(message(&id)).await.unwrap();
    store.close().await;
    for _ in 0..3 {
        let store = open(folder.path());
        assert_eq!(store.sweep(10).await.unwrap().len(), 1);
        store.close().await;
    }
}

#[tokio::test]
async fn whoever_still_has_the_lease_after_a_restart_may_go_on() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path());
    let id = create(&store).await;
    store.submit(message(&id)).await.unwrap();
    let nonce = claimed(&store, &id).await.nonce;
    store.close().await;
    let store = open(folder.path());
    store.renew(&id, nonce, LONG).await.unwrap();
    store
        .append(effect(&id, nonce, 1, Effect::Finish))
        .await
        .unwrap();
    assert!(store.release(release(&id, nonce)).await.unwrap().is_none());
    assert_eq!(store.sweep(10).await.unwrap(), []);
}
