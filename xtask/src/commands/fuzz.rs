//! `cargo xtask fuzz TARGET --seconds N`: a parser, or all, fed with what is no input.

use xtask::Result;

use crate::cargo::{cargo, succeed};

const USAGE: &str = "cargo xtask fuzz all|TARGET [--seconds N]";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let (target, seconds) = match words[..] {
        [target] => (target, "60"),
        [target, "--seconds", seconds] => (target, seconds),
        _ => return Err(USAGE.into()),
    };
    // The workspace is built as for the tests, whose dependencies are there.
    succeed(&mut cargo(&["build", "--workspace"]))?;
    let fuzz = crate::cargo::target().join("debug").join("convene-fuzz");
    succeed(std::process::Command::new(fuzz).args([target, seconds]))
}
