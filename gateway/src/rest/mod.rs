//! REST: everything that a socket can say, and what needs no socket.

mod agents;
mod body;
mod conversations;
mod dead_letters;
mod events;
mod invitations;
mod messages;
mod participants;
mod people;
mod revocations;
mod said;

pub(crate) use self::body::{Path, Query};

use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use utoipa::OpenApi as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{documents::Document, error::Refusal, gateway::Gateway, sse};

/// The routes, and the document that describes them.
pub(crate) fn routes() -> (Router<Gateway>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(people::guest))
        .routes(routes!(people::renew))
        .routes(routes!(people::me))
        .routes(routes!(agents::agents))
        .routes(routes!(conversations::list, conversations::create))
        .routes(routes!(conversations::show, conversations::rename))
        .routes(routes!(participants::add_participant))
        .routes(routes!(participants::remove_participant))
        .routes(routes!(invitations::invite))
        .routes(routes!(invitations::invitation))
        .routes(routes!(invitations::join))
        .routes(routes!(messages::send, messages::list))
        .routes(routes!(messages::act))
        .routes(routes!(messages::history))
        .routes(routes!(messages::cancel))
        .routes(routes!(messages::typing))
        .routes(routes!(messages::read))
        .routes(routes!(sse::events, events::tell))
        .routes(routes!(dead_letters::list))
        .routes(routes!(dead_letters::show, dead_letters::forget))
        .routes(routes!(dead_letters::replay))
        .routes(routes!(revocations::revoke))
        .split_for_parts()
}

/// A path that there is, asked in a way that there is not.
pub(crate) async fn wrong_method() -> Response {
    let Refusal(problem) =
        Refusal::bad_request("no such method here: GET /v1/openapi.json lists them");
    (StatusCode::METHOD_NOT_ALLOWED, Json(problem)).into_response()
}
