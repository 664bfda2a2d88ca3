//! `cargo xtask bench`: the table of `benches/core`, with all that it needs.

use std::process::Command;

use xtask::Result;

use crate::{
    apt,
    cargo::{cargo, root, succeed},
    web,
};

const DOCUMENT: &str = "docs/benchmarks.md";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    apt::ensure(&[
        apt::RABBITMQ,
        apt::REDIS,
        apt::REDIS_TOOLS,
        apt::NODE,
        apt::NPM,
    ])?;
    web::build_if_stale()?;
    let peers = root().join("benches/peers");
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund"])
        .current_dir(&peers);
    succeed(&mut npm)?;
    let mut bench = cargo(&["bench", "--workspace", "--bench", "core", "--"]);
    // A part of the rows, or a moment of each, is no document.
    if arguments.is_empty() {
        bench.args(["--write", DOCUMENT]);
    }
    succeed(bench.args(arguments))
}
