//! The rows of the table, in the order of their worth.

mod added_delay;
mod broker_messages;
mod burst;
mod bystanders;
mod cpu_a_token;
mod deliveries;
mod embedded;
mod fan_out;
mod first_token;
mod idle_connection;
pub(crate) mod idle_conversation;
mod resumes;

use std::{future::Future, pin::Pin};

use crate::{Effort, lab::Lab, report::Finding};

type Measuring<'a> = Pin<Box<dyn Future<Output = anyhow::Result<Finding>> + 'a>>;

/// A row and how to measure it.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) measure: for<'a> fn(&'a mut Lab, &'a Effort) -> Measuring<'a>,
}

macro_rules! rows {
    ($($module:ident: $name:literal),+ $(,)?) => {
        &[$(Row {
            name: $name,
            measure: |lab, effort| Box::pin($module::measure(lab, effort)),
        }),+]
    };
}

pub(crate) const ROWS: &[Row] = rows! {
    first_token: "first-token",
    burst: "burst",
    cpu_a_token: "cpu-a-token",
    added_delay: "added-delay",
    broker_messages: "broker-messages",
    idle_connection: "idle-connection",
    bystanders: "bystanders",
    fan_out: "fan-out",
    deliveries: "deliveries",
    resumes: "resumes",
    idle_conversation: "idle-conversation",
    embedded: "embedded",
};
