//! `cargo xtask screenshot`: the picture in the README, of the product as it is.

use std::{process::Command, time::Duration};

use xtask::{
    Result, ports,
    process::{Process, Scratch},
    wait,
};

use crate::{
    apt,
    cargo::{self, root},
    web,
};

const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// Where the picture is kept.
const PICTURE: &str = "docs/picture.png";

pub(crate) fn run() -> Result<()> {
    apt::ensure(&[apt::CHROMIUM])?;
    let web = web::installed()?;
    web::build_if_stale()?;
    let binary = cargo::build(false)?;
    let scratch = Scratch::new("convene-screenshot")?;
    let port = ports::free()?;
    let mut serve = Command::new(binary);
    serve
        .current_dir(scratch.path())
        .args(["serve", "--listen", &format!("127.0.0.1:{port}")]);
    let log = scratch.path().join("log");
    let mut serving = Process::start("convene", serve, &log, Duration::from_secs(5))?;
    wait::until("convene", STARTS_WITHIN, || {
        serving.expect_running()?;
        Ok(ports::is_ready(port).then_some(()))
    })?;
    cargo::succeed(
        web::npx(&web)
            .args(["vitest", "run", "--config", "page-tests/vitest.config.ts"])
            .arg("page-tests/picture.test.ts")
            .env("CONVENE_TEST_URL", format!("http://127.0.0.1:{port}"))
            .env("CONVENE_PICTURE", root().join(PICTURE)),
    )?;
    println!("{PICTURE} is new");
    Ok(())
}
