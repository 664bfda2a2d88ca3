//! Yes or no in words: which is said, and whether something is said with it that takes it back.

use super::{SmallWords, bare, mentions};

/// What words say to a question of yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nod {
    Yes,
    No,
    /// Both, or a yes of which something is taken back: "yes, but not for six".
    Mixed,
    /// Neither.
    Nothing,
}

/// What says yes and no in the languages of a project.
#[derive(Debug, Default)]
pub(crate) struct NodWords {
    yes: Phrases,
    no: Phrases,
    /// They say neither, though such a word is among them: "no problem".
    unsure: Phrases,
}

/// Phrases as they are written, with their words.
#[derive(Debug, Default)]
struct Phrases(Vec<(String, Vec<String>)>);

impl Phrases {
    fn new(written: Vec<String>) -> Self {
        let phrases = written.into_iter();
        Self(
            phrases
                .map(|own| {
                    let words = tokens(&own);
                    (own, words)
                })
                .collect(),
        )
    }

    fn has(&self, written: &str) -> bool {
        self.0.iter().any(|(own, _)| own == written)
    }

    fn are(&self, words: &[String]) -> bool {
        self.0.iter().any(|(_, own)| own == words)
    }

    /// How many words the longest has that a clause begins with. A letter is an answer only as a whole.
    fn longest(&self, clause: &[String]) -> usize {
        let phrases = self.0.iter().map(|(_, own)| own.as_slice());
        let found = phrases.filter(|own| clause.starts_with(own));
        let found = found.filter(|own| {
            own.iter().flat_map(|word| word.chars()).nth(1).is_some() || is_sign(own)
        });
        found.map(<[String]>::len).max().unwrap_or_default()
    }
}

/// What is said, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) nod: Nod,
    /// A mark stands between it and whatever else is said: "yes, and where is my order".
    pub(crate) is_apart: bool,
    /// Behind that mark stands a word that joins what follows.
    pub(crate) is_joined: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Yes,
    No,
    /// It takes back what is beside it, and is a no where it stands first: "not".
    Negation,
    /// The same, and is no answer by itself: "don't".
    Denial,
    But,
    /// Neither yes nor no, whatever its words are: "no problem".
    Unsure,
    Courtesy,
    Number,
    Other,
}

impl NodWords {
    pub(crate) fn new(yes: Vec<String>, no: Vec<String>, unsure: Vec<String>) -> Self {
        Self {
            yes: Phrases::new(yes),
            no: Phrases::new(no),
            unsure: Phrases::new(unsure),
        }
    }

    /// Reads what is said.
    pub(crate) fn said(&self, text: &str, small: &SmallWords) -> Said {
        let parts = parts(text);
        let whole: Vec<_> = parts.iter().flatten().cloned().collect();
        let mut clauses: Vec<_> = parts.iter().map(|part| self.marked(part, small)).collect();
        let is_but = |mark: &Mark| *mark == Mark::But;
        let has_but = clauses.iter().flatten().any(is_but);
        // A single letter is an answer, and no word of one.
        let nod = match (self.yes.are(&whole), self.no.are(&whole)) {
            (true, false) => Nod::Yes,
            (false, true) => Nod::No,
            _ => {
                clauses = clauses
                    .iter()
                    .flat_map(|clause| clause.split(is_but).map(<[Mark]>::to_vec))
                    .filter(|clause| !clause.is_empty())
                    .collect();
                decide(&clauses, has_but)
            }
        };
        // "Yes? Or do you need anything else?"
        let says_more = clauses.iter().skip(1).any(|clause| !is_pure(clause));
        let is_asked_back = says_more && is_asked(text, &parts, small);
        let nod = match nod {
            Nod::Yes if is_asked_back => Nod::Mixed,
            nod => nod,
        };
        let is_apart = parts.len() > 1 && clauses.first().is_some_and(|first| is_pure(first));
        let second = parts.get(1).and_then(|part| part.first());
        let is_joined = second.is_some_and(|word| small.joining.contains(word));
        Said {
            nod,
            is_apart,
            is_joined,
        }
    }

    /// Whether each word of a text is a yes, a no or courtesy.
    pub(crate) fn are_all(&self, text: &str, small: &SmallWords) -> bool {
        let text = bare(text);
        let is_flag = |word: &str| self.yes.has(word) || self.no.has(word);
        let mut words = text.split_whitespace().map(bare);
        !text.is_empty() && words.all(|word| is_flag(&word) || small.are_courtesy(&word))
    }

