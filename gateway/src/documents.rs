//! The documents of the wire, made from the types that the wire is made of: OpenAPI for REST and
//! server-sent events, AsyncAPI for the socket.

use std::sync::Arc;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use convene_proto::{
    error::ErrorCode,
    event::{Event, EventBody},
    frame::{ClientFrame, Problem, ServerFrame},
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

#[derive(OpenApi)]
#[openapi(
    info(title = "Convene", description = "Live conversations among people, AI agents and human operators"),
    components(schemas(ClientFrame, ServerFrame, Event, EventBody, Problem, ErrorCode)),
    modifiers(&Bearer),
    security(("bearer" = [])),
    tags(
        (name = "people", description = "Who one is, and whom one can talk to"),
        (name = "conversations", description = "Conversations, and who is in them"),
        (name = "messages", description = "Saying something, and reading back what was said"),
        (name = "stream", description = "What happens, as it happens"),
        (name = "operations", description = "What administrators look after"),
    ),
)]
pub(crate) struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// The OpenAPI document of every REST endpoint and every type of the wire.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    crate::rest::routes().1
}

/// The AsyncAPI document of `GET /v1/ws`.
#[must_use]
pub fn asyncapi() -> Value {
    let components = serde_json::to_value(openapi().components).unwrap_or_default();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Convene's socket",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "One WebSocket carries many conversations, as JSON text frames. A token comes in the Authorization header, in the cookie convene_token, or in the first frame, hello.",
        },
        "channels": {
            "socket": {
                "address": "/v1/ws",
                "messages": {
                    "client": { "$ref": "#/components/messages/client" },
                    "server": { "$ref": "#/components/messages/server" },
                },
                "bindings": { "ws": { "method": "GET" } },
            },
        },
        "operations": {
            "say": {
                "action": "receive",
                "channel": { "$ref": "#/channels/socket" },
                "messages": [{ "$ref": "#/channels/socket/messages/client" }],
                "summary": "What a client may say",
            },
            "hear": {
                "action": "send",
                "channel": { "$ref": "#/channels/socket" },
                "messages": [{ "$ref": "#/channels/socket/messages/server" }],
                "summary": "What the server says",
            },
        },
        "components": {
            "messages": {
                "client": {
                    "contentType": "application/json",
                    "payload": { "$ref": "#/components/schemas/ClientFrame" },
                },
                "server": {
                    "contentType": "application/json",
                    "payload": { "$ref": "#/components/schemas/ServerFrame" },
                },
            },
            "schemas": components.get("schemas").cloned().unwrap_or_default(),
        },
    })
}

/// A document, encoded once.
#[derive(Clone)]
pub(crate) struct Served(Arc<str>);

impl Served {
    pub(crate) fn new(document: &impl Serialize) -> Self {
        Self(serde_json::to_string(document).unwrap_or_default().into())
    }
}

impl IntoResponse for Served {
    fn into_response(self) -> Response {
        (
            [(header::CONTENT_TYPE, "application/json")],
            self.0.to_string(),
        )
            .into_response()
    }
}
