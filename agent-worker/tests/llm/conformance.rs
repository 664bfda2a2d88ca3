//! What every `ChatModel` must do with what providers really send: text, then exactly one finish
//! or one error.

use std::time::{Duration, Instant};

use convene_agent::{
    ChatModel, ChatRequest, ChatRole, ChatTurn, FinishReason, ModelError, ModelEvent,
};
use convene_agent_worker::agents::llm::{ApiKey, OpenAi, Options};
use convene_proto::event::Usage;
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::time::timeout;

use crate::provider::{
    DONE, Piece, Provider, STOP, Scene, chunks, chunks_then, event, says, status,
};

struct Answer {
    text: String,
    end: Result<(FinishReason, Option<Usage>), ModelError>,
}

impl Answer {
    fn finish(&self) -> FinishReason {
        self.end.as_ref().expect("a whole answer").0
    }
}

fn question() -> ChatRequest {
    ChatRequest {
        system: Some("Be kind.".into()),
        turns: vec![ChatTurn {
            role: ChatRole::User,
            text: "Hi".into(),
            name: None,
        }],
    }
}

/// Reads an answer to its end, and insists that it has exactly one.
async fn ask(options: &Options) -> Answer {
    let model = OpenAi::new(options).unwrap();
    let reading = async {
        let mut text = String::new();
        let mut stream = match model.chat(question()).await {
            Ok(stream) => stream,
            Err(error) => {
                return Answer {
                    text,
                    end: Err(error),
                };
            }
        };
        let end = loop {
            match stream.next().await.expect("an end before the stream's") {
                Ok(ModelEvent::Text(piece)) => {
                    assert!(!piece.is_empty(), "an empty piece of text");
                    text.push_str(&piece);
                }
                Ok(ModelEvent::Finish { reason, usage }) => break Ok((reason, usage)),
                Err(error) => break Err(error),
            }
        };
        assert!(stream.next().await.is_none(), "something after the end");
        Answer { text, end }
    };
    timeout(Duration::from_secs(60), reading)
        .await
        .expect("an end in time")
}

async fn ask_after(scene: Scene) -> Answer {
    let provider = Provider::start([scene]).await;
    ask(&Options {
        attempts: 1,
        ..provider.options()
    })
    .await
}

#[tokio::test]
async fn text_and_usage_arrive_and_the_request_is_well_formed() {
    let usage = event(
        &json!({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}}),
    );
    let role = event(
        &json!({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}], "usage": null}),
    );
    let provider = Provider::start([chunks(&[
        &role,
        &says("Hel"),
        &says("lo"),
        STOP,
        &usage,
        DONE,
    ])])
    .await;
    let options = Options {
        api_key: Some(ApiKey::new("sk-1")),
        headers: [("x-team".into(), "blue".into())].into(),
        parameters: [("temperature".into(), json!(0.5))].into_iter().collect(),
        ..provider.options()
    };
    let answer = ask(&options).await;
    assert_eq!(answer.text, "Hello");
    let counted = Usage {
        input_tokens: 7,
        output_tokens: 2,
    };
    assert_eq!(answer.end.unwrap(), (FinishReason::Stop, Some(counted)));

    let call = provider.calls().remove(0);
    assert_eq!(call.headers["authorization"], "Bearer sk-1");
    assert_eq!(call.headers["x-team"], "blue");
    assert_eq!(
        call.body,
        json!({
            "model": "smol", "stream": true, "stream_options": {"include_usage": true}, "temperature": 0.5,
            "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}],
        })
    );
}

#[tokio::test]
async fn a_letter_may_be_split_over_chunks() {
    let whole = format!("{}{STOP}{DONE}", says("Grüße 👩‍🚀"));
    let bytes = whole.bytes().map(|byte| Piece::Bytes(vec![byte])).collect();
    let answer = ask_after(Scene::Stream(bytes)).await;
    assert_eq!(answer.text, "Grüße 👩‍🚀");
    assert_eq!(answer.finish(), FinishReason::Stop);
}

#[tokio::test]
async fn crlf_and_comments_are_part_of_the_protocol() {
    let whole =
        format!(": hello\n\n{}: keep alive\n\n{STOP}{DONE}", says("ok")).replace('\n', "\r\n");
    let answer = ask_after(chunks(&[&whole])).await;
    assert_eq!(answer.text, "ok");
    assert_eq!(answer.finish(), FinishReason::Stop);
}

