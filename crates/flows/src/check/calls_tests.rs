//! Calls that cannot be made, or that somebody else would aim.

use super::tests::{flow, told};

/// What is told of a call with these entries, in line 11.
fn told_of(entries: &str) -> Vec<String> {
    told(&flow(&format!(
        "      - ask: order_number\n      - call: {{{entries}}}\n"
    )))
}

#[test]
fn who_is_called_stands_in_the_file() {
    for url in [
        "https://orders.example",
        "https://orders.example/{order_number}",
        "https://orders.example?order={order_number}",
        "http://127.0.0.1:8080/orders/{order_number}/state",
        "https://[::1]:8443/{order_number}",
        "https://münchen.example/für/{order_number}",
    ] {
        assert_eq!(
            told_of(&format!("url: '{url}'")),
            Vec::<String>::new(),
            "{url}"
        );
    }
    for url in [
        "{order_number}",
        "{order_number}://orders.example/",
        "https://{order_number}/orders",
        "https://{order_number}.orders.example/",
        "https://orders.example{order_number}",
        "https://orders.example:80{order_number}/",
        "https://ada:{order_number}@orders.example/",
        "https://orders.example{% if order_number %}.evil{% endif %}/",
    ] {
        assert_eq!(
            told_of(&format!("url: '{url}'")),
            ["open-host 11:21"],
            "{url}"
        );
    }
    for url in [
        "orders",
        "/orders/{order_number}",
        "ftp://orders.example/",
        "file:///etc/passwd",
        "https://",
        "https:///{order_number}",
        "https://orders.example:99999/",
        "https://or ders.example/",
        "https://ada:secret@orders.example/",
        "https://ada@orders.example/{order_number}",
    ] {
        let told = told_of(&format!("url: '{url}'"));
        let is_told = told == ["bad-call 11:21"] || told == ["open-host 11:21"];
        assert!(is_told, "{url}: {told:?}");
    }
}

#[test]
fn a_secret_that_is_written_out_in_an_address_is_told() {
    for url in [
        "https://x.example/?token=abc",
        "https://x.example/orders/{order_number}?lang=en&api_key=abc#top",
    ] {
        let told = told_of(&format!("url: '{url}'"));
        assert_eq!(told, ["bare-secret 11:21"], "{url}");
    }
    for url in [
        "https://x.example/?token={order_number}",
        "https://x.example/?token=",
        "https://x.example/?keyboard=qwertz&monkey=1",
        "https://x.example/token=abc",
    ] {
        assert_eq!(
            told_of(&format!("url: '{url}'")),
            Vec::<String>::new(),
            "{url}"
        );
    }
}

#[test]
fn a_call_has_headers_statuses_and_a_timeout_that_can_be() {
    let of = |rest: &str| told_of(&format!("url: 'https://x.example/', {rest}"));
    for good in [
        "headers: {x-shop: '{order_number}', accept: text/plain, x-price: '${order_number}'}",
        "headers: {authorization: 'Bearer ${FLOW_SHOP_KEY}'}",
        "headers: {authorization: 'Basic {order_number}'}",
        "headers: {x-both: '${FLOW_A}-{order_number}-${FLOW_B_2}'}",
        "accept: [404, 100, 599]",
        "timeout: 5m",
    ] {
        assert_eq!(of(good), Vec::<String>::new(), "{good}");
    }
    for (bad, code) in [
        ("headers: {'x shop': a}", "bad-call"),
        ("headers: {'x:': a}", "bad-call"),
        ("headers: {'': a}", "bad-call"),
        ("headers: {Host: a}", "bad-call"),
        ("headers: {Idempotency-Key: a}", "bad-call"),
        ("headers: {x: \"a\\nb\"}", "bad-call"),
        ("headers: {x: '${SHOP_KEY}'}", "bad-call"),
        ("headers: {x: '${CONVENE_REDIS_URL}'}", "bad-call"),
        ("headers: {x: '${FLOW_A}{nobody}'}", "unknown-placeholder"),
        ("headers: {Authorization: Bearer abc}", "bare-secret"),
        ("headers: {X-API-Key: abc}", "bare-secret"),
        ("headers: {x-shop-token: abc}", "bare-secret"),
        ("accept: [99]", "bad-call"),
        ("accept: [600]", "bad-call"),
        ("timeout: 301s", "bad-call"),
        ("timeout: 0s", "wrong-form"),
    ] {
        let told = of(bad);
        let codes: Vec<_> = told
            .iter()
            .filter_map(|one| one.split(' ').next())
            .collect();
        assert_eq!(codes, [code], "{bad}: {told:?}");
    }
}
