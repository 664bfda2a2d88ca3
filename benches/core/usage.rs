//! What processes use: processor time and memory, as the kernel counts them.

use std::{fs, time::Duration};

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

/// Processor times of several processes, to be compared with later ones.
pub(crate) struct Meter(Vec<(&'static str, u32, Duration)>);

impl Meter {
    pub(crate) fn start(processes: &[(&'static str, u32)]) -> anyhow::Result<Self> {
        let begin = |(name, pid): &(&'static str, u32)| Ok((*name, *pid, cpu(*pid)?));
        Ok(Self(
            processes.iter().map(begin).collect::<anyhow::Result<_>>()?,
        ))
    }

    /// Seconds since then, by name; several processes of one name are added up.
    pub(crate) fn read(&self) -> anyhow::Result<Vec<(&'static str, f64)>> {
        let mut used: Vec<(&'static str, f64)> = Vec::new();
        for (name, pid, begun) in &self.0 {
            let seconds = cpu(*pid)?.saturating_sub(*begun).as_secs_f64();
            match used.iter_mut().find(|(known, _)| known == name) {
                Some((_, sum)) => *sum += seconds,
                None => used.push((name, seconds)),
            }
        }
        Ok(used)
    }
}
