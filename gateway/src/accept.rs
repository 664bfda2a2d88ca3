//! The accept loop: bounded, patient with nobody's headers, and aware of its connections' end.
//!
//! `axum::serve` bounds neither the number of connections nor the time for a request's headers.

use std::{convert::Infallible, net::IpAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request, routing::get};
use convene_proto::error::CloseCode;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::Semaphore,
};
use tower::ServiceExt as _;

use crate::{
    connection::{Watched, tune},
    error::Refusal,
    gateway::Gateway,
    sse,
};

/// A client that has not sent its headers by then is closed.
const HEADERS_DEADLINE: Duration = Duration::from_secs(10);
/// And so soon where there is no place for it.
const BRIEF_DEADLINE: Duration = Duration::from_secs(1);
/// Connections beyond the limit that are answered at once.
const RESERVE: usize = 64;
/// Bytes of a request's headers, at most, and of an answer that waits for its client.
const BUFFER_BYTES: usize = 64 * 1024;
/// After a failed accept (no file descriptors left), before the next.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Requests under way get this long at shutdown.
const DRAIN_DEADLINE: Duration = Duration::from_secs(5);

/// The other end of the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// What is served where every place is taken: probes, and the advice to go elsewhere.
pub(crate) fn crowded(probes: Router) -> Router {
    probes
        .route(
            "/v1/conversations/{conversation}/events",
            get(sse::crowded).fallback(async || no_place()),
        )
        .fallback(async || no_place())
}

pub(crate) fn no_place() -> Refusal {
    Refusal::unavailable("this gateway has as many connections as it takes: try again")
}

/// Accepts connections until shutdown begins. `crowded` is for those for whom there is no place.
pub(crate) async fn serve(
    gateway: Gateway,
    listener: TcpListener,
    (router, crowded): (Router, Router),
) {
    let tasks = gateway.tasks().clone();
    let places = Arc::new(Semaphore::new(gateway.options().max_connections));
    let reserve = Arc::new(Semaphore::new(RESERVE));
    let patience = Duration::from_secs(gateway.options().slow_reader_seconds);
    loop {
        let Ok(spare) = reserve.clone().acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = tasks.stopping() => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // A balancer's connections are those of many.
        let stranger = if gateway.proxies().trusts(peer.ip().to_canonical()) {
            None
        } else {
            let stranger = gateway.limits().meet(peer.ip());
            if stranger.is_none() {
                // Not even a word: it would hold a place that is meant for others.
                tracing::debug!(%peer, "too many strangers of one address");
                continue;
            }
            stranger
        };
        let (place, manner, router) = match places.clone().try_acquire_owned() {
            Ok(place) => (place, Manner::Welcome, &router),
            Err(_) => (spare, Manner::Brief, &crowded),
        };
        // The system begins to count when its peer takes no more, which is before our writes wait.
        tune(&stream, patience * 2);
        let stream = Watched::new(stream, patience, place, stranger);
        let router = router.clone();
        tasks.spawn(connection(
            gateway.clone(),
            stream,
            peer.ip(),
            (manner, router),
        ));
    }
}

/// How a connection is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Welcome,
    /// One answer, and soon.
    Brief,
}

/// Serves a connection for which there is a place.
pub(crate) async fn welcome<S>(gateway: Gateway, stream: Watched<S>, peer: IpAddr, router: Router)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    connection(gateway, stream, peer, (Manner::Welcome, router)).await;
}

async fn connection<S>(
    gateway: Gateway,
    stream: Watched<S>,
    peer: IpAddr,
    (manner, router): (Manner, Router),
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let pulse = stream.pulse();
    let noted = pulse.clone();
    let io = TokioIo::new(stream);
    let service = service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(noted.clone());
        async move {
            Ok::<_, Infallible>(
                router
                    .oneshot(request)
                    .await
                    .unwrap_or_else(|never| match never {}),
            )
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(match manner {
            Manner::Welcome => HEADERS_DEADLINE,
            Manner::Brief => BRIEF_DEADLINE,
        })
        .keep_alive(manner == Manner::Welcome)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(io, service)
        .with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = gateway.tasks().stopping() => {
            connection.as_mut().graceful_shutdown();
            match tokio::time::timeout(DRAIN_DEADLINE, connection).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = ended {
        if pulse.is_stalled() {
            gateway.metrics().closed(CloseCode::SlowReader);
        } else if pulse.is_cut() {
            gateway.metrics().closed(CloseCode::TokenExpired);
        }
        tracing::debug!(%error, "connection ended");
    }
}
