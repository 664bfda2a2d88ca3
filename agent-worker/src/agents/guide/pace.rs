//! Writing at a pace: like a model, a word at a time.

use std::time::{Duration, UNIX_EPOCH};

use convene_agent::{Error, Run};
use tokio::time::{Instant, sleep_until};

/// Numbers in one line of a count.
const LINE: u32 = 20;

/// Writes a text, so many words a second.
pub(super) async fn write(run: &mut Run, text: &str, rate: u32) -> Result<(), Error> {
    let mut beat = Beat::new(rate);
    for word in text.split_inclusive([' ', '\n']) {
        beat.next().await;
        run.write(word).await?;
    }
    Ok(())
}

/// Counts from 1 to `tokens`, so many numbers a second; 0: as fast as can be. `timed`: a line goes
/// in front with the time of the first number, in microseconds since 1970: `convene bench` sees by
/// it how late each number comes.
pub(super) async fn count(run: &mut Run, tokens: u32, rate: u32, timed: bool) -> Result<(), Error> {
    let mut beat = Beat::new(rate);
    if timed {
        let begun = UNIX_EPOCH.elapsed().unwrap_or_default().as_micros();
        run.write(format!("{begun}\n")).await?;
    }
    for number in 1..=tokens {
        beat.next().await;
        let end = if number % LINE == 0 { '\n' } else { ' ' };
        run.write(format!("{number}{end}")).await?;
    }
    Ok(())
}

/// A pace that catches up after a delay.
struct Beat {
    begun: Instant,
    rate: u32,
    beats: u32,
}

impl Beat {
    fn new(rate: u32) -> Self {
        Self {
            begun: Instant::now(),
            rate,
            beats: 0,
        }
    }

    async fn next(&mut self) {
        if self.rate > 0 {
            let after = Duration::from_secs(1) * self.beats / self.rate;
            sleep_until(self.begun + after).await;
            self.beats += 1;
        }
    }
}
