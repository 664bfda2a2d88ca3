//! `convene dead-letters`: the commands that were given up on, for an operator to judge.

use std::{
    fmt::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use convene_bus::{Bus, DeadLetter};
use convene_proto::id::Pool;
use serde::Serialize;
use tokio::time::sleep;

use crate::{config::Loaded, roles::backends, say};

/// What to do with which.
#[derive(Debug, Args)]
pub(crate) struct DeadLettersArgs {
    /// The pool that they were rung for
    #[arg(long, global = true, default_value_t)]
    pool: Pool,
    /// Print JSON instead of a table
    #[arg(long, global = true)]
    json: bool,
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
    /// One of them, whole
    Show { id: String },
    /// Ring it again, from its first attempt
    Replay { id: String },
    /// Forget it
    Drop { id: String },
}

const CONNECTS_WITHIN: Duration = Duration::from_secs(10);
const LOOKS_EVERY: Duration = Duration::from_millis(50);

/// No more of them are looked through for one id.
const SEARCHED: usize = 10_000;

pub(crate) async fn run(arguments: DeadLettersArgs, loaded: &Loaded) -> anyhow::Result<()> {
    let tasks = convene_runtime::Tasks::new();
    let bus = backends::rabbitmq(&loaded.config, &tasks)?;
    let done = match connected(bus.as_ref()).await {
        Ok(()) => act(&arguments, &bus).await,
        Err(error) => Err(error).context("the broker at broker.url does not answer"),
    };
    bus.close().await;
    tasks.stop(backends::CLOSES_WITHIN).await;
    done
}

/// Waits for the connection, which the bus makes in the background.
async fn connected(bus: &dyn Bus) -> Result<(), convene_bus::Error> {
    let begun = Instant::now();
    loop {
        match bus.ping().await {
            Err(_) if begun.elapsed() < CONNECTS_WITHIN => sleep(LOOKS_EVERY).await,
            answer => return answer,
        }
    }
}

async fn act(arguments: &DeadLettersArgs, bus: &Arc<dyn Bus>) -> anyhow::Result<()> {
    let pool = &arguments.pool;
    match &arguments.action {
        Action::List { limit } => {
            let letters = bus
                .dead_letters(pool, *limit)
                .await
                .context("cannot list")?;
            let rows: Vec<_> = letters.iter().map(Row::of).collect();
            say(&if arguments.json {
                serde_json::to_string_pretty(&rows)?
            } else {
                table(&rows)
            })
        }
        Action::Show { id } => {
            let letters = bus
                .dead_letters(pool, SEARCHED)
                .await
                .context("cannot list")?;
            let letter = letters.iter().find(|letter| letter.id == *id);
            let letter = letter.with_context(|| unknown(id, pool))?;
            say(&serde_json::to_string_pretty(&Whole::of(letter))?)
        }
        Action::Replay { id } => {
            if !bus.replay(pool, id).await.context("cannot replay")? {
                bail!(unknown(id, pool));
            }
            say(&format!("{id} is rung again"))
        }
        Action::Drop { id } => {
            if !bus
                .drop_dead_letter(pool, id)
                .await
                .context("cannot drop")?
            {
                bail!(unknown(id, pool));
            }
            say(&format!("{id} is gone"))
        }
    }
}

fn unknown(id: &str, pool: &Pool) -> String {
    format!(
        "no dead letter {id} in the pool {pool}; `convene dead-letters list` shows those there are"
    )
}

/// What a list shows: nothing that anybody has said.
#[derive(Debug, Serialize)]
struct Row {
    id: String,
    /// Milliseconds since 1970 (UTC).
    died_at: u64,
    conversation: String,
    agent: String,
    author: String,
    message: String,
    reason: String,
}

impl Row {
    fn of(letter: &DeadLetter) -> Self {
        let command = letter.doorbell.command.clone().unwrap_or_default();
        Self {
            id: letter.id.clone(),
            died_at: letter.died_at,
            conversation: letter.doorbell.conversation.clone(),
            agent: command.agent,
            author: command.author,
            message: command.message,
            reason: letter.reason.clone(),
        }
    }
}

#[derive(Debug, Serialize)]
struct Whole {
    #[serde(flatten)]
    row: Row,
    seq: u64,
    policy: String,
    /// The event of the message.
    event: serde_json::Value,
}

impl Whole {
    fn of(letter: &DeadLetter) -> Self {
        let command = letter.doorbell.command.clone().unwrap_or_default();
        Self {
            row: Row::of(letter),
            seq: command.seq,
            event: serde_json::from_slice(&command.body).unwrap_or_default(),
            policy: command.policy,
        }
    }
}

fn table(rows: &[Row]) -> String {
    if rows.is_empty() {
        return "no dead letters".into();
    }
    let now = convene_runtime::clock::now_ms();
    let cells = rows.iter().map(|row| {
        let Row {
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
    use convene_proto::bus::{Command, Doorbell};

    use super::*;

    fn letter() -> DeadLetter {
        let body = br#"{"type":"message.created","message":{"text":"a secret"}}"#;
        let command = Command {
            agent: "guide".into(),
            body: body.to_vec().into(),
            ..Command::default()
        };
        DeadLetter {
            id: "d1".into(),
            doorbell: Doorbell {
                conversation: "c1".into(),
                pool: "default".into(),
                command: Some(command),
            },
            reason: "model_unavailable".into(),
            died_at: convene_runtime::clock::now_ms() - 61_000,
        }
    }

    #[test]
    fn a_list_shows_why_and_never_what_was_said() {
        let shown = table(&[Row::of(&letter())]);
        assert_eq!(
            shown,
            "ID  DIED    CONVERSATION  AGENT  REASON\nd1  1m ago  c1            guide  model_unavailable\n"
        );
        let whole = serde_json::to_string(&Whole::of(&letter())).unwrap();
        assert!(whole.contains("a secret"), "{whole}");
    }
}
