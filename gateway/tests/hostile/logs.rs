//! What is read from a log that holds what this version does not know, and what was taken back.

use serde_json::{Value, json};

use crate::door::{ask, log};

fn begin() -> String {
    let begun = ask("POST", "/v1/conversations", b"{}");
    assert_eq!(begun.status, 201);
    begun.json()["id"].as_str().unwrap().to_owned()
}

fn read(conversation: &str, what: &str) -> Value {
    let answer = ask(
        "GET",
        &format!("/v1/conversations/{conversation}/{what}"),
        b"",
    );
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn completed(run: &str, text: &str) -> Value {
    let message = json!({
        "id": format!("agent-{text}"), "author": "agent:guide",
        "parts": [{ "type": "text", "text": text }],
    });
    json!({ "type": "message.completed", "message": message, "run": run, "whole": true })
}

fn retracted(run: &str, text: &str) -> Value {
    json!({ "type": "message.retracted", "message": format!("agent-{text}"), "run": run })
}

fn finished(run: &str) -> Value {
    json!({ "type": "run.finished", "run": run, "outcome": "completed" })
}

/// The texts of a page of messages.
fn said(conversation: &str, query: &str) -> Vec<String> {
    let page = read(conversation, &format!("messages?{query}"));
    let messages = page["messages"].as_array().unwrap().iter();
    let text = |message: &Value| message["parts"][0]["text"].as_str().unwrap().to_owned();
    messages.map(text).collect()
}

#[test]
fn what_a_newer_version_wrote_shuts_nobody_out() {
    let id = begin();
    let newer = json!({ "type": "x.new", "of": { "any": ["kind"] } });
    log(&id, &newer);
    log(&id, &completed("r", "hello"));
    let history = read(&id, "history");
    assert_eq!(history["events"][1]["type"], "x.new");
    assert_eq!(history["events"][1]["seq"], 2);
    assert_eq!(history["events"][1]["of"], newer["of"]);
    assert_eq!(said(&id, ""), ["hello"]);

    let target = format!("/v1/conversations/{id}/events");
    let stream = ask("GET", &target, b"");
    assert_eq!(stream.status, 200);
}

#[test]
fn what_was_taken_back_was_not_said() {
    let id = begin();
    log(&id, &completed("r1", "kept"));
    log(&id, &completed("r2", "first-try"));
    log(&id, &finished("r1"));
    log(&id, &retracted("r2", "first-try"));
    log(&id, &completed("r2", "second-try"));
    log(&id, &finished("r2"));
    assert_eq!(said(&id, ""), ["kept", "second-try"]);
    // A page that ends between the two.
    assert_eq!(said(&id, "before=5"), ["kept"]);
    assert_eq!(said(&id, "after=2&limit=1"), [""; 0]);
    assert_eq!(said(&id, "after=1&limit=1"), ["kept"]);
    // However far away it is taken back.
    log(&id, &completed("r3", "in-vain"));
    let at = read(&id, "history")["head"].as_u64().unwrap();
    for _ in 0..150 {
        log(&id, &json!({ "type": "x.new" }));
    }
    log(&id, &retracted("r3", "in-vain"));
    assert_eq!(said(&id, &format!("after={}&limit=1", at - 1)), [""; 0]);
    // What is not taken back yet stands.
    log(&id, &completed("r4", "so-far"));
    assert_eq!(said(&id, "limit=1"), ["so-far"]);
}
