//! What leaves a process: metrics and health over HTTP, traces to a collector and with gRPC calls. One test, since
//! telemetry is set up once a process.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::{net::SocketAddr, time::Duration};

use axum::{Router, body::Bytes, routing::post};
use convene_runtime::{
    Tasks, grpc,
    health::Health,
    http,
    metrics::Calls,
    telemetry::{self, Options},
    trace::TraceContext,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{service::Routes, transport::Server};

async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

/// An OTLP collector that hands on what it gets.
async fn collector(tasks: &Tasks) -> (String, mpsc::Receiver<String>) {
    let (spans, exported) = mpsc::channel(16);
    let export = async move |body: Bytes| {
        let text = String::from_utf8_lossy(&body).into_owned();
        spans.send(text).await.unwrap();
        let headers = [("content-type", "application/grpc"), ("grpc-status", "0")];
        (headers, [0_u8; 5])
    };
    let path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    let routes = Routes::from(Router::new().route(path, post(export)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tasks.spawn_until_stop(async move {
        let incoming = TcpListenerStream::new(listener);
        let server = Server::builder().add_routes(routes);
        server.serve_with_incoming(incoming).await.unwrap();
    });
    (endpoint, exported)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_sees_metrics_health_and_traces_that_cross_processes() {
    let (health, tasks) = (Health::new(), Tasks::new());
    let (endpoint, mut exported) = collector(&tasks).await;
    let options = Options {
        otlp_endpoint: Some(endpoint),
        ..Options::default()
    };
    let guard = telemetry::init("convene-test", &options).unwrap();
    assert!(telemetry::init("convene-test", &options).is_err());

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (router, own) = (http::router(health.clone(), guard.metrics()), tasks.clone());
    let server = tasks.spawn(async move { http::serve_admin(listener, router, &own).await });

    Calls::new("convene.test").record("submit", "ok", Duration::from_millis(3));
    let (status, metrics) = get(address, "/metrics").await;
    assert_eq!(status, 200);
    for line in [
        r#"convene_test_calls_total{call="submit",outcome="ok"} 1"#,
        r#"convene_test_call_duration_seconds_bucket{call="submit",le="0.005"} 1"#,
        r#"service_name="convene-test""#,
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }

    let store = health.heartbeat("store", Duration::from_secs(60));
    store.fail("connection refused");
    assert_eq!(get(address, "/health/live").await.0, 200);
    let (status, body) = get(address, "/health/ready").await;
    assert_eq!(status, 503);
    assert_eq!(
        body,
        r#"{"status":"red","draining":false,"components":{"store":{"status":"red","reason":"connection refused"}}}"#
    );
    store.beat();
    assert_eq!(get(address, "/health/ready").await.0, 200);

    let outgoing = tracing::info_span!("outgoing").in_scope(|| grpc::request(()));
    let incoming = grpc::trace_context(outgoing.metadata());
    let span = tracing::info_span!("incoming");
    incoming.adopt(&span);
    let inside = span.in_scope(TraceContext::current);
    let trace_id = |context: &TraceContext| {
        let header = context.traceparent.as_deref().unwrap();
        header.split('-').nth(1).unwrap().to_owned()
    };
    assert_eq!(trace_id(&incoming), trace_id(&inside));
    drop(span);
    drop(guard);
    let spans = exported.recv().await.unwrap();
    for name in ["convene-test", "outgoing", "incoming"] {
        assert!(spans.contains(name), "{name} is not in {spans:?}");
    }

    assert_eq!(tasks.stop(Duration::from_secs(5)).await, 0);
    server.await.unwrap().unwrap();
}
