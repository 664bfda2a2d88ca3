//! A sentence in tokens, and what is seen of each.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::text;

/// A word, a sign, or an ideograph: its place in the text, in bytes.
pub(super) type Token = Range<usize>;

/// Words are runs of letters and digits, with apostrophes within; any other sign but space is a token
/// of its own.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::<Token>::new();
    let mut in_word = false;
    let mut signs = text.char_indices().peekable();
    while let Some((at, sign)) = signs.next() {
        let end = at + sign.len_utf8();
        let next = signs.peek().map(|(_, next)| *next);
        let joins = matches!(sign, '\'' | '’') && next.is_some_and(char::is_alphanumeric);
        let is_part = text::is_part_of_word(sign) || (in_word && joins);
        match tokens.last_mut() {
            Some(last) if is_part && in_word => last.end = end,
            _ if sign.is_whitespace() => {}
            _ => tokens.push(at..end),
        }
        in_word = is_part;
    }
    tokens
}

/// What a tagger goes by, of each token: names of features. What a word list or a pattern has is seen as that, and not as its
/// words: of "from Berlin" it is to learn that cities stand there, and not that Berlin does.
pub(super) fn features(
    text: &str,
    tokens: &[Token],
    hints: &[(Range<usize>, &str)],
) -> Vec<Vec<u64>> {
    let hint = |token: &Token| {
        let is_in = |place: &Range<usize>| place.start <= token.start && token.end <= place.end;
        hints.iter().find(move |(place, _)| is_in(place))
    };
    let words: Vec<String> = tokens
        .iter()
        .map(|token| match hint(token) {
            Some((_, kind)) => format!("<{kind}>"),
            None => text[token.clone()].to_lowercase(),
        })
        .collect();
    let shapes: Vec<String> = tokens
        .iter()
        .map(|token| shape(&text[token.clone()]))
        .collect();
    let word = |at: usize, offset: isize| {
        at.checked_add_signed(offset)
            .and_then(|at| words.get(at))
            .map_or("|", String::as_str)
    };
    let each = tokens.iter().enumerate().map(|(at, token)| {
        let mut seen = Features(Vec::with_capacity(32));
        seen.add(0, "");
        for (kind, offset) in [(1, -2), (2, -1), (3, 0), (4, 1), (5, 2)] {
            seen.add(kind, word(at, offset));
        }
        seen.add(6, &format!("{} {}", word(at, -1), word(at, 0)));
        seen.add(7, &format!("{} {}", word(at, 0), word(at, 1)));
        seen.add(8, &format!("{} {}", word(at, -2), word(at, -1)));
        seen.add(9, &format!("{} {}", word(at, 1), word(at, 2)));
        seen.add(10, &shapes[at]);
        seen.add(
            11,
            shapes.get(at.wrapping_sub(1)).map_or("|", String::as_str),
        );
        seen.add(12, shapes.get(at + 1).map_or("|", String::as_str));
        let ends: Vec<usize> = words[at].char_indices().map(|(begin, _)| begin).collect();
        for length in 1..=4_u64.min(ends.len() as u64) {
            let count = usize::try_from(length).unwrap_or(0);
            let prefix = ends
                .get(count)
                .map_or(words[at].as_str(), |end| &words[at][..*end]);
            seen.add(20 + length, prefix);
            seen.add(30 + length, &words[at][ends[ends.len() - count]..]);
        }
        for (place, kind) in hints {
            if place.start <= token.start && token.end <= place.end {
                seen.add(if place.start == token.start { 40 } else { 41 }, kind);
            }
        }
        seen.0
    });
    each.collect()
}

struct Features(Vec<u64>);

impl Features {
    fn add(&mut self, kind: u64, value: &str) {
        self.0.push(xxh3_64_with_seed(value.as_bytes(), kind));
    }
}

/// Capitals, small letters, digits and signs, each run as one: `Xx-9` for `McDonald-42`.
fn shape(word: &str) -> String {
    let mut shape = String::new();
    for sign in word.chars() {
        let class = match sign {
            sign if sign.is_uppercase() => 'X',
            sign if sign.is_alphabetic() => 'x',
            sign if sign.is_numeric() => '9',
            sign => sign,
        };
        if !shape.ends_with(class) {
            shape.push(class);
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_signs_and_ideographs_are_tokens() {
        let text = "I'd go to São Paulo, 7:30pm — 我要!";
        let pieces: Vec<_> = tokens(text).into_iter().map(|token| &text[token]).collect();
        assert_eq!(
            pieces,
            [
                "I'd", "go", "to", "São", "Paulo", ",", "7", ":", "30pm", "—", "我", "要", "!"
            ]
        );
        assert!(tokens(" \n").is_empty());
    }

    #[test]
    fn shapes_are_short() {
        assert_eq!(shape("McDonald-42"), "XxXx-9");
        assert_eq!(shape("iPhone"), "xXx");
    }
}
