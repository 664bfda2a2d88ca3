//! The store without a folder and without a thread keeps the contract, too.

use std::sync::Arc;

use async_trait::async_trait;
use convene_context_service::store::{
    Limits, Store,
    contract::Bench,
    embedded::{EmbeddedStore, Options},
};
use convene_proto::id::ConversationId;

convene_context_service::store_contract!(bench);

async fn bench() -> Option<Box<dyn Bench>> {
    let folders = super::bench().await?;
    Some(Box::new(InMemory(folders)))
}

/// What damages a record does it to a file.
struct InMemory(Box<dyn Bench>);

#[async_trait]
impl Bench for InMemory {
    async fn store(&self, limits: Limits) -> Arc<dyn Store> {
        let options = Options {
            limits,
            ..Options::default()
        };
        Arc::new(EmbeddedStore::in_memory(options).unwrap())
    }

    async fn damaged(&self) -> (Arc<dyn Store>, ConversationId) {
        self.0.damaged().await
    }
}