#[tokio::test]
async fn tool_calls_that_nobody_asked_for_do_no_harm() {
    let call = |index: serde_json::Value| {
        let tool =
            json!({"index": index, "id": "a", "function": {"name": "f", "arguments": "{\"x\":"}});
        event(&json!({"choices": [{"index": 0, "delta": {"content": null, "tool_calls": [tool]}}]}))
    };
    let end =
        event(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}));
    let answer = ask_after(chunks(&[
        &says("a"),
        &call(json!(0)),
        &call(json!(null)),
        &says("b"),
        &end,
        DONE,
    ]))
    .await;
    assert_eq!(answer.text, "ab");
    assert_eq!(answer.finish(), FinishReason::Stop);
}

#[tokio::test]
async fn chunks_may_lack_nearly_everything() {
    let chunks = chunks(&[
        "data: {}\n\n",
        "data: {\"choices\":null}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"\"}]}\n\n",
        "data:{\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n",
        "data: {\"choices\":[{\"finish_reason\":\"length\"}]}\n\n",
        DONE,
    ]);
    let answer = ask_after(chunks).await;
    assert_eq!(answer.text, "ab");
    assert_eq!(answer.finish(), FinishReason::Length);
}

#[tokio::test]
async fn either_of_finish_reason_and_done_is_an_end() {
    let answer = ask_after(chunks(&[&says("a"), STOP])).await;
    assert_eq!(
        (answer.text.as_str(), answer.finish()),
        ("a", FinishReason::Stop)
    );
    let answer = ask_after(chunks(&[&says("a"), DONE])).await;
    assert_eq!(
        (answer.text.as_str(), answer.finish()),
        ("a", FinishReason::Stop)
    );
}

#[tokio::test]
async fn what_breaks_behind_the_last_word_does_not_matter() {
    for last in [
        Piece::Abort,
        Piece::Stall,
        Piece::Bytes(b"data: {\"oops\n\n".to_vec()),
    ] {
        let answer = ask_after(chunks_then(&[&says("a"), STOP], last)).await;
        assert_eq!(
            (answer.text.as_str(), answer.finish()),
            ("a", FinishReason::Stop)
        );
    }
}

#[tokio::test]
async fn a_broken_connection_is_an_error() {
    let answer = ask_after(chunks_then(&[&says("a")], Piece::Abort)).await;
    assert_eq!(answer.text, "a");
    assert!(
        matches!(answer.end, Err(ModelError::Unavailable { .. })),
        "{:?}",
        answer.end
    );
}

#[tokio::test]
async fn a_body_that_ends_without_a_finish_is_an_error() {
    for tail in ["", "data: {\"choices\":[{\"finish_reason\":\"stop\"}]}"] {
        let answer = ask_after(chunks(&[&says("a"), tail])).await;
        assert_eq!(answer.text, "a");
        assert!(
            matches!(answer.end, Err(ModelError::Unavailable { .. })),
            "{:?}",
            answer.end
        );
    }
}

#[tokio::test]
async fn an_error_event_is_an_error() {
    let overloaded = event(&json!({"error": {"message": "overloaded", "code": 503}}));
    let refused =
        event(&json!({"error": {"message": "context too long", "code": "400"}, "choices": []}));
    let vague = event(&json!({"error": "boom"}));
    let named = "event: error\ndata: {\"message\":\"boom\"}\n\n".to_owned();
    for (error, permanent) in [
        (overloaded, false),
        (refused, true),
        (vague, false),
        (named, false),
    ] {
        let answer = ask_after(chunks(&[&says("a"), &error, &says("b"), STOP, DONE])).await;
        assert_eq!(answer.text, "a");
        assert_eq!(
            matches!(answer.end, Err(ModelError::Refused(_))),
            permanent,
            "{error}"
        );
        assert!(answer.end.is_err(), "{error}");
    }
}

