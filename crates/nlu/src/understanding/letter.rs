//! Messages as long as a letter: what they ask for is drowned by how they greet, tell and end.

use std::ops::Range;

use convene_training_data::Language;

use super::{
    manners::Manners,
    understood::{Decision, Ranked},
};

/// Who writes more sentences tells a story, and none of them is meant alone.
const MOST: usize = 12;

/// So many words are said to somebody, or in parting.
const COURTESY: usize = 8;

/// What ends a sentence at the end of a word, or within a text that has no spaces.
const ENDS: [char; 7] = ['.', '!', '?', '…', '。', '！', '？'];

/// Before the point of these no sentence ends.
const SHORT: [&str; 17] = [
    "nr", "mr", "mrs", "ms", "dr", "prof", "bzw", "ca", "evtl", "inkl", "ggf", "str", "tel", "sra",
    "mme", "sig", "dhr",
];

/// What a message plainly says that is not sure as a whole: without how it greets and ends, or in some of its sentences, if
/// all of these mean the same.
pub(super) fn asked_for(
    text: &str,
    language: &Language,
    decided: impl Fn(&str) -> (Vec<Ranked>, Decision),
) -> Option<Vec<Ranked>> {
    let manners = Manners::of(language);
    let plainly = |text: &str| match decided(text) {
        (ranked, Decision::Sure) if ranked.first()?.score >= 0.0 => Some(ranked),
        _ => None,
    };
    let start = manners.map_or(0, |manners| manners.greeted(text));
    let mut sentences = sentences(text, start);
    let all = sentences.len();
    if let Some(manners) = manners {
        sentences.retain(|place| !manners.is_closing(&text[place.clone()]));
    }
    let is_letter = start > 0 || all > 1;
    if !is_letter || !(1..=MOST).contains(&sentences.len()) {
        return None;
    }
    let body = &text[sentences[0].start..sentences[sentences.len() - 1].end];
    if (start > 0 || sentences.len() < all)
        && let Some(meant) = plainly(body)
    {
        return Some(meant);
    }
    let mut meant = sentences
        .into_iter()
        .filter_map(|place| plainly(&text[place]));
    let first = meant.next()?;
    meant
        .all(|other| other[0].intent == first[0].intent)
        .then_some(first)
}

impl Manners {
    /// Behind which byte a text begins, whoever it greets.
    fn greeted(&self, text: &str) -> usize {
        let end = text.find([',', '!', '.', '\n', '،']);
        let Some((greeting, rest)) = end.map(|end| text.split_at(end)) else {
            return 0;
        };
        let words: Vec<&str> = greeting.split_whitespace().collect();
        let behind = |phrases: &[&str]| {
            let said = words.join(" ").to_lowercase();
            let phrases = phrases.iter().filter(|phrase| begins_with(&said, phrase));
            let phrase = phrases.max_by_key(|one| one.len());
            phrase.map(|phrase| &words[phrase.split(' ').count()..])
        };
        let is_name = |word: &&str| {
            let is_said_to = self.to.contains(&word.to_lowercase().as_str());
            is_said_to || word.starts_with(char::is_uppercase)
        };
        let is_formal = words.len() <= COURTESY && behind(self.formal).is_some();
        let is_greeting = behind(self.greetings)
            .is_some_and(|names| names.len() <= 3 && names.iter().all(is_name));
        if !is_formal && !is_greeting {
            return 0;
        }
        let mark = rest.chars().next().map_or(0, char::len_utf8);
        greeting.len() + mark
    }

    /// Whether a sentence takes leave or thanks, and asks nothing.
    fn is_closing(&self, sentence: &str) -> bool {
        let small = sentence.trim().to_lowercase();
        let is_short = small.split_whitespace().count() <= COURTESY;
        is_short
            && !small.ends_with(['?', '؟'])
            && self.closings.iter().any(|one| begins_with(&small, one))
    }
}

/// Whether a text begins with a phrase, and that ends there.
fn begins_with(text: &str, phrase: &str) -> bool {
    let rest = text.strip_prefix(phrase);
    rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// The sentences of a text behind a byte; a line's end is one's, too.
fn sentences(text: &str, start: usize) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let mut open: Option<Range<usize>> = None;
    let mut at = start;
    let is_between = |sign: char| sign.is_whitespace() || ['。', '！', '？'].contains(&sign);
    for word in text[start..].split_inclusive(is_between) {
        let place = at;
        at += word.len();
        let said = word.trim_end_matches(char::is_whitespace);
        let bare = said.trim_end_matches(ENDS);
        if bare.contains(char::is_alphanumeric) {
            open = Some(open.map_or(place, |open| open.start)..place + said.len());
        }
        let is_short = said.ends_with('.')
            && (bare.ends_with(|sign: char| sign.is_numeric())
                || bare.contains('.')
                || SHORT.contains(&bare.to_lowercase().as_str()));
        let is_end = said.len() > bare.len() && !is_short;
        if is_end || word.ends_with('\n') {
            sentences.extend(open.take());
        }
    }
    sentences.extend(open);
    sentences
}
