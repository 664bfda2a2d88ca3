//! Marked sentences: what is written is read again, and nothing that is read panics.

use convene_training_data::{Annotation, Code, EntityKind, Example, Place, Split, load};
use proptest::prelude::*;

use crate::folder::Folder;

/// A sentence in pieces, of which some are entities.
fn pieces() -> impl Strategy<Value = Vec<(String, Option<Annotation>)>> {
    let word = "[a-zA-Zäß日 ,.(){}\"\\\\:-]{1,8}";
    let name = proptest::option::of("[a-z\"\\\\ä)]{1,5}");
    let kind = ("[a-z_\")]{1,6}", name.clone(), name.clone(), name).prop_map(
        |(entity, role, group, value)| Annotation {
            start: 0,
            end: 0,
            entity: EntityKind::new(&entity),
            role,
            group,
            value,
        },
    );
    proptest::collection::vec((word, proptest::option::of(kind)), 0..6)
}

fn example(pieces: Vec<(String, Option<Annotation>)>) -> Example {
    let mut text = String::new();
    let mut annotations = Vec::new();
    for (word, annotation) in pieces {
        let start = text.len();
        text.push_str(&word);
        // Entities have words.
        if let Some(annotation) = annotation.filter(|_| !word.trim().is_empty()) {
            annotations.push(Annotation {
                start,
                end: text.len(),
                ..annotation
            });
        }
    }
    Example {
        text,
        intent: None,
        annotations,
        language: None,
        split: Split::Train,
        place: Place { line: 1, column: 1 },
    }
}

proptest! {
    #[test]
    fn what_is_marked_is_read_again(pieces in pieces()) {
        let example = example(pieces);
        let marked = example.marked();
        let (text, annotations) = Example::unmark(&marked).unwrap();
        prop_assert_eq!(text, example.text, "{}", marked);
        prop_assert_eq!(annotations, example.annotations, "{}", marked);
    }

    #[test]
    fn any_text_is_read_or_refused(text in r#"(\[|\]|\(|\)|\{|\}|"|a|ä|:|,|\\|entity| ){0,24}"#) {
        if let Ok((text, annotations)) = Example::unmark(&text) {
            for one in annotations {
                prop_assert!(text.get(one.start..one.end).is_some_and(|piece| !piece.is_empty()));
            }
        }
    }

    #[test]
    fn any_file_is_read_or_refused_with_a_place(text in "(nlu:|\n|- |intent: |examples: |\\||  |a|\"|'|\\[x\\]|\\{|\\}|\t|#|&b|\\*b|<<: ){0,30}") {
        for name in ["a.yml", "a.json", "a.csv"] {
            let folder = Folder::with(&[(name, &text)]);
            if let Err(faults) = load(&folder.path(name)) {
                prop_assert!(!faults.is_empty());
                for fault in faults {
                    prop_assert!(fault.line >= 1 && fault.column >= 1, "{}", fault);
                    prop_assert!(!fault.message.is_empty() && !fault.remedy.is_empty());
                    prop_assert!(fault.code != Code::Unreadable);
                }
            }
        }
    }
}

#[test]
fn brackets_that_mark_nothing_are_letters() {
    for text in [
        "[see below] please",
        "a [b] (c)",
        "]]][[[",
        "x [y",
        "[a][b]",
    ] {
        assert_eq!(
            Example::unmark(text).unwrap(),
            (text.to_owned(), Vec::new())
        );
    }
    let (text, marks) =
        Example::unmark(r#"[a [b](c) [d][{"entity": "e"}, {"entity": "f"}]"#).unwrap();
    assert_eq!(text, "[a b d");
    let kinds: Vec<_> = marks
        .iter()
        .map(|mark| (mark.start, mark.entity.as_str()))
        .collect();
    assert_eq!(kinds, [(3, "c"), (5, "e"), (5, "f")]);
    let (_, old) = Example::unmark("to [NYC](city:New York)").unwrap();
    assert_eq!(old[0].value.as_deref(), Some("New York"));
}
