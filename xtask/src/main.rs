//! `cargo xtask`: the commands that developers and CI run, with nothing to install but Rust.

mod apt;
mod autobahn;
mod cargo;
mod commands;
mod web;

use std::{env, process::ExitCode};

const USAGE: &str = "\
cargo xtask run [--release] [-- ARGUMENTS]    build everything and start Convene at http://127.0.0.1:8080
cargo xtask test [FILTER] [-- ARGUMENTS]      every test, with RabbitMQ, Redis and Chromium of its own
cargo xtask bench [--quick] [--rounds N] [ROW ...]
                                              the table of docs/benchmarks.md; without arguments, the document
cargo xtask bench growth [--quick] [CURVE ...]
                                              the curves of docs/scaling.md; without arguments, into it
cargo xtask sim [--schedules N] [--first-seed S] [--trace]
                                              10,000 schedules of the simulation, or as many as asked for
cargo xtask lint                              format, clippy, rustdoc and the layers
cargo xtask cluster [--gateways N] [--workers N] [--context-services N] [--port P]
                                              the services as processes, behind a load balancer
cargo xtask chaos [--seeds N] [--first-seed S] [--jobs J] [--faults NAMES] [--expect INVARIANT] [--binary PATH] [--set KEY=VALUE;...] [--keep]
                                              people and faults on a cluster, seed by seed
cargo xtask fuzz all|TARGET [--seconds N] [--guided]
                                              parsers, fed with what is no input; guided: by libFuzzer
cargo xtask web                               build the page, if its sources changed
cargo xtask screenshot                        take the README's picture of the page anew

What is missing is installed with apt-get; CONVENE_NO_APT=1 forbids that.";

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let Some((command, rest)) = arguments.split_first() else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    let done = match command.as_str() {
        "run" => commands::run::run(rest),
        "test" => commands::test::run(rest),
        "chaos" => commands::chaos::run(rest),
        "bench" => commands::bench::run(rest),
        "sim" => commands::sim::run(rest),
        "lint" => commands::lint::run(),
        "fuzz" => commands::fuzz::run(rest),
        "cluster" => commands::cluster::run(rest),
        "web" => web::build_if_stale(),
        "screenshot" => commands::screenshot::run(),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(format!("no command {other:?}\n\n{USAGE}").into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
