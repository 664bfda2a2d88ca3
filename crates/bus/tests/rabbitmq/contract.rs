//! The contract, over quorum queues and over classic ones.

mod quorum {
    use std::sync::Arc;

    use convene_bus::{Bus, contract::Harness};

    use crate::broker::{self, TIER, connected, options};

    async fn harness() -> Option<Harness> {
        let options = options(&broker::url()?);
        let connect = move || {
            let options = options.clone();
            async { connected(options).await as Arc<dyn Bus> }
        };
        Some(Harness::new(connect, TIER))
    }

    convene_bus::bus_contract!(harness);
}

mod classic {
    use std::sync::Arc;

    use convene_bus::{
        Bus,
        contract::Harness,
        rabbitmq::{Options, QueueType},
    };

    use crate::broker::{self, TIER, connected, options};

    async fn harness() -> Option<Harness> {
        let options = Options {
            queue_type: QueueType::Classic,
            ..options(&broker::url()?)
        };
        let connect = move || {
            let options = options.clone();
            async { connected(options).await as Arc<dyn Bus> }
        };
        Some(Harness::new(connect, TIER).without_delivery_limit())
    }

    convene_bus::bus_contract!(harness);
}
