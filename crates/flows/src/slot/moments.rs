//! Options that are days and hours: of "saturday at nine" the only one of that day and that hour.

use jiff::{
    ToSpan as _,
    civil::{Date, Time},
};
use serde_json::{Value as Json, json};

use super::{ChoiceSpec, Label, SlotSpec, bare};
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

    /// What a program has written as the value of an option, or else what stands in its label: `9:00 with Ann`.
    fn of_option(option: &ChoiceSpec) -> Option<Self> {
        let by_value = Self::of(&json!(option.value));
        by_value.or_else(|| match &option.label {
            Some(Label::Words(words)) => words.split_whitespace().find_map(Self::of_word),
            _ => Self::of_word(&option.value),
        })
    }

    fn of_word(word: &str) -> Option<Self> {
        let word = bare(word);
        let hour = word
            .split_once(':')
            .map(|(hour, rest)| format!("{hour:0>2}:{rest}"));
        Self::of(&json!(hour.unwrap_or(word)))
    }

    /// Whether an option has all that was said.
    fn says(self, option: Self, is_of_any_half: bool) -> bool {
        let is_day = self.day.is_none_or(|day| option.day == Some(day));
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
    /// The only option that is of the day, of the hour, or of both, that an entity says.
    pub(crate) fn option_at(&self, entity: &Json) -> Option<&ChoiceSpec> {
        let said = Moment::of(moment::moment_of(entity))?;
        self.only_option(said, moment::is_of_any_half(entity))
    }

    /// The only option of such an hour, in whichever half of the day, where options have no such place in their list.
    pub(crate) fn option_at_hour(&self, hour: i64) -> Option<&ChoiceSpec> {
        let is_a_place = usize::try_from(hour).is_ok_and(|place| place <= self.choices.len());
        let hour = Time::new(i8::try_from(hour).ok()?, 0, 0, 0).ok()?;
        let said = Moment {
            day: None,
            hour: Some(hour),
        };
        self.only_option(said, true).filter(|_| !is_a_place)
    }

    fn only_option(&self, said: Moment, is_of_any_half: bool) -> Option<&ChoiceSpec> {
        let is_meant = |option: &&ChoiceSpec| {
            let own = Moment::of_option(option);
            own.is_some_and(|own| said.says(own, is_of_any_half))
        };
        let mut meant = self.choices.iter().filter(is_meant);
        let first = meant.next()?;
        meant.next().is_none().then_some(first)
    }
}