#[tokio::test]
async fn what_is_not_of_the_protocol_is_an_error() {
    for nonsense in [
        "data: {\"choices\":[{]}\n\n",
        "data: {\"choices\":7}\n\n",
        "no events at all\n",
    ] {
        let answer = ask_after(chunks(&[&says("a"), nonsense])).await;
        assert!(
            matches!(answer.end, Err(ModelError::Malformed(_))),
            "{nonsense:?}: {:?}",
            answer.end
        );
    }
    let page = Scene::Answer(
        axum::http::StatusCode::OK,
        &[("content-type", "text/html")],
        "<html>".into(),
    );
    assert!(matches!(
        ask_after(page).await.end,
        Err(ModelError::Malformed(_))
    ));
}

#[tokio::test]
async fn dropping_a_stalled_answer_closes_the_connection_at_once() {
    let provider = Provider::start([chunks_then(&[&says("a")], Piece::Stall)]).await;
    let model = OpenAi::new(&provider.options()).unwrap();
    let mut stream = model.chat(question()).await.unwrap();
    assert_eq!(
        stream.next().await.unwrap().unwrap(),
        ModelEvent::Text("a".into())
    );
    drop(stream);
    provider.closed().await;
}

#[tokio::test]
async fn dropping_a_call_before_its_first_token_closes_the_connection_at_once() {
    let provider = Provider::start([chunks_then(&[": wait\n\n"], Piece::Stall)]).await;
    let model = OpenAi::new(&provider.options()).unwrap();
    let call = model.chat(question());
    assert!(timeout(Duration::from_millis(300), call).await.is_err());
    provider.closed().await;
}

#[tokio::test]
async fn silence_is_an_error_before_the_first_token_and_after() {
    let impatient = |options| Options {
        first_token_timeout_ms: 100,
        idle_timeout_ms: 100,
        ..options
    };
    for before in [vec![], vec![says("a")]] {
        let texts: Vec<&str> = before.iter().map(String::as_str).collect();
        let provider = Provider::start([chunks_then(&texts, Piece::Stall)]).await;
        let answer = ask(&impatient(provider.options())).await;
        assert!(matches!(answer.end, Err(ModelError::Unavailable { .. })));
        assert_eq!(
            provider.calls().len(),
            1,
            "silence is not worth another wait"
        );
        provider.closed().await;
    }
}

#[tokio::test]
async fn thinking_aloud_is_not_silence_and_not_text() {
    let thought =
        event(&json!({"choices": [{"delta": {"content": null, "reasoning_content": "hm"}}]}));
    let provider = Provider::start([chunks_then(&[&thought], Piece::Stall)]).await;
    let options = Options {
        first_token_timeout_ms: 60_000,
        idle_timeout_ms: 100,
        ..provider.options()
    };
    let answer = ask(&options).await;
    assert_eq!(answer.text, "");
    assert!(matches!(answer.end, Err(ModelError::Unavailable { .. })));
}

