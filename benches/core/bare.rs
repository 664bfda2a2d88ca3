//! The least that could do: bare axum and bare tonic, in a process of their own.
//!
//! `/idle` takes sockets and says nothing, `/echo` says what it hears, `/fan` sends a ready frame
//! to everybody at a steady rate. The gRPC side is tonic's own reflection service, whose stream
//! answers each request with a small message.

use std::{net::Ipv4Addr, path::Path, process::Command, sync::LazyLock, time::Duration};

use axum::{
    Router,
    extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    routing::{any, get},
    serve::ListenerExt as _,
};
use convene_runtime::Tasks;
use tokio::{
    net::TcpListener,
    sync::broadcast::{self, error::RecvError},
    time::{MissedTickBehavior, interval},
};
use tonic::transport::server::TcpIncoming;
use xtask::{ports, process::Process, wait};

use crate::lab::on_thread;

pub(crate) const FLAG: &str = "--serve-bare";

/// As the gateway's own.
const READ_BUFFER: usize = 512;
const WRITE_BUFFER: usize = 4096;
/// The frames of a fan-out: so many bytes, so often.
pub(crate) const FRAME: usize = 240;
pub(crate) const PERIOD: Duration = Duration::from_millis(20);
const WAITING: usize = 64;

static FAN: LazyLock<broadcast::Sender<Utf8Bytes>> =
    LazyLock::new(|| broadcast::Sender::new(WAITING));

/// The process, for whoever measures it.
pub(crate) struct Bare {
    process: Process,
    pub(crate) port: u16,
    pub(crate) grpc: u16,
}

impl Bare {
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        on_thread(|| {
            let (port, grpc) = (ports::free()?, ports::free()?);
            let mut command = Command::new(std::env::current_exe()?);
            command.args([FLAG, &port.to_string(), &grpc.to_string()]);
            let log = folder.join("bare.log");
            let process = Process::start("bare", command, &log, Duration::ZERO)?;
            wait::until("bare axum", Duration::from_secs(30), || {
                Ok((ports::answers(port) && ports::answers(grpc)).then_some(()))
            })?;
            Ok(Self {
                process,
                port,
                grpc,
            })
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }
}

/// What the process does.
pub(crate) async fn serve(port: u16, grpc: u16) -> anyhow::Result<()> {
    let tasks = Tasks::new();
    tasks.spawn(tick());
    let reflection = tonic_reflection::server::Builder::configure().build_v1()?;
    let incoming = TcpIncoming::bind((Ipv4Addr::LOCALHOST, grpc).into())?.with_nodelay(Some(true));
    let grpc = tonic::transport::Server::builder().add_service(reflection);
    let grpc = tasks.spawn(grpc.serve_with_incoming(incoming));
    let app = Router::new()
        .route("/", get(|| async { "bare" }))
        .route("/idle", any(|upgrade| upgraded(upgrade, Kind::Idle)))
        .route("/echo", any(|upgrade| upgraded(upgrade, Kind::Echo)))
        .route("/fan", any(|upgrade| upgraded(upgrade, Kind::Fan)));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let listener = listener.tap_io(|socket| {
        // Without it the socket works, too, only later.
        drop(socket.set_nodelay(true));
    });
    axum::serve(listener, app).await?;
    grpc.await??;
    Ok(())
}

#[derive(Clone, Copy)]
enum Kind {
    Idle,
    Echo,
    Fan,
}

async fn upgraded(upgrade: WebSocketUpgrade, kind: Kind) -> axum::response::Response {
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .on_upgrade(move |socket| async move {
            // A client that has gone is no failure.
            drop(match kind {
                Kind::Idle | Kind::Echo => echo(socket).await,
                Kind::Fan => fan(socket).await,
            });
        })
}

async fn echo(mut socket: WebSocket) -> Result<(), axum::Error> {
    while let Some(message) = socket.recv().await {
        if let Message::Text(text) = message? {
            socket.send(Message::Text(text)).await?;
        }
    }
    Ok(())
}

async fn fan(mut socket: WebSocket) -> Result<(), axum::Error> {
    let mut frames = FAN.subscribe();
    loop {
        tokio::select! {
            message = socket.recv() => match message {
                Some(message) => drop(message?),
                None => return Ok(()),
            },
            frame = frames.recv() => match frame {
                Ok(frame) => socket.send(Message::Text(frame)).await?,
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Ok(()),
            },
        }
    }
}

async fn tick() {
    let frame = Utf8Bytes::from("x".repeat(FRAME));
    let mut beat = interval(PERIOD);
    beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        beat.tick().await;
        // Nobody may be there.
        drop(FAN.send(frame.clone()));
    }
}
