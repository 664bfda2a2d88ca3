//! The least or the most that a slot takes.

use std::{cmp::Ordering, fmt};

use jiff::civil::{Date, Time};

use crate::{
    folder::SlotType,
    value::{Value, clock},
};

/// The least or the most.
#[derive(Debug, Clone, PartialEq)]
pub enum Limit {
    /// Of a number, or of an amount in its currency's unit.
    Number(f64),
    /// Of a text's length, in characters.
    Length(usize),
    /// A day.
    Date(Date),
    /// The day on which the answer is given.
    Today,
    /// A time of the day.
    Time(Time),
}

impl Limit {
    /// Reads a bound of a slot of this type, or says what it must be.
    pub(crate) fn read(kind: SlotType, text: &str) -> Result<Self, &'static str> {
        match kind {
            SlotType::Number | SlotType::Integer | SlotType::Money => {
                let number = text.parse().ok().filter(|number: &f64| number.is_finite());
                number.map(Self::Number).ok_or("a number")
            }
            SlotType::Text | SlotType::Email | SlotType::Phone => text
                .parse()
                .map(Self::Length)
                .map_err(|_| "a number of characters"),
            SlotType::Date if text == "today" => Ok(Self::Today),
            SlotType::Date => text
                .parse()
                .map(Self::Date)
                .map_err(|_| "`today`, or a day such as 2026-01-31"),
            SlotType::Time => Time::strptime("%H:%M", text)
                .map(Self::Time)
                .map_err(|_| "a time such as 09:00, in quotes"),
            SlotType::Boolean | SlotType::Choice | SlotType::List => {
                Err("left out: this type has no bounds")
            }
        }
    }

    /// Whether nothing is at least this and at most that, whenever it is.
    pub(crate) fn excludes(&self, most: &Self) -> bool {
        match (self, most) {
            (Self::Number(least), Self::Number(most)) => least > most,
            (Self::Length(least), Self::Length(most)) => least > most,
            (Self::Date(least), Self::Date(most)) => least > most,
            (Self::Time(least), Self::Time(most)) => least > most,
            _ => false,
        }
    }

    pub(super) fn is_above(&self, value: &Value, today: Date) -> bool {
        self.compare(value, today) == Some(Ordering::Greater)
    }

    pub(super) fn is_below(&self, value: &Value, today: Date) -> bool {
        self.compare(value, today) == Some(Ordering::Less)
    }

    #[expect(clippy::cast_precision_loss, reason = "bounds are compared as floats")]
    fn compare(&self, value: &Value, today: Date) -> Option<Ordering> {
        match (self, value) {
            (Self::Number(limit), Value::Number(number)) => limit.partial_cmp(number),
            (Self::Number(limit), Value::Integer(number)) => limit.partial_cmp(&(*number as f64)),
            (Self::Number(limit), Value::Money(money)) => limit.partial_cmp(&money.amount()),
            (Self::Length(limit), Value::Text(text)) => Some(limit.cmp(&text.chars().count())),
            (Self::Date(limit), Value::Date(date)) => Some(limit.cmp(date)),
            (Self::Today, Value::Date(date)) => Some(today.cmp(date)),
            (Self::Time(limit), Value::Time(time)) => Some(limit.cmp(time)),
            _ => None,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Length(length) => write!(f, "{length}"),
            Self::Date(date) => write!(f, "{date}"),
            Self::Today => f.write_str("today"),
            Self::Time(time) => f.write_str(&clock(*time)),
        }
    }
}
