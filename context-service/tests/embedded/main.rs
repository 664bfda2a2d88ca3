//! The embedded store: the contract that all stores keep, and what is its own.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are tests, though clippy sees only functions marked so"
)]

mod crash;
mod folder;
mod in_memory;
mod model;
mod support;

use std::sync::Arc;

use async_trait::async_trait;
use convene_context_service::store::{
    Limits, Store,
    contract::Bench,
    embedded::{EmbeddedStore, Options},
};
use convene_proto::id::ConversationId;
use parking_lot::Mutex;
use tempfile::TempDir;

convene_context_service::store_contract!(bench);

async fn bench() -> Option<Box<dyn Bench>> {
    Some(Box::new(Folders(Mutex::default())))
}

/// They go when the test ends.
struct Folders(Mutex<Vec<TempDir>>);

#[async_trait]
impl Bench for Folders {
    async fn store(&self, limits: Limits) -> Arc<dyn Store> {
        let folder = TempDir::new().unwrap();
        let options = Options {
            limits,
            ..Options::default()
        };
        let store = EmbeddedStore::open(folder.path(), options).unwrap();
        self.0.lock().push(folder);
        Arc::new(store)
    }

    async fn damaged(&self) -> (Arc<dyn Store>, ConversationId) {
        let folder = TempDir::new().unwrap();
        let store = support::open(folder.path());
        let id = support::create(&store).await;
        store.close().await;
        support::damage(folder.path(), &id);
        let store = support::open(folder.path());
        self.0.lock().push(folder);
        (Arc::new(store), id)
    }
}
