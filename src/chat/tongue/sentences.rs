//! The page's sentences about what went wrong, from the page's own files.

use std::collections::BTreeMap;

use convene_client::proto::part::{FaultCode, Field, FieldFault, Input};
use icu_plurals::{PluralCategory, PluralRules, PluralRulesOptions};
use serde::Deserialize;

use super::Language;

/// The sentences, by stable codes.
#[derive(Debug, Deserialize)]
pub(super) struct Sentences {
    pub(super) problems: BTreeMap<String, String>,
    pub(super) unreached: String,
    faults: Faults,
    pub(super) failures: BTreeMap<String, String>,
    #[serde(skip)]
    rules: Option<PluralRules>,
}

#[derive(Debug, Deserialize)]
struct Faults {
    required: String,
    wrong_type: BTreeMap<String, String>,
    too_short: Counted,
    too_long: Counted,
    too_small: Bounded,
    too_large: Bounded,
    pattern: String,
    not_an_option: String,
    unknown_field: String,
}

/// By CLDR's categories; `#` stands for the number.
#[derive(Debug, Deserialize)]
struct Counted {
    other: String,
    than: BTreeMap<String, String>,
}

/// `{limit}` stands for the limit.
#[derive(Debug, Deserialize)]
struct Bounded {
    other: String,
    than: String,
    day: String,
    time: String,
}

macro_rules! of_the_page {
    ($language:literal) => {
        (
            include_str!(concat!(
                "../../../gateway/web/app/src/i18n/words/",
                $language,
                "/problems.json"
            )),
            icu_locale_core::locale!($language),
        )
    };
}

impl Sentences {
    pub(super) fn read(language: Language) -> Result<Self, serde_json::Error> {
        let (text, locale) = match language {
            Language::En => of_the_page!("en"),
            Language::De => of_the_page!("de"),
            Language::Es => of_the_page!("es"),
            Language::Fr => of_the_page!("fr"),
            Language::Ar => of_the_page!("ar"),
        };
        let rules = PluralRules::try_new(locale.into(), PluralRulesOptions::default()).ok();
        Ok(Self {
            rules,
            ..serde_json::from_str(text)?
        })
    }

    /// What is wrong with the answer to a field, where it is known.
    pub(super) fn fault(&self, fault: &FieldFault, field: Option<&Field>) -> String {
        let Faults {
            required,
            wrong_type,
            too_short,
            too_long,
            too_small,
            too_large,
            pattern,
            not_an_option,
            unknown_field,
        } = &self.faults;
        let is_of_answer = !matches!(fault.code, FaultCode::Required | FaultCode::UnknownField);
        let own = field.and_then(|field| field.invalid.as_ref());
        if let Some(own) = own.filter(|_| is_of_answer) {
            return own.clone();
        }
        let kind = field.map(|field| kind(&field.input));
        let of_kind = || kind.and_then(|kind| wrong_type.get(kind));
        let limits = field.map(|field| Limits::of(&field.input));
        let limits = limits.unwrap_or_default();
        match fault.code {
            FaultCode::Required => required.clone(),
            FaultCode::WrongType => of_kind().unwrap_or(&fault.message).clone(),
            FaultCode::TooShort => self.of_length(too_short, limits.least),
            FaultCode::TooLong => self.of_length(too_long, limits.most),
            FaultCode::TooSmall => of_size(too_small, kind, limits.min),
            FaultCode::TooLarge => of_size(too_large, kind, limits.max),
            // Of an address or a number that is none, what it must look like is known.
            FaultCode::Pattern => match kind {
                Some("text") | None => pattern.clone(),
                Some(_) => of_kind().unwrap_or(pattern).clone(),
            },
            FaultCode::NotAnOption => not_an_option.clone(),
            FaultCode::UnknownField => unknown_field.clone(),
        }
    }

    fn of_length(&self, counted: &Counted, limit: Option<u32>) -> String {
        let Some(limit) = limit else {
            return counted.other.clone();
        };
        let rules = self.rules.as_ref();
        let category = rules.map_or(PluralCategory::Other, |rules| rules.category_for(limit));
        let form = counted.than.get(written(category));
        let form = form.or_else(|| counted.than.get("other"));
        form.unwrap_or(&counted.other)
            .replace('#', &limit.to_string())
    }
}

const fn written(category: PluralCategory) -> &'static str {
    match category {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

fn of_size(sized: &Bounded, kind: Option<&str>, limit: Option<String>) -> String {
    let Some(limit) = limit else {
        return sized.other.clone();
    };
    let sentence = match kind {
        Some("date") => &sized.day,
        Some("time") => &sized.time,
        _ => &sized.than,
    };
    sentence.replace("{limit}", &limit)
}

const fn kind(input: &Input) -> &'static str {
    match input {
        Input::Text { .. } => "text",
        Input::Email => "email",
        Input::Phone => "phone",
        Input::Number { .. } => "number",
        Input::Integer { .. } => "integer",
        Input::Boolean => "boolean",
        Input::Date { .. } => "date",
        Input::Time { .. } => "time",
        Input::Choice { .. } => "choice",
    }
}

/// The bounds of a field, as they are written.
#[derive(Default)]
struct Limits {
    least: Option<u32>,
    most: Option<u32>,
    min: Option<String>,
    max: Option<String>,
}

impl Limits {
    fn of(input: &Input) -> Self {
        let (min, max) = match input {
            Input::Text {
                min_length,
                max_length,
                ..
            } => {
                return Self {
                    least: *min_length,
                    most: *max_length,
                    ..Self::default()
                };
            }
            Input::Number { min, max } => (
                min.map(|bound| bound.to_string()),
                max.map(|bound| bound.to_string()),
            ),
            Input::Integer { min, max } => (
                min.map(|bound| bound.to_string()),
                max.map(|bound| bound.to_string()),
            ),
            Input::Date { min, max } | Input::Time { min, max } => (min.clone(), max.clone()),
            Input::Email | Input::Phone | Input::Boolean | Input::Choice { .. } => (None, None),
        };
        Self {
            min,
            max,
            ..Self::default()
        }
    }
}
