//! What a person wrote, read as the answer to a question. Entities that were found in it are
//! looked at before; this is for what they do not cover.

use jiff::civil::{Date, Time};

use super::{
    Misfit, SlotSpec, SmallWords,
    choice::{called, choice},
    folded, mentions,
    nod::{Nod, NodWords},
    only,
};
use crate::{
    folder::SlotType,
    value::{Money, Value, whole},
};

/// What an answer is read with.
pub(crate) struct Asking<'a> {
    pub(crate) today: Date,
    /// Whether a comma stands before decimals in the language spoken.
    pub(crate) decimal_comma: bool,
    /// Words for yes, and for no.
    pub(crate) nods: &'a NodWords,
    /// Words beside a value.
    pub(crate) small: &'a SmallWords,
    /// The labels of a choice's values, in any language, with the values.
    pub(crate) labels: Vec<(String, String)>,
}

/// Reads an answer.
///
/// # Errors
///
/// When it does not fit.
pub(crate) fn read(slot: &SlotSpec, text: &str, asking: &Asking<'_>) -> Result<Value, Misfit> {
    let text = text.trim();
    let plain;
    let text = match slot.kind {
        SlotType::Text | SlotType::Boolean | SlotType::Email | SlotType::Choice => text,
        _ => {
            plain = plain_digits(text);
            plain.as_str()
        }
    };
    let value = match slot.kind {
        SlotType::Text => {
            let part = slot.find(text, asking.small);
            let is_negated = part
                .as_ref()
                .is_some_and(|part| asking.negates(text, part.start));
            let whole = || {
                let name = asking.small.name_given(text);
                let name = name.filter(|_| slot.takes_any_words());
                name.unwrap_or(text)
            };
            let part = part.map_or_else(whole, |part| &text[part]);
            (!text.is_empty() && !is_negated).then(|| Value::Text(part.to_owned()))
        }
        SlotType::Number => number(text, asking).map(Value::Number),
        SlotType::Integer => number(text, asking).and_then(whole).map(Value::Integer),
        SlotType::Boolean => boolean(text, asking).map(Value::Boolean),
        SlotType::Date => date(text).map(Value::Date),
        SlotType::Time => {
            let said = time(text).map(|said| slot.half_that_fits(text, said, asking.today));
            said.or_else(|| slot.hour_alone(text, asking.today))
                .map(Value::Time)
        }
        SlotType::Money => money(text, asking).map(Value::Money),
        SlotType::Email => email(text).map(Value::Text),
        SlotType::Phone => phone(text).map(Value::Text),
        SlotType::List => None,
        SlotType::Choice => {
            let chosen = choice(slot, text, asking).ok_or(Misfit::NotOffered)?;
            Some(Value::Choice(chosen))
        }
    };
    slot.accept(value.ok_or(Misfit::Type)?, asking.today)
}

impl Asking<'_> {
    /// Whether what is said there is taken back by the word before it.
    fn negates(&self, text: &str, at: usize) -> bool {
        self.small.negated_over(text, at) == Some(0)
    }
}

/// Whether a text says nothing beside values of a slot, however many, courtesy, and words that are known.
pub(crate) fn is_all(slot: &SlotSpec, text: &str, asking: &Asking<'_>, known: &[String]) -> bool {
    let rest: String = match slot.kind {
        // These are read from the whole of a text.
        SlotType::Date | SlotType::Time => return true,
        SlotType::Choice if bare(text).parse::<usize>().is_ok() => return true,
        SlotType::Choice => {
            let names = called(slot, asking).into_iter();
            let names = names.map(|(name, _)| folded(&name));
            let mut names: Vec<_> = names
                .flat_map(|name| [asking.small.without_lead(&name).to_owned(), name])
                .collect();
            names.sort_by_key(|name| std::cmp::Reverse(name.len()));
            let without = |text: String, name: &String| {
                let behind = mentions(&text, name)
                    .next()
                    .map(|(before, behind)| format!("{before} {behind}"));
                behind.unwrap_or(text)
            };
            names.iter().fold(folded(text), without)
        }
        SlotType::Text => slot.cut_out(text, asking.small),
        _ => text
            .split_whitespace()
            .filter(|word| !word.contains(|c: char| c.is_numeric() || c == '@'))
            .filter(|word| slot.kind != SlotType::Money || !is_currency(&bare(word)))
            .collect::<Vec<_>>()
            .join(" "),
    };
    asking.small.are_courtesy_or(&rest, known)
}

