//! Numbers, days and plurals as a language has them, by ICU4X and CLDR's data.

use std::str::FromStr as _;

use icu_datetime::{
    DateTimeFormatter, NoCalendarFormatter, fieldsets,
    input::{Date as IcuDate, Time as IcuTime},
};
use icu_decimal::{DecimalFormatter, input::Decimal};
use icu_list::ListFormatter;
use icu_locale_core::Locale as IcuLocale;
use icu_plurals::{PluralCategory, PluralOperands, PluralRules, PluralRulesOptions};
use isolang::Language;
use jiff::civil::{Date, Time};

use crate::{
    item::Item,
    value::{Money, Value},
};

/// The currencies that have no smaller unit, by ISO 4217.
const WHOLE: [&str; 16] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
    "XAF", "XOF", "XPF",
];

/// How a language writes things.
#[derive(Debug, Clone)]
pub(crate) struct Tongue(IcuLocale);

impl Tongue {
    /// The language of this tag, or English where it is none.
    pub(crate) fn new(locale: &str) -> Self {
        Self(locale.parse().unwrap_or(IcuLocale::UNKNOWN))
    }

    /// Whether it is a tag such as `en` or `de-CH`. Codes of languages have two or three letters, and no more.
    pub(crate) fn is_tag(locale: &str) -> bool {
        let code = locale.split(['-', '_']).next().unwrap_or_default();
        matches!(code.len(), 2 | 3) && locale.parse::<IcuLocale>().is_ok()
    }

    /// The code of a language by its name, in English or in itself: `German`, `deutsch`.
    pub(crate) fn code_of(name: &str) -> Option<&'static str> {
        let name = name.to_lowercase();
        let language = Language::from_name_lowercase(&name);
        let mut own = Language::match_autonyms(move |own| own.to_lowercase() == name);
        language.or_else(|| own.next())?.to_639_1()
    }

    pub(crate) fn number(&self, number: f64) -> String {
        self.decimal(&number.to_string())
    }

    fn decimal(&self, plain: &str) -> String {
        let formatter = DecimalFormatter::try_new((&self.0).into(), Default::default());
        match (formatter, Decimal::from_str(plain)) {
            (Ok(formatter), Ok(decimal)) => formatter.format(&decimal).to_string(),
            _ => plain.to_owned(),
        }
    }

    pub(crate) fn has_decimal_comma(&self) -> bool {
        self.number(0.5).contains(',')
    }

    pub(crate) fn money(&self, money: &Money) -> String {
        let is_whole = money.hundredths % 100 == 0;
        let amount = if is_whole && WHOLE.contains(&&*money.currency) {
            self.decimal(&(money.hundredths / 100).to_string())
        } else {
            self.decimal(&format!("{:.2}", money.amount()))
        };
        if money.currency.is_empty() {
            amount
        } else {
            format!("{amount}\u{a0}{}", money.currency)
        }
    }

    pub(crate) fn date(&self, date: Date) -> String {
        let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
        let formatter = DateTimeFormatter::try_new((&self.0).into(), fieldsets::YMD::long());
        match (
            formatter,
            IcuDate::try_new_iso(date.year().into(), month, day),
        ) {
            (Ok(formatter), Ok(date)) => formatter.format(&date).to_string(),
            _ => date.to_string(),
        }
    }

    pub(crate) fn time(&self, time: Time) -> String {
        let (hour, minute) = (time.hour().unsigned_abs(), time.minute().unsigned_abs());
        let formatter = NoCalendarFormatter::try_new((&self.0).into(), fieldsets::T::hm());
        match (formatter, IcuTime::try_new(hour, minute, 0, 0)) {
            (Ok(formatter), Ok(time)) => formatter.format(&time).to_string(),
            _ => crate::value::clock(time),
        }
    }

    /// Things one after the other: `a, b, and c`.
    pub(crate) fn list<'a>(&self, things: impl Iterator<Item = &'a str> + Clone) -> String {
        let formatter = ListFormatter::try_new_and((&self.0).into(), Default::default());
        match formatter {
            Ok(formatter) => formatter.format(things).to_string(),
            Err(_) => things.collect::<Vec<_>>().join(", "),
        }
    }

    /// The word for a value, but for a choice, whose label somebody else knows.
    pub(crate) fn value(&self, value: &Value) -> String {
        match value {
            Value::Number(number) => self.number(*number),
            Value::Integer(number) => self.decimal(&number.to_string()),
            Value::Date(date) => self.date(*date),
            Value::Time(time) => self.time(*time),
            Value::Money(money) => self.money(money),
            Value::List(items) => self.list(items.iter().map(Item::label)),
            Value::Text(_) | Value::Boolean(_) | Value::Choice(_) => value.to_string(),
        }
    }

    /// CLDR's category of a number: `one`, `few`, `many`, `other` and so on.
    pub(crate) fn plural(&self, number: f64) -> &'static str {
        let rules = PluralRules::try_new((&self.0).into(), PluralRulesOptions::default());
        let decimal = Decimal::from_str(&number.to_string());
        let (Ok(rules), Ok(decimal)) = (rules, decimal) else {
            return "other";
        };
        match rules.category_for(PluralOperands::from(&decimal)) {
            PluralCategory::Zero => "zero",
            PluralCategory::One => "one",
            PluralCategory::Two => "two",
            PluralCategory::Few => "few",
            PluralCategory::Many => "many",
            PluralCategory::Other => "other",
        }
    }
}
