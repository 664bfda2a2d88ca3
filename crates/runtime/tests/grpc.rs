//! Channels between services: what the loss of a server costs, and pipes instead of sockets.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests may panic")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use convene_proto::error::ErrorCode;
use convene_runtime::{
    Tasks,
    grpc::{self, InvalidEndpoint, Options, Retry},
};
use futures_util::{StreamExt as _, future::join_all};
use tokio::{net::TcpListener, runtime::Runtime, time::timeout};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, transport::Server};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse,
    health_check_response::ServingStatus,
    health_client::HealthClient,
    health_server::{Health, HealthServer},
};

/// A health service that is also the service under test: questions about "work" are counted.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

impl Counting {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

fn serving() -> HealthCheckResponse {
    HealthCheckResponse {
        status: ServingStatus::Serving.into(),
    }
}

fn work() -> HealthCheckRequest {
    HealthCheckRequest {
        service: "work".into(),
    }
}

#[tonic::async_trait]
impl Health for Counting {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        if request.get_ref().service == "work" {
            self.0.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(Response::new(serving()))
    }

    type WatchStream = tokio_stream::Iter<std::vec::IntoIter<Result<HealthCheckResponse, Status>>>;

    async fn watch(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let answers = (0..1000).map(|_| Ok(serving())).collect::<Vec<_>>();
        Ok(Response::new(tokio_stream::iter(answers)))
    }
}

/// A server on a runtime of its own, so that it can be killed with all its connections.
struct Victim {
    runtime: Option<Runtime>,
    address: SocketAddr,
    service: Counting,
}

impl Victim {
    async fn start(address: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let service = Counting::default();
        let (own, address) = (service.clone(), address.to_owned());
        let bound = runtime.spawn(async move {
            let listener = TcpListener::bind(address).await.unwrap();
            let address = listener.local_addr().unwrap();
            let server = Server::builder()
                .add_service(HealthServer::new(own))
                .serve_with_incoming(TcpListenerStream::new(listener));
            (address, server)
        });
        let (address, server) = bound.await.unwrap();
        runtime.spawn(server);
        Self {
            runtime: Some(runtime),
            address,
            service,
        }
    }

    fn kill(&mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn connect(servers: &[&Victim], tasks: &Tasks) -> HealthClient<tonic::transport::Channel> {
    let endpoints = servers
        .iter()
        .map(|server| format!("http://{}", server.address).parse().unwrap())
        .collect::<Vec<_>>();
    HealthClient::new(grpc::connect(&endpoints, Options::default(), tasks).unwrap())
}

/// However slow the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let patience = timeout(PATIENCE, async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    patience.await.expect(what);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_one_of_two_servers_costs_callers_nothing_but_a_retry() {
    let tasks = Tasks::new();
    let (stays, mut dies) = (
        Victim::start("127.0.0.1:0").await,
        Victim::start("127.0.0.1:0").await,
    );
    let client = connect(&[&stays, &dies], &tasks);
    let call = || {
        let mut client = client.clone();
        async move { client.check(work()).await }
    };
    until("both servers take calls", async || {
        grpc::retry(Retry::default(), call).await.unwrap();
        stays.service.count() > 0 && dies.service.count() > 0
    })
    .await;

    let callers = (0..16).map(|_| async {
        for _ in 0..100 {
            let answer = grpc::retry(Retry::default(), call).await;
            assert!(answer.is_ok(), "{answer:?}");
        }
    });
    let before = stays.service.count() + dies.service.count();
    let killer = async {
        until("the callers are under way", async || {
            stays.service.count() + dies.service.count() > before + 200
        })
        .await;
        dies.kill();
    };
    tokio::join!(join_all(callers), killer);

    // The dead one leaves the set: from then on calls do not even need the retry.
    until("bare calls succeed", async || {
        join_all((0..20).map(|_| call()))
            .await
            .iter()
            .all(Result::is_ok)
    })
    .await;

    let back = Victim::start(&dies.address.to_string()).await;
    until("the server that is back takes calls", async || {
        call().await.unwrap();
        back.service.count() > 0
    })
    .await;
    assert_eq!(tasks.stop(Duration::from_secs(1)).await, 0);
    assert!(call().await.is_ok(), "the channel outlives its look-outs");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_to_nobody_fail_soon_and_as_unavailable() {
    let tasks = Tasks::new();
    let mut nobody = Victim::start("127.0.0.1:0").await;
    nobody.kill();
    let mut client = connect(&[&nobody], &tasks);
    let status = timeout(PATIENCE, client.check(work()))
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(ErrorCode::of(&status), ErrorCode::Unavailable, "{status}");

    let back = Victim::start(&nobody.address.to_string()).await;
    let answer = grpc::retry(Retry::default(), || {
        let mut client = client.clone();
        async move { client.check(work()).await }
    });
    assert!(answer.await.is_ok());
    assert_eq!(back.service.count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_leads_to_its_servers() {
    let tasks = Tasks::new();
    let server = Victim::start("127.0.0.1:0").await;
    let uri = format!("http://localhost:{}", server.address.port());
    let channel = grpc::connect(&[uri.parse().unwrap()], Options::default(), &tasks).unwrap();
    assert!(HealthClient::new(channel).check(work()).await.is_ok());
}

#[tokio::test]
async fn what_is_no_endpoint_is_refused_by_name() {
    let tasks = Tasks::new();
    for bad in ["host:1", "/path", "ftp://host:1", "http://host"] {
        let error = grpc::connect(&[bad.parse().unwrap()], Options::default(), &tasks);
        let error = error.map(drop).unwrap_err();
        assert!(error.to_string().contains(bad), "{error}");
    }
    let none = grpc::connect(&[], Options::default(), &tasks).map(drop);
    assert!(matches!(none, Err(InvalidEndpoint::None)));
}

#[tokio::test]
async fn the_channel_in_a_process_carries_calls_and_streams() {
    let (channel, incoming) = grpc::in_process();
    let service = Counting::default();
    let tasks = Tasks::new();
    let stop = tasks.child_token().cancelled_owned();
    tasks.spawn(
        Server::builder()
            .add_service(HealthServer::new(service.clone()))
            .serve_with_incoming_shutdown(incoming, stop),
    );

    let mut client = HealthClient::new(channel);
    assert!(client.check(work()).await.is_ok());
    assert_eq!(service.count(), 1);
    let stream = client.watch(work()).await.unwrap().into_inner();
    let answers = stream.filter(|item| std::future::ready(item.is_ok()));
    assert_eq!(answers.count().await, 1000);

    assert_eq!(tasks.stop(Duration::from_secs(5)).await, 0);
    let status = client.check(work()).await.unwrap_err();
    assert_eq!(ErrorCode::of(&status), ErrorCode::Unavailable, "{status}");
}
