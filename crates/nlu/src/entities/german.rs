//! German times. `duckling` has rules for single sentences of its German tests ("3 März", "um halb 4"), which do not
//! combine; here a time is a day, a part of the day and an hour, each of which may be missing.

use std::{ops::Range, sync::LazyLock};

use jiff::{
    Span, ToSpan as _,
    civil::{Date, DateTime, Time},
};
use regex::Regex;

static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let date = r"\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2}\b)?";
    Regex::new(&format!(
        r"{date}|\d{{1,2}}[:.]\d{{2}}\b|\d+\.|\d+|\p{{L}}+|\S"
    ))
    .ok()
});

const WEEKDAYS: [&str; 7] = [
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "samstag",
    "sonntag",
];
const MONTHS: [&str; 12] = [
    "jan", "feb", "mär", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez",
];
const COUNTS: [&str; 21] = [
    "null",
    "ein",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
    "zwanzig",
];
const ORDINALS: [&str; 12] = [
    "erste", "zweite", "dritte", "vierte", "fünfte", "sechste", "siebte", "achte", "neunte",
    "zehnte", "elfte", "zwölfte",
];
/// What stands between a day and an hour, and is neither.
const FILLERS: [&str; 13] = [
    "am", "um", "gegen", "ab", "so", "etwa", "circa", "ca", ".", ",", "den", "dem", "der",
];

