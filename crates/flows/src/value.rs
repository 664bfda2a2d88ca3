//! The values of slots.

use std::fmt;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::{
    folder::SlotType,
    item::{self, Item},
    moment,
};

/// The value of a slot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// Words; also an e-mail address and a telephone number.
    Text(String),
    /// A number. Never infinite, and always a number.
    Number(f64),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
    /// A day.
    Date(Date),
    /// A time of the day.
    Time(Time),
    /// An amount.
    Money(Money),
    /// One of the values of a choice.
    Choice(String),
    /// What can be chosen: at most as many as a message has buttons for.
    List(Vec<Item>),
}

/// An amount in a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// In hundredths of the currency's unit.
    pub hundredths: i64,
    /// Its ISO 4217 code, such as `EUR`; empty where none was said.
    pub currency: String,
}

impl Money {
    /// The amount in the currency's unit.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "amounts of slots are below 2^53 hundredths"
    )]
    pub fn amount(&self) -> f64 {
        self.hundredths as f64 / 100.0
    }

    /// Reads what programs write: `12.50 EUR`, `EUR 12.50`, `12.50`. More than two decimals are none of it: where a
    /// person has written them, `1.250` may be thousands.
    fn from_plain(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let (first, second) = (words.next()?, words.next().unwrap_or_default());
        let is_amount = |word: &str| word.ends_with(|c: char| c.is_ascii_digit());
        let (amount, currency) = if is_amount(first) {
            (first, second)
        } else {
            (second, first)
        };
        let digits = amount.strip_prefix('-').unwrap_or(amount);
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
        let are_digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
        let is_plain = are_digits(whole) && are_digits(decimals) && decimals.len() <= 2;
        let is_code = currency.len() == 3 && currency.chars().all(|c| c.is_ascii_alphabetic());
        let is_money = is_plain && (is_code || currency.is_empty()) && words.next().is_none();
        is_money.then(|| Self::new(amount.parse().ok()?, currency))?
    }

    pub(crate) fn new(amount: f64, currency: &str) -> Option<Self> {
        let hundredths = (amount * 100.0).round();
        Some(Self {
            hundredths: whole(hundredths)?,
            currency: currency.to_ascii_uppercase(),
        })
    }
}

/// A float that is a whole number which floats hold exactly.
#[expect(
    clippy::cast_possible_truncation,
    reason = "it is whole, and smaller than 2^53"
)]
pub(crate) fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() < EXACT).then_some(number as i64)
}

