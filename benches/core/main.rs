//! `cargo xtask bench`: the product against yardsticks, in one table from one run.
//!
//! Each row measures something and, in turn with it, what the machine can do at best or what
//! somebody else's server does. It stands in a file of its own under `rows/`. The product runs as
//! processes, made to work by `convene bench`, with the settings that are shipped, but for the limits
//! that keep one user from being thousands, and what a row's notes say; RabbitMQ and Redis are private
//! ones. With `--growth` it is curves that are measured (`growth/`). `cargo test` runs every row and
//! every curve for a moment, so that this does not rot; figures are told by `cargo xtask bench` alone.

mod bare;
mod crowd;
mod growth;
mod hops;
mod lab;
mod load;
mod machine;
mod node;
mod numbers;
mod peers;
mod report;
mod rows;
mod usage;

use std::{env, path::PathBuf, time::Duration};

use anyhow::{Context as _, bail};

use self::{lab::Lab, report::Report};

/// How long and how often to measure.
#[derive(Debug, Clone)]
pub(crate) struct Effort {
    pub(crate) quick: bool,
    pub(crate) rounds: usize,
}

impl Effort {
    /// The one where it is quick, and the other where it counts.
    pub(crate) fn pick<T>(&self, quick: T, thorough: T) -> T {
        if self.quick { quick } else { thorough }
    }

    pub(crate) fn seconds(&self, thorough: u64) -> Duration {
        Duration::from_secs(self.pick(1, thorough))
    }
}

/// What is asked for.
struct Asked {
    effort: Effort,
    rows: bool,
    curves: bool,
    only: Only,
    /// Where the document goes.
    write: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    convene_runtime::tls::install();
    let runtime = tokio::runtime::Runtime::new()?;
    if let [flag, port, grpc] = &arguments[..]
        && flag == bare::FLAG
    {
        return runtime.block_on(bare::serve(port.parse()?, grpc.parse()?));
    }
    let Some(asked) = read(&arguments)? else {
        return Ok(());
    };
    runtime.block_on(measure(asked))
}

/// Those whose names have one of these in them; none: all.
#[derive(Debug, Default)]
pub(crate) struct Only(Vec<String>);

impl Only {
    pub(crate) fn takes(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|part| name.contains(part.as_str()))
    }
}

/// Nothing where this is a test run that asks for other tests.
fn read(arguments: &[String]) -> anyhow::Result<Option<Asked>> {
    let is_bench = arguments.iter().any(|argument| argument == "--bench");
    let mut effort = Effort {
        quick: !is_bench,
        rounds: if is_bench { 3 } else { 1 },
    };
    let (mut only, mut write, mut growth) = (Only::default(), None, false);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || {
            rest.next()
                .with_context(|| format!("{argument} needs a value"))
        };
        match argument.as_str() {
            "--bench" => {}
            "--quick" => {
                effort.quick = true;
                effort.rounds = 1;
            }
            "--growth" => growth = true,
            "--rounds" => effort.rounds = value()?.parse()?,
            "--write" => write = Some(PathBuf::from(value()?)),
            "--list" => return Ok(None),
            flag if flag.starts_with('-') && is_bench => {
                bail!(
                    "bench takes --quick, --growth, --rounds N, --write FILE and names; not {flag}"
                )
            }
            // The flags of other tests' harness.
            "--skip" | "--test-threads" | "--color" | "--format" => {
                value()?;
            }
            flag if flag.starts_with('-') => {}
            name => only.0.push(name.to_owned()),
        }
    }
    let (rows, curves) = (!growth, growth || !is_bench);
    let is_known = rows::ROWS.iter().any(|row| only.takes(row.name))
        || growth::CURVES.iter().any(|curve| only.takes(curve.name));
    if !is_known {
        // It is the name of some test.
        return Ok(None);
    }
    Ok(Some(Asked {
        effort,
        rows,
        curves,
        only,
        write,
    }))
}

async fn measure(asked: Asked) -> anyhow::Result<()> {
    if !lab::is_equipped() {
        if env::var_os("CONVENE_TEST_REQUIRE").is_some() {
            bail!("RabbitMQ and Redis are not installed");
        }
        report::say("skipped: RabbitMQ and Redis are not installed");
        return Ok(());
    }
    let mut lab = Lab::open().await?;
    if asked.rows {
        fill_table(&mut lab, &asked).await?;
    }
    if asked.curves {
        let document = asked.write.as_deref();
        growth::measure(&mut lab, &asked.effort, &asked.only, document).await?;
    }
    Ok(())
}

async fn fill_table(lab: &mut Lab, asked: &Asked) -> anyhow::Result<()> {
    let mut report = Report::new(&asked.effort);
    for row in rows::ROWS {
        if !asked.only.takes(row.name) {
            continue;
        }
        report::say(&format!("{} ...", row.name));
        let found = (row.measure)(lab, &asked.effort).await;
        if found.is_err() {
            // What it has left behind is no other row's trouble.
            lab.close_cluster();
        }
        report.add(row.name, found);
    }
    report::say(&report.table());
    if let Some(file) = &asked.write {
        report.write(file)?;
    }
    match report.failed()[..] {
        [] => Ok(()),
        ref failed => bail!("rows that could not be measured: {}", failed.join(", ")),
    }
}
