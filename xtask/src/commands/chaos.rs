//! `cargo xtask chaos`: as many seeds of the chaos test as asked, a line each, and what was survived.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    process::{ChildStdout, Command, Stdio},
    sync::mpsc,
    thread,
};

use xtask::Result;

use crate::{
    apt,
    cargo::{cargo, succeed, target},
};

const TEST: [&str; 4] = ["test", "--workspace", "--test", "chaos"];

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    seeds: u64,
    first: u64,
    jobs: u64,
    /// Passed on to the test: `FAULTS`, `EXPECT`, `KEEP`, and the binary.
    environment: Vec<(&'static str, String)>,
}

impl Asked {
    fn read(arguments: &[String]) -> Result<Self> {
        let mut asked = Self {
            seeds: 20,
            first: 1,
            jobs: 1,
            environment: Vec::new(),
        };
        let mut words = arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            if word == "--keep" {
                asked.environment.push(("CONVENE_CHAOS_KEEP", "1".into()));
                continue;
            }
            let value = words.next().ok_or(format!("{word} needs a value"))?;
            match word {
                "--seeds" => asked.seeds = value.parse()?,
                "--first-seed" => asked.first = value.parse()?,
                "--jobs" => asked.jobs = value.parse::<u64>()?.max(1),
                "--faults" => asked
                    .environment
                    .push(("CONVENE_CHAOS_FAULTS", value.into())),
                "--expect" => asked
                    .environment
                    .push(("CONVENE_CHAOS_EXPECT", value.into())),
                "--set" => asked.environment.push(("CONVENE_CHAOS_SET", value.into())),
                "--binary" => asked
                    .environment
                    .push(("CONVENE_TEST_BINARY", value.into())),
                other => return Err(format!("no option {other:?} of cargo xtask chaos").into()),
            }
        }
        Ok(asked)
    }

    /// One of the processes that share the seeds.
    fn job(&self, index: u64) -> Command {
        let seeds = (self.seeds + self.jobs - 1 - index) / self.jobs;
        let mut command = cargo(&TEST);
        command
            .args(["--quiet", "--", "--nocapture", "--exact"])
            .arg("every_promise_is_kept_whatever_fails")
            .env("CONVENE_CHAOS_FIRST", (self.first + index).to_string())
            .env("CONVENE_CHAOS_SEEDS", seeds.to_string())
            .env("CONVENE_CHAOS_EVERY", self.jobs.to_string())
            .env("CONVENE_CHAOS_OUT", target().join("chaos"))
            .env("CONVENE_TEST_LOGS", target().join("test-logs"))
            // The cluster has servers of its own.
            .env("CONVENE_TEST_AMQP", "own")
            .env("CONVENE_TEST_REDIS", "own")
            .envs(self.environment.iter().cloned())
            .stdout(Stdio::piped());
        command
    }
}

/// What was survived, by kind of fault.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    seeds: u64,
    broken: u64,
    by_fault: BTreeMap<String, (u64, u64)>,
}

impl Tally {
    /// Takes a line of the test's in: `seed 7 ok ...: kill-worker alarm`.
    fn take(&mut self, line: &str) {
        if !line.starts_with("seed ") {
            return;
        }
        let Some((told, faults)) = line.rsplit_once(": ") else {
            return;
        };
        let broken = u64::from(told.contains(" BROKEN "));
        self.seeds += 1;
        self.broken += broken;
        for fault in faults.split_whitespace() {
            let (struck, lost) = self.by_fault.entry(fault.to_owned()).or_default();
            *struck += 1;
            *lost += broken;
        }
    }

    fn print(&self) {
        println!("\n{:40} {:>8} {:>8}", "fault", "seeds", "broken");
        for (fault, (seeds, broken)) in &self.by_fault {
            println!("{fault:40} {seeds:8} {broken:8}");
        }
        println!("{:40} {:8} {:8}", "all", self.seeds, self.broken);
    }
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let asked = Asked::read(arguments)?;
    apt::ensure(&[apt::RABBITMQ, apt::REDIS, apt::REDIS_TOOLS])?;
    succeed(cargo(&TEST).arg("--no-run"))?;
    let (lines, told) = mpsc::sync_channel(64);
    let mut jobs = Vec::new();
    for index in 0..asked.jobs.min(asked.seeds) {
        let mut job = asked.job(index).spawn()?;
        if let Some(out) = job.stdout.take() {
            let lines = lines.clone();
            thread::spawn(move || pass_on(out, &lines));
        }
        jobs.push(job);
    }
    drop(lines);
    let mut tally = Tally::default();
    for line in told {
        println!("{line}");
        tally.take(&line);
    }
    let mut failed = 0;
    for mut job in jobs {
        failed += u64::from(!job.wait()?.success());
    }
    tally.print();
    match failed {
        0 => Ok(()),
        _ => Err(format!("{} of {} seeds are broken", tally.broken, tally.seeds).into()),
    }
}

/// What the test prints, without what its runner does.
fn pass_on(out: ChildStdout, lines: &mpsc::SyncSender<String>) {
    let noise = ["running ", "test ", "test result", "."];
    for line in BufReader::new(out).lines().map_while(|line| line.ok()) {
        let is_noise = line.is_empty() || noise.iter().any(|noise| line.starts_with(noise));
        if !is_noise && lines.send(line).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::words;

    #[test]
    fn seeds_are_shared_without_a_gap() {
        let asked =
            Asked::read(&words("--seeds 7 --first-seed 10 --jobs 3 --faults kill")).unwrap();
        let taken = |index| {
            let job = asked.job(index);
            let number = |name: &str| -> u64 {
                let value = job.get_envs().find(|(key, _)| *key == name).unwrap().1;
                value.unwrap().to_str().unwrap().parse().unwrap()
            };
            let (first, count) = (number("CONVENE_CHAOS_FIRST"), number("CONVENE_CHAOS_SEEDS"));
            (0..count)
                .map(move |step| first + 3 * step)
                .collect::<Vec<_>>()
        };
        let mut all: Vec<_> = (0..3).flat_map(taken).collect();
        all.sort_unstable();
        assert_eq!(all, (10..17).collect::<Vec<_>>());
        assert!(Asked::read(&words("--seed 7")).is_err());
        assert!(Asked::read(&words("--seeds")).is_err());
    }

    #[test]
    fn what_was_survived_is_counted_by_fault() {
        let mut tally = Tally::default();
        tally.take("seed     1 ok  3 people, quiet 0.1 s after: kill-worker alarm");
        tally.take("seed     2 BROKEN prefix  3 people, quiet 0.1 s after: kill-worker");
        tally.take("invariant 7 prefix: in c, something");
        let by_fault = [
            ("alarm".to_owned(), (1, 0)),
            ("kill-worker".to_owned(), (2, 1)),
        ];
        let expected = Tally {
            seeds: 2,
            broken: 1,
            by_fault: by_fault.into(),
        };
        assert_eq!(tally, expected);
    }
}
