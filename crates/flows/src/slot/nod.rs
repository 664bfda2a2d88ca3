//! Yes or no in words: which is said, and whether something is said with it that takes it back.

use super::SmallWords;

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

/// The words that are looked for.
pub(crate) struct Words<'a> {
    pub(crate) yes: &'a [String],
    pub(crate) no: &'a [String],
    pub(crate) small: &'a SmallWords,
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

/// Reads what is said.
pub(crate) fn nod(text: &str, words: &Words<'_>) -> Said {
    let parts = parts(text);
    let whole: Vec<_> = parts.iter().flatten().cloned().collect();
    let is_whole = |list: &[String]| list.iter().any(|own| tokens(own) == whole);
    let mut clauses: Vec<_> = parts.iter().map(|part| marked(part, words)).collect();
    let is_but = |mark: &Mark| *mark == Mark::But;
    let has_but = clauses.iter().flatten().any(is_but);
    // A single letter is an answer, and no word of one.
    let nod = match (is_whole(words.yes), is_whole(words.no)) {
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
    let is_apart = parts.len() > 1 && clauses.first().is_some_and(|first| is_pure(first));
    let second = parts.get(1).and_then(|part| part.first());
    let is_joined = second.is_some_and(|word| words.small.joining.contains(word));
    Said {
        nod,
        is_apart,
        is_joined,
    }
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

fn marked(clause: &[String], words: &Words<'_>) -> Vec<Mark> {
    let small = words.small;
    // A letter is an answer only as a whole.
    let longest = |list: &[String], at: usize| {
        let rest = &clause[at..];
        let phrases = list.iter().map(|own| tokens(own));
        let phrases = phrases.filter(|own| own.concat().chars().count() > 1 || is_sign(own));
        let found = phrases.filter(|own| rest.starts_with(own));
        found.map(|own| own.len()).max().unwrap_or_default()
    };
    let (mut marks, mut at) = (Vec::new(), 0);
    while at < clause.len() {
        let word = &clause[at];
        let has = |list: &[String]| list.contains(word);
        let (yes, no) = (longest(words.yes, at), longest(words.no, at));
        let unsure = longest(&small.unsure, at);
        let negates = has(&small.negations);
        let (mark, length) = if unsure > yes.max(no) {
            (Mark::Unsure, unsure)
        } else if yes > no {
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
    marks
}

fn is_sign(token: &[String]) -> bool {
    let signs = token.iter().flat_map(|word| word.chars());
    token.len() == 1 && signs.into_iter().all(|sign| !sign.is_alphanumeric())
}

/// The words of a text, and signs such as 👍, by the parts that marks set apart.
fn parts(text: &str) -> Vec<Vec<String>> {
    let parts = text.split([',', '.', ';', ':', '!', '?', '\n', '–', '—', '…', '¡', '¿']);
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
