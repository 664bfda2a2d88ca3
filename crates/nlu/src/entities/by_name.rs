//! Learnt entities by the name of a built-in, such as `[50 euros](amount-of-money)`: what they are is what the built-in says.

use convene_training_data::BuiltIn;

use super::entity::{Entity, Source, overlap};

/// Where a built-in of the name is found, the learnt entity is that, with its place and value; where that would reach into
/// something else of the project, it is what `find` finds in its own words. Takes out what is none of it, as long as
/// something else built in stands there.
pub(super) fn as_built_in(
    found: &mut Vec<Entity>,
    find: impl Fn(&str) -> Vec<Entity>,
) -> Vec<Entity> {
    let is_by_name = |entity: &Entity| entity.source == Source::Learnt && is_built_in(entity);
    let of_project: Vec<_> = found
        .iter()
        .filter(|entity| entity.source != Source::BuiltIn)
        .map(|entity| (entity.entity.clone(), entity.place()))
        .collect();
    let (learnt, others): (Vec<_>, Vec<_>) =
        std::mem::take(found).into_iter().partition(is_by_name);
    *found = others;
    let (mut kept, mut lost) = (Vec::new(), Vec::new());
    for mut entity in learnt {
        let own = entity.place();
        let over = || {
            let built = found.iter().filter(|other| other.source == Source::BuiltIn);
            built.filter(|other| overlap(&own, &other.place()))
        };
        let same = over().filter(|other| other.entity == entity.entity);
        let Some(other) = same.max_by_key(|other| other.end - other.start) else {
            let list = match over().next() {
                Some(_) => &mut lost,
                None => &mut kept,
            };
            list.push(entity);
            continue;
        };
        let place = other.place();
        let mut rest = of_project.iter().filter(|(kind, _)| *kind != entity.entity);
        if rest.any(|(_, one)| overlap(one, &place) && !overlap(one, &own)) {
            let alone = find(&entity.text).into_iter();
            let mut alone = alone.filter(|one| one.entity == entity.entity);
            if let Some(alone) = alone.next() {
                entity.value = alone.value;
            }
        } else {
            (entity.start, entity.end) = (place.start, place.end);
            entity.text.clone_from(&other.text);
            entity.value.clone_from(&other.value);
        }
        kept.push(entity);
    }
    found.extend(kept);
    lost
}

fn is_built_in(entity: &Entity) -> bool {
    let name = entity.entity.as_str();
    BuiltIn::ALL.iter().any(|kind| kind.as_str() == name)
}
