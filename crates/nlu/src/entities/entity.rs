//! A thing that a sentence names.

use std::ops::Range;

use convene_training_data::EntityKind;
use jiff::civil::DateTime;
use serde::Serialize;

/// A thing that a sentence names.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entity {
    pub entity: EntityKind,
    /// In bytes.
    pub start: usize,
    /// In bytes, behind its last letter.
    pub end: usize,
    /// As it is written.
    pub text: String,
    pub value: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    pub source: Source,
}

impl Entity {
    pub(super) const fn place(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// What an entity stands for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Value {
    /// What is written, or what that is a synonym of.
    Text {
        text: String,
    },
    Number {
        number: f64,
    },
    Money {
        amount: f64,
        currency: String,
    },
    /// A moment, or a day, a month ... that begins with it.
    Time {
        at: Moment,
    },
    /// From a moment to, but without, another; at least one is there.
    Interval {
        from: Option<Moment>,
        to: Option<Moment>,
    },
    Duration {
        seconds: i64,
    },
}

/// A moment in the zone of whoever said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// RFC 3339, such as `2026-11-27T15:00:00+01:00`.
    pub time: String,
    /// How exactly it was said: `second`, `minute`, `hour`, `day`, `week`, `month`, `quarter` or `year`.
    pub grain: &'static str,
    /// It is an hour of no day that was said: "at 7" is the next time that it is 7.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub any_day: bool,
    /// It is an hour of no half of a day that was said: "half past two" is that of the night or that of the afternoon.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub any_half: bool,
}

impl Moment {
    /// What clocks show then, where it was said.
    pub(super) fn local(&self) -> Option<DateTime> {
        self.time.get(..19)?.parse().ok()
    }
}

/// Where an entity comes from, the strongest first: where two overlap, that of the stronger source
/// is kept, and of one source the longer one; figures within a time or an amount are a piece of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A regular expression of the project.
    Pattern,
    /// A word list of the project.
    Lookup,
    /// Annotated sentences of the project.
    Learnt,
    /// What every project has, such as times and amounts.
    BuiltIn,
}

/// Whether two places in a text have a letter in common.
pub(super) const fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// Of entities that overlap, one each, from the text's front to its end. Returns also those that
/// lost.
pub(super) fn merge(mut found: Vec<Entity>) -> (Vec<Entity>, Vec<Entity>) {
    found.sort_by_key(|entity| {
        (
            entity.source,
            std::cmp::Reverse(entity.end - entity.start),
            entity.start,
        )
    });
    let (mut kept, mut lost) = (Vec::<Entity>::new(), Vec::new());
    for entity in found {
        let over = kept
            .iter_mut()
            .find(|kept| overlap(&kept.place(), &entity.place()));
        let Some(over) = over else {
            kept.push(entity);
            continue;
        };
        // "[50 euros](amount-of-money)": who is marked as that is what it says.
        let is_same = (over.start, over.end) == (entity.start, entity.end);
        if over.entity == entity.entity && is_same && over.source == Source::Learnt {
            over.value.clone_from(&entity.value);
        }
        // Word lists know no roles; sentences do.
        if over.entity == entity.entity && over.role.is_none() && over.group.is_none() {
            over.role.clone_from(&entity.role);
            over.group.clone_from(&entity.group);
        }
        lost.push(entity);
    }
    kept.sort_by_key(|entity| entity.start);
    (kept, lost)
}
