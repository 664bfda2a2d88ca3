//! Other people's servers: `ws` and Socket.IO on Node.js.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use xtask::{ports, process::Process, wait};

use crate::{bare, lab::on_thread};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers");

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Ws,
    SocketIo,
}

impl Kind {
    const fn script(self) -> &'static str {
        match self {
            Self::Ws => "ws.js",
            Self::SocketIo => "socket-io.js",
        }
    }

    /// Where its sockets are.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Ws => "/fan",
            Self::SocketIo => "/socket.io/?EIO=4&transport=websocket",
        }
    }
}

/// A running server.
pub(crate) struct Peer {
    process: Process,
    pub(crate) port: u16,
}

impl Peer {
    /// Starts it; nothing where Node.js or its packages are not there (`cargo xtask bench` sees to
    /// them).
    pub(crate) fn start(kind: Kind, fans: bool, folder: &Path) -> anyhow::Result<Option<Self>> {
        if !PathBuf::from(FOLDER).join("node_modules").exists() {
            return Ok(None);
        }
        on_thread(|| {
            let port = ports::free()?;
            let mut command = Command::new("node");
            command.current_dir(FOLDER).arg(kind.script()).args([
                port.to_string(),
                bare::FRAME.to_string(),
                if fans { bare::PERIOD.as_millis() } else { 0 }.to_string(),
            ]);
            let log = folder.join("peer.log");
            let process = Process::start(kind.script(), command, &log, Duration::ZERO)?;
            wait::until(kind.script(), Duration::from_secs(30), || {
                Ok(ports::answers(port).then_some(()))
            })?;
            Ok(Some(Self { process, port }))
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }
}
