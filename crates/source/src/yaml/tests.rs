use std::collections::BTreeMap;

use serde::Deserialize;

use super::{parse, read};
use crate::place::{At, Place};

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Sample {
    name: At<String>,
    #[serde(default)]
    count: Option<u32>,
    #[serde(default)]
    more: BTreeMap<String, Vec<At<String>>>,
}

#[test]
fn values_know_where_they_were_written() {
    let node = parse("name: 007\ncount: 3\nmore:\n  a: [x, \"no\"]\n").unwrap();
    let sample: Sample = read(&node).unwrap();
    assert_eq!(sample.name.value, "007");
    assert_eq!(sample.more["a"][1].value, "no");
    assert_eq!(
        sample.more["a"][1].place,
        Place {
            line: 4,
            column: 10
        }
    );
}

#[test]
fn a_fault_has_the_place_of_what_is_wrong() {
    for (text, place, message) in [
        ("name: a\ncount: many\n", (2, 8), "invalid type"),
        ("name: a\ncuont: 3\n", (2, 1), "unknown field `cuont`"),
        ("name: [a\n", (1, 7), "unclosed"),
        ("name: a\nname: b\n", (2, 1), "twice"),
        ("count: 3\n", (1, 1), "missing field `name`"),
        ("name: a\n--- \nname: b\n", (2, 1), "second document"),
    ] {
        let fault = parse(text)
            .and_then(|node| read::<Sample>(&node))
            .unwrap_err();
        let Place { line, column } = fault.place.unwrap();
        assert_eq!((line, column), place, "{text}: {}", fault.message);
        assert!(fault.message.contains(message), "{}", fault.message);
    }
}

#[test]
fn aliases_that_multiply_are_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let inside = vec![format!("*a{}", level - 1); 10].join(", ");
        text += &format!("a{level}: &a{level} [{inside}]\n");
    }
    assert!(parse(&text).unwrap_err().message.contains("nodes"));
}

#[test]
fn aliases_that_repeat_much_text_are_refused() {
    let text = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(1 << 20),
        "*a, ".repeat(1_000)
    );
    let fault = parse(&text).unwrap_err();
    assert!(fault.message.contains("16 MiB"), "{}", fault.message);
    assert_eq!(fault.place.unwrap().line, 2);
}

#[test]
fn anchors_in_anchors_are_refused_where_they_multiply() {
    let text = (0..60).fold("x".repeat(1 << 20), |inside, level| {
        format!("&a{level} [{inside}]")
    });
    let fault = parse(&text).unwrap_err();
    assert!(fault.message.contains("16 MiB"), "{}", fault.message);
}

#[test]
fn what_is_too_deep_is_refused_where_it_is() {
    for text in ["[".repeat(100) + &"]".repeat(100), "- ".repeat(100) + "a"] {
        let fault = parse(&text).unwrap_err();
        assert!(fault.message.contains("64 deep"), "{}", fault.message);
        assert!(fault.place.unwrap().column > 64);
    }
    for text in [
        "[".repeat(100_000),
        "- ".repeat(10_000),
        "{a: ".repeat(10_000),
    ] {
        parse(&text).unwrap_err();
    }
}
