//! Words as they are compared with what is offered: whether somebody types "I don't like it" or "I do not like it!" is the
//! same.

/// English words that are said in one, with what they are.
const IN_ONE: [(&str, &str); 9] = [
    ("can't", "can not"),
    ("cannot", "can not"),
    ("cant", "can not"),
    ("won't", "will not"),
    ("dont", "do not"),
    ("doesnt", "does not"),
    ("didnt", "did not"),
    ("isnt", "is not"),
    ("shan't", "shall not"),
];

/// What English words end with that are said in one.
const ENDS: [(&str, &str); 6] = [
    ("n't", " not"),
    ("'re", " are"),
    ("'m", " am"),
    ("'ll", " will"),
    ("'ve", " have"),
    ("'d", " would"),
];

/// Behind these `'s` is a verb; behind others it says whose something is.
const BEFORE_IS: [&str; 10] = [
    "it", "that", "what", "where", "who", "there", "here", "he", "she", "how",
];

/// A text without case, without marks but for those within numbers, and with words that are said in one written out.
pub(crate) fn folded(text: &str) -> String {
    let is_apostrophe = |c: char| matches!(c, '\'' | '’' | '‘' | 'ʼ' | '`');
    let signs: Vec<char> = text.to_lowercase().chars().collect();
    let at = |index: Option<usize>| index.and_then(|index| signs.get(index)).copied();
    let plain = signs.iter().enumerate().map(|(index, sign)| {
        let (before, behind) = (at(index.checked_sub(1)), at(Some(index + 1)));
        let is_between = |is: fn(char) -> bool| before.is_some_and(is) && behind.is_some_and(is);
        match *sign {
            sign if sign.is_alphanumeric() => sign,
            sign if is_apostrophe(sign) && is_between(char::is_alphanumeric) => '\'',
            sign if !sign.is_whitespace() && is_between(char::is_numeric) => sign,
            _ => ' ',
        }
    });
    let plain: String = plain.collect();
    let words: Vec<String> = plain.split_whitespace().map(written_out).collect();
    words.join(" ")
}

fn written_out(word: &str) -> String {
    if let Some((_, out)) = IN_ONE.iter().find(|(one, _)| *one == word) {
        return (*out).to_owned();
    }
    let mut ends = ENDS.iter();
    let long = ends.find_map(|(end, out)| Some(format!("{}{out}", word.strip_suffix(end)?)));
    if let Some(long) = long {
        return long;
    }
    match word.strip_suffix("'s") {
        Some(first) if BEFORE_IS.contains(&first) => format!("{first} is"),
        _ => word.replace('\'', ""),
    }
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn the_same_words_are_the_same_however_they_are_typed() {
        for (typed, other) in [
            ("I don’t like it", "I do not like it!"),
            ("It's broken.", "it is  BROKEN"),
            ("I can't, I'm ill", "i can not i am ill"),
            ("They won't", "they will not"),
            ("Ann's shop", "anns shop"),
            ("Yes, please", "yes please"),
            ("e-mail", "E mail"),
        ] {
            assert_eq!(folded(typed), folded(other), "{typed}");
        }
        assert_eq!(folded("3.5 kg, 1/2"), "3.5 kg 1/2");
        assert_eq!(folded(" ?!' "), "");
    }
}
