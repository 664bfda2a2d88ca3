//! What operators ask of every process over HTTP: `/health/live`, `/health/ready`, `/metrics`.

use std::io;

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::net::TcpListener;

use crate::{
    Tasks,
    health::{Health, Report},
    metrics::Metrics,
};

/// The routes, to be merged into a service's own or served by [`serve_admin`].
///
/// `/health/live` says no more than that it is answered: a process whose threads all hang does not.
pub fn router(health: Health, metrics: Metrics) -> Router {
    let of_health = Router::new()
        .route(
            "/health/live",
            get(async || ([(header::CACHE_CONTROL, "no-store")], "alive\n")),
        )
        .route(
            "/health/ready",
            get(async |State(health): State<Health>| report(health.ready())),
        )
        .with_state(health);
    let of_metrics = Router::new()
        .route("/metrics", get(render))
        .with_state(metrics);
    of_health.merge(of_metrics)
}

/// Serves routes until shutdown, for services that have no public port of their own.
///
/// # Errors
/// Where the listener fails.
pub async fn serve_admin(listener: TcpListener, router: Router, tasks: &Tasks) -> io::Result<()> {
    let stop = tasks.child_token().cancelled_owned();
    axum::serve(listener, router)
        .with_graceful_shutdown(stop)
        .await
}

fn report(report: Report) -> Response {
    let status = if report.is_green() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(report)).into_response()
}

async fn render(State(metrics): State<Metrics>) -> Response {
    match metrics.render() {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics cannot be shown");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
