//! Headers, with any bytes that HTTP lets through.

use proptest::prelude::*;

use crate::door::{CONVERSATION, ada, bearer, request, send};

/// What may stand in a header: everything but line ends and other control characters.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![9 => 0x20u8..0x7f, 1 => 0x80u8..=0xff, 1 => Just(b'\t')];
    prop::collection::vec(byte, 0..120)
}

fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        "[0-9a-f]{8}:[0-9]{1,20}:[0-9a-f]{16}(:[A-Za-z0-9_-]{1,64}:[0-9]{1,6}:[0-9]{1,21})?",
        "0[0-9]-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}",
        "(https?|ftp)://[a-z.:/@]{0,30}",
        "(Bearer|bearer|Basic|) ?[A-Za-z0-9._-]{0,60}",
        "convene_token=[A-Za-z0-9._;= -]{0,60}",
        "([0-9]{1,3}\\.){3}[0-9]{1,3}(, [0-9a-f:.\\[\\]]{0,20}){0,3}",
        "localhost(:[0-9]{0,7})?",
    ];
    text.prop_map(String::into_bytes)
}

proptest! {
    #[test]
    fn any_header_is_answered(
        name in "Last-Event-ID|traceparent|tracestate|Origin|Cookie|X-Forwarded-For|Accept|If-None-Match|Host|Authorization",
        value in prop_oneof![bytes(), nearly()],
    ) {
        let mut headers = vec![(&*name, value)];
        if name != "Authorization" && name != "Cookie" {
            headers.push(("Authorization", bearer(&ada()).into_bytes()));
        }
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value)).collect();
        let under = |path: &str| format!("/v1/conversations/{CONVERSATION}{path}");
        send(&request("GET", &under("/events"), &headers, b"")).expect_words();
        send(&request("POST", &under("/typing"), &headers, b"")).expect_words();
        send(&request("POST", "/v1/auth/guest", &headers, b"{\"name\":\"x\"}")).expect_words();
        let body = br#"{"id":"traced","parts":[{"type":"text","text":"hi"}]}"#;
        send(&request("POST", &under("/messages"), &headers, body)).expect_words();
        let mut upgrade = headers.clone();
        let (connection, websocket) = (b"upgrade".to_vec(), b"websocket".to_vec());
        upgrade.extend([("Connection", &connection), ("Upgrade", &websocket)]);
        send(&request("GET", "/v1/ws", &upgrade, b"")).expect_words();
        let page = send(&request("GET", "/", &headers, b""));
        prop_assert!(page.status < 500, "{:?}", page);
    }
}
