//! Small words that look like numbers and times, and mostly are none.

use std::{borrow::Cow, ops::Range, sync::LazyLock};

use convene_training_data::{BuiltIn, Language};
use regex::Regex;

use super::lexicon::is_border;
use crate::text::is_part_of_word;

/// Articles that are the number one, too.
const ARTICLES: [(&str, &[&str]); 8] = [
    ("de", &["ein", "eine", "einen", "einem", "einer", "eines"]),
    ("en", &["a", "an"]),
    ("es", &["un", "una"]),
    ("fr", &["un", "une"]),
    ("it", &["un", "una"]),
    ("nl", &["een"]),
    ("pt", &["um", "uma"]),
    ("sv", &["en", "ett"]),
];
/// Behind these an article counts.
pub(super) const COUNTED: [&str; 16] = [
    "person", "personne", "persona", "pessoa", "persoon", "gast", "guest", "nacht", "night",
    "nuit", "noche", "stück", "mehr", "weniger", "más", "menos",
];
/// Nobody counts with these.
const VAGUE: [&str; 7] = [
    "couple",
    "a couple",
    "a couple of",
    "few",
    "a few",
    "paar",
    "ein paar",
];
/// Not even alone: "l" is a hundred thousand to what reads it.
const NO_NUMBERS: [&str; 5] = ["few", "a few", "l", "ls", "lack"];
/// What says no time, though it is made of what does.
const NO_TIMES: [&str; 20] = [
    "the first one",
    "the second one",
    "the third one",
    "the last one",
    "am back",
    "in ein",
    "in eine",
    "in einem",
    "in einen",
    "in einer",
    "as soon as possible",
    "asap",
    "so schnell wie möglich",
    "möglichst bald",
    "so",
    "so ist",
    "lo antes posible",
    "dès que possible",
    "il prima possibile",
    "um",
];

/// "For four tomorrow" is for four people, not from four o'clock on: the language, its "for", its numbers.
const FOR: [(&str, &str, &str); 3] = [
    (
        "en",
        "for",
        "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve",
    ),
    (
        "es",
        "para",
        "uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce",
    ),
    (
        "fr",
        "pour",
        "deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze",
    ),
];
static FOR_SO_MANY: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    let pattern =
        |word: &str, numbers: &str| format!(r"(?i)\b({word}) (?:\d{{1,2}}|{numbers})( )(\w+)");
    let all = FOR
        .iter()
        .map(|(language, word, numbers)| (*language, Regex::new(&pattern(word, numbers))));
    all.filter_map(|(language, pattern)| Some((language, pattern.ok()?)))
        .collect()
});
/// Before these a number is one of time.
const OF_TIME: [&str; 20] = [
    "am", "pm", "a", "p", "o", "minute", "minutes", "minutos", "hour", "hours", "heures", "h",
    "horas", "day", "days", "jours", "días", "week", "weeks", "months",
];

/// "For 4, no 5, tomorrow at 7pm": the number is of another part than the time, which it is read as the hour of.
static SET_APART: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(?:for|no|not) \d{1,2}(,) ").ok());

/// "Para amanhã" is for tomorrow, and no pair of hours; "dez para as 8" is an hour.
static PARA: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(para)\b(?: +(?:[oaà]s?)? *(\d))?").ok());

/// A text as `duckling` should read it, as long as it is: words that lead it astray are others.
pub(super) fn without_traps<'a>(text: &'a str, language: &Language) -> Cow<'a, str> {
    if language.as_str() == "pt" {
        return without_para(text);
    }
    let mut patterns = FOR_SO_MANY.iter();
    let Some((_, pattern)) = patterns.find(|(of, _)| *of == language.as_str()) else {
        return text.into();
    };
    let mut read = text.to_owned();
    for found in pattern.captures_iter(text) {
        let (Some(word), Some(space), Some(next)) = (found.get(1), found.get(2), found.get(3))
        else {
            continue;
        };
        if OF_TIME.contains(&next.as_str().to_lowercase().as_str()) {
            continue;
        }
        read.replace_range(word.range(), &"x".repeat(word.len()));
        read.replace_range(space.range(), "|");
    }
    if let Some(pattern) = SET_APART.as_ref().filter(|_| language.as_str() == "en") {
        for found in pattern.captures_iter(text) {
            if let Some(comma) = found.get(1) {
                read.replace_range(comma.range(), "|");
            }
        }
    }
    read.into()
}

