//! Paths and queries: numbers that are none, and cursors that nobody was given.

use proptest::prelude::*;

use crate::door::{CONVERSATION, ask};

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn readable() -> Vec<String> {
    let under = |path: &str| format!("/v1/conversations/{CONVERSATION}/{path}");
    vec![
        "/v1/conversations".into(),
        under("history"),
        under("messages"),
        under("events"),
    ]
}

proptest! {
    #[test]
    fn any_query_is_answered(
        which in any::<prop::sample::Index>(), query in "[!-\"$-~]{0,80}",
    ) {
        ask("GET", &format!("{}?{query}", which.get(&readable())), b"").expect_words();
    }

    #[test]
    fn any_value_of_a_known_name_is_answered(
        which in any::<prop::sample::Index>(), name in "after|before|limit",
        value in "\\PC{0,40}|-?[0-9]{0,25}|[0-9]{1,20}[-:][A-Za-z0-9_-]{0,64}|[0-9a-f]{8}:[0-9]{1,20}:[0-9a-f]{16}",
        twice: bool,
    ) {
        let pair = format!("{name}={}", encoded(&value));
        let query = if twice { format!("{pair}&{pair}") } else { pair };
        ask("GET", &format!("{}?{query}", which.get(&readable())), b"").expect_words();
    }

    #[test]
    fn a_damaged_cursor_is_answered(at in any::<prop::sample::Index>(), letter in "[ -~]") {
        // There must be a second page.
        for id in ["p1", "p2"] {
            let body = format!(r#"{{"id":"{id}"}}"#);
            ask("POST", "/v1/conversations", body.as_bytes());
        }
        let page = ask("GET", "/v1/conversations?limit=1", b"").json();
        let mut cursor = page["next"].as_str().unwrap().to_owned();
        let at = at.index(cursor.len());
        cursor.replace_range(at..=at, &letter);
        ask("GET", &format!("/v1/conversations?after={}", encoded(&cursor)), b"").expect_words();
    }

    #[test]
    fn any_path_is_answered(
        method in "GET|POST|PATCH|DELETE|PUT", one in "\\PC{0,80}", other in "\\PC{0,80}",
    ) {
        let (one, other) = (encoded(&one), encoded(&other));
        for target in [
            format!("/v1/{one}"),
            format!("/v1/conversations/{one}"),
            format!("/v1/conversations/{one}/{other}"),
            format!("/v1/conversations/{CONVERSATION}/participants/{other}"),
            format!("/v1/conversations/{one}/participants/{other}"),
        ] {
            ask(&method, &target, b"").expect_words();
        }
    }
}
