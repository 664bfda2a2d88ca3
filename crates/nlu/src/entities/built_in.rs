//! What every project has: numbers, money, dates and times, durations, e-mail addresses, phone and order
//! numbers, addresses of pages. All but order numbers and German times are found by the crate `duckling`.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError},
};

use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDateTime, Timelike as _};
use convene_training_data::{BuiltIn, EntityKind, Language};
use duckling::{
    DimensionKind, DimensionValue, Grain, Lang, Locale, MeasurementValue, TimePoint, TimeValue,
};
use jiff::{Timestamp, civil, tz::TimeZone};
use regex::Regex;

use super::{
    any_day::mark_any_day,
    english,
    entity::{Entity, Moment, Source, Value},
    german,
    lexicon::is_whole,
    phone_numbers, small_words,
};

/// A text that is longer, in bytes, is not looked through.
const LONGEST: usize = 1000;

static ORDER_NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"#\d{3,14}|\b[A-Z]{1,4}[-/]?\d{3,14}(?:[-/]\d{1,8})*|\b\d{4,14}(?:-\d{1,8})*").ok()
});

/// The rules of a language for some kinds are made when they are first needed, take a tenth of a second and some
/// 30 MB, and stay. Here is who makes them, so that nobody makes them a second time meanwhile.
static RULES: LazyLock<Mutex<HashMap<RulesKey, Arc<OnceLock<()>>>>> = LazyLock::new(Mutex::default);

type RulesKey = (Lang, Vec<DimensionKind>);

/// Whether the rules for a text are there, or none are needed.
pub(crate) fn is_ready(text: &str, kinds: &[BuiltIn], language: &Language) -> bool {
    let dimensions = dimensions(kinds);
    dimensions.is_empty()
        || text.len() > LONGEST
        || rules((lang(language), dimensions)).get().is_some()
}

/// Makes the rules of a language, or waits for whoever does.
pub(crate) fn get_ready(kinds: &[BuiltIn], language: &Language) {
    make_rules(lang(language), &dimensions(kinds));
}

fn make_rules(lang: Lang, dimensions: &[DimensionKind]) {
    rules((lang, dimensions.to_vec())).get_or_init(|| {
        parse("1", dimensions, lang, &TimeZone::UTC, Timestamp::UNIX_EPOCH);
    });
}