fn is_currency(word: &str) -> bool {
    CODES.contains(&word) || WORDS.iter().any(|(name, _)| *name == word)
}

/// Words without case and without what stands around them.
pub(crate) fn bare(text: &str) -> String {
    text.trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase()
}

fn boolean(text: &str, asking: &Asking<'_>) -> Option<bool> {
    match asking.nods.said(text, asking.small).nod {
        Nod::Yes => Some(true),
        Nod::No => Some(false),
        Nod::Mixed | Nod::Nothing => None,
    }
}

/// A text with the digits of other scripts, such as `３` and `٣`, as plain ones.
pub(super) fn plain_digits(text: &str) -> String {
    /// The zeros of what is typed most (Unicode's Nd): each stands before its one to nine.
    const ZEROS: [char; 7] = [
        '\u{0660}', '\u{06F0}', '\u{0966}', '\u{09E6}', '\u{0BE6}', '\u{0E50}', '\u{FF10}',
    ];
    let plain = |sign: char| {
        let above = |zero: char| (sign as u32).checked_sub(zero as u32);
        let digit = ZEROS
            .into_iter()
            .filter_map(above)
            .find(|above| *above < 10);
        let digit = digit.and_then(|digit| char::from_digit(digit, 10));
        digit.unwrap_or(sign)
    };
    text.chars().map(plain).collect()
}

/// The only number in a text: `3`, `I take 2`, `1.234,5`.
fn number(text: &str, asking: &Asking<'_>) -> Option<f64> {
    let is_between = |c: char| c.is_whitespace() || "()\u{a0}".contains(c);
    let mut behind = 0;
    let words = text.split_inclusive(is_between).map(|word| {
        let at = behind;
        behind += word.len();
        (at, word.trim_end_matches(is_between))
    });
    // "One more" says no number, but how many more.
    let is_count = |at: usize, word: &str| asking.small.step(text, at..at + word.len()).is_none();
    let found = words
        .filter(|(at, _)| !asking.negates(text, *at))
        .filter_map(|(at, word)| Some((at, word, plain_number(word, asking.decimal_comma)?)))
        .filter(|(at, word, _)| is_count(*at, word))
        .map(|(.., number)| number);
    only(found)
}

fn plain_number(word: &str, decimal_comma: bool) -> Option<f64> {
    let word = word.trim_end_matches(['.', ',', '!', '?', '%']);
    let negative = word.starts_with(['-', '\u{2212}']);
    let digits = word.trim_start_matches(['-', '\u{2212}', '+']);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (group, point) = if decimal_comma {
        ('.', ',')
    } else {
        (',', '.')
    };
    let (before, after) = digits.split_once(point).unwrap_or((digits, "0"));
    let mut groups = before.split(group);
    let first = groups.next()?;
    let mut whole = first.to_owned();
    let mut is_grouped = false;
    for rest in groups {
        is_grouped = true;
        if rest.len() != 3 {
            // `2.5` where a comma is the rule is meant as it looks.
            let plain = (before.matches(group).count() == 1 && after == "0")
                .then(|| digits.replace(group, "."));
            return plain?
                .parse()
                .ok()
                .map(|n: f64| if negative { -n } else { n });
        }
        whole += rest;
    }
    if is_grouped && first.len() > 3 {
        return None;
    }
    let number: f64 = format!("{whole}.{after}").parse().ok()?;
    Some(if negative { -number } else { number })
}

/// `2026-11-30`, `30.11.2026`, `11/30/2026` is not guessed at: days before months go with dots alone.
pub(super) fn date(text: &str) -> Option<Date> {
    let text = text.trim_end_matches(['.', '!', '?']);
    text.parse().ok().or_else(|| {
        let mut parts = text.split('.').map(str::trim);
        let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
        let year: i16 = year.parse().ok()?;
        let year = if (0..100).contains(&year) {
            2000 + year
        } else {
            year
        };
        Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
    })
}

