//! A TCP connection's way, on which a test can cut it, hold it up, or let nobody through.

use std::net::SocketAddr;

use convene_proto::context::context_service_client::ContextServiceClient;
use convene_runtime::{Tasks, grpc};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tonic::transport::{Channel, Uri};

/// What happens to what goes over the wire.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Traffic {
    Flows,
    Barred,
}

/// Connections are numbered as they are made.
#[derive(Clone, Copy)]
struct State {
    traffic: Traffic,
    /// Up to this number they are cut.
    cut: u64,
    /// Up to this number they stand still.
    frozen: u64,
    made: u64,
}

pub(crate) struct Wire {
    address: SocketAddr,
    state: watch::Sender<State>,
    tasks: Tasks,
}

impl Wire {
    /// A wire that ends at a server.
    pub(super) async fn to(server: SocketAddr, tasks: &Tasks) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (state, _) = watch::channel(State {
            traffic: Traffic::Flows,
            cut: 0,
            frozen: 0,
            made: 0,
        });
        let (own, connections) = (state.clone(), tasks.clone());
        tasks.spawn_until_stop(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let mut number = 0;
                own.send_modify(|state| {
                    state.made += 1;
                    number = state.made;
                });
                connections.spawn_until_stop(carry(near, server, number, own.subscribe()));
            }
        });
        let tasks = tasks.clone();
        Self {
            address,
            state,
            tasks,
        }
    }

    /// A client over a channel as services have it.
    pub(crate) fn client(&self) -> ContextServiceClient<Channel> {
        let address: Uri = format!("http://{}", self.address).parse().unwrap();
        let channel = grpc::connect(&[address], grpc::Options::default(), &self.tasks);
        ContextServiceClient::new(channel.unwrap())
    }

    /// Cuts every connection; new ones get through.
    pub(crate) fn cut(&self) {
        self.state.send_modify(|state| state.cut = state.made);
    }

    /// Lets nothing more through on any connection, and tells nobody; new ones get through.
    pub(crate) fn freeze(&self) {
        self.state.send_modify(|state| state.frozen = state.made);
    }

    /// Cuts every connection and lets none get through.
    pub(crate) fn bar(&self) {
        self.state
            .send_modify(|state| state.traffic = Traffic::Barred);
    }
}

async fn carry(
    mut near: TcpStream,
    server: SocketAddr,
    number: u64,
    mut state: watch::Receiver<State>,
) {
    let mut end = state.clone();
    let cut = async {
        let over = |state: &State| state.cut >= number || state.traffic == Traffic::Barred;
        end.wait_for(over).await.map(drop)
    };
    let carried = async {
        let Ok(mut far) = TcpStream::connect(server).await else {
            return;
        };
        let frozen = async {
            state
                .wait_for(|state| state.frozen >= number)
                .await
                .map(drop)
        };
        tokio::select! {
            _ = copy_bidirectional(&mut near, &mut far) => return,
            _ = frozen => {}
        }
        // Nothing goes through any more, and nobody is told.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = carried => {}
        _ = cut => {}
    }
}
