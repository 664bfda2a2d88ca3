//! How the values of some types are written in the field of a form, which is checked before it is an answer.

use crate::folder::SlotType;

/// `14:30`, `2:30 pm`, `9 Uhr`.
const TIME: &str = concat!(
    r"\s*(?:(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?:\s*(?:h|[Uu][Hh][Rr]|o'clock))?",
    r"|(?:[01]?[0-9]|2[0-3])\s*(?:h|[Uu][Hh][Rr]|o'clock)",
    r"|(?:0?[1-9]|1[0-2])(?::[0-5][0-9])?\s*[AaPp]\.?[Mm]\.?)\s*",
);

/// `12.50`, `EUR 12.50`, `12,50 €`, `1.250 euros`.
const MONEY: &str = concat!(
    r"\s*(?:[€$£¥]\s*|\p{L}+\s+)?[\-−+]?[0-9]+(?:[.,][0-9]+)*",
    r"(?:\s*[€$£¥]|\s+\p{L}+)?\s*",
);

/// What the whole text of a field must match to be read as a value of a type that clients know no field for. What the
/// slot's bounds say is told when it was sent.
pub(crate) const fn written(kind: SlotType) -> Option<&'static str> {
    match kind {
        SlotType::Time => Some(TIME),
        SlotType::Money => Some(MONEY),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(kind: SlotType, text: &str) -> bool {
        let whole = format!("^(?:{})$", written(kind).unwrap());
        regex::Regex::new(&whole).unwrap().is_match(text)
    }

    #[test]
    fn what_is_written_as_a_time_and_an_amount_is_told_from_what_is_not() {
        for time in [
            "14:30", "9:05", "2:30 pm", "9am", "12 a.m.", "9 Uhr", "23:59 h",
        ] {
            assert!(fits(SlotType::Time, time), "{time}");
        }
        for time in ["25:99", "24:00", "14", "13 pm", "0 am", "soon", "14:60", ""] {
            assert!(!fits(SlotType::Time, time), "{time}");
        }
        for money in [
            "12",
            "12.50",
            "EUR 12.50",
            "12,50 €",
            "$1,250.00",
            "-3 euros",
            "¥1000",
        ] {
            assert!(fits(SlotType::Money, money), "{money}");
        }
        for money in ["abc", "", "€", "12 3", "ten euros", "12..5"] {
            assert!(!fits(SlotType::Money, money), "{money}");
        }
        assert_eq!(written(SlotType::Date), None, "clients have a field for it");
    }
}
