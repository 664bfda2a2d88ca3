//! End to end: the built binary, as one process and as a cluster, through the doors that people
//! and operators use.

mod access;
mod config;
mod faults;
mod harness;
mod people;
mod startup;
mod talk;
