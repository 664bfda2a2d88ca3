//! Which of a project's languages a message is in.
//!
//! Three witnesses are asked: `whichlang`, which knows sixteen languages and nothing of the project, the
//! project's own words, of which a message in a language has more than one in another, and the small words that every
//! sentence has, which are heard where `whichlang` has too few letters. A language sticks: what is short or unclear
//! ("ok", "Berlin") is in the language of the message before.

use convene_training_data::Language;
use whichlang::Lang;

use crate::function_words::of_one;

/// A message with fewer letters than this does not change the language, unless its small words do. An ideograph counts for
/// three.
const LETTERS: usize = 6;
/// What the word of `whichlang` counts, in shares of known n-grams; of a message with fewer letters than
/// these in proportion, since it has a word for everything.
const SAID: f32 = 0.3;
const SURE_LETTERS: f32 = 20.0;
/// The share of n-grams that would be known in a language that nothing is learnt in, if it is spoken: a project
/// knows about so many of what it is not taught in its own.
const UNTAUGHT: f32 = 0.3;
/// How far ahead of the last language another must be; the fewer letters there are to tell it by, the farther:
/// two words that are none ("asdf qwer") are like one language more than like another by chance.
const LEAD: f32 = 0.1;
const LEAD_OF_FEW: f32 = 0.4;
/// What small words count, if the message is of nothing else that tells a language.
const SMALL: f32 = 0.8;
/// The same of a language that nothing is learnt in: it must not win over what the project knows.
const SMALL_UNTAUGHT: f32 = 0.2;

/// What a project knows more than this share of is in none that it does not speak. The shop, which speaks English and German,
/// knows 0.31 to 0.45 of French, Dutch and Spanish sentences, and from 0.48 on of its own languages.
const STRANGE: f32 = 0.45;
/// The languages of `whichlang`.
const KNOWN: [&str; 16] = [
    "ar", "zh", "de", "en", "fr", "hi", "it", "ja", "ko", "nl", "pt", "ru", "es", "sv", "tr", "vi",
];

/// One of the languages that a message may be in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Candidate<'a> {
    pub(crate) language: &'a Language,
    /// Which share of the message's n-grams the project knows in it: 0 to 1. None, if it has learnt nothing in it.
    pub(crate) familiarity: Option<f32>,
}

/// A text, and of it the words that are of a language.
#[derive(Debug)]
pub(crate) struct Said<'a> {
    text: &'a str,
    spoken: String,
}

impl<'a> Said<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self {
            text,
            spoken: spoken(text),
        }
    }

    /// Its words but for addresses, and for what has digits in it.
    pub(crate) fn spoken(&self) -> &str {
        &self.spoken
    }

    /// Whether there are too few letters to change the language by.
    pub(crate) fn is_short(&self) -> bool {
        letters(&self.spoken) < LETTERS
    }
}

/// Identifies a message's language. `last` is that of the message before it; without one, what is
/// unclear is in the first of the candidates. None if there are no candidates.
pub(crate) fn identify<'a>(
    said: &Said<'_>,
    candidates: &[Candidate<'a>],
    last: Option<&Language>,
) -> Option<&'a Language> {
    let first = candidates.first()?;
    let usual = candidates
        .iter()
        .find(|candidate| Some(candidate.language) == last)
        .unwrap_or(first);
    let codes: Vec<_> = candidates.iter().map(|one| one.language.as_str()).collect();
    let (written, text) = (said.text, said.spoken());
    let small = of_one(text, &codes);
    let most = small.iter().copied().max().unwrap_or(0);
    let all = words(text).max(1);
    // "Wo ist" is short, and German; so is "und AB1234?", of which one word alone is of a language. "Ja" may be anything.
    let is_plain = most > 1 || most == all && all < words(written);
    let is_short = said.is_short() && !is_plain;
    if candidates.len() == 1 || is_short {
        return Some(usual.language);
    }
    let detected = code(whichlang::detect_language(text));
    let surety = (letters(text) as f32 / SURE_LETTERS).min(1.0);
    let counts = SAID * surety;
    let lead = LEAD + LEAD_OF_FEW * (1.0 - surety);
    let weight = |candidate: &Candidate<'_>| {
        let is_said = candidate.language.as_str() == detected;
        let is_supposed = is_said || candidate.language == usual.language;
        let supposed = if is_supposed { UNTAUGHT } else { 0.0 };
        let familiarity = candidate.familiarity.unwrap_or(supposed);
        let at = candidates
            .iter()
            .position(|one| one.language == candidate.language);
        let each = candidate.familiarity.map_or(SMALL_UNTAUGHT, |_| SMALL);
        let small = at.and_then(|at| small.get(at)).copied().unwrap_or(0);
        familiarity + if is_said { counts } else { 0.0 } + each * small as f32 / all as f32
    };
    let best = candidates
        .iter()
        .max_by(|a, b| weight(a).total_cmp(&weight(b)))
        .unwrap_or(first);
    if weight(best) > weight(usual) + lead {
        Some(best.language)
    } else {
        Some(usual.language)
    }
}

