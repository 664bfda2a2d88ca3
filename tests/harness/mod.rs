//! Real processes for end-to-end tests: the embedded product, or a cluster of its services.
//!
//! ```ignore
//! let stack = Stack::embedded().await;
//! let Some(mut stack) = Stack::cluster(Shape::default()).await else { return };
//! let url = stack.gateway(1).url();
//! let token = stack.token("ada", Role::User);
//! stack.kill(Kind::Worker, 0).await;
//! stack.start_again(Kind::Worker, 0).await;
//! ```
//!
//! [`on_both`] writes a test once and runs it on both. A [`Witness`] stands before each gateway:
//! whatever a test is about, what passes over the wire must be what the served documents say.

mod command;
pub(crate) mod identity;
mod node;
mod patience;
mod servers;
mod settings;
mod stack;
mod terminal;
mod witness;

pub(crate) use convene_gateway::auth::{Account as Role, Claims};

pub(crate) use self::{
    command::{Run, convene},
    patience::{PATIENCE, retried},
    servers::{is_skipped, promised},
    stack::{Each, Kind, Shape, Stack},
    terminal::Terminal,
    witness::Witness,
};

/// One test over the embedded process and over a cluster:
/// `on_both! { async fn a_sentence(stack: Stack) { ... } }`.
macro_rules! on_both {
    ($($(#[$attribute:meta])* async fn $name:ident($stack:ident: $type:ty) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn test($stack: $type) $body

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn embedded() {
                let stack = $crate::harness::Stack::embedded().await;
                Box::pin(test(stack)).await;
            }

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn cluster() {
                let shape = $crate::harness::Shape::default();
                if let Some(stack) = $crate::harness::Stack::cluster(shape).await {
                    Box::pin(test(stack)).await;
                }
            }
        }
    )+};
}
pub(crate) use on_both;
