//! A server that can be killed, frozen, and started again on the same address and data.

use std::{fmt, path::Path, time::Duration};

use crate::{
    Result,
    process::{Process, Signal},
    wait,
};

type Launch = dyn Fn() -> Result<Process> + Send + Sync;
type Ask = dyn Fn() -> Result<bool> + Send + Sync;

/// A running server, and how to start it.
pub struct Server {
    launch: Box<Launch>,
    is_up: Box<Ask>,
    starts_within: Duration,
    process: Process,
}

impl Server {
    /// Launches it, and waits until it is up.
    pub(crate) fn start(
        starts_within: Duration,
        launch: impl Fn() -> Result<Process> + Send + Sync + 'static,
        is_up: impl Fn() -> Result<bool> + Send + Sync + 'static,
    ) -> Result<Self> {
        let mut server = Self {
            process: launch()?,
            launch: Box::new(launch),
            is_up: Box::new(is_up),
            starts_within,
        };
        server.wait_until_up()?;
        Ok(server)
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// The file that holds its output.
    #[must_use]
    pub fn log(&self) -> &Path {
        self.process.log()
    }

    /// Whether it has died.
    pub fn has_ended(&mut self) -> bool {
        self.process.ended().is_some()
    }

    /// Dies without a chance to save, as in a power cut of the process.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// Where it does not in time.
    pub fn stop(&mut self, within: Duration) -> Result<()> {
        self.process.signal(Signal::Term);
        let what = format!("{} to end", self.process.name());
        wait::until(&what, within, || Ok(self.process.ended().map(|_| ())))
    }

    /// Freezes it, or lets it go on: a server that is there and does not answer.
    pub fn signal(&mut self, signal: Signal) {
        self.process.signal(signal);
    }

    /// Starts it again, on the same address and data.
    ///
    /// # Errors
    /// Where it does not come up.
    pub fn start_again(&mut self) -> Result<()> {
        self.process = (self.launch)()?;
        self.wait_until_up()
    }

    fn wait_until_up(&mut self) -> Result<()> {
        let name = self.process.name().to_owned();
        wait::until(&name, self.starts_within, || {
            self.process.expect_running()?;
            Ok((self.is_up)()?.then_some(()))
        })
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Server").field(&self.process).finish()
    }
}