    /// Whether a name stands in a text as a part of what says yes or no there: the course in "of course not".
    pub(crate) fn have_within(&self, text: &str, name: &str) -> bool {
        let mut phrases = [&self.yes, &self.no, &self.unsure]
            .into_iter()
            .flat_map(|list| list.0.iter().map(|(written, _)| written));
        phrases.any(|phrase| {
            mentions(phrase, name).next().is_some() && mentions(text, phrase).next().is_some()
        })
    }

    /// Whether a text says no, or takes something back, and nothing else.
    pub(crate) fn only_refuse(&self, text: &str, small: &SmallWords) -> bool {
        let words: Vec<_> = text.split_whitespace().map(bare).collect();
        let refuses = |word: &String| {
            let lists = [&small.negations, &small.denials];
            self.no.has(word) || lists.into_iter().any(|list| list.contains(word))
        };
        let is_small =
            |word: &String| refuses(word) || self.yes.has(word) || small.are_courtesy(word);
        words.iter().any(refuses) && words.iter().all(is_small)
    }

    /// What the first word says, where something else may follow: a word joins that, or, behind a yes, a mark sets it apart.
    pub(crate) fn before_more(&self, text: &str, small: &SmallWords) -> Option<bool> {
        let mut words = text.split_whitespace();
        let (first, second) = (words.next()?, words.next());
        let is_joined = second.is_some_and(|word| small.joining.contains(&bare(word)));
        let word = bare(first);
        let (is_yes, is_no) = (self.yes.has(&word), self.no.has(&word));
        let is_apart = is_joined || (is_yes && first.ends_with([',', '.', '!', ';']));
        (is_apart && is_yes != is_no).then_some(is_yes)
    }

    fn marked(&self, clause: &[String], small: &SmallWords) -> Vec<Mark> {
        let (mut marks, mut at) = (Vec::new(), 0);
        let mut asks = None;
        while let Some((word, rest)) = clause
            .get(at..)
            .and_then(|rest| Some((rest.first()?, rest)))
        {
            let has = |list: &[String]| list.contains(word);
            let (yes, no) = (self.yes.longest(rest), self.no.longest(rest));
            let unsure = self.unsure.longest(rest);
            let negates = has(&small.negations);
            let (mark, length) = if unsure > yes.max(no) {
                (Mark::Unsure, unsure)
            } else if yes > no {
                if negates_any(rest.iter().take(yes), small) {
                    asks = Some(marks.len());
                }
                (Mark::Yes, yes)
            } else if no > 0 && !(no == 1 && negates) {
                (Mark::No, no)
            } else if no > 0 {
                (Mark::Negation, 1)
            } else if negates || has(&small.denials) {
                (Mark::Denial, 1)
            } else if has(&small.contrasts) && !has(&small.courtesy) {
                (Mark::But, 1)
            } else if has(&small.courtesy) {
                (Mark::Courtesy, 1)
            } else if word.contains(char::is_numeric) {
                (Mark::Number, 1)
            } else {
                (Mark::Other, 1)
            };
            marks.push(mark);
            at += length;
        }
        // "Why not tuesday" asks for something else.
        if let Some(asks) = asks.filter(|_| !is_pure(&marks)) {
            marks.insert(asks + 1, Mark::Negation);
        }
        marks
    }
}

fn negates_any<'w>(mut words: impl Iterator<Item = &'w String>, small: &SmallWords) -> bool {
    words.any(|word| small.negations.contains(word) || small.denials.contains(word))
}

fn decide(clauses: &[Vec<Mark>], has_but: bool) -> Nod {
    let is_courtesy = |clause: &&Vec<Mark>| clause.iter().all(|mark| *mark == Mark::Courtesy);
    let courtesy = clauses.iter().take_while(is_courtesy).count();
    let Some((first, others)) = clauses[courtesy..].split_first() else {
        return Nod::Nothing;
    };
    if courtesy > 0 && !is_pure(first) {
        return Nod::Nothing;
    }
    let takes_back = |marks: &[Mark]| {
        let takes = |mark: &Mark| matches!(mark, Mark::No | Mark::Negation | Mark::Denial);
        marks.iter().any(takes)
    };
    match lead(first) {
        Nod::Yes => {
            let is_taken_back = has_but || others.iter().any(|clause| takes_back(clause));
            if is_taken_back { Nod::Mixed } else { Nod::Yes }
        }
        Nod::No => {
            let mut others = others.iter().filter(|clause| is_pure(clause));
            let is_both = others.any(|clause| lead(clause) == Nod::Yes);
            if is_both { Nod::Mixed } else { Nod::No }
        }
        nod => nod,
    }
}

