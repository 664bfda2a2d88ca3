//! Messages that were taught to mean two things at once: which part of them is which.

use std::ops::Range;

use convene_training_data::{EntityKind, Intent, Language};

use super::{
    clauses::{MOST, pieces},
    understood::{Clause, Ranked},
};
use crate::entities::Entity;

/// The parts of a message that surely means two things at once, as it was taught to, where both say a value of the same kind: which
/// part is which is what fits each of them better than the other does. None where no cut tells. `rank` is what a text could mean.
pub(super) fn of_both(
    text: &str,
    language: &Language,
    both: &Intent,
    found: &[Entity],
    rank: impl Fn(&str) -> Vec<Ranked>,
) -> Vec<Clause> {
    let Some((one, other)) = both.as_str().split_once('+') else {
        return Vec::new();
    };
    let pieces = pieces(text, language);
    if !(2..=MOST).contains(&pieces.len()) {
        return Vec::new();
    }
    let kinds = |place: &Range<usize>| -> Vec<&EntityKind> {
        let within = found.iter().filter(|one| place.contains(&one.start));
        within.map(|one| &one.entity).collect()
    };
    let cuts = pieces.windows(2).filter_map(|pair| {
        let (first, last) = (pieces.first()?.start, pieces.last()?.end);
        let places = [first..pair[0].end, pair[1].start..last];
        let behind = kinds(&places[1]);
        if !kinds(&places[0]).iter().any(|kind| behind.contains(kind)) {
            return None;
        }
        let ranked = places.clone().map(|place| rank(&text[place]));
        let meant = |part: usize, intent: &str| {
            let mut all = ranked[part].iter();
            all.find(|one| one.intent.as_str() == intent)
        };
        let orders = [[one, other], [other, one]];
        let fits = orders.into_iter().find_map(|[front, back]| {
            let own = [meant(0, front)?, meant(1, back)?];
            let others = [meant(0, back)?, meant(1, front)?];
            let mut pairs = own.iter().zip(others);
            let is_clear = pairs.all(|(own, other)| own.score > other.score);
            is_clear.then(|| own.map(Clone::clone))
        })?;
        let clauses = places.into_iter().zip(fits).map(|(place, meant)| Clause {
            start: place.start,
            end: place.end,
            meant,
        });
        Some(clauses.collect::<Vec<_>>())
    });
    let score = |clauses: &Vec<Clause>| -> f32 {
        let scores = clauses.iter().map(|clause| clause.meant.score);
        scores.sum()
    };
    cuts.max_by(|one, other| score(one).total_cmp(&score(other)))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::{Source, Value};

    /// Each word with a digit is a value, and what is red or blue fits that more.
    fn told(text: &str) -> Vec<String> {
        let found = text.split_whitespace().filter_map(|word| {
            let start = text.find(word)?;
            let entity = Entity {
                entity: EntityKind::new("code"),
                start,
                end: start + word.len(),
                text: word.to_owned(),
                value: Value::Text {
                    text: word.to_owned(),
                },
                role: None,
                group: None,
                source: Source::Pattern,
            };
            word.contains(char::is_numeric).then_some(entity)
        });
        let found: Vec<_> = found.collect();
        let rank = |text: &str| {
            let fits = |intent: &str| Ranked {
                intent: Intent::new(intent),
                confidence: 0.5,
                score: if text.contains(intent) { 0.5 } else { -0.5 },
            };
            vec![fits("red"), fits("blue")]
        };
        let (language, both) = (Language::new("en").unwrap(), Intent::new("red+blue"));
        let parts = of_both(text, &language, &both, &found, rank).into_iter();
        let told = parts.map(|one| format!("{}: {}", one.meant.intent, &text[one.start..one.end]));
        told.collect()
    }

    #[test]
    fn two_parts_that_say_a_value_each_are_what_fits_them() {
        assert_eq!(told("red A1 and blue B2"), ["red: red A1", "blue: blue B2"]);
        assert_eq!(
            told("blue A1, as I said, red B2"),
            ["blue: blue A1, as I said", "red: red B2"]
        );
        assert_eq!(told("red A1 and blue"), [""; 0], "one value");
        assert_eq!(told("red A1 and red B2"), [""; 0], "both are one");
        assert_eq!(told("red A1 blue B2"), [""; 0], "no parts");
    }
}
