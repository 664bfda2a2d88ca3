//! An hour that is said without its half of the day: "8", "at 8:30", "8 Uhr". Where a slot takes one of both alone, that
//! one is meant.

use jiff::civil::{Date, Time};

use super::SlotSpec;
use crate::value::Value;

/// Of a bare number these are hours of the afternoon, unless the slot takes the other half alone.
const AFTERNOON: std::ops::RangeInclusive<i8> = 1..=6;

/// What stands behind an hour and says nothing of its half.
const UNITS: [&str; 3] = ["uhr", "o'clock", "h"];

/// The hour and minute at the end of a text, where nothing there says which half of the day it is. A clock of 24 hours says
/// it ("14:30", "08:30").
fn open(text: &str) -> Option<(i8, i8)> {
    let text = text.trim_end_matches(['.', '!', '?']).to_lowercase();
    let unit = UNITS.iter().find_map(|unit| text.strip_suffix(unit));
    let clock = unit.unwrap_or(&text).trim_end();
    let clock = clock.rsplit(char::is_whitespace).next()?;
    let (hour, minute) = clock.split_once(':').unwrap_or((clock, ""));
    let is_open = !hour.starts_with('0') && hour.bytes().all(|digit| digit.is_ascii_digit());
    let said = hour.parse().ok().filter(|hour| (1..=12).contains(hour));
    let minutes = match minute {
        "" => Some(0),
        minute => minute
            .parse()
            .ok()
            .filter(|minute| (0..60).contains(minute)),
    };
    is_open.then_some((said?, minutes?))
}

impl SlotSpec {
    /// The time that a number alone is, such as "8" or "20".
    pub(super) fn hour_alone(&self, text: &str, today: Date) -> Option<Time> {
        let text = text.trim_end_matches(['.', '!', '?']);
        let is_number =
            (1..=2).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
        let hour: i8 = is_number.then(|| text.parse().ok()).flatten()?;
        let said = Time::new(hour, 0, 0, 0).ok()?;
        let meant = if AFTERNOON.contains(&hour) {
            other_half(said)
        } else {
            said
        };
        Some(self.half_that_fits(text, meant, today))
    }

    /// A time that was read from a text, or its other half where the text says none and only the other fits.
    pub(crate) fn half_that_fits(&self, text: &str, said: Time, today: Date) -> Time {
        let Some((hour, minute)) = open(text) else {
            return said;
        };
        let is_it = said.hour() % 12 == hour % 12 && said.minute() == minute;
        if is_it && !self.fits(said, today) && self.fits(other_half(said), today) {
            other_half(said)
        } else {
            said
        }
    }

    /// A time that may be of either half of the day: the one that fits; of both, that of the afternoon.
    pub(crate) fn either_half(&self, said: Time, today: Date) -> Time {
        let other = other_half(said);
        match (self.fits(said, today), self.fits(other, today)) {
            (true, true) if AFTERNOON.contains(&said.hour()) => other,
            (false, true) => other,
            _ => said,
        }
    }

    fn fits(&self, time: Time, today: Date) -> bool {
        self.accept(Value::Time(time), today).is_ok()
    }
}

fn other_half(time: Time) -> Time {
    let hour = (time.hour() + 12) % 24;
    Time::new(hour, time.minute(), 0, 0).unwrap_or(time)
}
