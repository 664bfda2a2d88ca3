//! `cargo xtask run`: the embedded product, built and started.

use std::{os::unix::process::CommandExt as _, process::Command};

use xtask::Result;

use crate::{cargo, web};

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let (ours, theirs) = match arguments.iter().position(|argument| argument == "--") {
        Some(at) => (&arguments[..at], &arguments[at + 1..]),
        None => (arguments, &[][..]),
    };
    let release = match ours {
        [] => false,
        [flag] if flag == "--release" => true,
        other => {
            return Err(
                format!("run takes --release, then -- and arguments; not {other:?}").into(),
            );
        }
    };
    web::build_if_stale()?;
    let binary = cargo::build(release)?;
    // It takes our place, so that Ctrl-C and the exit code are its own.
    let error = Command::new(&binary)
        .arg("serve")
        .args(theirs)
        .current_dir(cargo::root())
        .exec();
    Err(format!("cannot start {}: {error}", binary.display()).into())
}
