//! What a placeholder stands for is text, though the message that it stands in is Markdown: whoever is called
//! `[Reset your password](http://evil.example)` puts no link into what the assistant says.
//!
//! By CommonMark 0.31's rules: a backslash before a sign of punctuation makes plain text of it.

/// A value, so that it is read as it is.
pub(super) fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut before = None;
    let mut letters = value.chars().peekable();
    while let Some(letter) = letters.next() {
        let after = letters.peek().copied();
        if is_read(before, letter, after) {
            text.push('\\');
        }
        text.push(letter);
        before = Some(letter);
    }
    text
}

/// Markdown whose escapes are taken away: what a reader sees of it where nothing else of Markdown is shown.
#[must_use]
pub fn unescaped(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    let mut letters = markdown.chars().peekable();
    while let Some(letter) = letters.next() {
        let escapes = letter == '\\' && letters.peek().is_some_and(char::is_ascii_punctuation);
        let shown = if escapes {
            letters.next()
        } else {
            Some(letter)
        };
        text.extend(shown);
    }
    text
}

/// Whether a sign would be read as one of Markdown's where it stands.
fn is_read(before: Option<char>, letter: char, after: Option<char>) -> bool {
    let begins = before.is_none_or(|before| before == '\n' || before == '\r');
    let is_apart = after.is_none_or(char::is_whitespace);
    match letter {
        '\\' | '`' | '*' | '[' | ']' | '<' | '~' | '|' => true,
        '_' => !(is_of_word(before) && is_of_word(after)),
        '&' => after.is_some_and(|after| after.is_ascii_alphanumeric() || after == '#'),
        '#' | '=' | '>' => begins,
        '-' | '+' => begins && (is_apart || after == Some(letter)),
        _ => false,
    }
}

fn is_of_word(letter: Option<char>) -> bool {
    letter.is_some_and(char::is_alphanumeric)
}

/// A text that was filled in, in which no line begins a list by a number unless a line of its template does:
/// "1. Dezember" is a day.
pub(super) fn without_lists(template: &str, said: String) -> String {
    if template.lines().any(|line| ordinal(line).is_some()) {
        return said;
    }
    if said.lines().all(|line| ordinal(line).is_none()) {
        return said;
    }
    let lines = said.split_inclusive('\n').map(|line| match ordinal(line) {
        Some(sign) => format!("{}\\{}", &line[..sign], &line[sign..]),
        None => line.to_owned(),
    });
    lines.collect()
}

/// Where the sign stands that makes an item of an ordered list of a line.
fn ordinal(line: &str) -> Option<usize> {
    const MOST_DIGITS: usize = 9;
    let digits = line.trim_start_matches(' ');
    let rest = digits.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let count = digits.len() - rest.len();
    let mut letters = rest.chars();
    let is_sign = matches!(letters.next(), Some('.' | ')'));
    let is_apart = letters.next().is_none_or(char::is_whitespace);
    (is_sign && is_apart && (1..=MOST_DIGITS).contains(&count)).then(|| line.len() - rest.len())
}
