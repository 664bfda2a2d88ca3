//! English times, of which `duckling` reads some otherwise than they are meant.

use std::{borrow::Cow, sync::LazyLock};

use jiff::{ToSpan as _, civil::DateTime};
use regex::{Captures, Regex};

static DAY_AND_MONTH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let months = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|\
                  oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";
    Regex::new(&format!(r"(?i)\b([1-9]|[12]\d|3[01])( +)({months})\b")).ok()
});
static CHRISTMAS_EVE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(?:christmas|x-?mas) eve\b").ok());
/// "5 to 7 December": the month is of both.
static FIRST_OF_TWO: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b\d{1,2}\s*(?:-|–|,|to|and|or|until|till)\s*$").ok());
/// "For 2 December 5": the month is of what follows, if that is no hour.
static NUMBER_BEHIND: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^,? *(?:the )?\d{1,2}(?:\D|$)").ok());
static HOUR_BEHIND: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^,? *\d{1,2}(?:[:.]\d| ?[ap]\.?m\b| ?o.?clock)").ok());

pub(super) const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
/// What else a day and an hour of a clock of twelve hours are said with.
const LOOSE: &str = "on this at around about by half quarter past to oclock sharp one two three four five six seven eight \
                     nine ten eleven twelve twenty today tomorrow";
/// Which half of the day is meant.
const HALVES: &str = "am pm morning afternoon evening night noon midnight in the";

/// A text with dates as `duckling` reads them also beside an hour, as long as it is.
pub(super) fn with_plain_dates(text: &str) -> Cow<'_, str> {
    let mut read = Cow::Borrowed(text);
    if let Some(eve) = CHRISTMAS_EVE.as_ref().filter(|eve| eve.is_match(text)) {
        let plain = |found: &Captures<'_>| format!("dec{:>1$}", 24, found[0].len() - 3);
        read = eve.replace_all(text, plain).into_owned().into();
    }
    let is = |pattern: &LazyLock<Option<Regex>>, text: &str| {
        pattern
            .as_ref()
            .is_some_and(|pattern| pattern.is_match(text))
    };
    let Some(dates) = DAY_AND_MONTH.as_ref().filter(|dates| dates.is_match(&read)) else {
        return read;
    };
    let turned = |found: &Captures<'_>| {
        let Some(all) = found.get(0) else {
            return String::new();
        };
        let (before, behind) = (&read[..all.start()], &read[all.end()..]);
        if is(&FIRST_OF_TWO, before) || is(&NUMBER_BEHIND, behind) && !is(&HOUR_BEHIND, behind) {
            return all.as_str().to_owned();
        }
        format!("{}{}{}", &found[3], &found[2], &found[1])
    };
    dates.replace_all(&read, turned).into_owned().into()
}

/// A moment as its words say it, to the hour if it `has_hour`: a weekday is today where today is one, an hour of today the
/// next that comes, and an hour of another day at which people sleep that of the afternoon.
pub(super) fn meant(piece: &str, at: DateTime, has_hour: bool, now: DateTime) -> DateTime {
    let words = Words::of(piece);
    if has_hour && at.hour() >= 12 && words.have_nought() {
        let early = at.checked_sub(12.hours()).unwrap_or(at);
        let next = at.checked_add(12.hours()).unwrap_or(at);
        return if early > now { early } else { next };
    }
    if has_hour && (1..12).contains(&at.hour()) && words.say_one_of_two_hours() {
        let today = now.date().to_datetime(at.time());
        let halves = (0..3).filter_map(|half: i64| today.checked_add((12 * half).hours()).ok());
        return halves.into_iter().find(|time| *time > now).unwrap_or(at);
    }
    let back = words.days_too_late(at, now);
    let early = at.checked_sub(back.days()).unwrap_or(at);
    let later = early.checked_add(12.hours()).unwrap_or(early);
    let is_open = has_hour && (1..12).contains(&at.hour()) && words.leave_half_open();
    let is_today = early.date() == now.date();
    let times = [Some(early), Some(later).filter(|_| is_open)];
    let next = times.into_iter().flatten().find(|time| *time > now);
    match next {
        _ if !has_hour => early,
        Some(next) if is_today => next,
        None if back == 1 => early,
        // Over for today: the weekday is the next.
        _ if is_open && at.hour() < 7 => at.checked_add(12.hours()).unwrap_or(at),
        _ => at,
    }
}

