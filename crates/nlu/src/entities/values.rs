//! What `duckling` has found, as values of ours.

use std::ops::Range;

use chrono::{Datelike as _, NaiveDateTime, Timelike as _};
use convene_training_data::{BuiltIn, EntityKind};
use duckling::{DimensionValue, Grain, MeasurementValue, TimePoint, TimeValue};
use jiff::{Timestamp, civil, tz::TimeZone};

use super::entity::{Entity, Moment, Source, Value};

/// A value and its kind. None of what no project has.
pub(super) fn value(found: &DimensionValue, zone: &TimeZone) -> Option<(BuiltIn, Value)> {
    let text = |text: &str| Value::Text {
        text: text.to_owned(),
    };
    Some(match found {
        DimensionValue::Numeral(number) => (BuiltIn::Number, Value::Number { number: *number }),
        #[expect(
            clippy::cast_precision_loss,
            reason = "nobody comes in that far behind"
        )]
        DimensionValue::Ordinal(place) => (
            BuiltIn::Ordinal,
            Value::Number {
                number: *place as f64,
            },
        ),
        DimensionValue::AmountOfMoney(MeasurementValue::Value { value, unit }) => (
            BuiltIn::AmountOfMoney,
            Value::Money {
                amount: *value,
                currency: unit.clone(),
            },
        ),
        DimensionValue::Email(address) => (BuiltIn::Email, text(address)),
        DimensionValue::PhoneNumber(number) => (BuiltIn::PhoneNumber, text(number)),
        DimensionValue::Url { value, .. } => (BuiltIn::Url, text(value)),
        DimensionValue::Duration {
            normalized_seconds, ..
        } => (
            BuiltIn::Duration,
            Value::Duration {
                seconds: *normalized_seconds,
            },
        ),
        DimensionValue::Time(TimeValue::Single { value, .. }) => (
            BuiltIn::Time,
            Value::Time {
                at: moment(value, zone)?,
            },
        ),
        DimensionValue::Time(TimeValue::Interval { from, to, .. }) => {
            let end =
                |point: &Option<TimePoint>| point.as_ref().and_then(|point| moment(point, zone));
            let (from, to) = (end(from), end(to));
            if from.is_none() && to.is_none() {
                return None;
            }
            (BuiltIn::Time, Value::Interval { from, to })
        }
        _ => return None,
    })
}

fn moment(point: &TimePoint, zone: &TimeZone) -> Option<Moment> {
    let (timestamp, grain) = match point {
        TimePoint::Instant { value, grain } => {
            (Timestamp::from_second(value.timestamp()).ok()?, grain)
        }
        TimePoint::Naive { value, grain } => (zone.to_timestamp(civil(value)?).ok()?, grain),
    };
    let grain = match grain {
        Grain::NoGrain | Grain::Second => "second",
        Grain::Minute => "minute",
        Grain::Hour => "hour",
        Grain::Day => "day",
        Grain::Week => "week",
        Grain::Month => "month",
        Grain::Quarter => "quarter",
        Grain::Year => "year",
    };
    Some(said(timestamp, grain, zone))
}

pub(super) fn said(timestamp: Timestamp, grain: &'static str, zone: &TimeZone) -> Moment {
    let zoned = timestamp.to_zoned_datetime(zone.clone());
    Moment {
        time: zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        grain,
        any_day: false,
        any_half: false,
    }
}

fn civil(time: &NaiveDateTime) -> Option<civil::DateTime> {
    let part = |number: u32| i8::try_from(number).ok();
    civil::DateTime::new(
        i16::try_from(time.year()).ok()?,
        part(time.month())?,
        part(time.day())?,
        part(time.hour())?,
        part(time.minute())?,
        part(time.second())?,
        0,
    )
    .ok()
}

/// An entity of a piece of a text, with its kind.
pub(super) fn built(
    text: &str,
    place: Range<usize>,
    kind: BuiltIn,
    value: Value,
) -> Option<(BuiltIn, Entity)> {
    let entity = Entity {
        entity: EntityKind::new(kind.as_str()),
        start: place.start,
        end: place.end,
        text: text.get(place)?.to_owned(),
        value,
        role: None,
        group: None,
        source: Source::BuiltIn,
    };
    Some((kind, entity))
}
