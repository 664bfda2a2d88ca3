//! What a person wrote, read as the answer to a question. Entities that were found in it are
//! looked at before; this is for what they do not cover.

use jiff::civil::{Date, Time};

use super::{
    ChoiceSpec, Label, Misfit, SlotSpec, SmallWords, folded, mentions,
    nod::{Nod, NodWords},
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

/// All that a choice's values are called, with the values.
pub(crate) fn called<'s>(slot: &'s SlotSpec, asking: &'s Asking<'_>) -> Vec<(String, &'s String)> {
    let own = slot.choices.iter().flat_map(|choice| {
        let own = std::iter::once(&choice.value).chain(&choice.synonyms);
        own.map(move |word| (word.clone(), &choice.value))
    });
    let labels = asking.labels.iter();
    own.chain(labels.map(|(label, value)| (label.clone(), value)))
        .collect()
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
fn plain_digits(text: &str) -> String {
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
    let mut found = words
        .filter(|(at, _)| !asking.negates(text, *at))
        .filter_map(|(at, word)| Some((at, word, plain_number(word, asking.decimal_comma)?)))
        .filter(|(at, word, _)| is_count(*at, word))
        .map(|(.., number)| number);
    let first = found.next()?;
    found.next().is_none().then_some(first)
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
fn date(text: &str) -> Option<Date> {
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
fn time(text: &str) -> Option<Time> {
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
    let mut found = text
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
    let first = found.next()?;
    found.next().is_none().then_some(first)
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

/// A value, its label, a synonym, or its number in the list; whole, or as the only one that the text names.
fn choice(slot: &SlotSpec, text: &str, asking: &Asking<'_>) -> Option<String> {
    let said = bare(text);
    if let Ok(number) = plain_digits(&said).parse::<usize>()
        && !slot
            .choices
            .iter()
            .any(|choice| bare(&choice.value) == said)
    {
        let index = number.checked_sub(1)?;
        return slot.choices.get(index).map(|choice| choice.value.clone());
    }
    let by_place = || {
        let place = asking.small.place_in_list(text)?;
        Some(slot.choices.get(place)?.value.clone())
    };
    let names = called(slot, asking);
    let said = folded(text);
    // An article is no part of a name.
    let plain = asking.small.without_lead(&said);
    let is_all = |(name, _): &&(String, &String)| {
        let folded = folded(name);
        bare(name) == bare(text) || folded == said || asking.small.without_lead(&folded) == plain
    };
    if let Some((_, value)) = names.iter().find(is_all) {
        return Some((*value).clone());
    }
    let padded = format!(" {said} ");
    let is_named = |name: &str| !name.is_empty() && padded.contains(&format!(" {name} "));
    let mut named: Vec<&String> = names
        .iter()
        .filter(|(name, _)| is_named(&folded(name)))
        .filter(|(name, _)| !asking.small.take_back(text, &bare(name)))
        .map(|(_, value)| *value)
        .collect();
    named.sort();
    named.dedup();
    match named.as_slice() {
        [one] => Some((*one).clone()),
        [] => by_place().or_else(|| by_part(slot, &said, asking)),
        _ => None,
    }
}

/// The only option of a list whose label these words are a part of: "Ann" of `9:00 with Ann`, where nobody could write other words
/// for it. Few others may stand before two of them: "the one with Ann".
fn by_part(slot: &SlotSpec, said: &str, asking: &Asking<'_>) -> Option<String> {
    const FEW: usize = 3;
    slot.from.as_ref()?;
    let small = asking.small;
    let words = said.split_whitespace();
    let words: Vec<_> = words.filter(|word| !small.are_courtesy(word)).collect();
    let takes_back = |word: &&str| {
        let mut lists = [&small.negations, &small.denials, &small.contrasts].into_iter();
        lists.any(|list| list.iter().any(|own| own == word))
    };
    let parts = (0..=FEW).map_while(|before| words.split_at_checked(before));
    let mut parts = parts.filter(|(before, part)| {
        part.len() >= if before.is_empty() { 1 } else { 2 } && !before.iter().any(takes_back)
    });
    parts.find_map(|(_, part)| only_with(slot, &part.join(" ")))
}

/// The only option of a list whose label has these words in it, one after the other.
fn only_with(slot: &SlotSpec, words: &str) -> Option<String> {
    let has_them = |option: &&ChoiceSpec| {
        let label = match &option.label {
            Some(Label::Words(label)) => label,
            _ => &option.value,
        };
        format!(" {} ", folded(label)).contains(&format!(" {words} "))
    };
    let mut meant = slot.choices.iter().filter(has_them);
    let first = meant.next()?;
    meant.next().is_none().then(|| first.value.clone())
}
