//! Phone numbers as people write them.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;

/// A code of an area, a stroke and a number. No date begins so: its day has two digits.
static AREA: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"((?:\+\d{1,3}[ -]?|\b00?)[1-9]\d{1,4} ?)/( ?\d{2})").ok());

/// A text with another stroke in its phone numbers, as long as it is: `duckling` knows none of these.
pub(super) fn without_slashes(text: &str) -> Cow<'_, str> {
    match AREA.as_ref() {
        Some(area) => area.replace_all(text, "${1}-$2"),
        None => text.into(),
    }
}
