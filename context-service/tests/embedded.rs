//! The embedded store: the contract that all stores keep, and what is its own.

use std::sync::Arc;

use async_trait::async_trait;
use convene_context_service::store::{
    Limits, Store,
    contract::Bench,
    embedded::{EmbeddedStore, Options},
};
use tempfile::TempDir;

convene_context_service::store_contract!(bench);

/// Its folders go when the test ends.
struct Folders(parking_lot::Mutex<Vec<TempDir>>);

async fn bench() -> Option<Box<dyn Bench>> {
    Some(Box::new(Folders(parking_lot::Mutex::default())))
}

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
}
