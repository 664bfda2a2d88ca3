//! The contract: what every part of Convene shares, and nothing else.
//!
//! Three languages are spoken, each where it is strongest:
//!
//! * [`event`], its [`part`]s and [`frame`]: what clients see, as JSON. An event's body is encoded once, by
//!   whoever writes it, and travels from the log to every socket as those same bytes.
//! * [`context`]: the gRPC service that owns the log (`proto/context.proto`).
//! * [`bus`]: what travels through queues (`proto/bus.proto`).
//!
//! [`id`], [`position`] and [`error`] hold the small types that all three are made of, and
//! [`convert`] goes between them and the generated ones.

pub mod convert;
pub mod error;
pub mod event;
pub mod frame;
pub mod id;
pub mod note;
pub mod part;
pub mod position;
pub mod suggestion;
pub mod timer;

/// The context service's gRPC types, client and server, generated from `proto/context.proto`.
#[expect(
    clippy::allow_attributes,
    clippy::large_enum_variant,
    reason = "generated code answers to its generator"
)]
pub mod context {
    tonic::include_proto!("convene.context.v1");

    /// The descriptors of the service, for gRPC server reflection.
    pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/convene.bin"));
}

/// Bodies of queue messages, generated from `proto/bus.proto`.
pub mod bus {
    tonic::include_proto!("convene.bus.v1");
}