#[tokio::test]
async fn too_many_requests_are_made_again_when_the_provider_says() {
    let busy = Scene::Answer(
        axum::http::StatusCode::TOO_MANY_REQUESTS,
        &[("retry-after", "1")],
        "{\"error\":{\"message\":\"slow down\"}}".into(),
    );
    let provider = Provider::start([busy, chunks(&[&says("a"), STOP, DONE])]).await;
    let begun = Instant::now();
    let answer = ask(&provider.options()).await;
    assert_eq!(
        (answer.text.as_str(), answer.finish()),
        ("a", FinishReason::Stop)
    );
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_wait_longer_than_patience_is_left_to_the_caller() {
    let away = Scene::Answer(
        axum::http::StatusCode::SERVICE_UNAVAILABLE,
        &[("retry-after", "3600")],
        String::new(),
    );
    let provider = Provider::start([away]).await;
    let answer = ask(&provider.options()).await;
    let Err(ModelError::Unavailable { retry_after, .. }) = answer.end else {
        panic!("{:?}", answer.end)
    };
    assert_eq!(retry_after, Some(Duration::from_secs(3600)));
    assert_eq!(provider.calls().len(), 1);
}

#[tokio::test]
async fn server_errors_and_breaks_before_the_first_token_are_tried_again_so_often() {
    let provider = Provider::start([
        status(500, ""),
        chunks_then(&[": hi\n\n"], Piece::Abort),
        chunks(&[&says("a"), DONE]),
    ])
    .await;
    assert_eq!(ask(&provider.options()).await.text, "a");
    assert_eq!(provider.calls().len(), 3);

    let provider = Provider::start([status(502, "")]).await;
    let answer = ask(&Options {
        attempts: 2,
        ..provider.options()
    })
    .await;
    assert!(matches!(answer.end, Err(ModelError::Unavailable { .. })));
    assert_eq!(provider.calls().len(), 2);
}

#[tokio::test]
async fn a_break_after_the_first_token_is_not_tried_again() {
    let provider = Provider::start([
        chunks_then(&[&says("a")], Piece::Abort),
        chunks(&[&says("b"), DONE]),
    ])
    .await;
    assert!(ask(&provider.options()).await.end.is_err());
    assert_eq!(provider.calls().len(), 1);
}

#[tokio::test]
async fn nobody_at_the_address_is_an_error_that_may_pass() {
    let options = Options {
        base_url: "http://127.0.0.1:9/v1".into(),
        attempts: 1,
        ..Options::new("m")
    };
    assert!(matches!(
        ask(&options).await.end,
        Err(ModelError::Unavailable { .. })
    ));
}

#[tokio::test]
async fn refusals_are_not_tried_again_and_do_not_repeat_the_key() {
    for code in [400, 401, 403, 404, 422] {
        let provider =
            Provider::start([status(code, "{\"error\":{\"message\":\"bad key sk-1\"}}")]).await;
        let options = Options {
            api_key: Some(ApiKey::new("sk-1")),
            ..provider.options()
        };
        let error = ask(&options).await.end.unwrap_err();
        assert!(matches!(error, ModelError::Refused(_)), "{code}: {error}");
        assert!(!error.to_string().contains("sk-1"), "{error}");
        assert_eq!(provider.calls().len(), 1);
    }
}

#[tokio::test]
async fn a_provider_that_will_not_count_is_not_asked_to_again() {
    let refusal = status(
        400,
        "{\"error\":{\"message\":\"Unrecognized request argument: stream_options\"}}",
    );
    let provider = Provider::start([refusal, chunks(&[&says("a"), STOP, DONE])]).await;
    let model = OpenAi::new(&provider.options()).unwrap();
    for _ in 0..2 {
        let events: Vec<_> = model.chat(question()).await.unwrap().collect().await;
        assert_eq!(events.len(), 2);
    }
    let asked: Vec<_> = provider
        .calls()
        .iter()
        .map(|call| call.body.get("stream_options").is_some())
        .collect();
    assert_eq!(asked, [true, false, false]);
}

#[tokio::test]
async fn an_answer_that_is_not_streamed_is_an_answer() {
    let body = json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": "a\nb"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2}});
    let json = &[("content-type", "application/json; charset=utf-8")];
    let answer = ask_after(Scene::Answer(
        axum::http::StatusCode::OK,
        json,
        format!("{body:#}"),
    ))
    .await;
    assert_eq!(answer.text, "a\nb");
    assert_eq!(
        answer.end.unwrap().1,
        Some(Usage {
            input_tokens: 1,
            output_tokens: 2
        })
    );
}

#[tokio::test]
async fn an_endless_answer_is_cut_at_the_limit_and_the_call_ends() {
    let many: Vec<_> = (0..100).map(|_| says("äääää")).collect();
    let texts: Vec<&str> = many.iter().map(String::as_str).collect();
    let provider = Provider::start([chunks_then(&texts, Piece::Stall)]).await;
    let answer = ask(&Options {
        max_answer_bytes: 25,
        ..provider.options()
    })
    .await;
    assert_eq!(answer.text, "ä".repeat(12));
    assert_eq!(answer.finish(), FinishReason::Length);
    provider.closed().await;
}

#[tokio::test]
async fn an_endless_event_is_an_error() {
    let endless = Scene::Stream(vec![
        Piece::Bytes(b"data: ".to_vec()),
        Piece::Bytes(vec![b'x'; 80_000]),
        Piece::Stall,
    ]);
    let provider = Provider::start([endless]).await;
    let answer = ask(&Options {
        max_answer_bytes: 1000,
        ..provider.options()
    })
    .await;
    assert!(
        matches!(answer.end, Err(ModelError::Malformed(_))),
        "{:?}",
        answer.end
    );
}
