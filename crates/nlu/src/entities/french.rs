//! Parts of an hour that are said behind it in French: "six heures et demie".

use convene_training_data::BuiltIn;
use jiff::{ToSpan as _, tz::TimeZone};

use super::{
    entity::{Entity, Value},
    values::{built, said},
};

const BEHIND: [(&str, i64); 4] = [
    (" et demie", 30),
    (" et demi", 30),
    (" et quart", 15),
    (" moins le quart", -15),
];

/// The hours of a text with what is said behind them; longer than the hours alone, they win.
pub(super) fn with_minutes(text: &str, found: &mut Vec<(BuiltIn, Entity)>, zone: &TimeZone) {
    let whole = |hour: &Entity| {
        let Value::Time { at } = &hour.value else {
            return None;
        };
        let small = text.get(hour.end..)?.to_lowercase();
        let (words, minutes) = BEHIND.iter().find(|(words, _)| small.starts_with(words))?;
        let is_hour = ["hour", "minute"].contains(&at.grain);
        let time = at.local().filter(|time| is_hour && time.minute() == 0)?;
        let time = time.checked_add(minutes.minutes()).ok()?;
        let value = Value::Time {
            at: said(zone.to_timestamp(time).ok()?, "minute", zone),
        };
        built(
            text,
            hour.start..hour.end + words.len(),
            BuiltIn::Time,
            value,
        )
    };
    let all: Vec<_> = found
        .iter()
        .filter_map(|(_, entity)| whole(entity))
        .collect();
    found.extend(all);
}
