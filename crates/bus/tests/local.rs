//! The contract, inside one process.

use std::{sync::Arc, time::Duration};

use convene_bus::{Bus, contract::Harness, local::LocalBroker};
use convene_runtime::Tasks;

async fn harness() -> Option<Harness> {
    let broker = LocalBroker::with_inbox_bytes(&Tasks::new(), 256 * 1024);
    let connect = move || {
        let bus: Arc<dyn Bus> = broker.connect();
        async { bus }
    };
    Some(Harness::new(connect, Duration::from_millis(200)))
}

convene_bus::bus_contract!(harness);
