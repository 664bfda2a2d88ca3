//! The gateway: the door through which clients join, over WebSocket, server-sent events and REST.
//!
//! It is stateless but for its sockets. A message's way in is `socket` (or `rest`) →
//! `inbound` → context service and bus; an answer's way out is bus → `hub` → a reader's
//! cursor → `socket` (or `sse`).

mod accept;
mod alarms;
pub mod auth;
mod client_address;
mod connection;
mod context;
mod documents;
mod door;
mod error;
mod gateway;
mod host;
mod hub;
mod inbound;
mod limits;
mod metrics;
mod notes;
mod options;
mod origin;
mod page;
mod rest;
mod socket;
mod sse;
mod words;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderValue, header},
    middleware,
    response::{IntoResponse as _, Response},
    routing::get,
};
use convene_proto::error::ErrorCode;
use convene_runtime::{health::Health, metrics::Metrics};
use tokio::net::TcpListener;
use tower_http::{
    catch_panic::CatchPanicLayer,
    set_header::SetResponseHeaderLayer,
    trace::{DefaultMakeSpan, TraceLayer},
};

#[doc(hidden)]
pub use self::socket::{tuned, violation};
pub use self::{
    documents::{asyncapi, openapi},
    door::Door,
    gateway::{DefaultAgent, Gateway},
    notes::NotesFor,
    options::Options,
};

impl Gateway {
    /// Serves clients until shutdown begins; what is under way then drains on its own.
    pub async fn serve(self, listener: TcpListener, health: Health, metrics: Metrics) {
        let probes = convene_runtime::http::router(health, metrics);
        let router = self.router(probes.clone());
        accept::serve(self, listener, (router, accept::crowded(probes))).await;
    }

    fn router(&self, probes: Router) -> Router {
        let always = |name, value| {
            SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
        };
        let (rest, document) = rest::routes();
        let openapi = documents::Served::new(&document);
        let asyncapi = documents::Served::new(&documents::asyncapi());
        rest.route("/v1/ws", get(socket::upgrade))
            .route("/v1/openapi.json", get(async move || openapi.clone()))
            .route("/v1/asyncapi.json", get(async move || asyncapi.clone()))
            .method_not_allowed_fallback(rest::wrong_method)
            .layer(origin::cors(self.options()))
            .fallback(page::page)
            .layer(always(header::CACHE_CONTROL, "no-store"))
            .layer(DefaultBodyLimit::max(self.options().max_frame_bytes))
            .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .layer(middleware::from_fn_with_state(self.clone(), host::check))
            .layer(middleware::map_response_with_state(
                self.clone(),
                count_refusal,
            ))
            .with_state(self.clone())
            .layer(
                TraceLayer::new_for_http()
                    .make_span_with(DefaultMakeSpan::new().level(tracing::Level::INFO)),
            )
            // Probes are not worth a span each.
            .merge(probes)
            // The panic itself is logged by its hook.
            .layer(CatchPanicLayer::custom(|_| {
                error::Refusal::broken().into_response()
            }))
    }
}

/// A request that was refused, as the refusals of a socket's frames are counted where they are made.
async fn count_refusal(State(gateway): State<Gateway>, response: Response) -> Response {
    if let Some(code) = response.extensions().get::<ErrorCode>() {
        gateway.metrics().refused(*code);
    }
    response
}
