//! `convene dead-letters`: the commands that were given up on, for an operator to judge. Whichever
//! gateway is running is asked, so that it is the same for the single process and for a cluster.

use std::{fmt::Write as _, time::Duration};

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};
use convene_client::{DeadLetter, Error, Options, Rest};
use convene_gateway::auth::{self, Account, Claims};
use convene_proto::id::{Pool, UserId};
use convene_runtime::clock::now_ms;

use crate::{
    config::{Config, Loaded},
    roles::listen::reachable,
    say, token,
};

/// What to do with which.
#[derive(Debug, Args)]
pub(crate) struct DeadLettersArgs {
    /// The pool that they were rung for
    #[arg(long, global = true, default_value_t)]
    pool: Pool,
    /// Print JSON instead of a table
    #[arg(long, global = true)]
    json: bool,
    /// Which Convene to ask [default: the one at gateway.listen]
    #[arg(long, global = true, env = "CONVENE_URL")]
    url: Option<String>,
    /// An administrator's token [default: one signed with the configured secret]
    #[arg(long, global = true, env = "CONVENE_TOKEN", hide_env_values = true)]
    token: Option<String>,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// The oldest first
    List {
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// One of them, whole, with the message that could not be answered
    Show { id: String },
    /// Ring it again, from its first attempt
    Replay { id: String },
    /// Forget it
    Drop { id: String },
}

/// A long queue of them takes RabbitMQ a while.
const ANSWERS_WITHIN: Duration = Duration::from_secs(60);

/// How long a token of our own is good for, in seconds.
const TOKEN_SECONDS: u64 = 120;

pub(crate) async fn run(arguments: DeadLettersArgs, loaded: &Loaded) -> anyhow::Result<()> {
    let config = &loaded.config;
    let url = match &arguments.url {
        Some(url) => url.clone(),
        None => format!("http://{}", reachable(config.gateway.listen)),
    };
    let token = match &arguments.token {
        Some(token) => token.clone(),
        None => own_token(config)?,
    };
    let mut options = Options::new(url.as_str(), token);
    options.request_timeout = ANSWERS_WITHIN;
    let done = act(&arguments, &Rest::new(&options)?).await;
    done.map_err(|error| match error.downcast_ref::<Error>() {
        Some(Error::Unreachable { reason, .. }) => anyhow!(
            "nobody answers at {url} ({reason}): dead letters are asked for at a running Convene; \
             say where with --url"
        ),
        _ => error,
    })
}

/// A token for this command alone.
fn own_token(config: &Config) -> anyhow::Result<String> {
    let secret = token::secret(config).context("no --token is given")?;
    let claims = Claims {
        sub: UserId::new("convene-dead-letters")?,
        exp: now_ms() / 1000 + TOKEN_SECONDS,
        name: None,
        role: Account::Admin,
        iss: config.auth.issuer.clone(),
        aud: config.auth.audience.clone().map(Into::into),
    };
    auth::sign(&secret, &claims).context("the token cannot be signed")
}

async fn act(arguments: &DeadLettersArgs, rest: &Rest) -> anyhow::Result<()> {
    let pool = &arguments.pool;
    match &arguments.action {
        Action::List { limit } => {
            let letters = rest.dead_letters(pool, *limit).await?;
            say(&if arguments.json {
                serde_json::to_string_pretty(&letters)?
            } else {
                table(&letters)
            })
        }
        Action::Show { id } => {
            let letter = rest.dead_letter(pool, id).await?;
            say(&serde_json::to_string_pretty(&letter)?)
        }
        Action::Replay { id } => {
            rest.replay_dead_letter(pool, id).await?;
            say(&format!("{id} is rung again"))
        }
        Action::Drop { id } => {
            rest.drop_dead_letter(pool, id).await?;
            say(&format!("{id} is gone"))
        }
    }
}

fn table(rows: &[DeadLetter]) -> String {
    if rows.is_empty() {
        return "no dead letters".into();
    }
    let now = now_ms();
    let cells = rows.iter().map(|row| {
        let DeadLetter {
            id,
            conversation,
            agent,
            reason,
            ..
        } = row;
        [
            id.clone(),
            ago(now.saturating_sub(row.died_at)),
            conversation.clone(),
            agent.clone(),
            reason.clone(),
        ]
    });
    let head = ["ID", "DIED", "CONVERSATION", "AGENT", "REASON"].map(str::to_owned);
    let lines: Vec<_> = std::iter::once(head).chain(cells).collect();
    let width = |column: usize| {
        lines
            .iter()
            .map(|line| line[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2), width(3)];
    let mut out = String::new();
    for [id, died, conversation, agent, reason] in &lines {
        let [a, b, c, d] = widths;
        let line = format!("{id:a$}  {died:b$}  {conversation:c$}  {agent:d$}  {reason}");
        if writeln!(out, "{}", line.trim_end()).is_err() {
            // A String takes everything.
        }
    }
    out
}

/// A span of time in its largest unit.
fn ago(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0..60 => format!("{seconds}s ago"),
        60..3600 => format!("{}m ago", seconds / 60),
        3600..86_400 => format!("{}h ago", seconds / 3600),
        _ => format!("{}d ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_says_when_and_why() {
        let letter = DeadLetter {
            id: "d1".into(),
            died_at: now_ms() - 61_000,
            conversation: "c1".into(),
            agent: "guide".into(),
            author: "user:ada".into(),
            message: "m1".into(),
            reason: "model_unavailable".into(),
        };
        assert_eq!(
            table(&[letter]),
            "ID  DIED    CONVERSATION  AGENT  REASON\nd1  1m ago  c1            guide  model_unavailable\n"
        );
        assert_eq!(table(&[]), "no dead letters");
    }
}
