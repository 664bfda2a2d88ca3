//! The invariants of ARCHITECTURE.md as code, in one place: for tests, for simulations, for
//! the client, and for a gateway that counts what it breaks. Of the ten, the eighth and the tenth are
//! proved elsewhere, as [`Invariant`] says.
//!
//! * [`Reader`] is what one reader may be shown, by numbers alone: cheap enough for every frame.
//!   [`Cursor`] is the same over whole frames, and holds the text against its message as well.
//! * [`Ledger`] is what a log must be by itself.
//! * [`History`] is what people said and saw, held against the log when everything is quiet again.
//!
//! Each names the [`Invariant`] that was broken.

mod cursor;
mod history;
mod invariant;
mod ledger;
mod reader;
mod violation;

pub use self::{
    cursor::Cursor,
    history::{
        Answer, Asked, Deed, Effect, Fate, History, Loss, Question, Said, Stop, Told, View, Waking,
        Woken,
    },
    invariant::{Broken, Invariant},
    ledger::{Ledger, Order, RunRecord, SetTimer, Woke},
    reader::{Change, Mark, Reader},
    violation::Violation,
};
