//! `in zwei Stunden`, `vor drei Tagen`.

use jiff::{Span, ToSpan as _};

use super::{
    part::Part,
    words::{Words, count},
};

impl Words {
    /// So long from now, and of how many words.
    pub(super) fn later(&self, at: usize) -> Option<(Part, usize)> {
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
}
