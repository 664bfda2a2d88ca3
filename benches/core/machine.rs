//! What machine this is, and what runs on it.

use std::{fs, process::Command};

/// A paragraph.
pub(crate) fn describe() -> String {
    let cpu = field("/proc/cpuinfo", "model name");
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let memory = field("/proc/meminfo", "MemTotal");
    let memory: u64 = memory
        .split_whitespace()
        .next()
        .and_then(|kilobytes| kilobytes.parse().ok())
        .unwrap_or(0);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output();
        let output = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        output.unwrap_or_default()
    };
    let redis = said("redis-server", &["--version"]);
    let redis = redis
        .split_whitespace()
        .find_map(|word| word.strip_prefix("v="));
    format!(
        "Machine: {cpu}, {cores} cores, {} GB; Linux {}. Built by {}. Redis {}, RabbitMQ {}, Node.js {}. \
         Convene {} on {}.",
        memory / 1_000_000,
        kernel.trim(),
        said("rustc", &["--version"]),
        redis.unwrap_or("?"),
        rabbitmq(),
        said("node", &["--version"]),
        said("git", &["rev-parse", "--short", "HEAD"]),
        said("date", &["-u", "+%Y-%m-%d"]),
    )
}

fn field(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name));
    let value = line.and_then(|line| line.split_once(':'));
    value.map_or_else(|| "?".to_owned(), |(_, value)| value.trim().to_owned())
}

/// The version is in the name of its folder.
fn rabbitmq() -> String {
    let folders = fs::read_dir("/usr/lib/rabbitmq/lib");
    let mut names = folders
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let name = names.find_map(|name| Some(name.strip_prefix("rabbitmq_server-")?.to_owned()));
    name.unwrap_or_else(|| "?".to_owned())
}