/// A language that a message is surely in and that is none of the candidates: there is much to tell it by, and the
/// project knows little of it. Of languages that `whichlang` does not know nothing is sure, since it takes them for others.
pub(crate) fn foreign(said: &Said<'_>, candidates: &[Candidate<'_>]) -> Option<Language> {
    let text = said.spoken();
    let is_known = |candidate: &Candidate<'_>| KNOWN.contains(&candidate.language.as_str());
    let is_familiar =
        |candidate: &Candidate<'_>| candidate.familiarity.is_some_and(|share| share > STRANGE);
    if (letters(text) as f32) < SURE_LETTERS
        || !candidates.iter().all(is_known)
        || candidates.iter().any(is_familiar)
    {
        return None;
    }
    let detected = code(whichlang::detect_language(text));
    let is_spoken = candidates
        .iter()
        .any(|candidate| candidate.language.as_str() == detected);
    Language::new(detected).ok().filter(|_| !is_spoken)
}

/// The words that are of a language: not addresses, and not what has digits in it.
fn spoken(text: &str) -> String {
    let is_spoken = |word: &&str| {
        let inside = word.trim_matches(|sign: char| !sign.is_alphanumeric());
        !inside.contains(|sign: char| sign.is_ascii_digit() || "@/.".contains(sign))
    };
    let words: Vec<_> = text.split_whitespace().filter(is_spoken).collect();
    words.join(" ")
}

fn words(text: &str) -> usize {
    let is_word = |word: &&str| word.contains(char::is_alphanumeric);
    text.split_whitespace().filter(is_word).count()
}

fn letters(text: &str) -> usize {
    let counts = text.chars().map(|sign| match sign {
        sign if crate::text::is_ideograph(sign) => 3,
        sign => usize::from(sign.is_alphabetic()),
    });
    counts.sum()
}

