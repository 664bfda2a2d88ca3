//! Whether a time names its day. What is found for "at 7" is the next time that it is 7, which looks like "today at 7" or
//! "tomorrow at 7": but asked at another hour of the same day, it is another time, and at the same hour.

use jiff::{Timestamp, ToSpan as _, civil::DateTime, tz::TimeZone};

use super::entity::{Entity, Moment, Value};

/// An hour of any day is at most so many hours from now.
const FARTHEST: i64 = 25;

/// Half of a day, in minutes: "at 7" may be that of the morning, or that of the evening.
const HALF: i32 = 12 * 60;

/// The day of whoever says it: an hour of it that is over is found as that of the next day.
const TODAY: [&str; 9] = [
    "today",
    "tonight",
    "this",
    "heute",
    "aujourd'hui",
    "hoy",
    "oggi",
    "vandaag",
    "hoje",
];

/// Marks the moments that have an hour, and whose day was not said. `find` finds what is in a text at another time.
pub(super) fn mark_any_day(
    found: &mut [Entity],
    zone: &TimeZone,
    now: Timestamp,
    find: impl Fn(&str, Timestamp) -> Vec<Entity>,
) {
    let today = zone.to_datetime(now).date();
    let at = |hour, minute| zone.to_timestamp(today.at(hour, minute, 0, 0)).ok();
    let (Some(early), Some(late)) = (at(0, 1), at(23, 58)) else {
        return;
    };
    let farthest = now.checked_add(FARTHEST.hours()).unwrap_or(now);
    let farthest = zone.to_datetime(farthest);
    for entity in found {
        let is_near = |moment: &Moment| moment.local().is_some_and(|time| time <= farthest);
        let said = entity.text.to_lowercase();
        if said.split_whitespace().any(|word| TODAY.contains(&word)) {
            continue;
        }
        if !moments(&mut entity.value).any(|moment| has_hour(moment) && is_near(moment)) {
            continue;
        }
        let all = |now| {
            let mut found = find(&entity.text, now).into_iter();
            found.find(|other| other.entity == entity.entity && other.text == entity.text)
        };
        let (Some(mut early), Some(mut late)) = (all(early), all(late)) else {
            continue;
        };
        let moved: Vec<bool> = moments(&mut early.value)
            .zip(moments(&mut late.value))
            .map(|(early, late)| is_another_time(early, late))
            .collect();
        for (moment, is_moved) in moments(&mut entity.value).zip(moved) {
            moment.any_day = is_moved && has_hour(moment);
        }
    }
}

fn moments(value: &mut Value) -> impl Iterator<Item = &mut Moment> {
    let (one, other) = match value {
        Value::Time { at } => (Some(at), None),
        Value::Interval { from, to } => (from.as_mut(), to.as_mut()),
        _ => (None, None),
    };
    one.into_iter().chain(other)
}

fn has_hour(moment: &Moment) -> bool {
    ["hour", "minute", "second"].contains(&moment.grain)
}

/// "In two hours" is another hour then, too.
fn is_another_time(early: &Moment, late: &Moment) -> bool {
    let (Some(early), Some(late)) = (early.local(), late.local()) else {
        return false;
    };
    let clock = |time: DateTime| (i32::from(time.hour()) * 60 + i32::from(time.minute())) % HALF;
    early != late && clock(early) == clock(late)
}
