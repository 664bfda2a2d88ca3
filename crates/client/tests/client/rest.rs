//! REST and server-sent events.

use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode, Uri, header},
    response::IntoResponse as _,
    routing::{any, get},
};
use convene_client::{
    Error, Guest, GuestTokens, NewConversation, Options, Rest, TokenSource as _,
    proto::{
        error::ErrorCode,
        frame::{Problem, ServerFrame},
        position::Seq,
    },
};
use convene_runtime::clock::now_ms;
use serde_json::{Value, json};

use crate::{
    frames::{at, conversation, event, said, snapshot},
    server::Server,
};

#[tokio::test]
async fn calls_carry_the_token_and_reach_their_paths() {
    // Answers with what it was asked, dressed up as the one shape that is asked for.
    let echo = any(
        async |method: axum::http::Method, uri: Uri, headers: HeaderMap, body: String| {
            let token = headers
                .get("authorization")
                .map(|value| value.to_str().unwrap().to_owned());
            let asked = format!("{method} {uri} {} {body}", token.unwrap_or_default());
            Json(
                json!({"participant": "user:ada", "name": asked, "role": "user", "expires_at": 1, "token": "t",
            "message": "m", "seq": 4, "invite": asked, "events": [], "head": 0, "first": 0}),
            )
        },
    );
    let server = Server::with(Router::new().fallback_service(echo)).await;
    let rest = Rest::new(&server.options()).unwrap();
    assert_eq!(rest.me().await.unwrap().name, "GET /v1/me Bearer secret ");
    let id = conversation();
    assert_eq!(
        rest.invite(&id).await.unwrap().invite,
        "POST /v1/conversations/c/invites Bearer secret "
    );
    assert_eq!(
        rest.history_after(&id, Seq(3), 10).await.unwrap().head,
        Seq(0)
    );
    assert_eq!(
        rest.say(&id, &convene_client::message("hi"))
            .await
            .unwrap()
            .seq,
        Seq(4)
    );
    rest.cancel(&id, None).await.unwrap();
    let guest = Rest::guest(&server.url(), "Ada").await.unwrap();
    assert_eq!(guest.name, "POST /v1/auth/guest  {\"name\":\"Ada\"}");
}

#[tokio::test]
async fn what_is_said_over_rest_tells_where_the_person_is() {
    let tells =
        any(async |Json(said): Json<Value>| Json(json!({"message": said["timezone"], "seq": 4})));
    let server = Server::with(Router::new().fallback_service(tells)).await;
    let options = Options {
        timezone: Some("Japan".parse().unwrap()),
        ..server.options()
    };
    let rest = Rest::new(&options).unwrap();
    let sent = rest
        .say(&conversation(), &convene_client::message("hi"))
        .await
        .unwrap();
    assert_eq!(sent.message.as_str(), "Japan");
}

#[tokio::test]
async fn refusals_are_problems_whoever_words_them() {
    let problem = Problem::new(ErrorCode::Forbidden, "only an owner may");
    let answer = problem.clone();
    let routes = Router::new()
        .route("/v1/me", get(async || (StatusCode::BAD_GATEWAY, "<html>")))
        .route("/v1/agents", get(async || "not json"))
        .route(
            "/v1/conversations",
            any(async move || (StatusCode::FORBIDDEN, Json(answer))),
        );
    let server = Server::with(routes).await;
    let rest = Rest::new(&server.options()).unwrap();
    assert_eq!(
        rest.create(&NewConversation::default()).await.unwrap_err(),
        Error::Refused(problem)
    );
    assert!(rest.me().await.unwrap_err().may_pass());
    assert!(matches!(
        rest.agents().await.unwrap_err(),
        Error::Protocol(_)
    ));
}

fn sse(frames: &[(&str, &ServerFrame)]) -> String {
    let event = |(id, frame): &(&str, &ServerFrame)| {
        let json: Value = serde_json::to_value(frame).unwrap();
        let name = json["type"].as_str().unwrap().to_owned();
        format!("id: {id}\nevent: {name}\ndata: {json}\n\n")
    };
    let events: String = frames.iter().map(event).collect();
    format!("retry: 1000\n\n:\n\n{events}")
}

#[tokio::test]
async fn an_event_stream_is_read_and_resumed_by_its_last_id() {
    let stream = get(async |headers: HeaderMap| {
        let body = match headers.get("last-event-id").map(|id| id.to_str().unwrap()) {
            None => sse(&[("00000007:1:00000000000003e8", &snapshot(None))]),
            Some("00000007:1:00000000000003e8") => {
                sse(&[("00000007:2:00000000000007d0", &event(2, said("a", "A")))])
            }
            Some(other) => panic!("{other}"),
        };
        ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
    });
    let server = Server::with(Router::new().route("/v1/conversations/c/events", stream)).await;
    let rest = Rest::new(&server.options()).unwrap();
    let id = conversation();

    let mut events = rest.events(&id, None).await.unwrap();
    let first = events.next().await.unwrap().unwrap();
    assert_eq!(
        (first.name.as_str(), first.frame),
        ("snapshot", snapshot(None))
    );
    assert_eq!(events.next().await.unwrap(), None);
    assert_eq!(
        (events.position(), events.retry_ms()),
        (Some(&at(1)), Some(1000))
    );

    let mut events = rest.events(&id, events.position()).await.unwrap();
    let second = events.next().await.unwrap().unwrap();
    assert_eq!(
        (second.id, second.frame),
        (Some(at(2)), event(2, said("a", "A")))
    );
}

#[tokio::test]
async fn a_guest_s_token_is_renewed_once_half_of_its_time_is_over() {
    let renew = any(async |headers: HeaderMap| {
        let token = headers["authorization"].to_str().unwrap().to_owned();
        if token == "Bearer refused" {
            return Err(StatusCode::UNAUTHORIZED);
        }
        let expires_at = now_ms() / 1000 + 3600;
        let fresh = format!("fresh after {token}");
        Ok(Json(
            json!({ "token": fresh, "participant": "user:g", "name": "Gwen", "expires_at": expires_at }),
        ))
    });
    let server = Server::with(Router::new().route("/v1/auth/renew", renew)).await;
    let of = |token: &str, seconds: u64| {
        let guest = Guest {
            token: token.to_owned(),
            participant: "user:g".parse().unwrap(),
            name: "Gwen".to_owned(),
            expires_at: now_ms() / 1000 + seconds,
        };
        GuestTokens::new(server.url(), guest)
    };
    assert_eq!(of("young", 3600).token().await.unwrap(), "young");
    let old = of("old", 0);
    for _ in 0..2 {
        assert_eq!(old.token().await.unwrap(), "fresh after Bearer old");
    }
    // While no other can be had, it serves on.
    assert_eq!(of("refused", 0).token().await.unwrap(), "refused");
}
