//! The worker's own promises: real workers over the real context service with its embedded
//! store, through pipes, and the bus inside the process. Each worker has a runtime of its own, so
//! that it can be killed in the middle of anything.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may panic")]

mod actors;
mod altered;
mod answering;
mod cancelling;
mod crowding;
mod cutting;
mod draining;
mod failing;
mod house;
mod log;
mod noting;
mod offering;
mod policies;
mod readying;
mod room;
mod settling;
mod surviving;
mod unheard;
mod waking;
mod wire;
