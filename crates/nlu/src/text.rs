//! Text as it is compared: one form for what people write in many ways.

use icu_normalizer::ComposingNormalizerBorrowed;

/// A text's words in their compared form, each with a space before and behind it: ` how are you `.
/// Full-width letters, ligatures and capitals become plain small letters (NFKC); what is neither a
/// letter nor a digit divides words, but for an apostrophe within one and the question mark, which is a
/// word. Signs of scripts that are written without spaces are words of their own.
pub(crate) fn words(text: &str) -> String {
    let mut words = String::with_capacity(text.len() + 2);
    words.push(' ');
    let composed = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
    let mut signs = composed.chars().peekable();
    while let Some(sign) = signs.next() {
        let within = !words.ends_with(' ');
        if is_ideograph(sign) {
            if within {
                words.push(' ');
            }
            words.push(sign);
            words.push(' ');
        } else if is_part_of_word(sign) {
            words.extend(sign.to_lowercase());
        } else if matches!(sign, '\'' | '’')
            && within
            && signs.peek().is_some_and(|next| next.is_alphanumeric())
        {
            words.push('\'');
        } else {
            if within {
                words.push(' ');
            }
            if matches!(sign, '?' | '؟') {
                words.push_str("? ");
            }
        }
    }
    if !words.ends_with(' ') {
        words.push(' ');
    }
    words
}

/// Scripts without spaces between words: Han, Hiragana, Katakana, Thai, Lao, Khmer and Myanmar.
pub(crate) const fn is_ideograph(sign: char) -> bool {
    matches!(sign,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Letters, digits and their marks, but for ideographs, of which each is a word.
pub(crate) fn is_part_of_word(sign: char) -> bool {
    (sign.is_alphanumeric() || is_mark(sign)) && !is_ideograph(sign)
}

/// Combining marks, which belong to the letter before them.
const fn is_mark(sign: char) -> bool {
    matches!(sign, '\u{0300}'..='\u{036F}' | '\u{064B}'..='\u{065F}' | '\u{0900}'..='\u{0903}'
        | '\u{093A}'..='\u{094F}' | '\u{0951}'..='\u{0957}' | '\u{200D}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_differently_is_compared_alike() {
        for (written, compared) in [
            ("How ARE you?", " how are you ? "),
            ("  how,are...you", " how are you "),
            ("I'm here — 'now'", " i'm here now "),
            ("don’t", " don't "),
            ("ＦＵＬＬ ﬁne ½", " full fine 1 2 "),
            ("cafe\u{301}", " café "),
            ("", " "),
            ("!", " "),
            ("why？！", " why ? "),
            ("我要 退货", " 我 要 退 货 "),
        ] {
            assert_eq!(words(written), compared, "{written:?}");
        }
    }
}
