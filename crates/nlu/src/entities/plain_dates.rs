//! Days that are counted from others ("friday in two weeks", "après-demain"), and dates whose day stands before the month,
//! as plain dates: what reads the rest of a time reads them wrongly otherwise.

use std::{borrow::Cow, sync::LazyLock};

use convene_training_data::Language;
use jiff::{
    ToSpan as _,
    civil::{Date, DateTime},
};
use regex::{Captures, Regex};

/// What a group of a pattern is, by its name: `day` a weekday, today or tomorrow, from which so many weeks are counted;
/// `of` a weekday of the week that is so many weeks ahead; `n` how many; `d` and `m` figures.
const PATTERNS: [(&str, &str); 9] = [
    (
        "en",
        r"(?:in (?P<n>NUM) weeks|next week),? (?:on )?(?P<of>WD)",
    ),
    (
        "en",
        r"(?P<day>WD|today|tomorrow) (?:in (?P<n>NUM) weeks?|week)|(?:(?P<m1>NUM) weeks?|week) (?:on|from) (?P<day2>WD|today|tomorrow)",
    ),
    (
        "en",
        r"(?:the )?day (?P<side>after|before) (?:christmas|x-?mas)(?: day)?",
    ),
    ("en", r"the (?P<d>29|30|31)(?:st|th)"),
    ("fr", r"apr[èe]s[- ]demain"),
    ("fr", r"(?P<day>WD) en (?P<n>huit|quinze)"),
    ("de", r"(?P<day>WD|heute|morgen) in (?P<n>NUM) wochen?"),
    (
        "de",
        r"(?:in (?P<n>NUM) wochen|nächste woche),? (?:am )?(?P<of>WD)|übernächste[nr] (?P<day>WD)",
    ),
    (
        "de",
        r"(?P<d>erste|zweite|1|2)(?:[rn]|\.)? weihnachts(?:feier)?tag",
    ),
];
const DAYS: [(&str, &str); 3] = [
    (
        "en",
        "monday|tuesday|wednesday|thursday|friday|saturday|sunday",
    ),
    ("fr", "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"),
    (
        "de",
        "montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag",
    ),
];
const NUMBERS: [(&str, i32); 16] = [
    ("a", 1),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("einer", 1),
    ("zwei", 2),
    ("drei", 3),
    ("vier", 4),
    ("huit", 1),
    ("quinze", 2),
    ("1", 1),
    ("2", 2),
    ("3", 3),
    ("4", 4),
    ("5", 5),
];
const MONTHS: [(&str, &str); 3] = [
    ("en", "jan feb mar apr may jun jul aug sep oct nov dec"),
    (
        "fr",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    ),
    (
        "de",
        "januar februar märz april mai juni juli august september oktober november dezember",
    ),
];

static COUNTED: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    let numbers = NUMBERS.map(|(word, _)| word).join("|");
    let all = PATTERNS.iter().filter_map(|(language, pattern)| {
        let (_, days) = DAYS.iter().find(|(of, _)| of == language)?;
        let pattern = pattern.replace("WD", days).replace("NUM", &numbers);
        Some((
            *language,
            Regex::new(&format!(r"(?i)\b(?:{pattern})\b")).ok()?,
        ))
    });
    all.collect()
});
/// "5/12": the day is the first.
static STROKE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(0?[1-9]|[12]\d|3[01])/(0?[1-9]|1[0-2])(/20\d\d|/\d\d)?\b").ok()
});
/// "2026-12-03", which is a telephone number to what reads the rest.
static ISO: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b((?:19|20)\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\b").ok());
/// English with points is the way of those who have the day before the month.
static POINTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let date = r"(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])\.";
    Regex::new(&format!(
        r"(?i)(^|\b(?:on|by|until|till|from|before|after|for) ){date}(\d\d\b|$|[^\d])"
    ))
    .ok()
});