/// What a text says of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Said {
    At(DateTime, &'static str),
    /// From, and to, and how exactly; at least one is there.
    Between(Option<DateTime>, Option<DateTime>, &'static str),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum DayPart {
    Morning,
    Forenoon,
    Noon,
    Afternoon,
    Evening,
    Night,
}

/// A piece of a time.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// What begins with a day: that day, its week, month or year.
    Day(Date, &'static str),
    Weekend(Date),
    DayPart(DayPart),
    Hour(Hour),
    Exactly(DateTime),
}

#[derive(Debug, Clone, Copy)]
struct Hour {
    hour: i8,
    minute: Option<i8>,
    /// On a clock of 24 hours.
    is_exact: bool,
}

#[derive(Default)]
struct Parts {
    day: Option<(Date, &'static str)>,
    weekend: Option<Date>,
    day_part: Option<DayPart>,
    hour: Option<Hour>,
    exactly: Option<DateTime>,
}

struct Words {
    words: Vec<(String, Range<usize>)>,
    now: DateTime,
}

/// The times in a text, with their places in bytes.
pub(super) fn times(text: &str, now: DateTime) -> Vec<(Range<usize>, Said)> {
    let pieces = WORD.iter().flat_map(|word| word.find_iter(text));
    let words = Words {
        words: pieces
            .map(|piece| (small(piece.as_str()), piece.range()))
            .collect(),
        now,
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.words.len() {
        match words.expression(at) {
            Some((said, end)) => {
                let begin =
                    (at..end).find(|at| !FILLERS.contains(&words.at(*at)) || words.at(*at) == "ab");
                let begin = words.words[begin.unwrap_or(at)].1.start;
                found.push((begin..words.words[end - 1].1.end, said));
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// Small letters, with umlauts where people write two.
fn small(word: &str) -> String {
    let word = word.to_lowercase();
    [("ae", "ä"), ("oe", "ö"), ("ue", "ü")]
        .into_iter()
        .fold(word, |word, (two, one)| word.replace(two, one))
}

fn count(word: &str) -> Option<i8> {
    let is_one = ["ein", "eins", "eine", "einen", "einem", "einer"].contains(&word);
    let named = if is_one {
        Some(1)
    } else {
        COUNTS.iter().position(|count| *count == word)
    };
    match named {
        Some(count) => i8::try_from(count).ok(),
        None => word.parse().ok(),
    }
}

impl Words {
    fn at(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |(word, _)| word)
    }

    fn before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |before| self.at(before))
    }

    /// A time that begins at a word, and behind which word it ends.
    fn expression(&self, at: usize) -> Option<(Said, usize)> {
        let direction = self.at(at);
        let begin = at + usize::from(["ab", "von", "bis", "zwischen"].contains(&direction));
        let (first, end) = self.one(begin, None)?;
        if ["von", "zwischen"].contains(&direction)
            && ["bis", "und"].contains(&self.at(end))
            && let Some((second, end)) = self.one(end + 1, Some(first))
        {
            return Some((
                Said::Between(first.from(), second.from(), first.grain()),
                end,
            ));
        }
        let said = match direction {
            "ab" | "von" => Said::Between(first.from(), None, first.grain()),
            "bis" => Said::Between(None, first.from(), first.grain()),
            _ => first,
        };
        Some((said, end))
    }

    /// A time without what says from or until; `from` is the beginning, at the end of a span.
    fn one(&self, begin: usize, from: Option<Said>) -> Option<(Said, usize)> {
        let mut parts = Parts::default();
        let (mut at, mut end) = (begin, begin);
        loop {
            let mut next = at;
            while next < at + 3 && FILLERS.contains(&self.at(next)) {
                next += 1;
            }
            // Only the words themselves begin a time, not what may stand before them.
            let part = (at..=next)
                .rev()
                .find_map(|at| Some((self.part(at, &parts)?, at)));
            let Some(((part, taken), from)) = part else {
                break;
            };
            let is_new = match part {
                Part::Day(day, grain) => parts.day.replace((day, grain)).is_none(),
                Part::Weekend(day) => parts.weekend.replace(day).is_none(),
                Part::DayPart(of) => parts.day_part.replace(of).is_none(),
                Part::Hour(hour) => parts.hour.replace(hour).is_none(),
                Part::Exactly(time) => parts.exactly.replace(time).is_none(),
            };
            if !is_new {
                return None;
            }
            (at, end) = (from + taken, from + taken);
        }
        if let Some(Said::At(from, _)) = from.filter(|_| parts.day.is_none()) {
            parts.day = Some((from.date(), "day"));
        }
        Some((parts.said(self.now)?, end))
    }

    /// A piece of a time, and of how many words.
    fn part(&self, at: usize, parts: &Parts) -> Option<(Part, usize)> {
        None.or_else(|| parts.exactly.is_none().then(|| self.later(at)).flatten())
            .or_else(|| parts.hour.is_none().then(|| self.hour(at)).flatten())
            .or_else(|| parts.day.is_none().then(|| self.day(at)).flatten())
            .or_else(|| {
                parts
                    .day_part
                    .is_none()
                    .then(|| self.day_part(at, parts))
                    .flatten()
            })
    }

    /// `in zwei Stunden`, `vor drei Tagen`.
    fn later(&self, at: usize) -> Option<(Part, usize)> {
        let sign = match self.at(at) {
            "in" => 1,
            "vor" => -1,
            _ => return None,
        };
        let (mut halves, mut unit) = match self.at(at + 1) {
            "anderthalb" | "eineinhalb" => (3, at + 2),
            word => (2 * i64::from(count(word)?), at + 2),
        };
        if ["halben", "halbe"].contains(&self.at(unit)) {
            (halves, unit) = (1, unit + 1);
        }
        let today = self.now.date();
        let day = |span: Span| Some(Part::Day(today.checked_add(span).ok()?, "day"));
        let minutes = |minutes: i64| {
            Some(Part::Exactly(
                self.now.checked_add((sign * minutes).minutes()).ok()?,
            ))
        };
        let whole = sign * halves / 2;
        let part = match self.at(unit) {
            "minute" | "minuten" => minutes(halves / 2),
            "viertelstunde" => minutes(15),
            "dreiviertelstunde" => minutes(45),
            "stunde" | "stunden" => minutes(halves * 30),
            "tag" | "tage" | "tagen" => day(whole.days()),
            "woche" | "wochen" => day((7 * whole).days()),
            "monat" | "monate" | "monaten" => day(whole.months()),
            "jahr" | "jahre" | "jahren" => day(whole.years()),
            _ => None,
        };
        Some((part?, unit + 1 - at))
    }

    /// `um 8`, `14:30 Uhr`, `halb drei`, `Viertel nach acht`.
    fn hour(&self, at: usize) -> Option<(Part, usize)> {
        let is_hour = |hour: &i8| (0..=24).contains(hour);
        let uhr = |at: usize| usize::from(self.at(at) == "uhr");
        let part = |hour: i8, minute: Option<i8>, is_exact: bool, taken: usize| {
            let is_exact = is_exact || hour > 12 || hour == 0;
            Some((
                Part::Hour(Hour {
                    hour: hour % 24,
                    minute,
                    is_exact,
                }),
                taken,
            ))
        };
        // So many minutes from an hour on.
        let from = |minutes: i8, at_hour: usize, taken: usize| {
            let hour = count(self.at(at_hour)).filter(|hour| (1..=12).contains(hour))?;
            let (hour, minute) = if minutes < 0 {
                (hour - 1, minutes + 60)
            } else {
                (hour, minutes)
            };
            let hour = if hour == 0 { 12 } else { hour };
            Some((
                Part::Hour(Hour {
                    hour,
                    minute: Some(minute),
                    is_exact: false,
                }),
                taken + uhr(at + taken),
            ))
        };
        let sign = |word: &str| match word {
            "nach" => Some(1),
            "vor" => Some(-1),
            _ => None,
        };
        let is_asked = ["um", "gegen"].contains(&self.before(at));
        let word = self.at(at);
        match word {
            "mitternacht" => return part(24, None, true, 1),
            "halb" => return from(-30, at + 1, 2),
            "dreiviertel" => return from(-15, at + 1, 2),
            "viertel" => return from(15 * sign(self.at(at + 1))?, at + 2, 3),
            _ => {}
        }
        if let Some((hour, minute)) = word
            .split_once([':', '.'])
            .filter(|(_, minute)| minute.len() == 2)
        {
            let is_time = word.contains(':') || uhr(at + 1) == 1 || is_asked;
            let (hour, minute) = (hour.parse().ok().filter(is_hour)?, minute.parse().ok()?);
            return (is_time && minute < 60)
                .then(|| part(hour, Some(minute), true, 1 + uhr(at + 1)))?;
        }
        let hour = count(word).filter(is_hour)?;
        if uhr(at + 1) == 1 {
            let minute = count(self.at(at + 2)).filter(|minute| (1..60).contains(minute));
            let is_minute =
                minute.is_some() && !["euro", "€", "personen", "leute"].contains(&self.at(at + 3));
            let minute = minute.filter(|_| is_minute);
            return part(hour, minute, true, 2 + usize::from(minute.is_some()));
        }
        if let Some(sign) = sign(self.at(at + 1))
            && [5, 10, 20, 25].contains(&hour)
        {
            return match self.at(at + 2) {
                "halb" => from(-30 + sign * hour, at + 3, 4),
                _ => from(sign * hour, at + 2, 3),
            };
        }
        let is_span = ["von", "zwischen"].contains(&self.before(at))
            && ["bis", "und"].contains(&self.at(at + 1));
        let is_amount =
            ["euro", "€", "prozent", "%", "stück", "grad", "kilo"].contains(&self.at(at + 1));
        (is_asked && !is_amount || is_span).then(|| part(hour, None, false, 1))?
    }

    fn day(&self, at: usize) -> Option<(Part, usize)> {
        let today = self.now.date();
        let in_days = |days: i64| today.checked_add(days.days()).ok();
        let day = |date: Option<Date>, taken: usize| Some((Part::Day(date?, "day"), taken));
        let word = self.at(at);
        match word {
            "heute" => return day(Some(today), 1),
            "übermorgen" => return day(in_days(2), 1),
            "gestern" => return day(in_days(-1), 1),
            "vorgestern" => return day(in_days(-2), 1),
            "morgen"
                if !["am", "guten", "schönen", "diesen", "jeden"].contains(&self.before(at)) =>
            {
                return day(in_days(1), 1);
            }
            _ => {}
        }
        let stem = ["nächst", "kommend", "dies", "letzt"]
            .into_iter()
            .find(|stem| {
                word.strip_prefix(stem)
                    .is_some_and(|end| ["e", "en", "er", "es", "em"].contains(&end))
            });
        let named = at + usize::from(stem.is_some());
        if let Some(weekday) = self.weekday(named) {
            let ahead =
                (weekday - i64::from(today.weekday().to_monday_zero_offset())).rem_euclid(7);
            let days = match stem {
                Some("letzt") => ahead - 7,
                Some("nächst" | "kommend") if ahead == 0 => 7,
                _ => ahead,
            };
            // The part of the day may be in the same word.
            let is_whole = self.day_part_of(self.at(named)).is_none();
            return day(in_days(days), named - at + usize::from(is_whole));
        }
        if let Some(stem) = stem {
            let step = match stem {
                "letzt" => -1,
                "dies" => 0,
                _ => 1,
            };
            let monday = today
                .checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days())
                .ok()?;
            let part = match self.at(named) {
                "woche" => Part::Day(monday.checked_add((7 * step).days()).ok()?, "week"),
                "wochenende" => Part::Weekend(monday.checked_add((7 * step + 5).days()).ok()?),
                "monat" => Part::Day(
                    today.first_of_month().checked_add(step.months()).ok()?,
                    "month",
                ),
                "jahr" => Part::Day(
                    today.first_of_year().checked_add(step.years()).ok()?,
                    "year",
                ),
                _ => return None,
            };
            return Some((part, 2));
        }
        if word == "wochenende" && self.before(at) == "am" {
            let ahead = 5 - i64::from(today.weekday().to_monday_zero_offset()).min(5);
            return Some((Part::Weekend(in_days(ahead)?), 1));
        }
        self.date(at)
    }

    /// `3.12.`, `3. Dezember 2026`, `am 3.`.
    fn date(&self, at: usize) -> Option<(Part, usize)> {
        let today = self.now.date();
        let is_meant = ["am", "vom", "zum", "den", "dem", "ab", "bis"].contains(&self.before(at));
        let word = self.at(at);
        let coming = |month: i8, day: i8, year: Option<i16>| {
            let date = Date::new(year.unwrap_or(today.year()), month, day).ok()?;
            Some(if year.is_none() && date < today {
                date.checked_add(1.year()).ok()?
            } else {
                date
            })
        };
        let found = |date: Option<Date>, taken: usize| Some((Part::Day(date?, "day"), taken));
        let numbers: Vec<&str> = word.split('.').collect();
        match numbers.as_slice() {
            [day, month, year] => {
                let year = year
                    .parse::<i16>()
                    .ok()
                    .map(|year| if year < 100 { 2000 + year } else { year });
                return found(coming(month.parse().ok()?, day.parse().ok()?, year), 1);
            }
            [day, month] if is_meant && !month.is_empty() && self.at(at + 1) != "uhr" => {
                return found(coming(month.parse().ok()?, day.parse().ok()?, None), 1);
            }
            _ => {}
        }
        let named = word.trim_end_matches(['n', 'r']);
        let ordinal = ORDINALS.iter().position(|ordinal| *ordinal == named);
        let day = match ordinal {
            Some(day) => i8::try_from(day + 1).ok()?,
            None => word.trim_end_matches('.').parse().ok()?,
        };
        let month = MONTHS
            .iter()
            .position(|month| self.at(at + 1).starts_with(month) && self.is_month(at + 1));
        if let Some(month) = month {
            let dot = usize::from(self.at(at + 2) == ".");
            let year = self
                .at(at + 2 + dot)
                .parse()
                .ok()
                .filter(|year| (1900..2200).contains(year));
            let taken = 2 + if year.is_some() { dot + 1 } else { 0 };
            return found(coming(i8::try_from(month + 1).ok()?, day, year), taken);
        }
        if !is_meant || !(word.ends_with('.') && word.len() > 1 || ordinal.is_some()) || day < 1 {
            return None;
        }
        // The next month that has such a day.
        let months = (0..12).filter_map(|months: i64| {
            let month = today.first_of_month().checked_add(months.months()).ok()?;
            Date::new(month.year(), month.month(), day).ok()
        });
        found(months.into_iter().find(|date| *date >= today), 1)
    }

    fn is_month(&self, at: usize) -> bool {
        let whole = [
            "januar",
            "jänner",
            "februar",
            "märz",
            "april",
            "mai",
            "juni",
            "juli",
            "august",
            "september",
            "oktober",
            "november",
            "dezember",
        ];
        let word = self.at(at);
        whole.contains(&word) || MONTHS.contains(&word) || word == "sept"
    }

    /// Monday is 0. A part of the day may follow in the same word.
    fn weekday(&self, at: usize) -> Option<i64> {
        let word = self.at(at);
        let rest = |day: &str| word.strip_prefix(day).map(str::to_owned);
        let is_end = |end: &str| ["", "s"].contains(&end) || self.day_part_of(word).is_some();
        let names = WEEKDAYS.iter().enumerate().chain([(5, &"sonnabend")]);
        for (number, name) in names {
            if rest(name).is_some_and(|end| is_end(&end)) {
                return i64::try_from(number).ok();
            }
        }
        let short = ["mo", "di", "mi", "do", "fr", "sa", "so"];
        let short = short.iter().position(|short| *short == word);
        short
            .filter(|_| self.before(at) == "am")
            .and_then(|short| i64::try_from(short).ok())
    }

    /// The part of the day at the end of a word: `freitagabend`.
    fn day_part_of(&self, word: &str) -> Option<DayPart> {
        let day = WEEKDAYS
            .iter()
            .chain(&["sonnabend"])
            .find(|day| word.starts_with(**day))?;
        day_part(&word[day.len()..])
    }

    fn day_part(&self, at: usize, parts: &Parts) -> Option<(Part, usize)> {
        let word = self.at(at);
        if let Some(part) = self.day_part_of(word) {
            return Some((Part::DayPart(part), 1));
        }
        let part = day_part(word)?;
        // "Guten Abend", and "früh" of anything.
        let is_habit = word.ends_with('s');
        let is_meant = ["am", "der", "diesen", "gegen", "zum"].contains(&self.before(at));
        (is_habit || is_meant || parts.day.is_some()).then_some((Part::DayPart(part), 1))
    }
}

fn day_part(word: &str) -> Option<DayPart> {
    Some(match word.strip_suffix('s').unwrap_or(word) {
        "früh" | "morgen" => DayPart::Morning,
        "vormittag" => DayPart::Forenoon,
        "mittag" => DayPart::Noon,
        "nachmittag" => DayPart::Afternoon,
        "abend" => DayPart::Evening,
        "nacht" => DayPart::Night,
        _ => return None,
    })
}

impl Parts {
    fn said(&self, now: DateTime) -> Option<Said> {
        if let Some(time) = self.exactly {
            return Some(Said::At(time, "minute"));
        }
        if let Some(hour) = self.hour {
            let grain = if hour.minute.is_some() {
                "minute"
            } else {
                "hour"
            };
            return Some(Said::At(self.at(hour, now)?, grain));
        }
        let midnight = |date: Date| date.to_datetime(Time::midnight());
        if let Some(day) = self.weekend {
            let monday = day.checked_add(2.days()).ok()?;
            return Some(Said::Between(
                Some(midnight(day)),
                Some(midnight(monday)),
                "day",
            ));
        }
        if let Some(part) = self.day_part {
            let (from, to) = part.hours();
            let day = midnight(self.day.map_or(now.date(), |(day, _)| day));
            let at = |hours: i64| day.checked_add(hours.hours()).ok();
            return Some(Said::Between(at(from), at(to), "hour"));
        }
        let (day, grain) = self.day?;
        Some(Said::At(midnight(day), grain))
    }

    fn at(&self, hour: Hour, now: DateTime) -> Option<DateTime> {
        let today = now.date();
        let day = self.day.map(|(day, _)| day);
        let time = |date: Date, hours: i8| {
            let time = Time::new(hours % 24, hour.minute.unwrap_or(0), 0, 0).ok()?;
            date.checked_add(i64::from(hours / 24).days())
                .ok()
                .map(|date| date.to_datetime(time))
        };
        let later = hour.hour + 12;
        let is_half = hour.hour < 12;
        if let Some(part) = self.day_part {
            let is_later = match part {
                DayPart::Morning | DayPart::Forenoon => false,
                DayPart::Noon => hour.hour < 10,
                DayPart::Afternoon | DayPart::Evening => is_half,
                DayPart::Night => (6..12).contains(&hour.hour),
            };
            let after_midnight = part == DayPart::Night && !is_later && hour.hour < 6;
            let hours = if is_later {
                later
            } else {
                hour.hour + if after_midnight { 24 } else { 0 }
            };
            return time(day.unwrap_or(today), hours);
        }
        match day {
            // A day that is to come: hours at which people sleep are those of the afternoon.
            Some(day) if day != today => time(
                day,
                if !hour.is_exact && (1..7).contains(&hour.hour) {
                    later
                } else {
                    hour.hour
                },
            ),
            _ => {
                let mut hours = vec![hour.hour];
                if is_half && (!hour.is_exact || day.is_some()) {
                    hours.push(later);
                }
                if day.is_none() {
                    hours.push(hour.hour + 24);
                }
                let mut times = hours.iter().filter_map(|hours| time(today, *hours));
                times
                    .find(|time| *time > now)
                    .or_else(|| time(today, hour.hour))
            }
        }
    }
}

impl DayPart {
    /// From and to which hour of the day.
    const fn hours(self) -> (i64, i64) {
        match self {
            Self::Morning => (0, 12),
            Self::Forenoon => (6, 12),
            Self::Noon => (12, 14),
            Self::Afternoon => (12, 19),
            Self::Evening => (18, 24),
            Self::Night => (22, 30),
        }
    }
}

impl Said {
    /// When it begins.
    const fn from(self) -> Option<DateTime> {
        match self {
            Self::At(from, _) => Some(from),
            Self::Between(from, _, _) => from,
        }
    }
    const fn grain(self) -> &'static str {
        match self {
            Self::At(_, grain) | Self::Between(_, _, grain) => grain,
        }
    }
}
