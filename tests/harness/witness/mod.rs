//! A witness between the clients and a gateway of a test: it passes on every byte, and holds what
//! it sees against the documents that the gateway serves.
//!
//! So every test of a stack is a test of OpenAPI and AsyncAPI, too, whatever its client: the
//! library, a stock HTTP client or the page in a browser. [`Witness::faults`] is empty, or the
//! test fails.

mod contract;
mod proxy;
mod tap;

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, LazyLock, Mutex},
};

use serde_json::Value;
use tokio::{
    net::TcpListener,
    runtime::Runtime,
    sync::OnceCell,
    task::{AbortHandle, JoinSet},
};

use self::contract::{Contract, Exchange};

/// Witnesses do not wait for tests that block their own runtime.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
});

/// What the gateways of this build serve: one that answers is asked once.
static CONTRACT: OnceCell<Contract> = OnceCell::const_new();

/// See the module. It ends when it is dropped.
pub(crate) struct Witness {
    port: u16,
    record: Arc<Record>,
    serving: AbortHandle,
}

#[derive(Default)]
struct Record {
    faults: Mutex<Vec<String>>,
    seen: Mutex<BTreeSet<String>>,
}

impl Witness {
    /// Stands in front of a gateway on a loopback port.
    pub(crate) fn of(gateway: u16) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let record = Arc::<Record>::default();
        let own = record.clone();
        let serving = RUNTIME.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            let gateway = SocketAddr::from((Ipv4Addr::LOCALHOST, gateway));
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(proxy::connection(client, gateway, own.clone()));
                while connections.try_join_next().is_some() {}
            }
        });
        Self {
            port,
            record,
            serving: serving.abort_handle(),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// What went over the wire against the documents.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.record.faults.lock().unwrap().clone()
    }

    /// Which operations were carried out (`GET /v1/me`), and which frames went which way
    /// (`say hello`, `hear welcome`).
    pub(crate) fn seen(&self) -> BTreeSet<String> {
        self.record.seen.lock().unwrap().clone()
    }

    /// Everything that could be seen.
    pub(crate) fn everything() -> BTreeSet<String> {
        let contract = CONTRACT.get().expect("a witness has seen something");
        contract.everything().map(str::to_owned).collect()
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Record {
    fn fault(&self, what: &str, why: &str) {
        self.faults.lock().unwrap().push(format!("{what}: {why}"));
    }

    fn saw(&self, what: &str) {
        let mut seen = self.seen.lock().unwrap();
        if !seen.contains(what) {
            seen.insert(what.to_owned());
        }
    }

    fn judge(&self, contract: &Contract, exchange: &Exchange<'_>) {
        match contract.judge(exchange) {
            Ok(None) => {}
            Ok(Some(operation)) => self.saw(operation),
            Err(fault) => {
                let Exchange {
                    method,
                    target,
                    status,
                    ..
                } = exchange;
                self.fault(&format!("{method} {target} answered {status}"), &fault);
            }
        }
    }

    /// A frame of the server's, on a socket or in an event stream.
    fn heard(&self, contract: &Contract, text: &str) {
        match contract.judge_server_frame(text) {
            Ok(frame) => self.saw(&frame),
            Err(fault) => self.fault("a server frame", &fault),
        }
    }
}

/// The documents, from this gateway or one before it; `None` where it does not answer.
async fn contract(gateway: SocketAddr) -> Option<&'static Contract> {
    let read = async || {
        let get = async |name: &str| -> reqwest::Result<Value> {
            let answer = reqwest::get(format!("http://{gateway}/v1/{name}")).await?;
            answer.error_for_status()?.json().await
        };
        let rest = get("openapi.json").await?;
        let socket = get("asyncapi.json").await?;
        Ok::<_, reqwest::Error>(Contract::read(rest, socket))
    };
    CONTRACT.get_or_try_init(read).await.ok()
}
