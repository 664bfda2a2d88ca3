//! Days by their names, and weeks, months and years: `morgen`, `nächsten Freitag`, `am Wochenende`.

use jiff::{ToSpan as _, civil::Date};

use super::{day_part::WEEKDAYS, part::Part, words::Words};

impl Words {
    /// A day, and of how many words.
    pub(super) fn day(&self, at: usize) -> Option<(Part, usize)> {
        let today = self.now.date();
        let in_days = |days: i64| today.checked_add(days.days()).ok();
        let day = |date: Option<Date>, taken: usize| Some((Part::Day(date?, "day"), taken));
        let word = self.at(at);
        match word {
            "heute" => return day(Some(today), 1),
            "heiligabend" => return day(self.coming(12, 24, None), 1),
            "heilig" | "heiligen" | "heiliger" if self.at(at + 1) == "abend" => {
                return day(self.coming(12, 24, None), 2);
            }
            "silvester" | "sylvester" => return day(self.coming(12, 31, None), 1),
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

    /// Monday is 0. A part of the day may follow in the same word.
    pub(super) fn weekday(&self, at: usize) -> Option<i64> {
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
}
