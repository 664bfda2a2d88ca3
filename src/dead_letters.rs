//! `convene dead-letters`: the commands that were given up on, for an operator to judge. Whichever
//! gateway is running is asked, so that it is the same for the single process and for a cluster.

use std::{fmt::Write as _, time::Duration};

use clap::{Args, Subcommand};
use convene_client::{DeadLetter, Rest};
use convene_config::Loaded;
use convene_proto::id::Pool;
use convene_runtime::clock::now_ms;

use crate::{operator::Reach, say};

/// What to do with which.
#[derive(Debug, Args)]
pub(crate) struct DeadLettersArgs {
    /// The pool that they were rung for
    #[arg(long, global = true, default_value_t)]
    pool: Pool,
    /// Print JSON instead of a table
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    reach: Reach,
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

pub(crate) async fn run(arguments: DeadLettersArgs, loaded: &Loaded) -> anyhow::Result<()> {
    let rest = arguments.reach.rest(loaded, ANSWERS_WITHIN)?;
    let done = act(&arguments, &rest).await;
    done.map_err(|error| arguments.reach.explain(loaded, error))
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
