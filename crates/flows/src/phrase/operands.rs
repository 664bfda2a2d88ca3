//! The parts of an expression that are judged only if those in front of them leave it open.

/// What stands between `and`, `or` and `not`, however deep in brackets.
pub(crate) fn operands(expression: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = vec![expression.trim()];
    while let Some(part) = rest.pop() {
        let parts = split(part);
        if parts.len() > 1 {
            rest.extend(parts);
        } else if let Some(inside) = within_brackets(part) {
            rest.push(inside.trim());
        } else if let Some(denied) = part.strip_prefix("not ") {
            rest.push(denied.trim());
        } else if !part.is_empty() {
            found.push(part);
        }
    }
    found
}

/// The bytes that are in no quotes, each with the depth of the brackets around it.
fn bare(text: &str) -> impl Iterator<Item = (usize, u8, usize)> {
    let (mut quote, mut depth) = (None, 0_usize);
    let mut is_escaped = false;
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        match (quote, byte) {
            (Some(_), _) if is_escaped => is_escaped = false,
            (Some(_), b'\\') => is_escaped = true,
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => {
                depth += 1;
                return Some((at, byte, depth - 1));
            }
            (None, b')' | b']' | b'}') => {
                depth = depth.saturating_sub(1);
                return Some((at, byte, depth));
            }
            (None, _) => return Some((at, byte, depth)),
        }
        None
    })
}

/// A text split at each `and` and `or` outside of brackets; as it is where it decides by an `if`, which is none of them.
fn split(text: &str) -> Vec<&str> {
    let is_word = |word: &str, at: usize| {
        let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| is_of_name(*byte));
        let bytes = text.as_bytes();
        text[at..].starts_with(word)
            && !is_part(at.checked_sub(1).and_then(|before| bytes.get(before)))
            && !is_part(bytes.get(at + word.len()))
    };
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, byte, depth) in bare(text) {
        if depth > 0 || !byte.is_ascii_lowercase() {
            continue;
        }
        if is_word("if", at) {
            return vec![text];
        }
        let word = ["and", "or"].into_iter().find(|word| is_word(word, at));
        if let Some(word) = word.filter(|_| at >= start) {
            parts.push(text[start..at].trim());
            start = at + word.len();
        }
    }
    parts.push(text[start..].trim());
    parts
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// What is in the brackets that stand around all of it.
fn within_brackets(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('(')?.strip_suffix(')')?;
    let closes = bare(text).find(|(_, byte, depth)| *byte == b')' && *depth == 0);
    closes
        .is_some_and(|(at, ..)| at + 1 == text.len())
        .then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::operands;

    #[test]
    fn an_expression_falls_into_what_is_judged_by_itself() {
        for (expression, expected) in [
            ("n > 3", vec!["n > 3"]),
            ("n > 3 and kind == 'a'", vec!["n > 3", "kind == 'a'"]),
            ("not (a or (b and not c))", vec!["a", "b", "c"]),
            (
                "x == 'this and that' or y",
                vec!["x == 'this and that'", "y"],
            ),
            (r"x == 'it\'s or' or y", vec![r"x == 'it\'s or'", "y"]),
            ("land or android", vec!["android", "land"]),
            ("f(a and b) == 1", vec!["f(a and b) == 1"]),
            ("(a) == (b)", vec!["(a) == (b)"]),
            ("a if b and c else d", vec!["a if b and c else d"]),
            ("größe and x", vec!["größe", "x"]),
            ("a and", vec!["a"]),
            ("((a)", vec!["((a)"]),
            ("", vec![]),
        ] {
            let mut found = operands(expression);
            found.sort_unstable();
            let mut expected = expected;
            expected.sort_unstable();
            assert_eq!(found, expected, "{expression}");
        }
    }
}
