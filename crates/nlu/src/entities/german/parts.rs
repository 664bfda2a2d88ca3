//! A time of all its pieces, and which moment they are together.

use jiff::{
    Span, ToSpan as _,
    civil::{Date, DateTime, Time},
};

use super::{
    part::{DayPart, Hour, Part},
    words::Words,
};
use crate::entities::said::Said;

/// What stands between a day and an hour, and is neither.
pub(super) const FILLERS: [&str; 13] = [
    "am", "um", "gegen", "ab", "so", "etwa", "circa", "ca", ".", ",", "den", "dem", "der",
];

#[derive(Default)]
struct Parts {
    day: Option<(Date, &'static str)>,
    /// The day is said by its name: "Freitag".
    is_weekday: bool,
    weekend: Option<Date>,
    day_part: Option<DayPart>,
    hour: Option<Hour>,
    exactly: Option<DateTime>,
}

impl Words {
    /// A time without what says from or until; `from` is the beginning, at the end of a span.
    pub(super) fn one(&self, begin: usize, from: Option<Said>) -> Option<(Said, usize)> {
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
            let is_weekday = (from..from + taken).any(|at| self.weekday(at).is_some());
            let is_new = match part {
                // "Donnerstag, den 10. Dezember": the date is the day that is meant.
                Part::Day(day, grain) => {
                    let was_weekday = std::mem::replace(&mut parts.is_weekday, is_weekday);
                    parts.day.replace((day, grain)).is_none() || was_weekday
                }
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
            .or_else(|| parts.is_weekday.then(|| self.date(at)).flatten())
            .or_else(|| {
                parts
                    .day_part
                    .is_none()
                    .then(|| self.day_part(at, parts.day.is_some()))
                    .flatten()
            })
    }
}

impl Parts {
    /// What they say together.
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
            let at = self.at(hour, now)?;
            return Some(Said::At(
                at.checked_add(self.weeks_to(at, now)).ok()?,
                grain,
            ));
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
            let ahead = self.weeks_to(day.checked_add(to.hours()).ok()?, now);
            let day = day.checked_add(ahead).ok()?;
            let at = |hours: i64| day.checked_add(hours.hours()).ok();
            return Some(Said::Between(at(from), at(to), "hour"));
        }
        let (day, grain) = self.day?;
        Some(Said::At(midnight(day), grain))
    }

    /// A weekday of which the time is over today is that of the next week.
    fn weeks_to(&self, at: DateTime, now: DateTime) -> Span {
        let is_over = self.is_weekday && at.date() == now.date() && at <= now;
        i64::from(is_over).weeks()
    }

    /// The moment of an hour: which of the two that a clock has, by the day and its part, else the next that comes.
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
            return match day {
                Some(day) => time(day, hours),
                None => [hours, hours + 24]
                    .into_iter()
                    .filter_map(|hours| time(today, hours))
                    .find(|time| *time > now),
            };
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
