//! From the first signal, or the loss of a part that the process cannot do without, to its end.

use std::{future::Future, io, time::Duration};

use anyhow::bail;
use convene_runtime::Tasks;
use futures_util::future::select_all;
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

    /// Waits for the first signal, then for the drain, unless a second signal comes before. Where
    /// a vital part of these tasks ends first, it drains as well, and fails: a process that lives
    /// on without such a part looks well and does nothing.
    pub(crate) async fn then_drain<const N: usize>(
        mut self,
        parts: [&Tasks; N],
        drain: impl Future<Output = ()>,
    ) -> anyhow::Result<()> {
        let broken = tokio::select! {
            () = self.next() => None,
            broken = first_broken(parts) => Some(broken),
        };
        tracing::info!("draining; a second signal stops at once");
        tokio::select! {
            () = drain => {}
            () = self.next() => bail!("stopped by a second signal, before everything had drained"),
        }
        if let Some(part) = broken {
            bail!(
                "stopped, since a part of it had ended before its time ({part}): the log says why"
            );
        }
        tracing::info!("stopped");
        Ok(())
    }
}

async fn first_broken<const N: usize>(parts: [&Tasks; N]) -> &'static str {
    let broken = parts.map(|tasks| Box::pin(tasks.broken()));
    select_all(broken).await.0
}

/// Ends a service's tasks, and says so if it takes too long.
pub(crate) async fn end(service: &'static str, tasks: &Tasks, deadline: Duration) {
    match tasks.stop(deadline).await {
        0 => tracing::debug!(service, "ended"),
        left => tracing::warn!(service, left, "did not end in time"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_loss_of_a_vital_part_drains_the_others_and_fails() {
        let (door, worker) = (Tasks::new(), Tasks::new());
        door.spawn_vital_until_stop("door", std::future::pending());
        let (lose, lost) = tokio::sync::oneshot::channel::<()>();
        worker.spawn_vital("doorbells", async { drop(lost.await) });
        let signals = Signals::catch().unwrap();
        let drain = async {
            assert_eq!(
                door.stop(Duration::from_secs(5)).await,
                0,
                "it was alive until now"
            );
        };
        lose.send(()).unwrap();
        let failed = signals
            .then_drain([&door, &worker], drain)
            .await
            .unwrap_err();
        assert!(failed.to_string().contains("(doorbells)"), "{failed}");
        assert!(door.is_stopping());
    }
}
