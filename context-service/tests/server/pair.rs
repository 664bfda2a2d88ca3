//! Two servers over one store, behind one channel: what the end of one costs its callers.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use convene_context_service::{
    Options, Service,
    store::embedded::{self, EmbeddedStore},
};
use convene_proto::context::{ReadEventsRequest, context_service_client::ContextServiceClient};
use convene_runtime::{
    Tasks,
    grpc::{self, Retry},
    health::Health,
};
use futures_util::future::join_all;
use tokio::runtime::Runtime;
use tonic::transport::Channel;

use crate::{
    life::{create, submit},
    until,
};

/// A server on a runtime of its own, so that it can be killed with all its connections.
struct Server {
    runtime: Runtime,
    tasks: Tasks,
    address: SocketAddr,
}

impl Server {
    async fn start(store: Arc<EmbeddedStore>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let tasks = Tasks::new();
        let own = tasks.clone();
        let started = runtime.spawn(async move {
            let options = Options {
                listen: SocketAddr::from(([127, 0, 0, 1], 0)),
                ..Options::default()
            };
            let service = Service::new(options, store, &Health::new(), &own);
            let incoming = service.listen().unwrap();
            let address = incoming.local_addr().unwrap();
            own.spawn(service.run(incoming));
            address
        });
        let address = started.await.unwrap();
        Self {
            runtime,
            tasks,
            address,
        }
    }
}

/// Two servers, and eight callers who submit messages before, during and after the end of one.
async fn messages_while_a_server_ends(
    limits: Retry,
    end: impl AsyncFnOnce(Server) -> Option<Server>,
) {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path(), embedded::Options::default()).unwrap();
    let store = Arc::new(store);
    let (ends, stays) = (
        Server::start(store.clone()).await,
        Server::start(store).await,
    );
    let endpoints =
        [&ends, &stays].map(|server| format!("http://{}", server.address).parse().unwrap());
    let tasks = Tasks::new();
    let channel = grpc::connect(&endpoints, grpc::Options::default(), &tasks).unwrap();
    let client = ContextServiceClient::new(channel);
    client.clone().create_conversation(create()).await.unwrap();

    let (accepted, enough) = (AtomicUsize::new(0), AtomicBool::new(false));
    let callers = (0..8).map(async |caller| {
        for number in 0.. {
            if enough.load(SeqCst) {
                break;
            }
            let say = || async {
                let mut client: ContextServiceClient<Channel> = client.clone();
                client.submit(submit(&format!("m{caller}-{number}"))).await
            };
            let answer = grpc::retry(limits, say).await;
            assert!(answer.is_ok(), "{answer:?}");
            accepted.fetch_add(1, SeqCst);
        }
    });
    let a_hundred_more = async || {
        let goal = accepted.load(SeqCst) + 100;
        until("a hundred more messages", async || {
            accepted.load(SeqCst) >= goal
        })
        .await;
    };
    let ending = async {
        a_hundred_more().await;
        let ended = end(ends).await;
        a_hundred_more().await;
        enough.store(true, SeqCst);
        ended
    };
    let (_, ended) = tokio::join!(join_all(callers), ending);

    let (mut written, mut after) = (0, 1);
    loop {
        let page = ReadEventsRequest {
            conversation: "c1".into(),
            after,
            limit: 1000,
            ..ReadEventsRequest::default()
        };
        // A server that died within the last half second may still be among those that get calls.
        let read = || async { client.clone().read_events(page.clone()).await };
        let page = grpc::retry(Retry::default(), read).await.unwrap();
        let Some(last) = page.get_ref().entries.last() else {
            break;
        };
        after = last.seq;
        written += page.get_ref().entries.len();
    }
    assert_eq!(
        written,
        accepted.into_inner(),
        "each message stands in the log once"
    );
    for server in ended.into_iter().chain([stays]) {
        server.runtime.shutdown_background();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_costs_its_callers_a_retry_and_no_message_twice() {
    messages_while_a_server_ends(Retry::default(), async |server| {
        server.runtime.shutdown_background();
        None
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_shut_down_costs_its_callers_nothing() {
    let once = Retry {
        retries: 0,
        each: Duration::from_secs(10),
        total: Duration::from_secs(10),
    };
    messages_while_a_server_ends(once, async |server| {
        assert_eq!(server.tasks.stop(Duration::from_secs(10)).await, 0);
        Some(server)
    })
    .await;
}
