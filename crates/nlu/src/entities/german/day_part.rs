//! Parts of the day: `morgens`, `am Abend`, `Freitagabend`.

use super::{
    part::{DayPart, Part},
    words::Words,
};

pub(in crate::entities) const WEEKDAYS: [&str; 7] = [
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "samstag",
    "sonntag",
];

impl Words {
    /// The part of the day at the end of a word: `freitagabend`.
    pub(super) fn day_part_of(&self, word: &str) -> Option<DayPart> {
        let day = WEEKDAYS
            .iter()
            .chain(&["sonnabend"])
            .find(|day| word.starts_with(**day))?;
        day_part(&word[day.len()..])
    }

    /// A part of the day, and of how many words; some words are one only beside a day.
    pub(super) fn day_part(&self, at: usize, has_day: bool) -> Option<(Part, usize)> {
        let word = self.at(at);
        if let Some(part) = self.day_part_of(word) {
            return Some((Part::DayPart(part), 1));
        }
        let part = day_part(word)?;
        // "Guten Abend", and "früh" of anything.
        let is_habit = word.ends_with('s');
        let is_meant = ["am", "der", "diesen", "gegen", "zum"].contains(&self.before(at));
        let is_hours = word == "früh" && ["um", "gegen"].contains(&self.at(at + 1));
        (is_habit || is_meant || has_day || is_hours).then_some((Part::DayPart(part), 1))
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
