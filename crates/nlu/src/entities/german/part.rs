//! The pieces that a time is made of.

use jiff::civil::{Date, DateTime};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum DayPart {
    Morning,
    Forenoon,
    Noon,
    Afternoon,
    Evening,
    Night,
}

/// A piece of a time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// What begins with a day: that day, its week, month or year.
    Day(Date, &'static str),
    Weekend(Date),
    DayPart(DayPart),
    Hour(Hour),
    Exactly(DateTime),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Hour {
    pub(super) hour: i8,
    pub(super) minute: Option<i8>,
    /// On a clock of 24 hours.
    pub(super) is_exact: bool,
}

impl DayPart {
    /// From and to which hour of the day.
    pub(super) const fn hours(self) -> (i64, i64) {
        match self {
            Self::Morning => (0, 12),
            Self::Forenoon => (6, 12),
            Self::Noon => (12, 14),
            Self::Afternoon => (12, 19),
            Self::Evening => (18, 24),
            Self::Night => (22, 30),
        }
    }
}
