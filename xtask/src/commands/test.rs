//! `cargo xtask test`: every test, against private servers that end with it.

use std::fs;

use xtask::{
    Result,
    process::Scratch,
    rabbitmq::RabbitMq,
    redis::{Redis, RedisCluster},
};

use crate::{
    apt, autobahn,
    cargo::{cargo, succeed, target},
    web,
};

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    apt::ensure(&[
        apt::RABBITMQ,
        apt::REDIS,
        apt::REDIS_TOOLS,
        apt::CHROMIUM,
        apt::HAPROXY,
    ])?;
    // A filter means that somebody waits for one test.
    if arguments.is_empty() {
        web::check_and_build()?;
    } else {
        web::build_if_stale()?;
    }
    let liar = if arguments.is_empty() || arguments.iter().any(|word| word.contains("lies")) {
        build_liar()?
    } else {
        String::new()
    };
    succeed(&mut cargo(&["test", "--workspace", "--no-run"]))?;

    let scratch = Scratch::new("convene-test")?;
    let logs = target().join("test-logs");
    drop(fs::remove_dir_all(&logs));
    fs::create_dir_all(&logs)?;
    eprintln!(
        "xtask: starting RabbitMQ and Redis in {}",
        scratch.path().display()
    );
    let rabbitmq = RabbitMq::start(&scratch.path().join("rabbitmq"))?;
    let redis = Redis::start(&scratch.path().join("redis"))?;
    let cluster = RedisCluster::start(&scratch.path().join("redis-cluster"))?;
    // Whoever waits for one test waits for no Python, but for this one's.
    let is_wanted = arguments.is_empty() || arguments.iter().any(|one| one.contains("autobahn"));
    let autobahn = is_wanted.then(autobahn::install).flatten();
    let (python, packages) = autobahn
        .map(|autobahn| (autobahn.python, autobahn.packages))
        .unwrap_or_default();
    let chromium = apt::on_path("chromium").unwrap_or_default();
    succeed(
        cargo(&["test", "--workspace"])
            .args(arguments)
            .env("CONVENE_TEST_AMQP", rabbitmq.url())
            .env("CONVENE_TEST_REDIS", redis.url())
            .env("CONVENE_TEST_REDIS_CLUSTER", cluster.url())
            .env("CONVENE_TEST_CHROMIUM", chromium)
            .env("CONVENE_TEST_AUTOBAHN_PYTHON", python)
            .env("CONVENE_TEST_AUTOBAHN", packages)
            .env("CONVENE_TEST_LOGS", logs)
            .env("CONVENE_TEST_LIAR", liar)
            .env("CONVENE_TEST_REQUIRE", "1"),
    )
}

/// The build that breaks invariants on purpose, out of the way of the true one, which is built
/// after it.
fn build_liar() -> Result<String> {
    succeed(
        cargo(&["build", "--workspace", "--bin", "convene"]).args(["--features", "convene/lies"]),
    )?;
    let folder = target().join("lies");
    fs::create_dir_all(&folder)?;
    let liar = folder.join("convene");
    // Another file: cargo writes over its own.
    drop(fs::remove_file(&liar));
    fs::copy(target().join("debug/convene"), &liar)?;
    Ok(liar.display().to_string())
}
