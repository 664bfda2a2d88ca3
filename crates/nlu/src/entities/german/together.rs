//! How many people are together: `zu zweit`.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

static TOGETHER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let of = "zweit|dritt|viert|fünft|sechst|siebt|acht|neunt|zehnt|elft|zwölft";
    Regex::new(&format!(r"(?i)\bzu ({of})\b")).ok()
});
const FROM_TWO: [&str; 11] = [
    "zweit", "dritt", "viert", "fünft", "sechst", "siebt", "acht", "neunt", "zehnt", "elft",
    "zwölft",
];

/// The numbers of people who are together, with their places in bytes.
pub(in crate::entities) fn together(text: &str) -> Vec<(Range<usize>, f64)> {
    let found = TOGETHER.iter().flat_map(|all| all.captures_iter(text));
    let numbers = found.filter_map(|found| {
        let said = found[1].to_lowercase();
        let behind = FROM_TWO.iter().position(|of| *of == said)?;
        Some((
            found.get(0)?.range(),
            f64::from(u8::try_from(behind + 2).ok()?),
        ))
    });
    numbers.collect()
}