/// A text with such days as plain dates, as long as it is.
pub(super) fn with_plain_days<'a>(
    text: &'a str,
    language: &Language,
    now: DateTime,
) -> Cow<'a, str> {
    let language = language.as_str();
    let mut read = Cow::Borrowed(text);
    for (_, pattern) in COUNTED.iter().filter(|(of, _)| *of == language) {
        let plain = |found: &Captures<'_>| {
            let date = counted(found, language, now.date());
            let plain = date.and_then(|date| written(date, language, found[0].len()));
            plain.unwrap_or_else(|| found[0].to_owned())
        };
        read = pattern.replace_all(&read, plain).into_owned().into();
    }
    if let Some(dates) = STROKE.as_ref()
        && ["de", "es", "fr"].contains(&language)
    {
        let turned = |found: &Captures<'_>| {
            let year = found.get(3).map_or("", |year| year.as_str());
            format!("{}/{}{year}", &found[2], &found[1])
        };
        read = dates.replace_all(&read, turned).into_owned().into();
    }
    if let Some(dates) = ISO.as_ref() {
        let plain = match language {
            "de" => "$3.$2.$1",
            _ => "$2/$3/$1",
        };
        read = dates.replace_all(&read, plain).into_owned().into();
    }
    if let Some(dates) = POINTS.as_ref()
        && language == "en"
    {
        let turned = |found: &Captures<'_>| {
            let (day, month, rest) = (&found[2], &found[3], &found[4]);
            let is_year = rest.starts_with(|sign: char| sign.is_ascii_digit());
            let sign = if is_year { '/' } else { ' ' };
            format!("{}{month}/{day}{sign}{rest}", &found[1])
        };
        read = dates.replace_all(&read, turned).into_owned().into();
    }
    read
}

/// The day that a piece says.
fn counted(found: &Captures<'_>, language: &str, today: Date) -> Option<Date> {
    let said = |name: &str| found.name(name).map(|said| said.as_str().to_lowercase());
    let many = |word: &str| {
        let number = NUMBERS.iter().find(|(known, _)| *known == word);
        number.map(|(_, number)| *number)
    };
    let (_, days) = DAYS.iter().find(|(of, _)| *of == language)?;
    let weekday = |name: &str| {
        let at = days.split('|').position(|day| day == name)?;
        i32::try_from(at).ok()
    };
    let weeks = match said("n").or(said("m1")) {
        Some(word) => many(&word)?,
        None => 1,
    };
    let since_monday = i32::from(today.weekday().to_monday_zero_offset());
    if let Some(day) = said("of") {
        return in_days(today, 7 * weeks + weekday(&day)? - since_monday);
    }
    if let Some(day) = said("day").or(said("day2")) {
        let ahead = match day.as_str() {
            "today" | "heute" => 0,
            "tomorrow" | "morgen" => 1,
            day => (weekday(day)? - since_monday).rem_euclid(7),
        };
        let is_next = ahead == 0 && found[0].to_lowercase().starts_with("über");
        return in_days(today, ahead + 7 * (weeks + i32::from(is_next)));
    }
    if let Some(side) = said("side") {
        return coming(today, 12, if side == "after" { 26 } else { 24 });
    }
    match said("d").as_deref() {
        Some("erste" | "1") => coming(today, 12, 25),
        Some("zweite" | "2") => coming(today, 12, 26),
        // The next month that has such a day.
        Some(day) => {
            let day = day.parse().ok()?;
            let mut months = (0..3).filter_map(|months: i64| {
                let month = today.first_of_month().checked_add(months.months()).ok()?;
                Date::new(month.year(), month.month(), day).ok()
            });
            months.find(|date| *date >= today)
        }
        None => in_days(today, 2),
    }
}

fn in_days(today: Date, days: i32) -> Option<Date> {
    today.checked_add(i64::from(days).days()).ok()
}

fn coming(today: Date, month: i8, day: i8) -> Option<Date> {
    let date = Date::new(today.year(), month, day).ok()?;
    if date < today {
        return date.checked_add(1.year()).ok();
    }
    Some(date)
}

/// A date in so many bytes. None if it is longer.
fn written(date: Date, language: &str, bytes: usize) -> Option<String> {
    let (_, months) = MONTHS.iter().find(|(of, _)| *of == language)?;
    let month = months
        .split(' ')
        .nth(usize::try_from(date.month()).ok()?.checked_sub(1)?)?;
    let day = date.day();
    let (first, last) = match language {
        "en" => (month.to_owned(), day.to_string()),
        "de" => (format!("{day}."), month.to_owned()),
        _ => (day.to_string(), month.to_owned()),
    };
    let between = bytes.checked_sub(first.len() + last.len())?;
    (between > 0).then(|| format!("{first}{}{last}", " ".repeat(between)))
}
