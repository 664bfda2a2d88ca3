//! "Von Montag auf Dienstag verschieben": the day that something is moved from is no day that is wanted.

use std::borrow::Cow;

use jiff::civil::DateTime;

use super::words::Words;

/// How words begin that say so; of what is not moved, both days are told: "in der Nacht von Montag auf Dienstag".
const MOVING: [&str; 10] = [
    "verschieb",
    "verschob",
    "verleg",
    "vorverleg",
    "umbuch",
    "umgebucht",
    "umzubuchen",
    "änder",
    "geändert",
    "wechsel",
];

/// A text without such times, as long as it is.
pub(in crate::entities) fn without_old(text: &str, now: DateTime) -> Cow<'_, str> {
    let words = Words::of(text, now);
    let mut read = Cow::Borrowed(text);
    let is_moving = |at: usize| MOVING.iter().any(|stem| words.at(at).starts_with(stem));
    if !(0..words.len()).any(is_moving) {
        return read;
    }
    let mut at = 0;
    while at < words.len() {
        let Some((_, end)) = words.expression(at) else {
            at += 1;
            continue;
        };
        let (first, before) = match words.at(at) {
            "von" => (at + 1, words.before(at)),
            _ => (at, words.before(at)),
        };
        let is_from = first > at || before == "vom";
        let is_moved = words.at(end) == "auf" && words.expression(end + 1).is_some();
        if is_from && is_moved && before != "nacht" {
            let place = words.place(first..end);
            let hidden = "x".repeat(place.len());
            read.to_mut().replace_range(place, &hidden);
        }
        at = end;
    }
    read
}
