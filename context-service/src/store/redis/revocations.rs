//! Tokens that are good no longer.

use super::{Call, RedisStore, Reply};
use crate::store::{Result, Revocation, Revocations, revocations};

pub(super) async fn revoke(store: &RedisStore, revocation: Revocation) -> Result<()> {
    let (name, time) = revocations::row(&revocation);
    let call = Call::new("revoke", &store.keys.revocations())
        .arg(name)
        .arg(time);
    store.value(call).await?;
    Ok(())
}

pub(super) async fn after(store: &RedisStore, after: u64, limit: usize) -> Result<Revocations> {
    let call = Call::new("revocations", &store.keys.revocations())
        .arg(after)
        .arg(limit);
    page(store.call(call).await?, after)
}

/// From numbers, names and times.
fn page(mut reply: Reply, after: u64) -> Result<Revocations> {
    let (mut last, mut revocations) = (after, Vec::new());
    while !reply.is_empty() {
        last = reply.number()?;
        let (name, time) = (reply.text()?, reply.number()?);
        revocations.push(revocations::read(&name, time)?);
    }
    Ok(Revocations { revocations, last })
}