/// ISO 639-1.
const fn code(language: Lang) -> &'static str {
    match language {
        Lang::Ara => "ar",
        Lang::Cmn => "zh",
        Lang::Deu => "de",
        Lang::Eng => "en",
        Lang::Fra => "fr",
        Lang::Hin => "hi",
        Lang::Ita => "it",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Nld => "nl",
        Lang::Por => "pt",
        Lang::Rus => "ru",
        Lang::Spa => "es",
        Lang::Swe => "sv",
        Lang::Tur => "tr",
        Lang::Vie => "vi",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identified(text: &str, familiarity: [f32; 2], last: Option<&str>) -> String {
        let languages = ["en", "de"].map(|code| Language::new(code).unwrap());
        let candidates: Vec<_> = languages
            .iter()
            .zip(familiarity)
            .map(|(language, familiarity)| Candidate {
                language,
                familiarity: Some(familiarity),
            })
            .collect();
        let last = last.map(|code| Language::new(code).unwrap());
        let found = identify(&Said::of(text), &candidates, last.as_ref());
        found.unwrap().to_string()
    }

    #[test]
    fn what_is_no_word_of_any_language_is_in_the_one_before() {
        for last in ["en", "de"] {
            assert_eq!(identified("qzx wvk", [0.0, 0.0], Some(last)), last);
        }
    }

    #[test]
    fn addresses_and_numbers_are_of_no_language() {
        let text = "An ben.brown@example.org, oder https://example.org/there? Bestellung AB1234.";
        assert_eq!(spoken(text), "An oder Bestellung");
        assert_eq!(spoken("wo bleibt sie denn?"), "wo bleibt sie denn?");
    }

    #[test]
    fn a_clear_message_changes_the_language() {
        let german = "wo bleibt eigentlich meine Bestellung";
        assert_eq!(identified(german, [0.2, 0.2], None), "de");
        assert_eq!(identified(german, [0.2, 0.2], Some("en")), "de");
        let english = "where is the parcel that I ordered";
        assert_eq!(identified(english, [0.2, 0.2], Some("de")), "en");
    }

    #[test]
    fn a_short_or_unclear_one_stays_with_the_last() {
        for last in ["en", "de"] {
            assert_eq!(identified("ok", [0.9, 0.1], Some(last)), last);
            assert_eq!(identified("12345 67890", [0.0, 0.0], Some(last)), last);
        }
        assert_eq!(identified("ja", [0.1, 0.9], None), "en");
    }

    #[test]
    fn the_projects_own_words_count() {
        // To whichlang it is Portuguese, Dutch or whatever.
        assert_eq!(identified("Retoure Retoure", [0.1, 0.9], Some("en")), "de");
    }

    /// English is learnt, and knows this share of the text; French is not.
    fn untaught(text: &str, english: f32, last: Option<&str>) -> String {
        let [en, fr] = ["en", "fr"].map(|code| Language::new(code).unwrap());
        let candidates =
            [(&en, Some(english)), (&fr, None)].map(|(language, familiarity)| Candidate {
                language,
                familiarity,
            });
        let last = last.map(|code| Language::new(code).unwrap());
        identify(&Said::of(text), &candidates, last.as_ref())
            .unwrap()
            .to_string()
    }

    #[test]
    fn a_language_that_nothing_is_learnt_in_is_spoken_where_it_is_plain() {
        let french = "bonjour, je voudrais savoir où est ma commande";
        assert_eq!(untaught(french, 0.2, None), "fr");
        assert_eq!(untaught("d'accord", 0.1, Some("fr")), "fr");
        for gibberish in ["qzx wvk", "12345 67890"] {
            assert_eq!(untaught(gibberish, 0.0, None), "en");
            assert_eq!(untaught(gibberish, 0.0, Some("fr")), "fr");
        }
        let english = "where is the parcel that I ordered";
        assert_eq!(untaught(english, 0.6, Some("fr")), "en");
        // Whoever writes what the project knows is not said to speak another language.
        assert_eq!(untaught(french, 0.7, None), "en");
    }

    #[test]
    fn what_is_plainly_in_no_language_of_the_project_is_foreign() {
        let told = |text: &str, languages: [&str; 2], known: f32| {
            let languages = languages.map(|code| Language::new(code).unwrap());
            let candidates = languages.each_ref().map(|language| Candidate {
                language,
                familiarity: Some(known),
            });
            foreign(&Said::of(text), &candidates).map(|language| language.to_string())
        };
        let dutch = "goedendag, ik wil graag weten waar mijn bestelling blijft";
        assert_eq!(told(dutch, ["en", "de"], 0.1).as_deref(), Some("nl"));
        // What the project knows, what it speaks, what is short, and where it speaks what nobody here can tell.
        assert_eq!(told(dutch, ["en", "de"], 0.6), None);
        assert_eq!(told(dutch, ["en", "nl"], 0.1), None);
        assert_eq!(told("goedendag", ["en", "de"], 0.1), None);
        assert_eq!(told(dutch, ["en", "af"], 0.1), None);
    }

    #[test]
    fn a_language_that_is_not_allowed_is_not_found() {
        let languages = [Language::new("fr").unwrap()];
        let only = [Candidate {
            language: &languages[0],
            familiarity: Some(0.0),
        }];
        let found = identify(&Said::of("where is my parcel"), &only, None);
        assert_eq!(found.unwrap().as_str(), "fr");
        assert_eq!(identify(&Said::of("where is my parcel"), &[], None), None);
    }
}
