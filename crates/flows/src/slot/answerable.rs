//! Whether any text is an answer: how long the texts are that a pattern matches, without the signs that are left out.

use regex_syntax::hir::{Class, Hir, HirKind};

/// How many characters texts have, at least and at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Length {
    pub(super) least: usize,
    /// None, where there is no end to it.
    pub(super) most: Option<usize>,
}

/// How long the texts are that match a pattern and have none of these signs; none, if no text does. Bounds of it: not each
/// length between them need be that of a text.
pub(super) fn length(pattern: &str, without: &str) -> Option<Length> {
    match regex_syntax::parse(pattern) {
        Ok(pattern) => of(&pattern, without),
        // What cannot be read is told elsewhere.
        Err(_) => Some(Length {
            least: 0,
            most: None,
        }),
    }
}

const NOTHING: Length = Length {
    least: 0,
    most: Some(0),
};

fn of(pattern: &Hir, without: &str) -> Option<Length> {
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(NOTHING),
        HirKind::Literal(literal) => {
            let text = String::from_utf8_lossy(&literal.0);
            let many = text.chars().count();
            let exactly = Length {
                least: many,
                most: Some(many),
            };
            (!text.contains(|sign| without.contains(sign))).then_some(exactly)
        }
        HirKind::Class(class) => {
            let one = Length {
                least: 1,
                most: Some(1),
            };
            is_more_than(class, without).then_some(one)
        }
        HirKind::Repetition(repetition) => {
            let Some(one) = of(&repetition.sub, without) else {
                return (repetition.min == 0).then_some(NOTHING);
            };
            let times = |times: u32| usize::try_from(times).unwrap_or(usize::MAX);
            let most = match (one.most, repetition.max) {
                (Some(0), _) => Some(0),
                (Some(most), Some(max)) => Some(most.saturating_mul(times(max))),
                _ => None,
            };
            Some(Length {
                least: one.least.saturating_mul(times(repetition.min)),
                most,
            })
        }
        HirKind::Capture(group) => of(&group.sub, without),
        HirKind::Concat(parts) => parts.iter().try_fold(NOTHING, |so_far, part| {
            let next = of(part, without)?;
            Some(Length {
                least: so_far.least.saturating_add(next.least),
                most: so_far
                    .most
                    .zip(next.most)
                    .map(|(one, two)| one.saturating_add(two)),
            })
        }),
        HirKind::Alternation(ways) => {
            let ways = ways.iter().filter_map(|way| of(way, without));
            ways.reduce(|one, two| Length {
                least: one.least.min(two.least),
                most: one.most.zip(two.most).map(|(one, two)| one.max(two)),
            })
        }
    }
}

/// Whether a class has a sign that is none of these.
fn is_more_than(class: &Class, without: &str) -> bool {
    let Class::Unicode(class) = class else {
        return true;
    };
    class
        .iter()
        .any(|range| (range.start()..=range.end()).any(|sign| !without.contains(sign)))
}

#[cfg(test)]
mod tests {
    use super::{Length, length};

    #[test]
    fn a_pattern_says_how_long_its_texts_are() {
        let exactly = |many| Some((many, Some(many)));
        for (pattern, without, expected) in [
            ("[A-Z]{2}[0-9]{4}", " ", exactly(6)),
            ("[0-9]{4}-[0-9]", "0123456789-", None),
            ("[0-9]{4}-[0-9]", "-", None),
            ("[0-9]{4}-?[0-9]", "-", exactly(5)),
            ("[0-9]{4}[- ][0-9]", "-", exactly(6)),
            ("^$", "", exactly(0)),
            ("(ab|c)+", "", Some((1, None))),
            ("(ab|c){2,3}", "b", Some((2, Some(3)))),
            ("x*-*", "-", Some((0, None))),
            ("größe", "", exactly(5)),
            ("(", "", Some((0, None))),
        ] {
            let found = length(pattern, without);
            let found = found.map(|Length { least, most }| (least, most));
            assert_eq!(found, expected, "{pattern} without {without}");
        }
    }
}
