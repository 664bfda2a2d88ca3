//! Days and hours that belong together, though they are found apart.

use convene_training_data::BuiltIn;
use jiff::tz::TimeZone;

use super::{
    entity::{Entity, Value},
    values::{built, said},
};

/// What stands between a day and its hour.
const AT: [&str; 8] = ["at", "à", "a", "las", "la", "alle", "às", "om"];

/// "Demain à 20h" is one time, though it is found as two: a day, and an hour of any day.
pub(super) fn join(text: &str, found: &mut Vec<(BuiltIn, Entity)>, zone: &TimeZone) {
    let joined = |day: &Entity, hour: &Entity| {
        let (Value::Time { at: date }, Value::Time { at: clock }) = (&day.value, &hour.value)
        else {
            return None;
        };
        let between = text.get(day.end..hour.start)?;
        let is_hour = ["hour", "minute"].contains(&clock.grain);
        let mut words = between.split([',', ' ']);
        let is_next = words.all(|word| word.is_empty() || AT.contains(&word));
        if date.grain != "day" || !is_hour || !is_next {
            return None;
        }
        let time = format!("{}{}", date.time.get(..10)?, clock.time.get(10..19)?);
        let at = zone.to_timestamp(time.parse().ok()?).ok()?;
        let value = Value::Time {
            at: said(at, clock.grain, zone),
        };
        built(text, day.start..hour.end, BuiltIn::Time, value)
    };
    let times = || found.iter().map(|(_, entity)| entity);
    let all: Vec<_> = times()
        .flat_map(|day| times().filter_map(move |hour| joined(day, hour)))
        .collect();
    // Longer than both of them, they win.
    found.extend(all);
}