fn without_para(text: &str) -> Cow<'_, str> {
    let mut read = Cow::Borrowed(text);
    for found in PARA.iter().flat_map(|para| para.captures_iter(text)) {
        if let (Some(word), None) = (found.get(1), found.get(2)) {
            read.to_mut().replace_range(word.range(), "xxxx");
        }
    }
    read
}

/// A text without the words that places are in the midst of, as long as it is.
pub(super) fn without_words(text: &str, places: impl Iterator<Item = usize>) -> String {
    let mut read = text.to_owned();
    for place in places {
        if is_border(text, place) {
            continue;
        }
        let before = text[..place].trim_end_matches(is_part_of_word).len();
        let behind = text.len() - text[place..].trim_start_matches(is_part_of_word).len();
        read.replace_range(before..behind, &"x".repeat(behind - before));
    }
    read
}

/// Whether a piece of a text is such a word, and not what it looks like. What a whole text is, it is meant as.
pub(super) fn is_one(text: &str, place: &Range<usize>, kind: BuiltIn, language: &Language) -> bool {
    let small = |part: Option<&str>| part.unwrap_or_default().to_lowercase();
    let piece = small(text.get(place.clone()));
    let words = |part: Option<&str>| -> Vec<String> {
        let part = small(part);
        let words = part.split(|sign: char| !sign.is_alphanumeric());
        words
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (before, after) = (words(text.get(..place.start)), words(text.get(place.end..)));
    let next = after.first().map_or("", String::as_str);
    let is_alone = before.is_empty() && after.is_empty();
    let is_article = |word: &str| {
        let of = ARTICLES.iter().find(|(of, _)| *of == language.as_str());
        of.is_some_and(|(_, articles)| articles.contains(&word))
    };
    match kind {
        BuiltIn::Time => {
            let said = piece.trim_matches(|sign: char| !sign.is_alphanumeric());
            NO_TIMES.contains(&said)
        }
        // "Alex" and "a cone" have an article or a number in front of a currency.
        BuiltIn::AmountOfMoney if has_no_unit(&piece) => true,
        BuiltIn::AmountOfMoney => ["a couple", "a few", "ein paar", "paar", "einige"]
            .iter()
            .any(|vague| piece.starts_with(vague)),
        // The "am" of "I am" is no minute.
        BuiltIn::Duration if piece.chars().all(char::is_alphabetic) && piece.len() < 3 => true,
        BuiltIn::Number if NO_NUMBERS.contains(&piece.as_str()) => true,
        BuiltIn::Number if is_alone => false,
        BuiltIn::Number if VAGUE.contains(&piece.as_str()) => true,
        BuiltIn::Number if is_article(&piece) => !COUNTED.contains(&next),
        BuiltIn::Number if language.as_str() == "en" => {
            let last = before.last().map_or("", String::as_str);
            let is_pronoun = [
                "that", "this", "which", "the", "no", "any", "other", "another", "every",
            ];
            piece == "one"
                && (is_pronoun.contains(&last)
                    || ["moment", "second", "sec", "minute"].contains(&next))
        }
        // "A second", "eine Minute": one waits, and nobody counts.
        BuiltIn::Duration => piece.split_once(' ').is_some_and(|(article, unit)| {
            is_article(article)
                && [
                    "second", "sec", "minute", "moment", "sekunde", "seconde", "segundo",
                ]
                .contains(&unit)
        }),
        _ => false,
    }
}

/// Whether an amount is a word that begins like "a pound" or "one pound", and is neither.
fn has_no_unit(piece: &str) -> bool {
    const MADE_UP: [&str; 3] = ["cone", "clone", "lone"];
    let mut words = piece.split_whitespace();
    let last = words.next_back().unwrap_or_default();
    let before = words.next_back();
    let is_article = before.is_some_and(|word| ["a", "an"].contains(&word));
    let is_word = piece
        .chars()
        .all(|sign| sign.is_alphabetic() || sign == ' ');
    is_word && (MADE_UP.contains(&last) || last.starts_with('a') && !is_article)
}
