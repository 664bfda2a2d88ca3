//! What time it is, to whom: each person's days are those of their own zone.

use jiff::{ZonedDateTime, civil::DateTime, tz::TimeZone};

use super::{state::State, turn::Turn};
use crate::name::{Who, Zone};

/// A moment, as the assistant has it, and what whoever does something then tells of where they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Clock {
    pub(super) now: ZonedDateTime,
    pub(super) told: Option<Zone>,
}

impl Clock {
    /// The time where the assistant is: the zone of whoever has told none.
    #[must_use]
    pub const fn new(now: ZonedDateTime) -> Self {
        Self { now, told: None }
    }

    /// The same for what somebody does who tells this zone with it. One that nobody knows here counts for nothing.
    #[must_use]
    pub fn told(self, zone: Option<Zone>) -> Self {
        let told = zone.filter(|zone| zone.find().is_some());
        Self { told, ..self }
    }

    /// The time where somebody is who does something now: in the zone that they tell with it, else in the one that they told
    /// last, else where the assistant is.
    #[must_use]
    pub fn for_whom(&self, state: &State, who: Option<&Who>) -> ZonedDateTime {
        let zone = self.told.as_ref().or_else(|| state.zone_of(who?));
        self.within(zone)
    }

    fn within(&self, zone: Option<&Zone>) -> ZonedDateTime {
        match zone.and_then(Zone::find) {
            Some(zone) => self.now.with_time_zone(zone),
            None => self.now.clone(),
        }
    }

    /// The same at this time where the assistant is.
    pub(super) fn at(self, at: DateTime) -> Self {
        let zone = self.now.time_zone();
        let now = zone.to_ambiguous_zoned_datetime(at).compatible();
        Self {
            now: now.unwrap_or_else(|_| self.now.clone()),
            ..self
        }
    }
}

impl From<DateTime> for Clock {
    /// A time in UTC; one that is out of all bounds is the beginning of 1970.
    fn from(now: DateTime) -> Self {
        let now = TimeZone::UTC.to_ambiguous_zoned_datetime(now).compatible();
        Self::new(now.unwrap_or_default())
    }
}

impl Zone {
    /// The zone, if it is known here.
    pub(crate) fn find(&self) -> Option<TimeZone> {
        TimeZone::get(self.as_str()).ok()
    }
}

impl State {
    /// The zone that somebody told last.
    pub(super) fn zone_of(&self, who: &Who) -> Option<&Zone> {
        self.zones.get(who)
    }
}

impl Turn<'_> {
    /// The zone that whoever does this tells, where it is news.
    pub(super) fn zone_news(&self) -> Option<Zone> {
        let known = self.input.who().and_then(|who| self.state.zone_of(who));
        let told = self.clock.told.as_ref();
        let is_news = self.input.who().is_some() && told != known;
        told.filter(|_| is_news).cloned()
    }

    /// The time where those are who are spoken to: who has just done something, while that is answered, else whose the flow
    /// on top is.
    pub(super) fn now(&self) -> ZonedDateTime {
        let owner = self.owner();
        let to = self.spoken_to.as_ref().or(owner.as_ref());
        self.clock
            .within(to.and_then(|who| self.state.zone_of(who)))
    }
}
