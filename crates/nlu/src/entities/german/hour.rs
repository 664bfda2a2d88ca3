//! Hours: `um 8`, `14:30 Uhr`, `halb drei`, `Viertel nach acht`.

use super::{
    part::{Hour, Part},
    words::{Words, count},
};

impl Words {
    /// An hour, and of how many words.
    pub(super) fn hour(&self, at: usize) -> Option<(Part, usize)> {
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
}
