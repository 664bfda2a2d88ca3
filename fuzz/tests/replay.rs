//! The corpora, and mutations of them that are the same each time.

use convene_fuzz::{Mutations, TARGETS, corpus};

const MUTATIONS: usize = 3_000;

#[test]
fn every_target_takes_its_samples_and_what_they_are_turned_into() {
    for (name, target) in TARGETS {
        let samples = corpus(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!samples.is_empty(), "{name} has no samples");
        for sample in &samples {
            target(sample);
        }
        for (number, mutation) in Mutations::new(&samples, 7).take(MUTATIONS).enumerate() {
            let held = std::panic::catch_unwind(|| target(&mutation));
            assert!(
                held.is_ok(),
                "{name} broke on mutation {number}: {:?}",
                String::from_utf8_lossy(&mutation)
            );
        }
    }
}

/// Else a target's mutations would all end at the first brace.
#[test]
fn samples_are_what_their_target_reads() {
    use convene_client::proto::frame::{ClientFrame, ServerFrame};
    let read = |name: &str, reads: fn(&[u8]) -> bool| {
        let samples = corpus(name).unwrap();
        let good = samples.iter().filter(|sample| reads(sample)).count();
        assert!(
            good * 2 > samples.len(),
            "of {name} only {good} can be read"
        );
    };
    read("client_frame", |sample| {
        serde_json::from_slice::<ClientFrame>(sample).is_ok()
    });
    read("server_frames", |sample| {
        let mut lines = sample.split(|byte| *byte == b'\n');
        lines.any(|line| serde_json::from_slice::<ServerFrame>(line).is_ok())
    });
}
