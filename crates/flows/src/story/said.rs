//! What a story's user says: a text, the entities that are marked in it, and those that need no mark.

use convene_training_data::{BuiltIn, Example, Unreadable};

use crate::{engine::Entity, name::EntityName};

pub(super) fn said(marked: &str) -> Result<(String, Vec<Entity>), Unreadable> {
    let (text, annotations) = Example::unmark(marked)?;
    let entities = annotations.into_iter().map(|mark| Entity {
        name: EntityName::from(mark.entity.as_str()),
        value: mark
            .value
            .unwrap_or_else(|| text[mark.start..mark.end].to_owned())
            .into(),
        role: mark.role.or(mark.group),
        start: Some(mark.start),
        end: Some(mark.end),
        wish: None,
    });
    let entities = entities.collect();
    Ok((text, entities))
}

/// What is marked, and what was found. Where anything is marked, words of a project's lists are what the marks say, and no
/// more; what every project has is found beside them, and is what a mark by its name without a value stands for.
pub(super) fn beside_marks(text: &str, marked: Vec<Entity>, found: Vec<Entity>) -> Vec<Entity> {
    if marked.is_empty() {
        return found;
    }
    let is_built_in = |entity: &Entity| {
        let mut kinds = BuiltIn::ALL.iter();
        kinds.any(|kind| kind.as_str() == entity.name.as_str())
    };
    let overlap = |one: &Entity, other: &Entity| one.start < other.end && other.start < one.end;
    let (same, others): (Vec<_>, Vec<_>) = found
        .into_iter()
        .filter(|one| is_built_in(one) && one.start.is_some())
        .partition(|one| marked.iter().any(|mark| overlap(mark, one)));
    let valued = marked.into_iter().map(|mut mark| {
        let mut same = same.iter().filter(|one| one.name == mark.name);
        let words = mark.start.zip(mark.end);
        let words = words.and_then(|(start, end)| text.get(start..end));
        let has_no_value = words == mark.value.as_str();
        if let Some(one) = same.find(|one| has_no_value && overlap(&mark, one)) {
            mark.value.clone_from(&one.value);
        }
        mark
    });
    let mut all: Vec<_> = valued.chain(others).collect();
    all.sort_by_key(|entity| entity.start);
    all
}
