//! `cargo xtask cluster`: placeholder.

use xtask::Result;

pub(crate) fn run(_arguments: &[String]) -> Result<()> {
    Err("not there yet".into())
}