impl Value {
    /// As a call's body has it.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Text(text) | Self::Choice(text) => json!(text),
            Self::Number(number) => json!(number),
            Self::Integer(number) => json!(number),
            Self::Boolean(flag) => json!(flag),
            Self::Date(date) => json!(date.to_string()),
            Self::Time(time) => json!(clock(*time)),
            Self::Money(money) => json!({
                "amount": money.amount(),
                "currency": money.currency,
            }),
            Self::List(items) => item::to_json(items),
        }
    }

    /// Whether it is one of a type.
    pub(crate) const fn is_of(&self, kind: SlotType) -> bool {
        match self {
            Self::Text(_) => matches!(kind, SlotType::Text | SlotType::Email | SlotType::Phone),
            Self::Number(_) => matches!(kind, SlotType::Number),
            Self::Integer(_) => matches!(kind, SlotType::Integer),
            Self::Boolean(_) => matches!(kind, SlotType::Boolean),
            Self::Date(_) => matches!(kind, SlotType::Date),
            Self::Time(_) => matches!(kind, SlotType::Time),
            Self::Money(_) => matches!(kind, SlotType::Money),
            Self::Choice(_) => matches!(kind, SlotType::Choice),
            Self::List(_) => matches!(kind, SlotType::List),
        }
    }

    /// Reads a value of a type from JSON: from an entity, a button, a form, a call's answer or an
    /// expression. Nothing where it is of another type.
    #[must_use]
    pub fn from_json(kind: SlotType, json: &Json) -> Option<Self> {
        if let Some(inside) = tagged(json) {
            return Self::from_json(kind, inside);
        }
        let value = match (kind, json) {
            (SlotType::Text | SlotType::Email | SlotType::Phone, Json::String(text)) => {
                Self::Text(text.clone())
            }
            (SlotType::Text | SlotType::Phone, Json::Number(number)) => {
                Self::Text(number.to_string())
            }
            (SlotType::Choice, Json::String(text)) => Self::Choice(text.clone()),
            (SlotType::Choice, Json::Number(number)) => Self::Choice(number.to_string()),
            (SlotType::Boolean, Json::Bool(flag)) => Self::Boolean(*flag),
            (SlotType::Boolean, Json::String(text)) => Self::Boolean(text.parse().ok()?),
            (SlotType::Number, Json::Number(number)) => Self::Number(number.as_f64()?),
            (SlotType::Number, Json::String(text)) => {
                let number: f64 = text.trim().parse().ok()?;
                Self::Number(number.is_finite().then_some(number)?)
            }
            (SlotType::Integer, Json::Number(number)) => Self::Integer(match number.as_i64() {
                Some(number) => number,
                None => whole(number.as_f64()?)?,
            }),
            (SlotType::Integer, Json::String(text)) => Self::Integer(text.trim().parse().ok()?),
            (SlotType::Date, json) => Self::Date(moment::date(json)?),
            (SlotType::Time, json) => Self::Time(moment::time(json)?),
            (SlotType::List, json) => Self::List(item::from_json(json)?),
            (SlotType::Money, Json::Object(map)) => {
                let currency = map
                    .get("currency")
                    .and_then(Json::as_str)
                    .unwrap_or_default();
                Self::Money(Money::new(map.get("amount")?.as_f64()?, currency)?)
            }
            (SlotType::Money, Json::String(text)) => Self::Money(Money::from_plain(text)?),
            (SlotType::Money, Json::Number(number)) => {
                Self::Money(Money::new(number.as_f64()?, "")?)
            }
            _ => return None,
        };
        Some(value)
    }

    /// A value of a type, to try expressions on.
    pub(crate) fn sample(kind: SlotType, choice: Option<&str>) -> Self {
        match kind {
            SlotType::Text => Self::Text("sample".into()),
            SlotType::Email => Self::Text("a@example.org".into()),
            SlotType::Phone => Self::Text("+4930123456".into()),
            SlotType::Number => Self::Number(2.5),
            SlotType::Integer => Self::Integer(2),
            SlotType::Boolean => Self::Boolean(true),
            SlotType::Date => Self::Date(Date::constant(2026, 1, 31)),
            SlotType::Time => Self::Time(Time::constant(14, 30, 0, 0)),
            SlotType::Money => Self::Money(Money {
                hundredths: 1250,
                currency: "EUR".into(),
            }),
            SlotType::Choice => Self::Choice(choice.unwrap_or("sample").into()),
            SlotType::List => Self::List(vec![Item {
                value: "sample".into(),
                label: Some("Sample".into()),
            }]),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_json() {
            Json::String(text) => f.write_str(&text),
            other => write!(f, "{other}"),
        }
    }
}

/// What is left of an entity's value when a slot of a type has taken its part of it: of a day and an hour, the other one.
pub(crate) fn left(taken: SlotType, json: &Json) -> Option<Json> {
    moment::rest(taken, tagged(json).unwrap_or(json))
}

/// What an entity's value says about itself: `{"type": "number", "number": 5}`. An amount is whole already.
fn tagged(json: &Json) -> Option<&Json> {
    let key = match json.get("type")?.as_str()? {
        "text" => "text",
        "number" => "number",
        "time" => "at",
        "duration" => "seconds",
        _ => return None,
    };
    json.get(key)
}

/// Hours and minutes, and seconds where there are some.
pub(crate) fn clock(time: Time) -> String {
    let format = if time.second() == 0 {
        "%H:%M"
    } else {
        "%H:%M:%S"
    };
    time.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_as_programs_write_it() {
        let read = |text: &str| Value::from_json(SlotType::Money, &json!(text));
        let euros = |hundredths| {
            let currency = "EUR".to_owned();
            Some(Value::Money(Money {
                hundredths,
                currency,
            }))
        };
        for text in ["12.50 EUR", "EUR 12.50", " 12.5 eur "] {
            assert_eq!(read(text), euros(1250), "{text}");
        }
        assert_eq!(read("17.00 EUR"), euros(1700));
        assert_eq!(read("-3 EUR"), euros(-300));
        let bare = Value::Money(Money {
            hundredths: 1250,
            currency: String::new(),
        });
        assert_eq!(read("12.50"), Some(bare));
        for text in [
            "",
            "EUR",
            "1.250 EUR",
            "12,50 EUR",
            "12.50 E",
            "1 2 EUR",
            "1e3 EUR",
            "5 EUR more",
            "-",
            "inf",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
