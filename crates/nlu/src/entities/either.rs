//! "5 or 6 pm" and "at 7 or 8" name two hours, of which one would be found alone.

use convene_training_data::BuiltIn;
use jiff::tz::TimeZone;

use super::{
    entity::{Entity, Value},
    values::{built, said},
};

/// What stands between two things of which one is meant.
const OR: [&str; 5] = ["or", "oder", "ou", "o", "eller"];

/// The hours that are said as a number before another, or behind one; they stand where the number does, and win.
pub(super) fn with_both_hours(text: &str, found: &mut Vec<(BuiltIn, Entity)>, zone: &TimeZone) {
    let both = |number: &Entity, time: &Entity| {
        let (Value::Number { number: hour }, Value::Time { at }) = (&number.value, &time.value)
        else {
            return None;
        };
        let between = text.get(number.end..time.start);
        let between = between.or_else(|| text.get(time.end..number.start))?;
        let between = between.trim().to_lowercase();
        let other = at
            .local()
            .filter(|_| at.grain == "hour" || at.grain == "minute")?;
        let is_meant = |one: &i8| (f64::from(*one) - hour).abs() < f64::EPSILON;
        let hour = (1..24_i8).find(is_meant)?;
        let is_late = other.hour() >= 12 && hour < 12;
        let is_hour = OR.contains(&between.as_str());
        let when = other
            .date()
            .at(hour + if is_late { 12 } else { 0 }, 0, 0, 0);
        let at = zone.to_timestamp(when).ok().filter(|_| is_hour)?;
        let value = Value::Time {
            at: said(at, "hour", zone),
        };
        built(text, number.start..number.end, BuiltIn::Time, value)
    };
    let all = || found.iter().map(|(_, entity)| entity);
    let hours: Vec<_> = all()
        .flat_map(|number| all().filter_map(move |time| both(number, time)))
        .collect();
    found.extend(hours);
}
