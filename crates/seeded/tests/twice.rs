//! What a seed decides, and what it leaves alone.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests are tests, though clippy sees only functions marked so"
)]

use std::{
    collections::HashSet,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

const BEGIN: Duration = Duration::from_secs(1_800_000_000);

/// Everything by which two runs could differ.
fn chances(seed: u64) -> (Vec<u64>, Vec<u32>, Duration) {
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let random = (0..3).map(|_| rand::random()).collect();
            let hashed: Vec<u32> = (0..50).collect::<HashSet<_>>().into_iter().collect();
            tokio::time::sleep(Duration::from_secs(3600)).await;
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            (random, hashed, now)
        })
    };
    convene_seeded::run(seed, BEGIN, work).unwrap()
}

#[test]
fn the_same_seed_makes_the_same_chances_and_another_one_others() {
    let (first, again, other) = (chances(1), chances(1), chances(2));
    assert_eq!(first, again);
    assert_ne!(first.0, other.0);
    assert_ne!(first.1, other.1);
    assert_eq!(first.2, BEGIN + Duration::from_secs(3600));
}

#[test]
fn other_threads_have_the_system_s() {
    let before = std::time::Instant::now();
    let (one, another): (u128, u128) = (rand::random(), rand::random());
    assert_ne!(one, another);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    assert!(now > Duration::from_secs(1_700_000_000));
    assert!(before.elapsed() > Duration::ZERO);
}

#[test]
fn a_panic_is_told() {
    let told = convene_seeded::run(1, BEGIN, || panic!("no {}", 7));
    assert_eq!(told, Err("no 7".to_owned()));
}
