//! Words and figures of a project that stand within something longer: "afternoon" in "next wednesday afternoon", the 3 of
//! "3 pm", and the 5 of an address that sentences have taught.

use super::entity::{Entity, Source, Value};

/// Takes out what is only a piece of a time's or an amount's figures, or of a learnt entity of another kind: "tomorrow at
/// 3 pm" is no 3, whatever pattern has one.
pub(super) fn without_figures(found: &mut Vec<Entity>) -> Vec<Entity> {
    let is_piece = |entity: &Entity| {
        let is_short = |most: usize| entity.end - entity.start <= most;
        let is_of = |signs: &str| {
            let mut all = entity.text.chars();
            all.all(|sign| sign.is_ascii_digit() || signs.contains(sign))
        };
        is_of_project(entity)
            && found.iter().any(|other| {
                stands_within(entity, other)
                    && match (other.source, &other.value) {
                        (Source::BuiltIn, Value::Time { .. } | Value::Interval { .. }) => {
                            is_of("") && is_short(2)
                        }
                        (Source::BuiltIn, Value::Money { .. }) => is_of(".,"),
                        (Source::Learnt, _) => {
                            is_of("") && is_short(4) && other.entity != entity.entity
                        }
                        _ => false,
                    }
            })
    };
    let pieces: Vec<bool> = found.iter().map(is_piece).collect();
    let mut pieces = pieces.into_iter();
    found
        .extract_if(.., |_| pieces.next().unwrap_or_default())
        .collect()
}

/// A text without the words of the project that stand within a time, as long as it is; none if there are none. What is
/// left of the time can be read in it.
pub(super) fn without_words(text: &str, found: &[Entity]) -> Option<String> {
    let times = || {
        let is_time =
            |entity: &&Entity| matches!(entity.value, Value::Time { .. } | Value::Interval { .. });
        found.iter().filter(is_time)
    };
    let words = found
        .iter()
        .filter(|word| is_of_project(word) && times().any(|time| is_within(word, time)));
    let mut read = None;
    for word in words {
        let read = read.get_or_insert_with(|| text.to_owned());
        read.replace_range(word.start..word.end, &"|".repeat(word.end - word.start));
    }
    read
}

/// Whether it is the day alone that a longer time says with more.
pub(super) fn is_day_of_another(entity: &Entity, found: &[Entity]) -> bool {
    let Value::Time { at } = &entity.value else {
        return false;
    };
    let day = at.time.get(..10).filter(|_| at.grain == "day");
    day.is_some()
        && found.iter().any(|other| {
            let begin = match &other.value {
                Value::Time { at } => Some(at),
                Value::Interval { from, .. } => from.as_ref(),
                _ => None,
            };
            is_within(entity, other) && begin.and_then(|at| at.time.get(..10)) == day
        })
}

const fn is_of_project(entity: &Entity) -> bool {
    matches!(entity.source, Source::Pattern | Source::Lookup)
}

const fn is_within(entity: &Entity, other: &Entity) -> bool {
    matches!(other.source, Source::BuiltIn) && stands_within(entity, other)
}

const fn stands_within(entity: &Entity, other: &Entity) -> bool {
    other.start <= entity.start
        && entity.end <= other.end
        && other.end - other.start > entity.end - entity.start
}
