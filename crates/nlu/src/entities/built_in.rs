//! What every project has: numbers, money, dates and times, durations, e-mail addresses, phone and order
//! numbers, addresses of pages. All but order numbers and German times are found by the crate `duckling`.

use std::{ops::Range, sync::LazyLock};

use convene_training_data::{BuiltIn, Language};
use duckling::{DimensionValue, MeasurementValue};
use jiff::{Timestamp, civil, tz::TimeZone};
use regex::Regex;

use super::{
    Known,
    any_day::{mark_any_day, same},
    days_and_hours, either, english, english_hours,
    entity::{Entity, Value, overlap},
    french, german,
    grammar::{self, LONGEST},
    lexicon::is_whole,
    money, phone_numbers, plain_dates,
    said::Said,
    small_words,
    triggers::{may_hold_values, without_strangers},
    values::{built, said, value},
};

static ORDER_NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"#\d{3,14}|\b[A-Z]{1,4}[-/]?\d{3,14}(?:[-/]\d{1,8})*|\b\d{4,14}(?:-\d{1,8})*").ok()
});

/// Behind an English number: it is no whole one.
const HALF_MORE: &str = " and a half";

/// Finds what every project has, of the kinds that are looked for. Several may overlap: an order number is a number.
pub(super) fn find(text: &str, known: &Known<'_>) -> Vec<Entity> {
    find_where(may_hold_values, text, known)
}

/// The same, where it may be that `duckling` finds something.
pub(super) fn find_where(
    may_be: fn(&str, &Language) -> bool,
    text: &str,
    known: &Known<'_>,
) -> Vec<Entity> {
    let mut found = find_at(may_be, text, known);
    mark_any_day(&mut found, known.zone, known.now, |now, hours| {
        let known = Known { now, ..*known };
        let mut own = own_hours(text, &known);
        if hours.iter().all(|hour| same(hour, &mut own).is_some()) {
            own
        } else {
            find_at(may_be, text, &known)
        }
    });
    found
}

/// The times of our own rules, which are found whatever else is.
fn own_hours(text: &str, known: &Known<'_>) -> Vec<Entity> {
    let read = read_days(text, known);
    let times = own_times(&read, known.language, known.zone, known.now).into_iter();
    let built = times.filter_map(|(place, value)| built(text, place, BuiltIn::Time, value));
    built.map(|(_, entity)| entity).collect()
}

/// A text whose days can be read.
fn read_days(text: &str, known: &Known<'_>) -> String {
    let read = phone_numbers::without_slashes(text);
    let now = known.zone.to_datetime(known.now);
    let read = plain_dates::with_plain_days(&read, known.language, now);
    if known.language.as_str() == "de" {
        german::without_old(&read, now).into_owned()
    } else {
        read.into_owned()
    }
}

