//! What the crate `duckling` finds, with the rules of a language, which are made once.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError},
};

use chrono::{DateTime, FixedOffset};
use convene_training_data::{BuiltIn, Language};
use duckling::{DimensionKind, Lang, Locale};
use jiff::{Timestamp, tz::TimeZone};

use super::triggers::may_hold_values;

/// A text that is longer, in bytes, is not looked through.
pub(super) const LONGEST: usize = 1000;

/// The rules of a language for some kinds are made when they are first needed, take a tenth of a second and some
/// 30 MB, and stay. Here is who makes them, so that nobody makes them a second time meanwhile.
static RULES: LazyLock<Mutex<HashMap<RulesKey, Arc<OnceLock<()>>>>> = LazyLock::new(Mutex::default);

type RulesKey = (Lang, Vec<DimensionKind>);

/// Whether the rules for a text are there, or none are needed.
pub(crate) fn is_ready(text: &str, kinds: &[BuiltIn], language: &Language) -> bool {
    let dimensions = dimensions(kinds);
    dimensions.is_empty()
        || text.len() > LONGEST
        || !may_hold_values(text, language)
        || rules((lang(language), dimensions)).get().is_some()
}

/// Makes the rules of a language, or waits for whoever does.
pub(crate) fn get_ready(kinds: &[BuiltIn], language: &Language) {
    make_rules(lang(language), &dimensions(kinds));
}

fn make_rules(lang: Lang, dimensions: &[DimensionKind]) {
    rules((lang, dimensions.to_vec())).get_or_init(|| {
        parse("1", dimensions, lang, &TimeZone::UTC, Timestamp::UNIX_EPOCH);
    });
}

/// What it finds of these kinds in a text.
pub(super) fn find(
    text: &str,
    kinds: &[BuiltIn],
    language: &Language,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<duckling::Entity> {
    let (lang, dimensions) = (lang(language), dimensions(kinds));
    make_rules(lang, &dimensions);
    parse(text, &dimensions, lang, zone, now)
}

/// For the crate, no kinds would be all.
fn parse(
    text: &str,
    dimensions: &[DimensionKind],
    lang: Lang,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<duckling::Entity> {
    let locale = Locale::new(lang, None);
    let reference = reference(zone, now).filter(|_| !dimensions.is_empty());
    reference.map_or_else(Vec::new, |reference| {
        let context = duckling::Context::new(reference, locale);
        let options = duckling::Options::default();
        duckling::parse(text, &locale, dimensions, &context, &options)
    })
}

fn rules(key: RulesKey) -> Arc<OnceLock<()>> {
    let mut rules = RULES.lock().unwrap_or_else(PoisonError::into_inner);
    rules.entry(key).or_default().clone()
}

fn dimensions(kinds: &[BuiltIn]) -> Vec<DimensionKind> {
    kinds.iter().copied().filter_map(dimension).collect()
}

const fn dimension(kind: BuiltIn) -> Option<DimensionKind> {
    Some(match kind {
        BuiltIn::Time => DimensionKind::Time,
        BuiltIn::Duration => DimensionKind::Duration,
        BuiltIn::AmountOfMoney => DimensionKind::AmountOfMoney,
        BuiltIn::Email => DimensionKind::Email,
        BuiltIn::PhoneNumber => DimensionKind::PhoneNumber,
        BuiltIn::Url => DimensionKind::Url,
        BuiltIn::Ordinal => DimensionKind::Ordinal,
        BuiltIn::Number => DimensionKind::Numeral,
        BuiltIn::OrderNumber => return None,
    })
}

/// Now, as `duckling` wants to hear it.
fn reference(zone: &TimeZone, now: Timestamp) -> Option<DateTime<FixedOffset>> {
    let offset = FixedOffset::east_opt(zone.to_offset(now).seconds())?;
    let utc = DateTime::from_timestamp(now.as_second(), 0)?;
    Some(utc.with_timezone(&offset))
}

/// English where `duckling` does not know the language: digits, addresses and dates in figures are found.
fn lang(language: &Language) -> Lang {
    match language.as_str() {
        "ar" => Lang::AR,
        "cs" => Lang::CS,
        "da" => Lang::DA,
        "de" => Lang::DE,
        "el" => Lang::EL,
        "es" => Lang::ES,
        "fi" => Lang::FI,
        "fr" => Lang::FR,
        "hu" => Lang::HU,
        "it" => Lang::IT,
        "ja" => Lang::JA,
        "ko" => Lang::KO,
        "nb" | "no" => Lang::NB,
        "nl" => Lang::NL,
        "pl" => Lang::PL,
        "pt" => Lang::PT,
        "ro" => Lang::RO,
        "ru" => Lang::RU,
        "sv" => Lang::SV,
        "tr" => Lang::TR,
        "uk" => Lang::UK,
        "vi" => Lang::VI,
        "zh" => Lang::ZH,
        _ => Lang::EN,
    }
}
