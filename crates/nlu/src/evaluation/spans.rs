//! How well entities are found: exact pieces, by kind and role.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    judgement::Judgement,
    report::{Counts, EntityReport},
};
use crate::entities::Source;

/// A piece of a sentence and what it is.
type Piece = (usize, usize, String);

/// Over all kinds, and for each that sentences have. What every project has is left out, but for what
/// these sentences annotate.
pub(super) fn count(judgements: &[Judgement<'_>]) -> (Option<EntityReport>, Vec<EntityReport>) {
    let annotated = judgements
        .iter()
        .flat_map(|judgement| &judgement.example.annotations);
    let kinds: BTreeSet<&str> = annotated.map(|one| one.entity.as_str()).collect();
    if kinds.is_empty() {
        return (None, Vec::new());
    }
    let mut counts = BTreeMap::<String, Counts>::new();
    for judgement in judgements {
        let there: BTreeSet<Piece> = judgement
            .example
            .annotations
            .iter()
            .map(|one| {
                (
                    one.start,
                    one.end,
                    name(one.entity.as_str(), one.role.as_deref()),
                )
            })
            .collect();
        let counted = judgement
            .understood
            .entities
            .iter()
            .filter(|one| one.source != Source::BuiltIn || kinds.contains(one.entity.as_str()));
        let found: BTreeSet<Piece> = counted
            .map(|one| {
                (
                    one.start,
                    one.end,
                    name(one.entity.as_str(), one.role.as_deref()),
                )
            })
            .collect();
        for (_, _, kind) in &there {
            counts.entry(kind.clone()).or_default().there += 1;
        }
        for (_, _, kind) in &found {
            counts.entry(kind.clone()).or_default().found += 1;
        }
        for (_, _, kind) in there.intersection(&found) {
            counts.entry(kind.clone()).or_default().right += 1;
        }
    }
    let mut all = Counts::default();
    for each in counts.values() {
        all.there += each.there;
        all.found += each.found;
        all.right += each.right;
    }
    let each = counts
        .iter()
        .map(|(kind, counts)| EntityReport::new(kind, *counts));
    (Some(EntityReport::new("all", all)), each.collect())
}

fn name(entity: &str, role: Option<&str>) -> String {
    match role {
        Some(role) => format!("{entity}/{role}"),
        None => entity.to_owned(),
    }
}
