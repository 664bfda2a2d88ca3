//! From the first signal to the end of the process.

use std::{future::Future, io, time::Duration};

use anyhow::bail;
use convene_runtime::Tasks;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that ask us to stop: Ctrl-C, and what a supervisor sends.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// From now on they end the process only through us.
    pub(crate) fn catch() -> io::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self {
            interrupt,
            terminate,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Waits for the first signal, then for the drain, unless a second signal comes before.
    pub(crate) async fn then_drain(
        mut self,
        drain: impl Future<Output = ()>,
    ) -> anyhow::Result<()> {
        self.next().await;
        tracing::info!("draining; a second signal stops at once");
        tokio::select! {
            () = drain => {
                tracing::info!("stopped");
                Ok(())
            }
            () = self.next() => bail!("stopped by a second signal, before everything had drained"),
        }
    }
}

/// Ends a service's tasks, and says so if it takes too long.
pub(crate) async fn end(service: &'static str, tasks: &Tasks, deadline: Duration) {
    match tasks.stop(deadline).await {
        0 => tracing::debug!(service, "ended"),
        left => tracing::warn!(service, left, "did not end in time"),
    }
}
