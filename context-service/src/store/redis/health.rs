//! Whether the server is well, and set up as its operator believes.

use futures_util::{FutureExt as _, future::select_ok};
use redis::Value;

use super::{Call, Durability, RedisStore, connection::Backend, keys::DUE_SHARDS};
use crate::store::Result;

/// Writes and reads. On a cluster it does so in many places, and one that answers is enough: while
/// a node is away, the conversations of the others go on.
pub(super) async fn ping(store: &RedisStore) -> Result<()> {
    let turn = store.turn();
    let places = if store.connection.is_cluster() {
        DUE_SHARDS
    } else {
        1
    };
    let pings = (0..places).map(|place| {
        let call = Call::new("ping", &[store.keys.ping(place)]).arg(turn);
        store.value(call).boxed()
    });
    select_ok(pings).await?;
    Ok(())
}

/// Warns where the server keeps less than `durability` promises. Hosted servers often do not tell.
pub(super) async fn compare(backend: &Backend, durability: Durability) {
    let (setting, expected): (_, &[_]) = match durability {
        Durability::Everysec => ("appendonly", &["yes"]),
        Durability::Strict => ("appendfsync", &["always"]),
    };
    match asked(backend, setting).await {
        Some(found) if !expected.contains(&found.as_str()) => tracing::warn!(
            setting,
            found,
            expected = expected[0],
            ?durability,
            "Redis is set up to keep less than its durability promises"
        ),
        Some(_) => {}
        None => tracing::debug!(setting, "Redis does not tell how durable it is"),
    }
}

/// The server's value of a setting.
async fn asked(backend: &Backend, setting: &str) -> Option<String> {
    let mut command = redis::cmd("CONFIG");
    command.arg("GET").arg(setting);
    let Ok(Value::Array(found)) = backend.send(&command).await else {
        return None;
    };
    match found.into_iter().nth(1) {
        Some(Value::BulkString(value)) => String::from_utf8(value).ok(),
        _ => None,
    }
}
