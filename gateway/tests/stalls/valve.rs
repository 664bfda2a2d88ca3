//! A pipe between a gateway and its context service, in which the calls about one conversation can
//! be held back.

use std::sync::Arc;

use axum::{Router, body, extract::Request, response::Response};
use convene_runtime::{Tasks, grpc};
use http_body_util::BodyExt as _;
use tokio::{sync::watch, time::timeout};
use tonic::{
    service::Routes,
    transport::{Channel, Server},
};
use tower::ServiceExt as _;

use crate::house::PATIENCE;

/// The conversation whose calls are held back.
pub(crate) const STUCK: &str = "stuck";

/// See the module.
#[derive(Clone)]
pub(crate) struct Valve {
    open: watch::Sender<bool>,
    /// What came as far as this, by method.
    calls: watch::Sender<Vec<String>>,
}

impl Valve {
    /// A channel to `behind`, through this.
    pub(crate) fn install(behind: Channel, tasks: &Tasks) -> (Self, Channel) {
        let valve = Self {
            open: watch::Sender::new(true),
            calls: watch::Sender::default(),
        };
        let (channel, incoming) = grpc::in_process();
        let through = Arc::new((valve.clone(), behind));
        let pass = async move |request: Request| through.0.pass(request, through.1.clone()).await;
        let routes = Routes::from(Router::new().fallback(pass));
        tasks.spawn_until_stop(async move {
            let served = Server::builder().add_routes(routes);
            served.serve_with_incoming(incoming).await.unwrap();
        });
        (valve, channel)
    }

    pub(crate) fn shut(&self) {
        self.open.send_replace(false);
    }

    pub(crate) fn open(&self) {
        self.open.send_replace(true);
    }

    /// How often this method has been called.
    pub(crate) fn count(&self, method: &str) -> usize {
        let calls = self.calls.borrow();
        calls.iter().filter(|call| *call == method).count()
    }

    /// Waits until this method has been called so often.
    pub(crate) async fn called(&self, method: &str, times: usize) {
        let mut calls = self.calls.subscribe();
        let often =
            |calls: &Vec<String>| calls.iter().filter(|call| *call == method).count() >= times;
        let called = timeout(PATIENCE, calls.wait_for(often));
        called.await.expect("it is called in time").unwrap();
    }

    async fn pass(&self, request: Request, behind: Channel) -> Response {
        let (head, body) = request.into_parts();
        let body = body::to_bytes(body, usize::MAX).await.unwrap();
        let method = head.uri.path().rsplit('/').next().unwrap_or_default();
        self.calls
            .send_modify(|calls| calls.push(method.to_owned()));
        if body
            .windows(STUCK.len())
            .any(|some| some == STUCK.as_bytes())
        {
            self.open.subscribe().wait_for(|open| *open).await.unwrap();
        }
        let body = http_body_util::Full::new(body).map_err(|never| match never {});
        let request = Request::from_parts(head, tonic::body::Body::new(body));
        behind.oneshot(request).await.unwrap().map(body::Body::new)
    }
}
