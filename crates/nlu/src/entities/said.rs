//! What a text says of time.

use jiff::civil::DateTime;

/// What a text says of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Said {
    At(DateTime, &'static str),
    /// From, and to, and how exactly; at least one is there.
    Between(Option<DateTime>, Option<DateTime>, &'static str),
}

impl Said {
    /// When it begins.
    pub(super) const fn from(self) -> Option<DateTime> {
        match self {
            Self::At(from, _) => Some(from),
            Self::Between(from, _, _) => from,
        }
    }

    /// How exactly it is said.
    pub(super) const fn grain(self) -> &'static str {
        match self {
            Self::At(_, grain) | Self::Between(_, _, grain) => grain,
        }
    }
}
