//! `cargo xtask bench`: the table of `benches/core`, or with `growth` its curves, with all that
//! they need.

use std::process::Command;

use xtask::Result;

use crate::{
    apt,
    cargo::{cargo, root, succeed},
    web,
};

const TABLE: &str = "docs/benchmarks.md";
const CURVES: &str = "docs/scaling.md";

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
    let (document, arguments) = match arguments {
        [word, rest @ ..] if word == "growth" => {
            bench.arg("--growth");
            (CURVES, rest)
        }
        rows => (TABLE, rows),
    };
    // A part of them, or a moment of each, is no document.
    if arguments.is_empty() {
        bench.args(["--write", document]);
    }
    succeed(bench.args(arguments))
}
