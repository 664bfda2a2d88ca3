//! An agent with a side effect, in a worker of its own: this very binary, run as one test of it.

use std::{env, fs::OpenOptions, io::Write as _, path::Path, process::Command, time::Duration};

use convene_agent::{Agent, Error, Run, async_trait};
use convene_agent_worker::Host;
use convene_client::proto::id::MessageId;
use convene_invariants::{Effect, Question};
use xtask::process::Process;

/// Its name, and that of its pool.
pub(crate) const NAME: &str = "teller";

const EFFECTS: &str = "CHAOS_EFFECTS";

/// Long enough to be struck in the middle.
const THINKING: Duration = Duration::from_millis(250);

struct Teller;

#[async_trait]
impl Agent for Teller {
    async fn run(&self, run: &mut Run) -> Result<(), Error> {
        run.write("I ").await?;
        tokio::time::sleep(THINKING).await;
        let told: Vec<_> = run.context().inputs.iter().map(|input| &input.id).collect();
        for message in told {
            perform(run.id().as_str(), message.as_str());
        }
        tokio::time::sleep(THINKING).await;
        let text = run.input_text();
        run.write(format!("did {text}")).await
    }
}

/// The effect: a line in a file, which whoever reads it counts once for each key.
fn perform(key: &str, message: &str) {
    let file = env::var_os(EFFECTS).unwrap();
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .unwrap();
    let at = convene_runtime::clock::now_ms();
    file.write_all(format!("{key} {message} {at}\n").as_bytes())
        .unwrap();
}

/// What it answers to these.
pub(crate) fn answer(questions: &[Question], _: u32) -> String {
    let texts: Vec<_> = questions.iter().map(|one| one.text.as_str()).collect();
    format!("I did {}", texts.join("\n"))
}

/// Starts it; `environment` leads it to the services.
pub(crate) fn start(environment: &[(String, String)], effects: &Path, log: &Path) -> Process {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", "teller::at_work", "--ignored", "--nocapture"])
        .envs(environment.iter().cloned())
        .env(EFFECTS, effects);
    Process::start(NAME, command, log, Duration::ZERO).unwrap()
}

/// What was done so far.
pub(crate) fn effects(file: &Path) -> Vec<Effect> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let done = text.lines().map(|line| {
        let words: Vec<_> = line.split(' ').collect();
        let [key, message, at] = words[..] else {
            panic!("{line:?} is no effect");
        };
        Effect {
            key: key.to_owned(),
            message: message.parse::<MessageId>().unwrap(),
            at: at.parse().unwrap(),
        }
    });
    done.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the worker that the chaos test starts, and kills"]
async fn at_work() {
    if env::var_os(EFFECTS).is_none() {
        return;
    }
    let host = Host::from_env().unwrap().agent(NAME, Teller).unwrap();
    let host = host
        .telemetry(|telemetry| "info,convene=debug".clone_into(&mut telemetry.log))
        .options(|options| {
            options.lease_ttl_ms = super::cluster::LEASE_MS;
            options.retry_base_ms = 200;
            options.retry_max_ms = 1000;
            options.max_attempts = 100;
            options.drain_deadline_ms = 1000;
        })
        .broker(|broker| {
            broker.heartbeat_s = 2;
            broker.connect_timeout_ms = 1000;
            broker.ring_timeout_ms = 2000;
            broker.retry_tiers_ms = super::cluster::RETRY_TIERS_MS.to_vec();
        });
    host.run().await.unwrap();
}
