//! Messages of several clauses that mean something else each: "where is my parcel, and when are you open?"

use std::ops::Range;

use convene_training_data::Language;

use super::understood::{Clause, Ranked};

/// A message of more pieces is a story, and told as one.
pub(super) const MOST: usize = 8;

/// The score of a part that plainly means something, whatever all of the message is taken for.
const PLAIN: f32 = 0.5;

/// A part whose score is such a part of that of all of it counts beside it.
const PART: f32 = 3.0;

/// What ends a clause wherever it stands.
const STOPS: [char; 7] = ['。', '！', '？', '；', '،', '、', '؟'];

/// What ends a clause at the end of a word.
const MARKS: [char; 6] = ['.', '!', '?', ';', ',', '…'];

/// Words that join clauses and belong to none.
fn joining(language: &Language) -> &'static [&'static str] {
    let tag = language.as_str();
    match tag.split_once('-').map_or(tag, |(first, _)| first) {
        "en" => &["and", "but", "also", "plus", "then"],
        "de" => &["und", "aber", "sowie", "außerdem", "dann"],
        "fr" => &["et", "mais", "puis", "aussi"],
        "es" => &["y", "e", "pero", "además", "también"],
        "it" => &["e", "ed", "ma", "inoltre", "poi"],
        "pt" => &["e", "mas", "também"],
        "nl" => &["en", "maar", "ook", "dan"],
        "sv" => &["och", "men"],
        "da" | "nb" | "no" => &["og", "men"],
        "pl" => &["i", "oraz", "ale"],
        "cs" => &["a", "ale"],
        "ru" => &["и", "а", "но"],
        "uk" => &["і", "й", "та", "але"],
        "tr" => &["ve", "ama"],
        _ => &[],
    }
}

/// The clauses of a message, if each of them surely means something else than the one before it, and the message is better
/// understood so. Where all of it is on the side of an intent (its score is above 0), each fits better what it means than all
/// of it does, and is on its side, or their scores are in the mean above the best of all of it. Or each but the likeliest is
/// plain ([`PLAIN`]) and joined by a word, and all of it on the other side of what it means: "cancel my appointment" says plainly what is drowned by "and book
/// a new one on wednesday". Where all of it is on no side, the mean of their scores is above 0, and what they mean are the
/// likeliest that all of it could. Otherwise none. `surely` says what a text surely means, and `whole` ranks what all of it
/// could.
///
/// A piece that is not sure by itself goes with the one before it, and so does one that means the same.
pub(super) fn clauses(
    text: &str,
    language: &Language,
    surely: impl Fn(&str) -> Option<Ranked>,
    whole: impl FnOnce() -> Vec<Ranked>,
) -> Vec<Clause> {
    let pieces = pieces(text, language);
    if !(2..=MOST).contains(&pieces.len()) {
        return Vec::new();
    }
    let mut parts = Vec::<(Range<usize>, Option<Ranked>)>::new();
    for piece in pieces {
        let meant = surely(&text[piece.clone()]);
        match parts.last_mut() {
            Some((_, Some(before)))
                if meant
                    .as_ref()
                    .is_some_and(|meant| meant.intent != before.intent) =>
            {
                parts.push((piece, meant));
            }
            Some((place, before)) => {
                place.end = piece.end;
                *before = surely(&text[place.clone()]);
            }
            None => parts.push((piece, meant)),
        }
    }
    if parts.len() < 2 {
        return Vec::new();
    }
    let whole = whole();
    let likeliest = &whole[..parts.len().min(whole.len())];
    let is_on_a_side = likeliest.first().is_some_and(|first| first.score >= 0.0);
    let fits_better = |meant: &Ranked| {
        let mut compared = if is_on_a_side {
            whole.as_slice()
        } else {
            likeliest
        }
        .iter();
        let same = compared.find(|one| one.intent == meant.intent);
        same.is_some_and(|same| !is_on_a_side || meant.score > same.score)
    };
    let is_plain = |meant: &Ranked| {
        let mut all = whole.iter();
        let same = all.find(|one| one.intent == meant.intent);
        let is_likeliest = whole
            .first()
            .is_some_and(|first| first.intent == meant.intent);
        is_likeliest || (meant.score >= PLAIN && same.is_some_and(|same| same.score < 0.0))
    };
    let meant = || parts.iter().filter_map(|(_, meant)| meant.as_ref());
    let over = likeliest.first().map_or(0.0, |first| first.score.max(0.0));
    let gained = |over: f32| meant().map(|meant| meant.score - over).sum::<f32>() > 0.0;
    let joining = joining(language);
    let are_joined = parts.windows(2).all(|pair| {
        let between = &text[pair[0].0.end..pair[1].0.start];
        let mut words = between.split_whitespace();
        words.any(|word| joining.contains(&word.to_lowercase().as_str()))
    });
    let are_plain = is_on_a_side && are_joined && meant().all(is_plain) && gained(0.0);
    let is_a_part = |meant: &Ranked| meant.score > 0.0 && meant.score * PART >= over;
    let is_each_on_a_side = is_on_a_side && meant().all(is_a_part);
    if !are_plain && !is_each_on_a_side && !gained(over) {
        return Vec::new();
    }
    let fits_better = |meant: &Ranked| are_plain || fits_better(meant);
    let clauses = parts.into_iter().map(|(place, meant)| {
        let meant = meant.filter(fits_better)?;
        Some(Clause {
            start: place.start,
            end: place.end,
            meant,
        })
    });
    let clauses: Vec<_> = clauses.collect::<Option<_>>().unwrap_or_default();
    let is_said_twice = |pair: &[Clause]| pair[0].meant.intent == pair[1].meant.intent;
    if clauses.windows(2).any(is_said_twice) {
        return Vec::new();
    }
    clauses
}

