//! What processes use: processor time and memory, as the kernel counts them.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs,
    time::{Duration, Instant},
};

use anyhow::Context as _;

/// A hundredth of a second is Linux's unit here, whatever the machine.
const TICK: Duration = Duration::from_millis(10);

/// Processor time of a process so far, its ended children left out.
pub(crate) fn cpu(pid: u32) -> anyhow::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("a process is gone")?;
    // The name of the program, in brackets, may hold anything.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: u32 = ticks.filter_map(|field| field.parse::<u32>().ok()).sum();
    Ok(TICK * ticks)
}

/// Memory of a process that is resident, in bytes.
pub(crate) fn resident(pid: u32) -> anyhow::Result<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"));
    let rollup = rollup.context("the memory of a process cannot be read")?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Rss:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    Ok(1024 * kilobytes.context("smaps_rollup has no Rss")?)
}

/// Processor time of a process' threads, in nanoseconds: finer than [`cpu`], which counts whole
/// hundredths of a second. What a thread used that has ended is not in it.
fn threads(pid: u32) -> anyhow::Result<HashMap<OsString, u64>> {
    let mut used = HashMap::new();
    for thread in fs::read_dir(format!("/proc/{pid}/task")).context("a process is gone")? {
        let thread = thread?;
        // It may have ended since.
        let Ok(said) = fs::read_to_string(thread.path().join("schedstat")) else {
            continue;
        };
        let time = said.split_whitespace().next().and_then(|n| n.parse().ok());
        used.insert(thread.file_name(), time.context("schedstat has no time")?);
    }
    Ok(used)
}

/// Processor times of several processes, to be compared with later ones.
pub(crate) struct Meter {
    begun: Instant,
    processes: Vec<(&'static str, u32, HashMap<OsString, u64>)>,
}

impl Meter {
    pub(crate) fn start(processes: &[(&'static str, u32)]) -> anyhow::Result<Self> {
        let begin = |(name, pid): &(&'static str, u32)| Ok((*name, *pid, threads(*pid)?));
        Ok(Self {
            begun: Instant::now(),
            processes: processes.iter().map(begin).collect::<anyhow::Result<_>>()?,
        })
    }

    /// How long ago that was.
    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Seconds since then, by name; several processes of one name are added up.
    pub(crate) fn read(&self) -> anyhow::Result<Vec<(&'static str, f64)>> {
        let mut used: Vec<(&'static str, f64)> = Vec::new();
        for (name, pid, begun) in &self.processes {
            let before = |thread: &OsString| begun.get(thread).copied().unwrap_or(0);
            let now = threads(*pid)?;
            let since = now
                .iter()
                .map(|(thread, time)| time.saturating_sub(before(thread)));
            let seconds = Duration::from_nanos(since.sum()).as_secs_f64();
            match used.iter_mut().find(|(known, _)| known == name) {
                Some((_, sum)) => *sum += seconds,
                None => used.push((name, seconds)),
            }
        }
        Ok(used)
    }
}
