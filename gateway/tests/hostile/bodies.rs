//! Bodies of requests: no JSON, other JSON, nearly the right JSON.

use convene_proto::id::MessageId;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::door::{CONVERSATION, ada, ask, bearer, request, send};

/// Every operation that takes a body, with a good one.
fn operations() -> Vec<(&'static str, String, Value)> {
    let under = |path: &str| format!("/v1/conversations/{CONVERSATION}{path}");
    vec![
        ("POST", "/v1/auth/guest".into(), json!({ "name": "Ada" })),
        (
            "POST",
            "/v1/conversations".into(),
            json!({ "id": "x", "title": "t", "agent": "", "policy": "merge" }),
        ),
        (
            "POST",
            "/v1/invitation".into(),
            json!({ "invite": "a.b.c" }),
        ),
        ("POST", "/v1/join".into(), json!({ "invite": "a.b.c" })),
        ("PATCH", under(""), json!({ "title": "t" })),
        (
            "POST",
            under("/participants"),
            json!({ "id": "user:bob", "name": "Bob", "role": "member" }),
        ),
        (
            "POST",
            under("/messages"),
            json!({
                "id": "m", "parts": [{ "type": "text", "text": "hi" }], "to": ["user:bob"], "policy": "enqueue",
            }),
        ),
        ("POST", under("/cancel"), json!({ "run": "r" })),
        ("POST", under("/read"), json!({ "seq": 1 })),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,30}".prop_map(Value::from),
        "user:|agent:|user:[!-~]{1,20}|[A-Za-z0-9_-]{1,64}".prop_map(Value::from),
        Just(Value::from("\u{0}\u{7f}\u{202e}\u{1f600}")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,8}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_answered(
        which in any::<prop::sample::Index>(), body in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let (method, target, _) = which.get(&operations()).clone();
        ask(method, &target, &body).expect_words();
    }

    #[test]
    fn any_json_is_answered(which in any::<prop::sample::Index>(), body in value()) {
        let (method, target, _) = which.get(&operations()).clone();
        ask(method, &target, body.to_string().as_bytes()).expect_words();
    }

    #[test]
    fn nearly_right_bodies_are_answered(
        which in any::<prop::sample::Index>(), field in any::<prop::sample::Index>(), other in value(),
    ) {
        let (method, target, mut body) = which.get(&operations()).clone();
        let fields = body.as_object_mut().unwrap();
        let name = field.get(&fields.keys().cloned().collect::<Vec<_>>()).clone();
        fields.insert(name, other);
        ask(method, &target, body.to_string().as_bytes()).expect_words();
    }

    #[test]
    fn any_content_type_is_answered(kind in "[ -~]{0,60}") {
        let headers = [("Authorization", bearer(&ada())), ("Content-Type", kind)];
        let headers = headers.each_ref().map(|(name, value)| (*name, value));
        send(&request("POST", "/v1/join", &headers, b"{\"invite\":\"x\"}")).expect_words();
    }
}

#[test]
fn nobody_speaks_under_the_id_of_an_agent_s_message() {
    let target = format!("/v1/conversations/{CONVERSATION}/messages");
    let saying = |id: &str| {
        let body = json!({ "id": id, "parts": [{ "type": "text", "text": "hi" }], "to": [] });
        ask("POST", &target, body.to_string().as_bytes())
    };
    let refused = saying(MessageId::of_agent().as_str());
    refused.expect_refusal(400);
    assert_eq!(refused.json()["code"], "bad_request");
    assert_eq!(saying(MessageId::random().as_str()).status, 202);
}

#[test]
fn deep_and_large_bodies_are_refused() {
    for (method, target, _) in operations() {
        ask(method, &target, "[".repeat(60_000).as_bytes()).expect_refusal(400);
        let deep = format!("{}1{}", r#"{"a":"#.repeat(5_000), "}".repeat(5_000));
        ask(method, &target, deep.as_bytes()).expect_refusal(400);
        let large = json!({ "title": "x".repeat(70_000) });
        ask(method, &target, large.to_string().as_bytes()).expect_refusal(413);
    }
}
