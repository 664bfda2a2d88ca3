//! The door itself: foreign pages, foreign names, balancers, crowds and dawdlers.

use std::time::Duration;

use convene_client::{
    Error, Options, RawSocket, Rest,
    proto::{error::ErrorCode, frame::ServerFrame, id::ConversationId},
};
use reqwest::{Method, StatusCode, header::HeaderMap};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    harness::{Role, Stack},
    people::PATIENCE,
};

const PAGE: &str = "https://chat.example.org";
const EVIL: &str = "https://evil.example.org";

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_configured_origins_may_call_rest_and_no_others() {
    let origins = format!(r#"["{PAGE}"]"#);
    let stack = Stack::embedded_with(&[("gateway.origins", origins)]).await;
    let url = format!("{}/v1/conversations", stack.gateway(0).url());
    let http = reqwest::Client::new();
    let ask = async |method: Method, origin: &str| -> HeaderMap {
        let request = http
            .request(method, &url)
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,content-type",
            )
            .bearer_auth(stack.token("ada", Role::User));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.headers().clone()
    };
    for method in [Method::OPTIONS, Method::GET] {
        let allowed = ask(method.clone(), PAGE).await;
        assert_eq!(allowed["access-control-allow-origin"], PAGE);
        assert!(!allowed.contains_key("access-control-allow-credentials"));
        let refused = ask(method, EVIL).await;
        assert!(!refused.contains_key("access-control-allow-origin"));
    }
    let preflight = ask(Method::OPTIONS, PAGE).await;
    for (header, words) in [
        (
            "access-control-allow-methods",
            &["POST", "PATCH", "DELETE"][..],
        ),
        (
            "access-control-allow-headers",
            &["authorization", "content-type", "last-event-id"],
        ),
    ] {
        let said = preflight[header].to_str().unwrap();
        assert!(
            words.iter().all(|word| said.contains(word)),
            "{header}: {said}"
        );
    }
    // Refusals can be read, too.
    let refused = http.get(&url).header("origin", PAGE).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(refused.headers()["access-control-allow-origin"], PAGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_loopback_no_foreign_name_is_answered() {
    let stack = Stack::embedded_with(&[("gateway.hosts", "chat.lan".to_owned())]).await;
    let url = stack.gateway(0).url();
    let http = reqwest::Client::new();
    for (host, status) in [
        ("localhost:8080", 200),
        ("chat.lan", 200),
        ("evil.example.org:8080", 403),
        ("127.0.0.1.evil.example.org", 403),
    ] {
        for path in ["/", "/v1/me"] {
            let request = http
                .get(format!("{url}{path}"))
                .bearer_auth(stack.token("ada", Role::User))
                .header("host", host);
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), status, "{host} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_behind_a_balancer_have_budgets_of_their_own() {
    for (trusted, expected) in [("127.0.0.0/8", 200), ("10.0.0.1", 429)] {
        let stack = Stack::embedded_with(&[
            ("gateway.trusted_proxies", trusted.to_owned()),
            ("gateway.creations_per_minute", "1".to_owned()),
        ])
        .await;
        let http = reqwest::Client::new();
        let come = async |list: &str| {
            http.post(format!("{}/v1/auth/guest", stack.gateway(0).url()))
                .header("x-forwarded-for", list)
                .json(&serde_json::json!({ "name": "Ada" }))
                .send()
                .await
                .unwrap()
                .status()
        };
        assert_eq!(come("192.0.2.1").await, 200);
        assert_eq!(come("192.0.2.2").await, expected, "{trusted}");
        // What stands in front of the last address is hearsay.
        assert_eq!(come("203.0.113.9, 192.0.2.1").await, 429);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_limit_probes_are_answered_and_clients_sent_elsewhere() {
    let settings = [("gateway.max_connections", "2".to_owned())];
    let stack = Stack::embedded_with(&settings).await;
    let address = format!("127.0.0.1:{}", stack.gateway(0).port());
    let url = format!("http://{address}");
    let token = stack.token("ada", Role::User);
    let first = RawSocket::open(&url, Some(&token), PATIENCE).await.unwrap();
    let _second = RawSocket::open(&url, Some(&token), PATIENCE).await.unwrap();
    for path in ["/health/live", "/health/ready", "/metrics"] {
        let answer = reqwest::get(format!("{url}{path}")).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
    let rest = Rest::new(&Options::new(&url, &token)).unwrap();
    match rest.me().await {
        Err(Error::Refused(problem)) => assert_eq!(problem.code, ErrorCode::Unavailable),
        other => panic!("{other:?}"),
    }
    let refused = RawSocket::open(&url, Some(&token), PATIENCE).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    // A browser's event stream comes again only after a stream.
    let mut stream = rest.events(&ConversationId::random(), None).await.unwrap();
    match stream.next().await.unwrap().unwrap().frame {
        ServerFrame::Ended { problem, .. } => {
            assert_eq!(problem.code, ErrorCode::Unavailable);
            assert!(problem.retryable);
        }
        other => panic!("{other:?}"),
    }
    assert!(stream.next().await.unwrap().is_none());

    first.close().await;
    let begun = std::time::Instant::now();
    while rest.me().await.is_err() {
        assert!(begun.elapsed() < PATIENCE, "the place stays taken");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_user_takes_so_many_connections_and_no_more() {
    let settings = [("gateway.connections_per_user", "2".to_owned())];
    let stack = Stack::embedded_with(&settings).await;
    let url = stack.gateway(0).url();
    let open = async |user: &str| {
        let token = stack.token(user, Role::User);
        let mut socket = RawSocket::open(&url, Some(&token), PATIENCE).await.unwrap();
        let first = socket.next_frame(PATIENCE).await.unwrap();
        (socket, serde_json::to_value(first).unwrap()["type"].clone())
    };
    let (_first, welcome) = open("ada").await;
    assert_eq!(welcome, "welcome");
    let (second, welcome) = open("ada").await;
    assert_eq!(welcome, "welcome");
    assert_eq!(open("ada").await.1, "error");
    assert_eq!(open("bob").await.1, "welcome");
    second.close().await;
    let begun = std::time::Instant::now();
    while open("ada").await.1 != "welcome" {
        assert!(begun.elapsed() < PATIENCE, "the place stays taken");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_dawdles_over_headers_or_a_body_is_let_go() {
    let stack = Stack::embedded().await;
    let address = format!("127.0.0.1:{}", stack.gateway(0).port());
    let token = stack.token("ada", Role::User);
    let begun = [
        "GET /v1/me HTTP/1.1\r\nHost: localhost\r\n".to_owned(),
        format!(
            "POST /v1/join HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
        ),
    ];
    let ends = begun.map(async |request| {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let reading = stream.read_to_end(&mut answer);
        tokio::time::timeout(PATIENCE, reading)
            .await
            .expect("it is still open")
            .unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    });
    let [headers, body] = ends;
    let (_, body) = tokio::join!(headers, body);
    assert!(body.starts_with("HTTP/1.1 400"), "{body}");
    assert!(body.contains("did not come within"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_runs_nothing_foreign_and_speaks_to_nobody_else() {
    let stack = Stack::embedded().await;
    let answer = reqwest::get(stack.gateway(0).url()).await.unwrap();
    let headers = answer.headers();
    let policy = headers["content-security-policy"].to_str().unwrap();
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self';",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(part), "{part} is not in {policy}");
    }
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
}