/// What the clause says in which the answer is looked for.
fn lead(clause: &[Mark]) -> Nod {
    let is_all = is_pure(clause);
    let marks: Vec<Mark> = if is_all {
        let marks = clause.iter().copied();
        marks.filter(|mark| *mark != Mark::Courtesy).collect()
    } else {
        clause.to_vec()
    };
    let said = reduced(&marks);
    let has = |wanted: Mark| said.contains(&wanted);
    if has(Mark::Unsure) && is_all {
        return Nod::Mixed;
    }
    match (said.first(), is_all) {
        (Some(Mark::Yes), _)
            if [Mark::No, Mark::Negation, Mark::Denial]
                .into_iter()
                .any(has) =>
        {
            Nod::Mixed
        }
        (Some(Mark::Yes), _) => Nod::Yes,
        (Some(Mark::Negation), false) if said.get(1) == Some(&Mark::Number) => Nod::Mixed,
        (Some(Mark::No | Mark::Negation), true) if has(Mark::Yes) => Nod::Mixed,
        (Some(Mark::No | Mark::Negation), _) => Nod::No,
        _ => Nod::Nothing,
    }
}

/// "Not right" and "of course not" are no; "not wrong" is nothing that can be told.
fn reduced(marks: &[Mark]) -> Vec<Mark> {
    let mut said: Vec<Mark> = Vec::new();
    let mut rest = marks;
    loop {
        let is_last = |behind: &[Mark]| behind.iter().all(|mark| *mark == Mark::Courtesy);
        rest = match rest {
            [] => return said,
            [Mark::Negation | Mark::Denial, Mark::Yes, behind @ ..] => {
                said.push(Mark::No);
                behind
            }
            [Mark::Yes, Mark::Negation, behind @ ..] if is_last(behind) => {
                said.push(Mark::No);
                behind
            }
            [Mark::Negation | Mark::Denial, Mark::No, behind @ ..] => {
                said.push(Mark::Unsure);
                behind
            }
            [mark, behind @ ..] => {
                said.push(*mark);
                behind
            }
        };
    }
}

/// Whether a clause says nothing but yes or no.
fn is_pure(clause: &[Mark]) -> bool {
    let says_more = |mark: &Mark| matches!(mark, Mark::Other | Mark::Number);
    !clause.iter().any(says_more)
}

fn is_sign(token: &[String]) -> bool {
    let signs = token.iter().flat_map(|word| word.chars());
    token.len() == 1 && signs.into_iter().all(|sign| !sign.is_alphanumeric())
}

/// What sets the parts of a text apart.
const MARKS: [char; 12] = [',', '.', ';', ':', '!', '?', '\n', '–', '—', '…', '¡', '¿'];

/// Whether the first part of a text is a question, but for one such as "why not?", which is none.
fn is_asked(text: &str, parts: &[Vec<String>], small: &SmallWords) -> bool {
    let said = text.trim_start_matches(|sign: char| !sign.is_alphanumeric());
    let is_marked = said.chars().find(|sign| MARKS.contains(sign)) == Some('?');
    is_marked && !negates_any(parts.iter().take(1).flatten(), small)
}

/// The words of a text, and signs such as 👍, by the parts that marks set apart.
fn parts(text: &str) -> Vec<Vec<String>> {
    let parts = text.split(MARKS);
    parts.map(tokens).filter(|part| !part.is_empty()).collect()
}

fn tokens(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut is_within = false;
    for sign in text.replace('’', "'").to_lowercase().chars() {
        let is_word = sign.is_alphanumeric() || (sign == '\'' && is_within);
        match found.last_mut().filter(|_| is_word && is_within) {
            Some(word) => word.push(sign),
            None if is_word => found.push(sign.into()),
            // The shades of such a sign are none.
            None if is_picture(sign) => found.push(sign.into()),
            None => {}
        }
        is_within = is_word;
    }
    found
}

const fn is_picture(sign: char) -> bool {
    matches!(sign, '\u{1F300}'..='\u{1F3FA}' | '\u{1F400}'..='\u{1FAFF}' | '\u{2600}'..='\u{27BF}')
}
