//! What all stacks have in common: settings, and folders for what they leave.

use std::{fs, path::PathBuf};

use xtask::process::Scratch;

/// Signs the tokens of every stack.
pub(super) const SECRET: &str = "the-secret-of-the-end-to-end-tests-0123456789";

/// What every stack has.
pub(super) fn common() -> Vec<(String, String)> {
    [
        ("auth.secret", SECRET),
        ("auth.guests", "true"),
        // It shows on request all that agents can do, and learns nothing first.
        ("agents.guide.kind", "guide"),
        ("telemetry.log", "info,convene=debug"),
        // Tests that kill workers wait for a lease to run out.
        ("agent_worker.lease_ttl_ms", "3000"),
        // Many tests share one address and few people.
        ("gateway.requests_per_second", "1000"),
        ("gateway.request_burst", "2000"),
        ("gateway.creations_per_minute", "100000"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into()
}

/// A test's own settings, which go before those.
pub(super) fn owned(settings: &[(&'static str, String)]) -> impl Iterator<Item = (String, String)> {
    settings
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
}

/// A folder that goes with the stack, and one for its logs, named after the test.
pub(super) fn folders() -> (Scratch, PathBuf) {
    let scratch = Scratch::new("convene-it").unwrap();
    let test = std::thread::current()
        .name()
        .unwrap_or("test")
        .replace("::", "-");
    let logs = std::env::var_os("CONVENE_TEST_LOGS").map_or_else(
        || std::env::temp_dir().join("convene-test-logs"),
        PathBuf::from,
    );
    let logs = logs.join(format!("{test}-{}", unique()));
    fs::create_dir_all(&logs).unwrap();
    (scratch, logs)
}

/// Told apart from all others.
pub(super) fn unique() -> String {
    convene_proto::id::MessageId::random().as_str()[20..].to_owned()
}