fn find_at(may_be: fn(&str, &Language) -> bool, text: &str, known: &Known<'_>) -> Vec<Entity> {
    let Known {
        language,
        built_ins: kinds,
        zone,
        now,
        ..
    } = *known;
    if kinds.is_empty() || text.len() > LONGEST {
        return Vec::new();
    }
    let mut found = Vec::new();
    let (read, times) = if kinds.contains(&BuiltIn::Time) {
        let read = read_days(text, known);
        let times = own_times(&read, language, zone, now);
        (read, times)
    } else {
        (
            phone_numbers::without_slashes(text).into_owned(),
            Vec::new(),
        )
    };
    let is_english = language.as_str() == "en";
    let read = if is_english && kinds.contains(&BuiltIn::Time) {
        english::with_plain_dates(&read).into_owned()
    } else {
        read
    };
    let read = small_words::without_traps(&read, language).into_owned();
    let (read, mut entities) = if may_be(&read, language) {
        let read = without_strangers(&read, language).into_owned();
        let found = grammar::find(&read, kinds, language, zone, now);
        (read, found)
    } else {
        (read, Vec::new())
    };
    // It sees a number in the "l" of "call", and a Saturday behind the "zwei" of "zwei Salate".
    let torn = |entity: &duckling::Entity| !is_whole(&read, &(entity.start..entity.end));
    if entities.iter().any(torn) {
        let torn = entities.iter().filter(|one| torn(one));
        let read = small_words::without_words(&read, torn.flat_map(|one| [one.start, one.end]));
        entities = grammar::find(&read, kinds, language, zone, now);
    }
    entities.retain(|one| is_whole(text, &(one.start..one.end)));
    let phones: Vec<_> = entities
        .iter()
        .filter(|one| matches!(one.value, DimensionValue::PhoneNumber(_)))
        .map(|one| one.start..one.end)
        .collect();
    let amounts = if kinds.contains(&BuiltIn::AmountOfMoney) {
        own_amounts(text, &entities)
    } else {
        Vec::new()
    };
    for entity in entities {
        let mut place = entity.start..entity.end;
        let is_in_amount = |(own, _): &money::Amount| overlap(own, &place);
        let is_of_number = matches!(
            entity.value,
            DimensionValue::AmountOfMoney(_)
                | DimensionValue::Numeral(_)
                | DimensionValue::Time(_)
                | DimensionValue::Url { .. }
        );
        if is_of_number && amounts.iter().any(is_in_amount) {
            continue;
        }
        // "AC3371" is a code, though it looks like "a cent".
        if is_code(&entity.value, &text[place.clone()]) {
            continue;
        }
        let Some((kind, mut value)) = value(&entity.value, zone) else {
            continue;
        };
        // "Nummer ist 0171" is an hour to it.
        let is_of_phone = phones.iter().any(|phone| overlap(phone, &place));
        if kind == BuiltIn::Time && is_of_phone {
            continue;
        }
        if kind == BuiltIn::Time && is_english {
            value = as_meant(&text[place.clone()], value, zone, now);
        }
        if let Value::Number { number } = &mut value
            && is_english
            && text[place.end..].to_lowercase().starts_with(HALF_MORE)
        {
            *number += 0.5;
            place.end += HALF_MORE.len();
        }
        let is_ours = |(own, _): &(Range<usize>, Value)| overlap(own, &place);
        let is_known = kind == BuiltIn::Time && times.iter().any(is_ours);
        if !is_known && !small_words::is_one(text, &place, kind, language) {
            found.extend(built(text, place, kind, value));
        }
    }
    for (place, amount) in amounts {
        let money = amount.map(|(amount, currency)| Value::Money {
            amount,
            currency: currency.to_owned(),
        });
        found.extend(money.and_then(|money| built(text, place, BuiltIn::AmountOfMoney, money)));
    }
    for (place, value) in times {
        found.extend(built(text, place, BuiltIn::Time, value));
    }
    if language.as_str() == "de" && kinds.contains(&BuiltIn::Number) {
        for (place, number) in german::together(text) {
            found.extend(built(
                text,
                place,
                BuiltIn::Number,
                Value::Number { number },
            ));
        }
    }
    days_and_hours::join(text, &mut found, zone);
    either::with_both_hours(text, &mut found, zone);
    if language.as_str() == "fr" {
        french::with_minutes(text, &mut found, zone);
    }
    if kinds.contains(&BuiltIn::OrderNumber)
        && let Some(pattern) = ORDER_NUMBER.as_ref()
    {
        for piece in pattern.find_iter(text) {
            let place = piece.range();
            if is_whole(text, &place) {
                let value = Value::Text {
                    text: piece.as_str().trim_start_matches('#').to_owned(),
                };
                found.extend(built(text, place, BuiltIn::OrderNumber, value));
            }
        }
    }
    // Of the same piece, the kinds in the order in which they are listed.
    found.sort_by_key(|(kind, _)| *kind);
    found.into_iter().map(|(_, entity)| entity).collect()
}

/// Cents stand behind their number.
fn is_code(value: &DimensionValue, said: &str) -> bool {
    matches!(value, DimensionValue::AmountOfMoney(MeasurementValue::Value { unit, .. }) if unit == "cent")
        && said.starts_with(char::is_alphabetic)
        && said.ends_with(|sign: char| sign.is_ascii_digit())
}

/// The amounts in figures that are none of a span such as "from 10 to 20 euros".
fn own_amounts(text: &str, entities: &[duckling::Entity]) -> Vec<money::Amount> {
    let mut amounts = money::amounts(text);
    amounts.retain(|(place, _)| {
        !entities.iter().any(|entity| {
            let is_span = matches!(&entity.value, DimensionValue::AmountOfMoney(money) if !matches!(money, MeasurementValue::Value { .. }));
            is_span && overlap(&(entity.start..entity.end), place)
        })
    });
    amounts
}

/// An English time as its words say it, where `duckling` has read them otherwise.
fn as_meant(piece: &str, value: Value, zone: &TimeZone, now: Timestamp) -> Value {
    let local = zone.to_datetime(now);
    let told = |time, grain| Some(said(zone.to_timestamp(time).ok()?, grain, zone));
    let other = match &value {
        Value::Time { at } => at.local().and_then(|time| {
            let has_hour = ["hour", "minute"].contains(&at.grain);
            let at = told(english::meant(piece, time, has_hour, local), at.grain)?;
            Some(Value::Time { at })
        }),
        Value::Interval {
            from: Some(from),
            to: Some(to),
        } => from.local().zip(to.local()).and_then(|span| {
            let span = english::meant_between(piece, span, local);
            Some(Value::Interval {
                from: Some(told(span.0, from.grain)?),
                to: Some(told(span.1, to.grain)?),
            })
        }),
        _ => None,
    };
    other.unwrap_or(value)
}

/// The times that our own rules for a language find.
fn own_times(
    text: &str,
    language: &Language,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<(Range<usize>, Value)> {
    let local = zone.to_datetime(now);
    let told = |time: civil::DateTime, grain| {
        let timestamp = zone.to_timestamp(time).ok()?;
        Some(said(timestamp, grain, zone))
    };
    let times = match language.as_str() {
        "de" => german::times(text, local),
        "en" => english_hours::times(text, local),
        _ => Vec::new(),
    };
    let valued = times.into_iter().filter_map(|(place, said)| {
        let value = match said {
            Said::At(time, grain) => Value::Time {
                at: told(time, grain)?,
            },
            Said::Between(from, to, grain) => Value::Interval {
                from: from.and_then(|from| told(from, grain)),
                to: to.and_then(|to| told(to, grain)),
            },
        };
        Some((place, value))
    });
    valued.collect()
}