/// What the crate finds of these kinds: for it, none would be all.
fn parse(
    text: &str,
    dimensions: &[DimensionKind],
    lang: Lang,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<duckling::Entity> {
    let locale = Locale::new(lang, None);
    let reference = reference(zone, now).filter(|_| !dimensions.is_empty());
    reference.map_or_else(Vec::new, |reference| {
        let context = duckling::Context::new(reference, locale);
        let options = duckling::Options::default();
        duckling::parse(text, &locale, dimensions, &context, &options)
    })
}

fn rules(key: RulesKey) -> Arc<OnceLock<()>> {
    let mut rules = RULES.lock().unwrap_or_else(PoisonError::into_inner);
    rules.entry(key).or_default().clone()
}

fn dimensions(kinds: &[BuiltIn]) -> Vec<DimensionKind> {
    kinds.iter().copied().filter_map(dimension).collect()
}

const fn dimension(kind: BuiltIn) -> Option<DimensionKind> {
    Some(match kind {
        BuiltIn::Time => DimensionKind::Time,
        BuiltIn::Duration => DimensionKind::Duration,
        BuiltIn::AmountOfMoney => DimensionKind::AmountOfMoney,
        BuiltIn::Email => DimensionKind::Email,
        BuiltIn::PhoneNumber => DimensionKind::PhoneNumber,
        BuiltIn::Url => DimensionKind::Url,
        BuiltIn::Ordinal => DimensionKind::Ordinal,
        BuiltIn::Number => DimensionKind::Numeral,
        BuiltIn::OrderNumber => return None,
    })
}

/// Finds what every project has, of these kinds. Several may overlap: an order number is a number.
pub(super) fn find(
    text: &str,
    kinds: &[BuiltIn],
    language: &Language,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<Entity> {
    let mut found = find_at(text, kinds, language, zone, now);
    mark_any_day(&mut found, zone, now, |text, now| {
        find_at(text, kinds, language, zone, now)
    });
    found
}

fn find_at(
    text: &str,
    kinds: &[BuiltIn],
    language: &Language,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<Entity> {
    if kinds.is_empty() || text.len() > LONGEST {
        return Vec::new();
    }
    let mut found = Vec::new();
    let times = if kinds.contains(&BuiltIn::Time) {
        own_times(text, language, zone, now)
    } else {
        Vec::new()
    };
    let (lang, dimensions) = (lang(language), dimensions(kinds));
    make_rules(lang, &dimensions);
    let read = phone_numbers::without_slashes(text);
    let is_english = language.as_str() == "en";
    let read = if is_english && kinds.contains(&BuiltIn::Time) {
        english::with_plain_dates(&read).into_owned()
    } else {
        read.into_owned()
    };
    let read = small_words::without_traps(&read, language).into_owned();
    let mut entities = parse(&read, &dimensions, lang, zone, now);
    // It sees a number in the "l" of "call", and a Saturday behind the "zwei" of "zwei Salate".
    let torn = |entity: &duckling::Entity| !is_whole(&read, &(entity.start..entity.end));
    if entities.iter().any(torn) {
        let torn = entities.iter().filter(|one| torn(one));
        let read = small_words::without_words(&read, torn.flat_map(|one| [one.start, one.end]));
        entities = parse(&read, &dimensions, lang, zone, now);
    }
    entities.retain(|one| is_whole(text, &(one.start..one.end)));
    let phones: Vec<_> = entities
        .iter()
        .filter(|one| matches!(one.value, DimensionValue::PhoneNumber(_)))
        .map(|one| one.start..one.end)
        .collect();
    for entity in entities {
        let place = entity.start..entity.end;
        let Some((kind, mut value)) = value(&entity.value, zone) else {
            continue;
        };
        // "Nummer ist 0171" is an hour to it.
        let is_of_phone = phones
            .iter()
            .any(|phone| phone.start < place.end && place.start < phone.end);
        if kind == BuiltIn::Time && is_of_phone {
            continue;
        }
        if kind == BuiltIn::Time && is_english {
            value = as_meant(&text[place.clone()], value, zone, now);
        }
        let is_ours =
            |(own, _): &(Range<usize>, Value)| own.start < place.end && place.start < own.end;
        let is_known = kind == BuiltIn::Time && times.iter().any(is_ours);
        if !is_known && !small_words::is_one(text, &place, kind, language) {
            found.extend(built(text, place, kind, value));
        }
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
    join_days_and_hours(text, &mut found, zone);
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

/// What stands between a day and its hour.
const AT: [&str; 8] = ["at", "à", "a", "las", "la", "alle", "às", "om"];

/// "Demain à 20h" is one time, though it is found as two: a day, and an hour of any day.
fn join_days_and_hours(text: &str, found: &mut Vec<(BuiltIn, Entity)>, zone: &TimeZone) {
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

/// The times that our own rules for a language find.
fn own_times(
    text: &str,
    language: &Language,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<(Range<usize>, Value)> {
    if language.as_str() != "de" {
        return Vec::new();
    }
    let local = zone.to_datetime(now);
    let told = |time: civil::DateTime, grain| {
        let timestamp = zone.to_timestamp(time).ok()?;
        Some(said(timestamp, grain, zone))
    };
    let times = german::times(text, local).into_iter();
    let valued = times.filter_map(|(place, said)| {
        let value = match said {
            german::Said::At(time, grain) => Value::Time {
                at: told(time, grain)?,
            },
            german::Said::Between(from, to, grain) => Value::Interval {
                from: from.and_then(|from| told(from, grain)),
                to: to.and_then(|to| told(to, grain)),
            },
        };
        Some((place, value))
    });
    valued.collect()
}

fn built(
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

fn value(found: &DimensionValue, zone: &TimeZone) -> Option<(BuiltIn, Value)> {
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

fn said(timestamp: Timestamp, grain: &'static str, zone: &TimeZone) -> Moment {
    let zoned = timestamp.to_zoned_datetime(zone.clone());
    Moment {
        time: zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        grain,
        any_day: false,
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

/// Now, as `duckling` wants to hear it.
fn reference(zone: &TimeZone, now: Timestamp) -> Option<DateTime<FixedOffset>> {
    let offset = FixedOffset::east_opt(zone.to_offset(now).seconds())?;
    let utc = DateTime::from_timestamp(now.as_second(), 0)?;
    Some(utc.with_timezone(&offset))
}

/// English where `duckling` does not know the language: digits, addresses and dates in figures are found.
fn lang(language: &Language) -> Lang {
    match language.as_str() {
        "ar" => Lang::AR,
        "cs" => Lang::CS,
        "da" => Lang::DA,
        "de" => Lang::DE,
        "el" => Lang::EL,
        "es" => Lang::ES,
        "fi" => Lang::FI,
        "fr" => Lang::FR,
        "hu" => Lang::HU,
        "it" => Lang::IT,
        "ja" => Lang::JA,
        "ko" => Lang::KO,
        "nb" | "no" => Lang::NB,
        "nl" => Lang::NL,
        "pl" => Lang::PL,
        "pt" => Lang::PT,
        "ro" => Lang::RO,
        "ru" => Lang::RU,
        "sv" => Lang::SV,
        "tr" => Lang::TR,
        "uk" => Lang::UK,
        "vi" => Lang::VI,
        "zh" => Lang::ZH,
        _ => Lang::EN,
    }
}
