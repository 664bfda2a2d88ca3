//! Settings, as the binary reads them; how each kind of setting is read is tested beside
//! `crates/config`.

use std::fs;

use xtask::process::Scratch;

use crate::harness::{Run, convene};

#[test]
fn the_settings_in_force_are_printed_with_their_sources_and_without_secrets() {
    let scratch = Scratch::new("convene-it").unwrap();
    let secret = "hunter2-hunter2-hunter2-hunter2-";
    fs::write(
        scratch.path().join("mine.toml"),
        format!("[auth]\nsecret = \"{secret}\"\n[gateway]\ntail = 5\nrequest_burst = 7\n"),
    )
    .unwrap();
    let output = convene(scratch.path())
        .args(["config", "print", "--set", "gateway.request_burst=9"])
        .env("CONVENE_CONFIG", "mine.toml")
        .env("CONVENE_GATEWAY__MAX_SUBSCRIPTIONS", "3")
        .env("OPENAI_API_KEY", "hunter2")
        .output()
        .unwrap();
    let printed = Run::from(output).expect_success();
    assert!(!printed.contains("hunter2"), "{printed}");
    for line in [
        "secret = \"(hidden)\"  # from mine.toml",
        "tail = 5  # from mine.toml",
        "max_subscriptions = 3  # from the environment variable CONVENE_GATEWAY__MAX_SUBSCRIPTIONS",
        "request_burst = 9  # from the command line",
        "requests_per_second = 20",
        "[agents.llm]",
    ] {
        assert!(
            printed.lines().any(|printed| printed == line),
            "{line} is not in\n{printed}"
        );
    }
}

#[test]
fn a_check_starts_nothing_and_knows_what_each_service_needs() {
    let scratch = Scratch::new("convene-it").unwrap();
    let check_with = |service: &str, flags: &[&str]| {
        Run::from(
            convene(scratch.path())
                .args(["config", "check", service])
                .args(flags)
                .output()
                .unwrap(),
        )
    };
    let check = |service: &str| check_with(service, &[]);
    for service in ["serve", "agent-worker", "context-service"] {
        assert_eq!(
            check(service).expect_success().trim(),
            "the settings are good"
        );
    }
    let said = check("gateway").expect_complaint();
    assert!(
        said.contains("auth.secret and auth.jwks_url are both missing"),
        "{said}"
    );
    // An issuer signs tokens for other services with the same keys.
    let issuer = ["--set", "auth.jwks_url=https://login.example.org/keys"];
    let said = check_with("gateway", &issuer).expect_complaint();
    assert!(
        said.contains("auth.jwks_url needs auth.audience: "),
        "{said}"
    );
    let meant = [&issuer[..], &["--set", "auth.audience=convene"]].concat();
    check_with("gateway", &meant).expect_success();
    assert!(fs::read_dir(scratch.path()).unwrap().next().is_none());
}

/// Each setting that some service would choke on, with the sentence that says so.
const BROKEN: &[(&str, &str)] = &[
    (
        "telemetry.log=convene=loud",
        "telemetry.log must be a level, ",
    ),
    (
        "telemetry.otlp_endpoint=collector",
        "telemetry.otlp_endpoint must be like http://host:4317, ",
    ),
    (
        "telemetry.trace_share=2",
        "telemetry.trace_share must be from 0 to 1, and is 2",
    ),
    ("gateway.tail=0", "gateway.tail must be from 1 to 1000"),
    (
        "agent_worker.concurrency=0",
        "agent_worker.concurrency must be from 1 to ",
    ),
    (
        "context_service.work_in_flight=0",
        "context_service.work_in_flight must be from 1 to ",
    ),
    (
        "context_service.endpoints=ftp://a:1",
        "context_service.endpoints must be like http://host:7700, ",
    ),
    ("store.url=mysql://a", "store.url must be like redis://"),
    (
        "store.ca_file=/nowhere/ca.pem",
        "store.ca_file /nowhere/ca.pem cannot be read: No such file",
    ),
    (
        "store.namespace={a}",
        "store.namespace must not contain { or }",
    ),
    (
        "store.retention.max_events=0",
        "store.retention.max_events must be 1 or more",
    ),
    (
        "store.response_timeout_ms=0",
        "store.response_timeout_ms must be 1 or more",
    ),
    ("broker.url=rabbit", "broker.url must be like amqp://"),
    (
        "broker.ca_file=convene.toml",
        "broker.ca_file convene.toml holds no certificate in PEM form",
    ),
];

#[test]
fn a_check_refuses_all_that_a_start_refuses_in_the_same_words_and_at_once() {
    let scratch = Scratch::new("convene-it").unwrap();
    fs::write(scratch.path().join("convene.toml"), "").unwrap();
    fs::create_dir(scratch.path().join("data")).unwrap();
    fs::write(scratch.path().join("data/auth.secret"), "short").unwrap();
    let complaint = |command: &[&str]| {
        let mut convene = convene(scratch.path());
        convene.args(command);
        for (setting, _) in BROKEN {
            convene.args(["--set", setting]);
        }
        Run::from(convene.output().unwrap()).expect_complaint()
    };
    for service in ["serve", "gateway", "agent-worker", "context-service"] {
        let checked = complaint(&["config", "check", service]);
        for (_, sentence) in BROKEN {
            assert!(
                checked.contains(&format!("\n  - {sentence}")),
                "{sentence} is not in\n{checked}"
            );
        }
        assert_eq!(complaint(&[service]), checked);
    }
    let short = "auth.secret, which is kept in data/auth.secret, is shorter than 32 bytes: ";
    assert!(complaint(&["serve"]).contains(short));
}

#[test]
fn a_token_without_a_secret_is_refused_with_a_remedy() {
    let scratch = Scratch::new("convene-it").unwrap();
    let output = convene(scratch.path())
        .args(["token", "--user", "ada"])
        .output()
        .unwrap();
    let said = Run::from(output).expect_complaint();
    assert!(
        said.starts_with("convene: auth.secret is not set, so no token can be signed: "),
        "{said}"
    );
}

#[test]
fn the_default_file_is_good_as_it_stands() {
    let scratch = Scratch::new("convene-it").unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/convene.default.toml");
    let output = convene(scratch.path())
        .args(["config", "check", "--config", file])
        .output();
    Run::from(output.unwrap()).expect_success();
}