/// What stands between marks and joining words.
pub(super) fn pieces(text: &str, language: &Language) -> Vec<Range<usize>> {
    let joining = joining(language);
    let mut pieces = Vec::new();
    let mut open: Option<Range<usize>> = None;
    let is_between = |c: char| c.is_whitespace() || STOPS.contains(&c);
    let mut at = 0;
    for word in text.split_inclusive(is_between) {
        let start = at;
        at += word.len();
        let said = word.trim_end_matches(is_between);
        let bare = said.trim_end_matches(MARKS);
        if joining.contains(&bare.trim_start_matches(MARKS).to_lowercase().as_str()) {
            pieces.extend(open.take());
            continue;
        }
        if bare.contains(char::is_alphanumeric) {
            // A question is known by its mark, which no other says anything of.
            let is_asked = said[bare.len()..].starts_with('?');
            let end = start + bare.len() + usize::from(is_asked);
            open = Some(open.map_or(start, |open| open.start)..end);
        }
        if said.len() > bare.len() || word[said.len()..].contains(STOPS) {
            pieces.extend(open.take());
        }
    }
    pieces.extend(open);
    pieces
}

#[cfg(test)]
mod tests {
    use convene_training_data::Intent;

    use super::*;

    /// How well all of a message fits.
    const POORLY: [(&str, f32); 2] = [("blue", 0.4), ("red", 0.0)];

    fn cut<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
        let language = Language::new(language).unwrap();
        let pieces = pieces(text, &language).into_iter();
        pieces.map(|place| &text[place]).collect()
    }

    #[test]
    fn marks_and_joining_words_stand_between_pieces() {
        for (text, language, expected) in [
            (
                "where is it, and when do you open?",
                "en",
                vec!["where is it", "when do you open?"],
            ),
            ("Stop. And then: go on", "en", vec!["Stop", "then: go on"]),
            ("wo ist es und wann", "de", vec!["wo ist es", "wann"]),
            ("wo ist es and wann", "de", vec!["wo ist es and wann"]),
            ("12.5 kg, 3 ... and", "en", vec!["12.5 kg", "3"]),
            ("在哪里？几点开门", "zh", vec!["在哪里", "几点开门"]),
            (" ,and, ", "en", vec![]),
            ("", "en", vec![]),
        ] {
            assert_eq!(cut(text, language), expected, "{text}");
        }
    }

    fn meant(text: &str) -> Option<Ranked> {
        let intent = match text {
            text if text.contains("red") => "red",
            text if text.contains("blue") => "blue",
            _ => return None,
        };
        Some(Ranked {
            intent: Intent::new(intent),
            confidence: 1.0,
            score: if text.contains("pale") { 0.3 } else { 0.5 },
        })
    }

    fn told(text: &str, whole: [(&str, f32); 2]) -> Vec<String> {
        let language = Language::new("en").unwrap();
        let fits = |(intent, score): &(&str, f32)| Ranked {
            intent: Intent::new(intent),
            confidence: 0.5,
            score: *score,
        };
        let all = || whole.iter().map(fits).collect();
        let clauses = clauses(text, &language, meant, all).into_iter();
        clauses
            .map(|clause| {
                format!(
                    "{}: {}",
                    clause.meant.intent,
                    &text[clause.start..clause.end]
                )
            })
            .collect()
    }

    #[test]
    fn what_is_unsure_or_means_the_same_goes_with_what_is_before_it() {
        assert_eq!(
            told("red one, blue one", POORLY),
            ["red: red one", "blue: blue one"]
        );
        assert_eq!(
            told("so, red and very red, or not, blue and green", POORLY),
            ["red: so, red and very red, or not", "blue: blue and green"]
        );
        assert_eq!(told("red, red", POORLY), [""; 0]);
        assert_eq!(told("green, red", POORLY), [""; 0]);
        assert_eq!(
            told("red, blue", [("red", 0.6), ("blue", 0.0)]),
            [""; 0],
            "all of it fits one as well"
        );
        assert_eq!(
            told("red, pale blue", [("red", 0.35), ("blue", 0.0)]),
            ["red: red", "blue: pale blue"],
            "one fits little, but both together better than all of it"
        );
        assert_eq!(
            told("red and blue", [("red", 0.6), ("blue", -0.4)]),
            ["red: red", "blue: blue"],
            "what all of it says nothing of is said plainly"
        );
        assert_eq!(
            told("red, blue and red", [("red", 0.45), ("blue", 0.2)]),
            ["red: red", "blue: blue", "red: red"],
            "each fits better what it means"
        );
        assert_eq!(
            told("red, pale blue", [("red", 0.35), ("blue", 0.32)]),
            [""; 0],
            "all of it fits the other as well"
        );
        assert_eq!(told(&"red, blue, ".repeat(5), POORLY), [""; 0], "a story");
    }
}
