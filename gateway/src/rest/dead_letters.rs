//! Commands that were given up on, for administrators to judge.

use axum::{Json, extract::State, http::StatusCode};
use convene_bus::DeadLetter;
use convene_proto::{error::ErrorCode, event::EventBody, id::Pool};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::{Path, Query};
use crate::{
    auth::Administrator,
    error::{Refusal, Result},
    gateway::Gateway,
};

const PAGE: usize = 100;

/// No more of them are listed: each may be as long as a message.
const LISTED: usize = 1000;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Shelf {
    /// The pool that they were rung for; `default` if absent.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pool: Pool,
    /// 1 to 1000; 100 if absent.
    limit: Option<usize>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct OfPool {
    /// The pool that it was rung for; `default` if absent.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pool: Pool,
}

/// Why and when which command was given up on; nothing that anybody has said.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeadLetter)]
pub(super) struct Row {
    id: String,
    /// Milliseconds since 1970 (UTC).
    died_at: u64,
    conversation: String,
    agent: String,
    author: String,
    message: String,
    reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeadLetters {
    dead_letters: Vec<Row>,
}

/// One of them, whole.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WholeDeadLetter)]
pub(super) struct Whole {
    #[serde(flatten)]
    row: Row,
    seq: u64,
    policy: String,
    /// The event of the message that could not be answered; absent: it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<EventBody>,
}

/// The commands of a pool that no attempt could answer, oldest first. For administrators.
#[utoipa::path(get, path = "/v1/dead-letters", tag = "operations", params(Shelf),
    operation_id = "list_dead_letters",
    responses((status = 200, body = DeadLetters), Refusal))]
pub(super) async fn list(
    State(gateway): State<Gateway>,
    _: Administrator,
    Query(shelf): Query<Shelf>,
) -> Result<Json<DeadLetters>> {
    let limit = shelf.limit.unwrap_or(PAGE).clamp(1, LISTED);
    let letters = gateway.bus().dead_letters(&shelf.pool, limit).await;
    let letters = letters.map_err(broker_failed)?;
    Ok(Json(DeadLetters {
        dead_letters: letters.iter().map(Row::of).collect(),
    }))
}

/// One of them, with the message that could not be answered. For administrators.
#[utoipa::path(get, path = "/v1/dead-letters/{id}", tag = "operations", params(("id" = String, Path), OfPool),
    operation_id = "show_dead_letter",
    responses((status = 200, body = Whole), Refusal))]
pub(super) async fn show(
    State(gateway): State<Gateway>,
    _: Administrator,
    Path(id): Path<String>,
    Query(of): Query<OfPool>,
) -> Result<Json<Whole>> {
    let letter = gateway.bus().dead_letter(&of.pool, &id).await;
    let letter = letter.map_err(broker_failed)?;
    let letter = letter.ok_or_else(|| unknown(&id, &of.pool))?;
    Ok(Json(Whole::of(&letter)))
}

/// Rings one of them again, from its first attempt. For administrators.
#[utoipa::path(post, path = "/v1/dead-letters/{id}/replay", tag = "operations", params(("id" = String, Path), OfPool),
    operation_id = "replay_dead_letter",
    responses((status = 204), Refusal))]
pub(super) async fn replay(
    State(gateway): State<Gateway>,
    _: Administrator,
    Path(id): Path<String>,
    Query(of): Query<OfPool>,
) -> Result<StatusCode> {
    let found = gateway.bus().replay(&of.pool, &id).await;
    done(found.map_err(broker_failed)?, &id, &of.pool)
}

/// Forgets one of them. For administrators.
#[utoipa::path(delete, path = "/v1/dead-letters/{id}", tag = "operations", params(("id" = String, Path), OfPool),
    operation_id = "drop_dead_letter",
    responses((status = 204), Refusal))]
pub(super) async fn forget(
    State(gateway): State<Gateway>,
    _: Administrator,
    Path(id): Path<String>,
    Query(of): Query<OfPool>,
) -> Result<StatusCode> {
    let found = gateway.bus().drop_dead_letter(&of.pool, &id).await;
    done(found.map_err(broker_failed)?, &id, &of.pool)
}

fn done(found: bool, id: &str, pool: &Pool) -> Result<StatusCode> {
    if found {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(unknown(id, pool))
    }
}

fn unknown(id: &str, pool: &Pool) -> Refusal {
    let what = format!("no dead letter {id} in the pool {pool}");
    Refusal::new(ErrorCode::NotFound, what)
}

fn broker_failed(error: convene_bus::Error) -> Refusal {
    tracing::warn!(%error, "the dead letters cannot be reached");
    Refusal::unavailable("the message queue is away for a moment; try again")
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

impl Whole {
    fn of(letter: &DeadLetter) -> Self {
        let command = letter.doorbell.command.clone().unwrap_or_default();
        Self {
            row: Row::of(letter),
            seq: command.seq,
            event: serde_json::from_slice(&command.body).ok(),
            policy: command.policy,
        }
    }
}

#[cfg(test)]
mod tests {
    use convene_proto::bus::{Command, Doorbell};

    use super::*;

    #[test]
    fn a_row_says_why_and_never_what_was_said() {
        let command = Command {
            agent: "guide".into(),
            body: br#"{"type":"message.created","message":{"id":"m1","author":"user:ada","parts":[{"type":"text","text":"a secret"}]}}"#
                .to_vec()
                .into(),
            ..Command::default()
        };
        let letter = DeadLetter {
            id: "d1".into(),
            doorbell: Doorbell {
                conversation: "c1".into(),
                pool: "default".into(),
                command: Some(command),
            },
            reason: "model_unavailable".into(),
            died_at: 1,
        };
        let row = serde_json::to_string(&Row::of(&letter)).unwrap();
        assert!(
            row.contains("model_unavailable") && !row.contains("a secret"),
            "{row}"
        );
        let whole = serde_json::to_string(&Whole::of(&letter)).unwrap();
        assert!(whole.contains("a secret"), "{whole}");
    }
}
