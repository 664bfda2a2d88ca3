//! Moments, as programs write them and as understanding has them: a day, an hour, or both.

use jiff::civil::{Date, Time};
use serde_json::{Map, Value as Json, json};

use crate::folder::SlotType;

/// How exactly a moment is said that is a time of a day.
const HOURS: [&str; 3] = ["hour", "minute", "second"];

/// The day of a moment. "Next week" is no day, and neither is an hour of any day; "Saturday evening" is one.
pub(crate) fn date(json: &Json) -> Option<Date> {
    match json {
        Json::String(text) => day(text),
        Json::Object(map) if map.get("type").is_some_and(|kind| kind == "interval") => {
            day_of_interval(map)
        }
        Json::Object(map) => {
            let is_day = (grain(map) == Some("day") || has_hour(map)) && !is_of_any_day(map);
            is_day.then(|| day(map.get("time")?.as_str()?)).flatten()
        }
        _ => None,
    }
}

/// The time of the day of a moment. A day is none.
pub(crate) fn time(json: &Json) -> Option<Time> {
    match json {
        Json::String(text) => clock(text),
        Json::Object(map) if has_hour(map) => clock(map.get("time")?.as_str()?),
        _ => None,
    }
}

/// What is left of a moment that is a day and an hour, when its day or its hour is taken.
pub(crate) fn rest(taken: SlotType, json: &Json) -> Option<Json> {
    date(json)?;
    time(json)?;
    match (taken, json) {
        (SlotType::Date, Json::String(text)) => Some(json!(text.split_once('T')?.1)),
        (SlotType::Time, Json::String(text)) => Some(json!(text.split_once('T')?.0)),
        (SlotType::Date, Json::Object(map)) => Some(with(map, "any_day", json!(true))),
        (SlotType::Time, Json::Object(map)) => Some(with(map, "grain", json!("day"))),
        _ => None,
    }
}

fn with(map: &Map<String, Json>, key: &str, value: Json) -> Json {
    let mut map = map.clone();
    map.insert(key.to_owned(), value);
    Json::Object(map)
}

/// The day of a part of a day, or the first of all that follow: "from Monday on". From Monday to Wednesday is none.
fn day_of_interval(interval: &Map<String, Json>) -> Option<Date> {
    let end = |name: &str| interval.get(name).and_then(Json::as_object);
    let (from, to) = (end("from"), end("to"));
    if let (Some(from), None) = (from, to)
        && grain(from) == Some("day")
    {
        return day(from.get("time")?.as_str()?);
    }
    let mut ends = from.iter().chain(to.iter());
    if !ends.all(|end| has_hour(end) && !is_of_any_day(end)) {
        return None;
    }
    let day_of = |end: &Map<String, Json>| day(end.get("time")?.as_str()?);
    let (first, last) = (from.map(day_of), to.map(day_of));
    match (first, last) {
        (Some(first), Some(last)) => {
            let (first, last) = (first?, last?);
            // A night ends on the next day.
            let is_one = last == first || Some(last) == first.tomorrow().ok();
            is_one.then_some(first)
        }
        (one, other) => one.or(other)?,
    }
}

fn grain(moment: &Map<String, Json>) -> Option<&str> {
    moment.get("grain").and_then(Json::as_str)
}

fn has_hour(moment: &Map<String, Json>) -> bool {
    grain(moment).is_some_and(|grain| HOURS.contains(&grain))
}

/// Whether an entity is an hour of which nothing said in which half of the day it is. Of one whose day was taken there is
/// the moment alone.
pub(crate) fn is_of_any_half(entity: &Json) -> bool {
    moment_of(entity).get("any_half") == Some(&Json::Bool(true))
}

/// The day that a moment of an entity is on, said or not.
pub(crate) fn day_of(entity: &Json) -> Option<Date> {
    day(moment_of(entity).get("time")?.as_str()?)
}

/// Whether an entity says an hour.
pub(crate) fn is_at_an_hour(entity: &Json) -> bool {
    time(moment_of(entity)).is_some()
}

/// Whether an entity says a day or an hour.
pub(crate) fn is_at_a_time(entity: &Json) -> bool {
    date(moment_of(entity)).is_some() || is_at_an_hour(entity)
}

