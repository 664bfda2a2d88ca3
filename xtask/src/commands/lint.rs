//! `cargo xtask lint`: what a reviewer should not have to say.

use xtask::Result;

use super::layers;
use crate::cargo::{cargo, succeed};

pub(crate) fn run() -> Result<()> {
    succeed(&mut cargo(&["fmt", "--all", "--check"]))?;
    layers::check()?;
    succeed(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    succeed(
        cargo(&["doc", "--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-Dwarnings"),
    )
}
