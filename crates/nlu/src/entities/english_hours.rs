//! English hours that are an answer by themselves, or are on a clock of 24 hours: "eight thirty", "7ish", "19 o'clock".

use std::{ops::Range, sync::LazyLock};

use jiff::{
    ToSpan as _,
    civil::{DateTime, Time},
};
use regex::Regex;

use super::said::Said;

const HOURS: &str = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve";
const MINUTES: [(&str, i8); 3] = [("fifteen", 15), ("thirty", 30), ("forty", 45)];

/// All that is said.
static ALONE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let minutes = "(?P<m>fifteen|thirty|forty[ -]five)";
    Regex::new(&format!(
        r"(?i)^\s*(?P<all>(?P<h>{HOURS}) {minutes}|(?P<about>\d{{1,2}}|{HOURS})[ -]?ish)[.!?]?\s*$"
    ))
    .ok()
});
static LATE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(1[3-9]|2[0-3]) ?o[' ’]?clock\b").ok());

/// The times of a text, with their places in bytes: of an hour of either half of the day the next.
pub(super) fn times(text: &str, now: DateTime) -> Vec<(Range<usize>, Said)> {
    let mut found = Vec::new();
    if let Some(said) = ALONE.as_ref().and_then(|alone| alone.captures(text)) {
        let hour = said.name("h").or(said.name("about"));
        let hour = hour.and_then(|hour| count(hour.as_str()));
        let minute = said.name("m").and_then(|said| {
            let mut minutes = MINUTES.iter();
            let of = minutes.find(|(word, _)| said.as_str().to_lowercase().starts_with(word));
            of.map(|(_, minute)| *minute)
        });
        let grain = if minute.is_some() { "minute" } else { "hour" };
        let time = hour.and_then(|hour| next(hour, minute.unwrap_or(0), now));
        if let (Some(place), Some(time)) = (said.name("all"), time) {
            found.push((place.range(), Said::At(time, grain)));
        }
    }
    for said in LATE.iter().flat_map(|late| late.captures_iter(text)) {
        let hour = said.get(1).and_then(|hour| hour.as_str().parse().ok());
        let time = hour.and_then(|hour| next(hour, 0, now));
        if let (Some(place), Some(time)) = (said.get(0), time) {
            found.push((place.range(), Said::At(time, "hour")));
        }
    }
    found
}

fn count(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    let named = HOURS.split('|').position(|hour| hour == word);
    let named = named.and_then(|at| i8::try_from(at + 1).ok());
    named.or_else(|| word.parse().ok())
}

/// When it is that time next; to twelve, it is of either half of a day.
fn next(hour: i8, minute: i8, now: DateTime) -> Option<DateTime> {
    let halves: i64 = if (1..=12).contains(&hour) { 12 } else { 24 };
    let time = Time::new(hour, minute, 0, 0).ok()?;
    let today = now.date().to_datetime(time);
    let earlier = today.checked_sub(halves.hours()).ok()?;
    let mut times =
        (0..4).filter_map(|times: i64| earlier.checked_add((times * halves).hours()).ok());
    times.find(|time| *time > now)
}