/// What an entity of a time says, without its type.
pub(crate) fn moment_of(entity: &Json) -> &Json {
    entity.get("at").unwrap_or(entity)
}

fn is_of_any_day(moment: &Map<String, Json>) -> bool {
    moment.get("any_day") == Some(&Json::Bool(true))
}

/// A day, perhaps with a time behind it.
fn day(text: &str) -> Option<Date> {
    let day = text.get(..10).unwrap_or(text);
    day.parse().ok()
}

/// A time, perhaps with a day in front of it. What people write, such as `02:30 pm`, is none of it.
fn clock(text: &str) -> Option<Time> {
    let (_, clock) = text.split_once('T').unwrap_or(("", text));
    let (clock, rest) = clock.trim().split_at_checked(5).unwrap_or((clock, ""));
    let is_plain = rest.is_empty() || rest.starts_with([':', 'Z', '+', '-']);
    Time::strptime("%H:%M", clock.trim())
        .ok()
        .filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    fn at(grain: &str, any_day: bool) -> Json {
        json!({ "time": "2026-11-28T19:00:00+01:00", "grain": grain, "any_day": any_day })
    }

    fn read(json: &Json) -> (Option<String>, Option<String>) {
        let of = |kind| Value::from_json(kind, json).map(|value| value.to_string());
        (of(SlotType::Date), of(SlotType::Time))
    }

    fn is(day: Option<&str>, hour: Option<&str>) -> (Option<String>, Option<String>) {
        (day.map(Into::into), hour.map(Into::into))
    }

    #[test]
    fn a_moment_whose_day_was_taken_still_says_what_it_left_open() {
        let mut at = at("minute", true);
        at["any_half"] = json!(true);
        let tagged = json!({ "type": "time", "at": at });
        for entity in [at, tagged] {
            assert!(is_of_any_half(&entity));
            assert_eq!(day_of(&entity).unwrap().to_string(), "2026-11-28");
        }
        assert!(!is_of_any_half(&json!("14:30")));
    }

    #[test]
    fn a_day_is_no_hour_and_an_hour_no_day() {
        let (day, hour) = (Some("2026-11-28"), Some("19:00"));
        for (grain, any_day, expected) in [
            ("hour", false, is(day, hour)),
            ("minute", true, is(None, hour)),
            ("day", false, is(day, None)),
            ("week", false, is(None, None)),
        ] {
            let value = json!({ "type": "time", "at": at(grain, any_day) });
            assert_eq!(read(&value), expected, "{grain} {any_day}");
        }
    }

    #[test]
    fn a_part_of_a_day_has_its_day_and_no_hour() {
        let until = |time: &str| json!({ "time": time, "grain": "hour" });
        let midnight = until("2026-11-29T00:00:00+01:00");
        let monday = until("2026-11-30T00:00:00+01:00");
        let day = is(Some("2026-11-28"), None);
        for (from, to, expected) in [
            (at("hour", false), midnight.clone(), day.clone()),
            (at("hour", false), Json::Null, day.clone()),
            (Json::Null, at("hour", false), day.clone()),
            (at("day", false), Json::Null, day),
            (Json::Null, at("day", false), is(None, None)),
            (at("hour", false), monday, is(None, None)),
            (at("hour", true), midnight, is(None, None)),
            (at("day", false), at("day", false), is(None, None)),
            (Json::Null, Json::Null, is(None, None)),
        ] {
            let value = json!({ "type": "interval", "from": from, "to": to });
            assert_eq!(read(&value), expected, "{value}");
        }
    }

    #[test]
    fn what_is_left_of_a_moment_is_its_other_half() {
        let whole = at("hour", false);
        let stamp = json!("2026-11-28T19:00:00+01:00");
        for moment in [whole, stamp] {
            let hour = rest(SlotType::Date, &moment).unwrap();
            assert_eq!(read(&hour), is(None, Some("19:00")), "{moment}");
            let day = rest(SlotType::Time, &moment).unwrap();
            assert_eq!(read(&day), is(Some("2026-11-28"), None), "{moment}");
            for half in [&hour, &day] {
                assert_eq!(rest(SlotType::Date, half), None);
                assert_eq!(rest(SlotType::Time, half), None);
            }
        }
    }
}
