//! `cargo xtask test`: every test, against private servers that end with it.

use std::{fs, process::Stdio};

use xtask::{
    Result,
    process::Scratch,
    rabbitmq::RabbitMq,
    redis::{Redis, RedisCluster},
};

use crate::{
    apt, autobahn,
    cargo::{cargo, output, succeed, target},
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
    // Somebody waits for one test.
    let is_narrow = narrows(arguments);
    if !is_narrow {
        web::check_and_build()?;
    } else {
        web::build_if_stale()?;
    }
    let names = |part: &str| arguments.iter().any(|word| word.contains(part));
    let liars = if !is_narrow || names("lies") {
        Liars::build()?
    } else {
        eprintln!(
            "xtask: the tests that tell lies are skipped: `cargo xtask test lies` makes the build that lies"
        );
        Liars::default()
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
    let is_wanted = !is_narrow || names("autobahn");
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
            .env("CONVENE_TEST_LIAR", liars.product)
            .env("CONVENE_TEST_LYING_SIMULATION", liars.simulation)
            .env("CONVENE_TEST_REQUIRE", "1"),
    )
}

/// Whether these leave tests out: whatever is not known to leave out none may.
fn narrows(arguments: &[String]) -> bool {
    let all_run = [
        "--",
        "--no-fail-fast",
        "--no-capture",
        "--nocapture",
        "--quiet",
        "-q",
        "--verbose",
        "-v",
    ];
    let mut words = arguments.iter();
    words.any(|word| !all_run.contains(&word.as_str()))
}

/// The builds that break invariants on purpose, out of the way of the true ones, which are built after
/// them.
#[derive(Default)]
struct Liars {
    product: String,
    simulation: String,
}

impl Liars {
    fn build() -> Result<Self> {
        let lies = ["--features", "convene/lies"];
        let mut tests = cargo(&["test", "--workspace", "--no-run", "--test", "sim"]);
        tests
            .args(lies)
            .arg("--message-format=json-render-diagnostics");
        let told = output(tests.stderr(Stdio::inherit()))?;
        let simulation = executable(&told, "sim-").ok_or("cargo does not say what it has built")?;
        succeed(cargo(&["build", "--workspace", "--bin", "convene"]).args(lies))?;
        let folder = target().join("lies");
        fs::create_dir_all(&folder)?;
        let liar = folder.join("convene");
        // Another file: cargo writes over its own.
        drop(fs::remove_file(&liar));
        fs::copy(target().join("debug/convene"), &liar)?;
        Ok(Self {
            product: liar.display().to_string(),
            simulation: simulation.to_owned(),
        })
    }
}

/// The executable whose file's name begins like this, by cargo's messages.
fn executable<'a>(told: &'a str, name: &str) -> Option<&'a str> {
    let mut files = told
        .split("\"executable\":\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    files.find(|file| {
        file.rsplit('/')
            .next()
            .is_some_and(|own| own.starts_with(name))
    })
}

#[cfg(test)]
mod tests {
    use super::{executable, narrows};
    use crate::commands::words;

    #[test]
    fn only_what_leaves_tests_out_spares_the_build_that_lies() {
        for all in ["", "--no-fail-fast", "--no-fail-fast -- --nocapture", "-q"] {
            assert!(!narrows(&words(all)), "{all}");
        }
        for some in ["lies", "--test it", "--no-fail-fast flow", "-- --skip it"] {
            assert!(narrows(&words(some)), "{some}");
        }
    }

    #[test]
    fn an_executable_is_found_by_its_name_among_what_cargo_says() {
        let told = r#"{"reason":"compiler-artifact","executable":null}
{"reason":"compiler-artifact","executable":"/t/sim-folder/convene","fresh":true}
{"reason":"compiler-artifact","executable":"/t/debug/deps/sim-0a1b","fresh":false}"#;
        assert_eq!(executable(told, "sim-"), Some("/t/debug/deps/sim-0a1b"));
        assert_eq!(executable(told, "it-"), None);
    }
}
