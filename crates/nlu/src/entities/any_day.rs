//! Whether a time names its day. What is found for "at 7" is the next time that it is 7, which looks like "today at 7" or
//! "tomorrow at 7": but asked at another hour of the same day, it is another time, and at the same hour.

use std::sync::LazyLock;

use jiff::{Timestamp, ToSpan as _, civil::DateTime, tz::TimeZone};
use regex::Regex;

use super::{
    english,
    entity::{Entity, Moment, Value},
    german,
};

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

/// Days of a week and "tomorrow", where it is no morning: what is said with one of them is of that day. Those of
/// English and German are with their rules.
const DAYS: [&str; 30] = [
    "tomorrow",
    "demain",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
    "lunes",
    "martes",
    "miércoles",
    "jueves",
    "viernes",
    "sábado",
    "domingo",
    "domani",
    "lunedì",
    "martedì",
    "mercoledì",
    "giovedì",
    "venerdì",
    "sabato",
    "domenica",
    "maandag",
    "dinsdag",
    "woensdag",
    "donderdag",
    "vrijdag",
    "zaterdag",
];

static HALF_NAMED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)(?:\b|\d)[ap]\.?m\b\.?").ok());

/// An hour and nothing else, which late in the evening is found as the one that is just over, or as the same midnight all
/// day long.
static HOUR_ALONE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let at = "at|around|about|by|from|um|gegen|ab|so|ca\\.?|circa|à|vers|a las?|alle|om";
    let midnight =
        "midnight|mitternacht|minuit|medianoche|mezzanotte|12 ?a\\.?m\\.?|(?:0|24) ?(?:uhr|h)";
    let clock = r"\d{1,2}[:.h]\d{2} ?(?:uhr|h|[ap]\.?m\.?)?";
    let part = "in the (?:morning|afternoon|evening)|at night";
    let part = format!("{part}|(?:morgen|vormittag|mittag|nachmittag|abend|nacht)s?");
    Regex::new(&format!(
        "(?i)^(?:(?:{at}) )*(?:{midnight}|{clock}|{part})$"
    ))
    .ok()
});

/// Marks the moments of a text that have an hour, and whose day was not said. `find` finds what is in it at another time,
/// where these are found.
pub(super) fn mark_any_day(
    found: &mut [Entity],
    zone: &TimeZone,
    now: Timestamp,
    find: impl Fn(Timestamp, &[&mut Entity]) -> Vec<Entity>,
) {
    let farthest = now.checked_add(FARTHEST.hours()).unwrap_or(now);
    let farthest = zone.to_datetime(farthest);
    let may_be = |entity: &mut Entity| {
        let is_near = |moment: &Moment| moment.local().is_some_and(|time| time <= farthest);
        let said = entity.text.to_lowercase();
        let mut words = said.split(|sign: char| !sign.is_alphanumeric() && sign != '\'');
        let days = [&TODAY[..], &english::WEEKDAYS, &german::WEEKDAYS, &DAYS];
        let names_day = words.any(|word| days.iter().any(|days| days.contains(&word)));
        let mut moments = moments(&mut entity.value);
        !names_day && moments.any(|moment| has_hour(moment) && is_near(moment))
    };
    let hours: Vec<_> = found
        .iter_mut()
        .filter_map(|entity| may_be(entity).then_some(entity))
        .collect();
    let today = zone.to_datetime(now).date();
    let at = |hour, minute| zone.to_timestamp(today.at(hour, minute, 0, 0)).ok();
    let times = (at(0, 1), at(12, 1), at(23, 58));
    let (false, (Some(early), Some(noon), Some(late))) = (hours.is_empty(), times) else {
        return;
    };
    let [mut early, mut late] = [early, late].map(|time| find(time, &hours));
    let mut of_any_day = Vec::new();
    for entity in hours {
        let (Some(early), Some(late)) = (same(entity, &mut early), same(entity, &mut late)) else {
            continue;
        };
        let is_alone = HOUR_ALONE
            .as_ref()
            .is_some_and(|hour| hour.is_match(&entity.text));
        let both = moments(&mut early.value).zip(moments(&mut late.value));
        for (moment, (early, late)) in moments(&mut entity.value).zip(both) {
            let is_moved = is_another_time(early, late);
            moment.any_day = (is_moved || is_alone) && has_hour(moment);
        }
        if moments(&mut entity.value).any(|moment| moment.any_day) && !names_half(&entity.text) {
            of_any_day.push(entity);
        }
    }
    if of_any_day.is_empty() {
        return;
    }
    let mut noon = find(noon, &of_any_day);
    for entity in of_any_day {
        let (Some(early), Some(noon)) = (same(entity, &mut early), same(entity, &mut noon)) else {
            continue;
        };
        let mut both = moments(&mut early.value).zip(moments(&mut noon.value));
        let is_of_other_half = both.any(|(early, noon)| is_other_half(early, noon));
        for moment in moments(&mut entity.value) {
            moment.any_half = moment.any_day && is_of_other_half;
        }
    }
}

/// "7 pm": that is the same half at any hour of the day.
fn names_half(said: &str) -> bool {
    HALF_NAMED.as_ref().is_some_and(|half| half.is_match(said))
}

/// The same piece of a text among what was found in it at another time.
pub(super) fn same<'a>(entity: &Entity, others: &'a mut [Entity]) -> Option<&'a mut Entity> {
    let place = |entity: &Entity| (entity.start, entity.end);
    let mut others = others.iter_mut();
    others.find(|other| other.entity == entity.entity && place(other) == place(entity))
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

fn is_other_half(early: &Moment, noon: &Moment) -> bool {
    let clock = |moment: &Moment| Some(moment.local()?.time());
    let (Some(early), Some(noon)) = (clock(early), clock(noon)) else {
        return false;
    };
    early.hour() % 12 == noon.hour() % 12 && early.hour() != noon.hour()
}

/// "In two hours" is another hour then, too, and "friday at 6" is that of another week.
fn is_another_time(early: &Moment, late: &Moment) -> bool {
    let (Some(early), Some(late)) = (early.local(), late.local()) else {
        return false;
    };
    let clock = |time: DateTime| (i32::from(time.hour()) * 60 + i32::from(time.minute())) % HALF;
    let days = early
        .date()
        .until(late.date())
        .map_or(0, |span| span.get_days());
    early != late && days < 2 && clock(early) == clock(late)
}
