//! `cargo xtask sim`: as many schedules of the simulation as asked for.

use xtask::Result;

use crate::cargo::{cargo, succeed};

const USAGE: &str = "cargo xtask sim [--schedules N] [--first-seed S] [--trace]";

/// What is run where nothing is said.
const SCHEDULES: u64 = 10_000;

/// So many are worth a build that is optimised, which takes some minutes the first time.
const MANY: u64 = 2_000;

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let asked = Asked::read(arguments)?;
    let mut test = cargo(&["test", "--test", "sim"]);
    if asked.schedules >= MANY {
        test.args(["--package", "convene", "--profile", "sim"]);
    } else {
        // As `cargo xtask test` has built it.
        test.arg("--workspace");
    }
    let test = test
        .args([
            "--",
            "--nocapture",
            "--exact",
            "blocks::no_schedule_breaks_a_promise",
        ])
        .env("CONVENE_SIM_SCHEDULES", asked.schedules.to_string())
        .env("CONVENE_SIM_FIRST_SEED", asked.first_seed.to_string());
    if asked.trace {
        test.env("CONVENE_SIM_TRACE", "1");
    }
    succeed(test)
}

#[derive(Debug, PartialEq, Eq)]
struct Asked {
    schedules: u64,
    first_seed: u64,
    trace: bool,
}

impl Asked {
    fn read(arguments: &[String]) -> Result<Self> {
        let mut asked = Self {
            schedules: SCHEDULES,
            first_seed: 0,
            trace: false,
        };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let mut number = || {
                let number = words.next().and_then(|word| word.parse().ok());
                number.ok_or_else(|| format!("{word} takes a number: {USAGE}"))
            };
            match word.as_str() {
                "--schedules" => asked.schedules = number()?,
                "--first-seed" => asked.first_seed = number()?,
                "--trace" => asked.trace = true,
                other => return Err(format!("no option {other:?}: {USAGE}").into()),
            }
        }
        Ok(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::words;

    #[test]
    fn options_are_read_and_wrong_ones_refused() {
        let read = |line| Asked::read(&words(line)).ok();
        let asked = |schedules, first_seed, trace| {
            Some(Asked {
                schedules,
                first_seed,
                trace,
            })
        };
        assert_eq!(read(""), asked(10_000, 0, false));
        assert_eq!(
            read("--first-seed 7 --schedules 1 --trace"),
            asked(1, 7, true)
        );
        assert_eq!(read("--schedules"), None);
        assert_eq!(read("--seed 1"), None);
    }
}