/// `14:30`, `2:30 pm`, `9 Uhr`, `9am`.
pub(super) fn time(text: &str) -> Option<Time> {
    let text = text.trim_end_matches(['.', '!', '?']).to_lowercase();
    let digits = text
        .find(|c: char| c != ':' && !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (clock, suffix) = text.split_at(digits);
    let (hour, minute) = clock.split_once(':').unwrap_or((clock, "0"));
    let hour: i8 = hour.parse().ok()?;
    let minute: i8 = minute.parse().ok()?;
    let hour = match suffix.trim().replace('.', "").as_str() {
        "pm" if (1..12).contains(&hour) => hour + 12,
        "am" if hour == 12 => 0,
        "am" | "pm" if (1..=12).contains(&hour) => hour,
        "uhr" | "o'clock" | "h" => hour,
        "" if clock.contains(':') => hour,
        _ => return None,
    };
    Time::new(hour, minute, 0, 0).ok()
}

/// An amount with its currency's sign or code before or behind it.
fn money(text: &str, asking: &Asking<'_>) -> Option<Money> {
    const SIGNS: [(&str, &str); 4] = [("€", "EUR"), ("$", "USD"), ("£", "GBP"), ("¥", "JPY")];
    let mut currency = "";
    let mut rest = text.to_owned();
    for (sign, code) in SIGNS {
        if rest.contains(sign) {
            currency = code;
            rest = rest.replace(sign, " ");
        }
    }
    let amount = number(&rest, asking)?;
    let word = rest.split_whitespace().find_map(|word| {
        let word = bare(word);
        let code = word.len() == 3 && word.chars().all(|c| c.is_ascii_alphabetic());
        let named = WORDS.iter().find(|(name, _)| *name == word);
        named
            .map(|(_, code)| (*code).to_owned())
            .or_else(|| (code && CODES.contains(&word.as_str())).then_some(word))
    });
    Money::new(amount, word.as_deref().unwrap_or(currency))
}

/// What currencies are called.
const WORDS: [(&str, &str); 6] = [
    ("euro", "EUR"),
    ("euros", "EUR"),
    ("dollar", "USD"),
    ("dollars", "USD"),
    ("pounds", "GBP"),
    ("franken", "CHF"),
];

/// The currencies that are known by their codes in running text.
const CODES: [&str; 12] = [
    "eur", "usd", "gbp", "chf", "jpy", "sek", "nok", "dkk", "pln", "czk", "cad", "aud",
];

/// Whether a text as a whole is what a type says that it is, such as one that comes from an endpoint.
pub(super) fn has_form(kind: SlotType, text: &str) -> bool {
    match kind {
        SlotType::Email => email(text).as_deref() == Some(text),
        SlotType::Phone => !text.contains(char::is_alphabetic) && phone(text).is_some(),
        _ => true,
    }
}

/// The only word of a text that looks like an address.
fn email(text: &str) -> Option<String> {
    let found = text
        .split(|c: char| c.is_whitespace() || "<>,;()".contains(c))
        .filter_map(|word| {
            let word = word
                .trim_end_matches(['.', '!', '?'])
                .trim_start_matches("mailto:");
            let (name, domain) = word.split_once('@')?;
            let is_domain = domain.contains('.')
                && domain.split('.').all(|label| {
                    !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
                });
            (!name.is_empty() && is_domain && !domain.contains('@')).then(|| word.to_owned())
        });
    only(found)
}

/// Digits, from 6 to 15 of them as E.164 has it, with what people put between them.
fn phone(text: &str) -> Option<String> {
    let start = text.find(|c: char| c == '+' || c.is_ascii_digit() || c == '(')?;
    let number = text[start..].trim_end_matches(['.', '!', '?']);
    let is_clean = number
        .chars()
        .all(|c| c.is_ascii_digit() || "+-/(). ".contains(c));
    let mut kept: String = number.chars().filter(char::is_ascii_digit).collect();
    if !is_clean || !(6..=15).contains(&kept.len()) {
        return None;
    }
    if number.starts_with('+') {
        kept.insert(0, '+');
    }
    Some(kept)
}
