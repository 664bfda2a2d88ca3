//! What to do about a text that is no YAML.

use super::Misread;

/// Signs that mean something else than themselves where a value begins.
const INDICATORS: [char; 13] = [
    '{', '[', '@', '`', '%', '&', '*', '!', '|', '>', ',', '?', '-',
];
/// Quotes as word processors write them, which are letters like others here.
const CURLY: [char; 6] = ['“', '”', '„', '‘', '’', '‚'];
/// Characters of a value that are shown.
const SHOWN: usize = 60;

/// What to do about it, by the line that it is in: mostly, a text is not in quotes that has to be.
#[must_use]
pub fn remedy(text: &str, error: &Misread) -> String {
    if error.message.ends_with("twice") {
        return "take one of them away, or call it otherwise".to_owned();
    }
    if error.message.contains("tabs") {
        return "indent with spaces".to_owned();
    }
    let line = error.place.and_then(|place| {
        let index = usize::try_from(place.line).ok()?.checked_sub(1)?;
        text.lines().nth(index)
    });
    let (key, value) = line.map(parts).unwrap_or_default();
    if value.starts_with(CURLY) {
        let value = value.trim_matches(CURLY);
        return format!(
            "write straight quotes instead of curly ones: `{key}{}`",
            quoted(value)
        );
    }
    if value.starts_with(['"', '\'']) {
        return "put the whole text in one pair of quotes; in it, a `'` between single ones is written twice".to_owned();
    }
    if error.message.starts_with("unclosed") {
        return format!(
            "close it; where it is a text, put that in quotes: `{key}{}`",
            quoted(value)
        );
    }
    if value.starts_with(INDICATORS) || value.contains(": ") || value.ends_with(':') {
        return format!("put the text in quotes: `{key}{}`", quoted(value));
    }
    if error.message.contains("mapping values") || error.message.contains("collection") {
        return "indent it like the keys that it stands with, or deeper than the one that it belongs to".to_owned();
    }
    "mend the YAML: look at quotes, brackets and indentation around here".to_owned()
}

/// What stands in front of a line's value, and the value.
fn parts(line: &str) -> (&str, &str) {
    let mut rest = line.trim();
    while let Some(item) = rest.strip_prefix("- ") {
        rest = item.trim_start();
    }
    let Some((key, value)) = rest.split_once(": ") else {
        return ("", rest);
    };
    let front = rest.len() - value.len();
    if key.is_empty() || key.starts_with(INDICATORS) {
        return ("", rest);
    }
    (rest.get(..front).unwrap_or_default(), value.trim())
}

/// In quotes that need nothing else to be changed, if there are such.
fn quoted(value: &str) -> String {
    let shown: String = match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    };
    if shown.contains(['"', '\\']) {
        format!("'{}'", shown.replace('\'', "''"))
    } else {
        format!("\"{shown}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::remedy;
    use crate::yaml::parse;

    #[test]
    fn what_is_no_yaml_is_told_with_what_to_write() {
        for (text, expected) in [
            (
                "a: “Done: it”\n",
                "straight quotes instead of curly ones: `a: \"Done: it\"`",
            ),
            ("a: x\nbooked: Done: it\n", "`booked: \"Done: it\"`"),
            ("- say: {code} is it\n", "`say: \"{code} is it\"`"),
            ("a: [b] \"c\"\n", "`a: '[b] \"c\"'`"),
            ("a: @shop\n", "`a: \"@shop\"`"),
            ("a: {b\nc: d\n", "close it"),
            ("a: \"x\" is y\n", "one pair of quotes"),
            ("a: 'it's'\n", "written twice"),
            ("a: b\na: c\n", "take one of them away"),
            ("a:\n\tb: c\n", "indent with spaces"),
            ("a: b\n  c: d\n", "indent it like"),
        ] {
            let told = remedy(text, &parse(text).unwrap_err());
            assert!(told.contains(expected), "{text}: {told}");
        }
    }
}
