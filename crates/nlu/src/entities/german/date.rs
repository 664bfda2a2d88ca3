//! Dates: `3.12.`, `3. Dezember 2026`, `am 3.`.

use jiff::{ToSpan as _, civil::Date};

use super::{part::Part, words::Words};

const MONTHS: [&str; 12] = [
    "jan", "feb", "mär", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez",
];
const ORDINALS: [&str; 12] = [
    "erste", "zweite", "dritte", "vierte", "fünfte", "sechste", "siebte", "achte", "neunte",
    "zehnte", "elfte", "zwölfte",
];

impl Words {
    /// A date, and of how many words.
    pub(super) fn date(&self, at: usize) -> Option<(Part, usize)> {
        let today = self.now.date();
        let is_meant = ["am", "vom", "zum", "den", "dem", "ab", "bis"].contains(&self.before(at));
        let word = self.at(at);
        let coming = |month: i8, day: i8, year: Option<i16>| self.coming(month, day, year);
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

    /// A date of a year, or the next that comes.
    pub(super) fn coming(&self, month: i8, day: i8, year: Option<i16>) -> Option<Date> {
        let today = self.now.date();
        let date = Date::new(year.unwrap_or(today.year()), month, day).ok()?;
        Some(if year.is_none() && date < today {
            date.checked_add(1.year()).ok()?
        } else {
            date
        })
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
}
