//! `convene`: one binary for the whole product, its services, and the tools around them.

mod bench;
mod chat;
mod cli;
mod cpu;
mod dead_letters;
mod encoder;
mod healthcheck;
mod nlu;
mod operator;
mod project;
mod revoke;
mod roles;
mod say;
mod svg;
mod token;

use std::{io::Write as _, process::ExitCode, time::Duration};

use anyhow::Context as _;
use clap::Parser as _;
use convene_config::{Config, Loaded, Role};
use convene_runtime::telemetry;
use tokio::task::spawn_blocking;

use self::{
    cli::{Cli, Command, ConfigAction},
    say::say,
};

/// A fifth of the services' time went into the system's allocator. Huge pages (`no_thp`) would double what
/// a small process takes.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What still blocks a thread after everything has drained is not waited for longer than this.
const THREADS_END_WITHIN: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let cli = Cli::parse();
    convene_runtime::tls::install();
    match start(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell if standard error is gone, too.
            writeln!(std::io::stderr(), "convene: {error:#}")
                .map_or(ExitCode::FAILURE, |()| ExitCode::FAILURE)
        }
    }
}

fn start(cli: Cli) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start any threads")?;
    let done = runtime.block_on(run(cli));
    runtime.shutdown_timeout(THREADS_END_WITHIN);
    done
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let sources = cli.sources();
    let load = |role| Config::load(&sources, role);
    match cli.command {
        Command::Serve(_) => serve("convene", load(Role::Embedded)?, roles::embedded::run).await,
        Command::Gateway => {
            serve("convene-gateway", load(Role::Gateway)?, roles::gateway::run).await
        }
        Command::AgentWorker => {
            serve(
                "convene-agent-worker",
                load(Role::AgentWorker)?,
                roles::agent_worker::run,
            )
            .await
        }
        Command::ContextService => {
            serve(
                "convene-context-service",
                load(Role::ContextService)?,
                roles::context_service::run,
            )
            .await
        }
        Command::Chat(arguments) => chat::run(arguments).await,
        Command::Bench(arguments) => bench::run(arguments, &load(Role::Tool)?).await,
        Command::Token(arguments) => token::run(arguments, &load(Role::Tool)?),
        Command::Revoke(arguments) => revoke::run(arguments, &load(Role::Tool)?).await,
        Command::DeadLetters(arguments) => dead_letters::run(arguments, &load(Role::Tool)?).await,
        Command::Healthcheck(arguments) => healthcheck::run(arguments, &load(Role::Tool)?).await,
        Command::New(arguments) => project::new(&arguments),
        Command::Check(arguments) => project::check(&arguments),
        // They work for long, and an encoder may have to be waited for.
        Command::Test(arguments) => spawn_blocking(move || project::test(&arguments)).await?,
        Command::Replay(arguments) => project::replay(arguments, &load(Role::Tool)?).await,
        Command::Flows { action } => project::flows(&action),
        Command::Nlu(arguments) => spawn_blocking(|| nlu::run(arguments)).await?,
        Command::Config {
            action: ConfigAction::Print,
        } => say(&convene_config::print(&load(Role::Tool)?)?),
        Command::Config {
            action: ConfigAction::Check { service },
        } => {
            load(service.role())?;
            say("the settings are good")
        }
    }
}

/// Runs a service from its telemetry on to the end of its drain.
async fn serve<F>(
    name: &'static str,
    loaded: Loaded,
    service: impl FnOnce(Config, telemetry::Guard) -> F,
) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>>,
{
    let guard = telemetry::init(name, &loaded.config.telemetry)?;
    service(loaded.config, guard).await
}
