//! The server is as well as its store.

use std::{sync::Arc, time::Duration};

use convene_proto::context::context_service_server::SERVICE_NAME;
use convene_runtime::{
    Tasks,
    health::{Health, Pauses},
};
use tokio::time::{sleep, timeout};
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::store::Store;

/// The pause between two pings of the store.
const EVERY: Duration = Duration::from_secs(1);

/// A store that does not answer a ping within this is away.
const WITHIN: Duration = Duration::from_secs(2);

/// Pings the store until shutdown, and tells: gRPC's health service, and the process's own
/// health. Nobody is served before the first ping has succeeded, nor once shutdown has begun.
pub(super) async fn follow(
    store: Arc<dyn Store>,
    reporter: HealthReporter,
    health: &Health,
    tasks: &Tasks,
) {
    let heartbeat = health.heartbeat("store", EVERY + 2 * WITHIN);
    tell(&reporter, ServingStatus::NotServing).await;
    let stop = tasks.child_token();
    let mut pauses = Pauses::new(EVERY);
    tasks.spawn_vital("store watch", async move {
        let pings = async {
            loop {
                let failure = match timeout(WITHIN, store.ping()).await {
                    Ok(Ok(())) => None,
                    Ok(Err(error)) => Some(error.to_string()),
                    Err(_) => Some(format!("the store did not answer within {WITHIN:?}")),
                };
                let well = failure.is_none();
                let status = match failure {
                    None => {
                        heartbeat.beat();
                        ServingStatus::Serving
                    }
                    Some(reason) => {
                        heartbeat.fail(reason);
                        ServingStatus::NotServing
                    }
                };
                tell(&reporter, status).await;
                sleep(pauses.after(well)).await;
            }
        };
        stop.run_until_cancelled(pings).await;
        tell(&reporter, ServingStatus::NotServing).await;
    });
}

async fn tell(reporter: &HealthReporter, status: ServingStatus) {
    for service in ["", SERVICE_NAME] {
        reporter.set_service_status(service, status).await;
    }
}
