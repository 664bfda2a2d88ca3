//! The protocol as a model, small enough that every one of its states can be looked at.
//!
//! * [`work`]: mailbox, doorbell, lease, fencing, release and sweeper; how accepted work is done.
//! * [`audience`]: subscribe, append, letters, audits; how what is written comes to its readers.
//!
//! Each model can be built with one [`work::Weakness`] or [`audience::Weakness`], which leaves out
//! one rule of the real protocol. The tests show that the sound protocol holds in every state within
//! the bounds, and that each weakness breaks the promise that its rule is there for. What is left out
//! of the models is said in `docs/model.md`.

pub mod audience;
pub mod work;
