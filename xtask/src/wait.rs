//! Waiting for a condition, with a deadline.

use std::time::{Duration, Instant};

use crate::Result;

const STEP: Duration = Duration::from_millis(50);

/// Asks every 50 ms until there is an answer.
///
/// # Errors
/// After `deadline`, naming `what` was awaited; at once, where `ask` itself fails.
pub fn until<T>(
    what: &str,
    deadline: Duration,
    mut ask: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if began.elapsed() > deadline {
            return Err(format!("waited {} s for {what}", deadline.as_secs()).into());
        }
        pause();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "no runtime here that this could block"
)]
fn pause() {
    std::thread::sleep(STEP);
}
