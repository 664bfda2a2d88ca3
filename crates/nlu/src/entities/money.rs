//! Amounts in figures, whichever signs their thousands and cents have: of "1.000,50 €" `duckling` reads a piece alone
//! where the language writes it otherwise.

use std::{ops::Range, sync::LazyLock};

use regex::{Captures, Regex};

/// Figures, in groups or not, with the currency behind them or before.
static AMOUNT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let figures = r"\d{1,3}(?:[ \x{a0}\x{202f}]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,'’]\d+)*";
    let currency = r"€|\$|£|\b(?:eur|euros?|usd|dollars?|gbp|pounds|quid|chf|franken)\b";
    Regex::new(&format!(
        r"(?i)\b(?P<n>{figures})(?:,[-–])? ?(?P<c>{currency})(?: ?(?P<cents>\d{{2}})(?:$|[.!?]$))?|(?P<before>{currency}) ?(?P<sign>[-−])?(?P<m>{figures})"
    ))
    .ok()
});
/// Before an amount: what it is a piece of.
static TORN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:\d+[.,'’]|\d+ ?(?:[-–−]|to|or|bis|oder) ?|[\p{L}\p{N}][-−]|[.,])$").ok()
});
/// Behind it: more of the number.
static MORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let scales = "k|m|mn|mio|bn|hundred|thousand|million|billion|tausend|million|mil|mille|cents?";
    Regex::new(&format!(r"(?i)^(?:[.,'’]?\d| ?(?:{scales})\w*\b)")).ok()
});

/// An amount that a text says, in its currency. None where it is not clear which it is.
pub(super) type Amount = (Range<usize>, Option<(f64, &'static str)>);

/// The amounts in figures of a text, with their places in bytes.
pub(super) fn amounts(text: &str) -> Vec<Amount> {
    let all = AMOUNT
        .iter()
        .flat_map(|pattern| pattern.captures_iter(text));
    all.filter_map(|found| amount(text, &found)).collect()
}

fn amount(text: &str, found: &Captures<'_>) -> Option<Amount> {
    let place = found.get(0)?.range();
    let (before, behind) = (&text[..place.start], &text[place.end..]);
    let currency = currency(
        &found
            .name("c")
            .or(found.name("before"))?
            .as_str()
            .to_lowercase(),
    )?;
    if MORE.as_ref().is_some_and(|more| more.is_match(behind)) {
        return None;
    }
    let unsigned = before.trim_end_matches(['-', '−']);
    let is_signed = unsigned.len() < before.len();
    let torn = TORN.as_ref().and_then(|torn| torn.find(before));
    if let Some(torn) = torn {
        return Some((torn.start()..place.end, None));
    }
    let figures = found.name("n").or(found.name("m"))?.as_str();
    let value = number(figures).and_then(|number| match found.name("cents") {
        Some(_) if number.fract() > 0.0 => None,
        Some(cents) => Some(number + cents.as_str().parse::<f64>().ok()? / 100.0),
        None => Some(number),
    });
    let is_less = is_signed || found.name("sign").is_some();
    let value = value.map(|value| (if is_less { -value } else { value }, currency));
    let sign = before.chars().next_back().filter(|_| is_signed);
    Some((
        place.start - sign.map_or(0, char::len_utf8)..place.end,
        value,
    ))
}

fn currency(word: &str) -> Option<&'static str> {
    Some(match word {
        "€" | "eur" | "euro" | "euros" => "EUR",
        "$" | "usd" | "dollar" | "dollars" => "USD",
        "£" | "gbp" | "pounds" | "quid" => "GBP",
        "chf" | "franken" => "CHF",
        _ => return None,
    })
}

/// Of money, three figures behind a sign are a group of thousands, one or two are cents.
fn number(figures: &str) -> Option<f64> {
    let is_sign = |sign: char| !sign.is_ascii_digit();
    let parts: Vec<&str> = figures.split(is_sign).collect();
    let signs: Vec<char> = figures.chars().filter(|sign| is_sign(*sign)).collect();
    let (last, groups) = parts.split_last()?;
    let has_cents = !signs.is_empty() && last.len() < 3;
    let (thousands, cents) = if has_cents {
        (groups, *last)
    } else {
        (parts.as_slice(), "0")
    };
    let between = signs.get(..thousands.len().checked_sub(1)?)?;
    let is_grouped = thousands.len() == 1
        || thousands[0].len() <= 3
            && !thousands[0].starts_with('0')
            && thousands[1..].iter().all(|group| group.len() == 3)
            && between.iter().all(|sign| *sign == between[0]);
    let is_clear = !has_cents || between.first() != signs.last() && *signs.last()? != '\'';
    if !is_grouped || !is_clear {
        return None;
    }
    format!("{}.{cents}", thousands.concat()).parse().ok()
}