/// The same of a span. Where hours are all that it is said with, it is no longer than a day.
pub(super) fn meant_between(
    piece: &str,
    (from, to): (DateTime, DateTime),
    now: DateTime,
) -> (DateTime, DateTime) {
    let words = Words::of(piece);
    let days = from.until(to).map_or(0, |span| span.get_days());
    if days > 0 && words.say_hours_alone() {
        return (from.checked_add(days.days()).unwrap_or(from), to);
    }
    let back = words.days_too_late(from, now).days();
    match (from.checked_sub(back), to.checked_sub(back)) {
        (Ok(from), Ok(to)) if to > now => (from, to),
        _ => (from, to),
    }
}

/// In small letters.
struct Words(Vec<String>);

impl Words {
    fn of(piece: &str) -> Self {
        let piece = piece.to_lowercase().replace(['\'', '’', '.'], "");
        let words = piece.split(|sign: char| sign.is_whitespace() || sign == ',');
        let words = words.filter(|word| !word.is_empty());
        Self(words.map(str::to_owned).collect())
    }

    fn has(&self, word: &str) -> bool {
        self.0.iter().any(|one| one == word)
    }

    /// How many days behind the day that is meant, if a day and an hour are all that is said.
    fn days_too_late(&self, at: DateTime, now: DateTime) -> i32 {
        let is_plain = |word: &String| is_loose(word) || says_half(word);
        if !self.0.iter().all(is_plain) {
            return 0;
        }
        let today = now.date().weekday().to_monday_zero_offset();
        let name = usize::try_from(today)
            .ok()
            .and_then(|day| WEEKDAYS.get(day));
        let ahead = now
            .date()
            .until(at.date())
            .map_or(0, |span| span.get_days());
        match ahead {
            7 if name.is_some_and(|name| self.has(name)) => 7,
            1 if self.has("today") => 1,
            _ => 0,
        }
    }

    /// "09:15" is on a clock of 24 hours.
    fn have_nought(&self) -> bool {
        let is_clock = |word: &String| word.starts_with('0') && word.contains(':');
        self.0.iter().any(is_clock)
            && !self.has("pm")
            && !self.has("evening")
            && !self.0.iter().any(|word| word.ends_with("pm"))
    }

    fn say_hours_alone(&self) -> bool {
        let is_of_hours = |word: &String| {
            let is_joining =
                ["between", "and", "from", "till", "until", "-", "–"].contains(&word.as_str());
            !is_day(word) && (is_joining || is_loose(word) || says_half(word))
        };
        self.0.iter().all(is_of_hours)
    }

    /// An hour that may be before noon or after, and no day.
    fn say_one_of_two_hours(&self) -> bool {
        let is_of_day = |word: &String| is_day(word) || ["this", "on"].contains(&word.as_str());
        !self.0.iter().any(is_of_day) && self.0.iter().all(|word| is_loose(word))
    }

    /// A day, and an hour that may be before noon or after.
    fn leave_half_open(&self) -> bool {
        let has_month = self.0.iter().any(|word| is_month(word));
        let is_of_date = |word: &str| {
            let ordinal = ["st", "nd", "rd", "th"].map(|end| word.strip_suffix(end));
            is_month(word) || ordinal.into_iter().flatten().any(is_loose)
        };
        let mut words = self.0.iter();
        (has_month || self.0.iter().any(|word| is_day(word)))
            && words.all(|word| is_loose(word) || has_month && is_of_date(word))
    }
}

fn is_day(word: &str) -> bool {
    WEEKDAYS.contains(&word) || ["today", "tomorrow"].contains(&word)
}

fn is_month(word: &str) -> bool {
    word.get(..3).is_some_and(|short| MONTHS.contains(&short))
}

fn is_loose(word: &str) -> bool {
    let word = word.strip_suffix("ish").unwrap_or(word);
    WEEKDAYS.contains(&word)
        || LOOSE.split(' ').any(|one| one == word)
        || word
            .parse()
            .is_ok_and(|hour: u8| hour < 60 && !word.starts_with('0'))
}

fn says_half(word: &str) -> bool {
    let clock = word.trim_end_matches(['a', 'p', 'm']);
    let is_clock = clock.starts_with(|sign: char| sign.is_ascii_digit())
        && clock
            .chars()
            .all(|sign| sign == ':' || sign.is_ascii_digit());
    is_clock || HALVES.split(' ').any(|one| one == word)
}
