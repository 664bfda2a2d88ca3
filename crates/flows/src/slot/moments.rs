//! Options that are days and hours: of "saturday at nine" the only one of that day and that hour.

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time},
};
use serde_json::{Value as Json, json};

use super::{
    ChoiceSpec, SlotSpec,
    answer::{bare, date, time},
    only,
};
use crate::moment;

/// The day and the hour of something, as far as it has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Moment {
    day: Option<Date>,
    hour: Option<Time>,
}

impl Moment {
    fn of(json: &Json) -> Option<Self> {
        let (day, hour) = (moment::date(json), moment::time(json));
        (day.is_some() || hour.is_some()).then_some(Self { day, hour })
    }

    /// What stands in the label of an option (`9:00 pm with Ann`), and else what a program has written as its value. One that says
    /// its zone is no hour of a clock that anybody sees.
    fn of_option(option: &ChoiceSpec) -> Option<Self> {
        let has_zone = option.value.parse::<Timestamp>().is_ok();
        let by_value = Self::of(&json!(option.value)).filter(|_| !has_zone);
        let words: Vec<_> = option.shown().split_whitespace().map(bare).collect();
        let whole = words.iter().find_map(|word| Self::of(&json!(word)));
        let by_value = by_value.or(whole);
        let day = words.iter().find_map(|word| date(word));
        let mut hours = words.iter().enumerate().filter_map(|(at, word)| {
            let half = words.get(at + 1);
            let with_half = half.and_then(|half| time(&format!("{word} {half}")));
            with_half.or_else(|| time(word))
        });
        let own = Self {
            day: day.or(by_value.and_then(|own| own.day)),
            hour: hours.next().or(by_value.and_then(|own| own.hour)),
        };
        (own.day.is_some() || own.hour.is_some()).then_some(own)
    }

    /// Whether an option has all that was said. One without a day is of those that are known.
    fn says(self, option: Self, is_of_any_half: bool, known: &[Date]) -> bool {
        let is_day = self.day.is_none_or(|day| match option.day {
            Some(own) => own == day,
            None => known.contains(&day),
        });
        let is_hour = self.hour.is_none_or(|hour| {
            let other = is_of_any_half.then(|| hour.wrapping_add(12.hours()));
            option
                .hour
                .is_some_and(|own| own == hour || Some(own) == other)
        });
        is_day && is_hour
    }
}

impl SlotSpec {
    /// The only option that is of the day, of the hour, or of both, that an entity says. The day of those that say none is one
    /// of these.
    pub(crate) fn option_at(&self, entity: &Json, days: &[Date]) -> Option<&ChoiceSpec> {
        let said = Moment::of(moment::moment_of(entity))?;
        self.only_option(said, moment::is_of_any_half(entity), days)
    }

    /// The only option of such an hour, in whichever half of the day, where all have an hour.
    pub(crate) fn option_at_hour(&self, hour: i64) -> Option<&ChoiceSpec> {
        let hour = Time::new(i8::try_from(hour).ok()?, 0, 0, 0).ok()?;
        let said = Moment {
            day: None,
            hour: Some(hour),
        };
        let mut options = self.choices.iter().map(Moment::of_option);
        let are_hours = options.all(|option| option.is_some_and(|option| option.hour.is_some()));
        self.only_option(said, true, &[]).filter(|_| are_hours)
    }

    fn only_option(
        &self,
        said: Moment,
        is_of_any_half: bool,
        days: &[Date],
    ) -> Option<&ChoiceSpec> {
        let is_meant = |option: &&ChoiceSpec| {
            let own = Moment::of_option(option);
            own.is_some_and(|own| said.says(own, is_of_any_half, days))
        };
        only(self.choices.iter().filter(is_meant))
    }
}
