//! Names and titles, fit to be shown beside others: one line, and nothing in it that cannot be seen
//! or that rearranges what stands around it.

/// See the module.
pub(crate) fn one_line(text: &str) -> String {
    let shown: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_hidden(*c))
        .collect();
    shown
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Marks that have no shape, and those that turn the direction of what follows. The joiners stay:
/// scripts and emoji need them.
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_one_line_of_what_can_be_seen() {
        for (text, shown) in [
            ("  Ada \n\t Lovelace\r", "Ada Lovelace"),
            ("\u{1b}[31mAda\u{7}", "[31mAda"),
            ("Ada\u{202e}nimda\u{2066}", "Adanimda"),
            ("A\u{200b}da", "Ada"),
            ("\u{200b}\u{feff} \u{2060}", ""),
            ("نام\u{200c}ها 👩\u{200d}🚀", "نام\u{200c}ها 👩\u{200d}🚀"),
        ] {
            assert_eq!(one_line(text), shown, "{text:?}");
        }
    }
}
