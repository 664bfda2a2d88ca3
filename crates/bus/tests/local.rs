//! The contract, inside one process.
#![expect(clippy::unwrap_used, reason = "tests say so when something is wrong")]

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use convene_bus::{Bus, contract::Harness, local::LocalBroker};
use convene_runtime::Tasks;
use tempfile::TempDir;

fn open(folder: &Path) -> LocalBroker {
    LocalBroker::open_with_inbox_bytes(folder, &Tasks::new(), 256 * 1024).unwrap()
}

async fn harness() -> Option<Harness> {
    let folder = TempDir::new().unwrap();
    let broker = Arc::new(Mutex::new(open(folder.path())));
    let again = Arc::clone(&broker);
    let connect = move || {
        let bus: Arc<dyn Bus> = broker.lock().unwrap().connect();
        async { bus }
    };
    let restart = move || *again.lock().unwrap() = open(folder.path());
    Some(Harness::new(connect, Duration::from_millis(200)).restarted_by(restart))
}

convene_bus::bus_contract!(harness);

#[test]
fn a_damaged_dead_letter_is_left_where_it_is_and_keeps_nobody_from_starting() {
    let folder = TempDir::new().unwrap();
    let damaged = folder.path().join("0123.letter");
    std::fs::write(&damaged, "not a letter").unwrap();
    open(folder.path());
    assert!(damaged.exists());
}
