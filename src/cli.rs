//! What can be said on the command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use convene_config::{Role, Sources};

use crate::{
    bench::BenchArgs,
    chat::ChatArgs,
    dead_letters::DeadLettersArgs,
    healthcheck::HealthcheckArgs,
    nlu::NluArgs,
    project::{CheckArgs, FlowsAction, NewArgs, ReplayArgs, TestArgs},
    revoke::RevokeArgs,
    token::TokenArgs,
};

/// Live conversations among people, AI agents and human operators
#[derive(Debug, Parser)]
#[command(name = "convene", version, propagate_version = true)]
pub(crate) struct Cli {
    /// The settings file [default: convene.toml, if it is there]
    #[arg(long, global = true, env = "CONVENE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// A setting, over the file and the environment: --set gateway.tail=50
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Everything in one process, with its data in a folder
    Serve(ServeArgs),
    /// The service that clients connect to
    Gateway,
    /// The service that hosts agents
    AgentWorker,
    /// The service that owns the log
    ContextService,
    /// Talk from the terminal
    Chat(ChatArgs),
    /// Make load like that of people, and report what they would have seen
    Bench(BenchArgs),
    /// Make a project's folder for an assistant
    New(NewArgs),
    /// Find all that is wrong with a project
    Check(CheckArgs),
    /// Run a project's conversations like tests
    Test(TestArgs),
    /// Run a stored conversation against a project's present files, and show where they part
    Replay(ReplayArgs),
    /// Look at a project's flows
    Flows {
        #[command(subcommand)]
        action: FlowsAction,
    },
    /// Sign a token for somebody
    Token(TokenArgs),
    /// Take tokens back before they expire
    Revoke(RevokeArgs),
    /// List, show, replay or drop the commands that were given up on
    DeadLetters(DeadLettersArgs),
    /// Measure how well training data is understood
    Nlu(NluArgs),
    /// Print or check the settings
    Config {
        #[command(subcommand)]
        action: ConfigAction,
    },
    /// Ask a service whether it is ready: exits with 0 if it is
    Healthcheck(HealthcheckArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Where to listen, over gateway.listen
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The folder of the data, over data.folder
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigAction {
    /// The settings in force, each with its source; secrets are hidden
    Print,
    /// Check the settings of a service, and start nothing
    Check {
        #[arg(value_enum, default_value = "serve")]
        service: ServiceName,
    },
}

/// A way to run this binary as a service.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ServiceName {
    Serve,
    Gateway,
    AgentWorker,
    ContextService,
}

impl ServiceName {
    pub(crate) const fn role(self) -> Role {
        match self {
            Self::Serve => Role::Embedded,
            Self::Gateway => Role::Gateway,
            Self::AgentWorker => Role::AgentWorker,
            Self::ContextService => Role::ContextService,
        }
    }
}

impl Cli {
    /// Where this process's settings come from.
    pub(crate) fn sources(&self) -> Sources {
        let mut flags = Vec::new();
        if let Command::Serve(serve) = &self.command {
            let listen = serve
                .listen
                .map(|address| ("gateway.listen".to_owned(), address.to_string()));
            let data = serve
                .data
                .as_ref()
                .map(|folder| ("data.folder".to_owned(), folder.display().to_string()));
            flags.extend(listen.into_iter().chain(data));
        }
        flags.extend(self.set.iter().cloned());
        Sources::of_process(self.config.clone(), flags)
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("must be KEY=VALUE")?;
    if !key.contains('.') {
        return Err("the key must be SECTION.KEY, such as gateway.tail".into());
    }
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_become_settings_with_set_last() {
        let cli = Cli::parse_from([
            "convene",
            "serve",
            "--listen",
            "127.0.0.1:1",
            "--set",
            "gateway.tail = 5",
        ]);
        let flags = cli.sources().flags;
        assert_eq!(flags[0], ("gateway.listen".into(), "127.0.0.1:1".into()));
        assert_eq!(flags[1], ("gateway.tail".into(), "5".into()));
    }
}
