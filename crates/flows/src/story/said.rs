//! What a story's user says: a text, and the entities that are marked in it.

use convene_training_data::{Example, Unreadable};

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
