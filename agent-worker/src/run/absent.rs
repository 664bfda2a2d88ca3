//! A run whose agent this worker does not host: another worker of the pool may, now or once it has
//! started.

use std::time::Duration;

use convene_proto::context::{Claimed, ListAgentsRequest};
use convene_runtime::clock::now_ms;
use tokio::time::timeout;

use crate::worker::Shared;

/// Asking must not cost the lease.
const DEADLINE: Duration = Duration::from_millis(200);

/// Whether the run has waited for long enough, and no worker of the pool is known to host its agent.
/// Who cannot find out whether one does goes on waiting.
pub(super) async fn is_given_up(shared: &Shared, claimed: &Claimed) -> bool {
    let oldest = claimed.inputs.iter().map(|input| input.at).min();
    let waited = now_ms().saturating_sub(oldest.unwrap_or_default());
    if waited < shared.options.absence_ms {
        return false;
    }
    let mut context = shared.context.clone();
    match timeout(DEADLINE, context.list_agents(ListAgentsRequest {})).await {
        Ok(Ok(known)) => {
            !known.into_inner().agents.iter().any(|known| {
                known.name == claimed.agent && known.pool == shared.options.pool.as_str()
            })
        }
        Ok(Err(_)) | Err(_) => false,
    }
}
