//! What a conversation takes in Redis in which nothing happens any more.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use tokio::time::{Instant, sleep};

use crate::{
    Effort,
    lab::{Lab, Shape},
    load,
    numbers::real,
    report::{Finding, Verdict},
};

const BYTES: f64 = 2048.0;
const RESTS_WITHIN: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(100);
/// What is said and echoed.
pub(crate) const TEXT: &str =
    "to-be-or-not-to-be-that-is-the-question-whether-tis-nobler-in-the-mind-to-suffer";

pub(crate) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Finding> {
    let size: u64 = effort.pick(50, 2000);
    // Nothing of the rows before.
    lab.close_cluster();
    let mut redis = lab.redis().await?;
    let _: String = redis::cmd("FLUSHALL").query_async(&mut redis).await?;
    let cluster = lab.cluster(&Shape::SMALLEST).await?;
    let urls = cluster.urls();
    let before = used(&mut redis).await?;
    let say = format!("--say=/echo {TEXT}");
    let mut arguments = load::words(&format!(
        "--conversations={size} --rate={} --warm-up=0s --duration=10s",
        size / 10
    ));
    arguments.push(say);
    let mut playing = load::Load::start(&urls, &arguments, lab.scratch.path())?;
    playing.begun().await?;
    let outcome = playing.finish().await?;
    let said = outcome.number("/messages/said")?;
    rest(&mut redis).await?;
    lab.close_cluster();
    let (lingering, kept) = lingering(&mut redis).await?;
    let grown = real(used(&mut redis).await?.saturating_sub(before + lingering));
    let text = said * real(2 * TEXT.len() as u64 + "/echo ".len() as u64);
    let each = (grown - text) / real(size);
    Ok(Finding {
        what: "an idle conversation in Redis, without its text",
        aim: "under 2 KB",
        ours: format!("{each:.0} bytes"),
        yardstick: "-".into(),
        verdict: Verdict::of(each < BYTES),
        notes: vec![format!(
            "Growth of Redis's `used_memory` with {size} conversations of one question and one answer each, {kept} \
             keys, once the sweeper has seen that nothing waits; without the texts themselves, and without the {:.0} bytes each that go by themselves within \
             minutes.",
            real(lingering) / real(size)
        )],
        picture: None,
    })
}

/// Waits until the sweeper has seen that nobody waits for anything, and has taken its reminders away.
pub(crate) async fn rest(redis: &mut MultiplexedConnection) -> anyhow::Result<()> {
    let shards: Vec<String> = redis::cmd("KEYS").arg("due:*").query_async(redis).await?;
    let begun = Instant::now();
    loop {
        let mut left = 0;
        for shard in &shards {
            let count: u64 = redis::cmd("ZCARD").arg(shard).query_async(redis).await?;
            left += count;
        }
        if left == 0 {
            return Ok(());
        }
        anyhow::ensure!(begun.elapsed() < RESTS_WITHIN, "{left} reminders remain");
        sleep(POLL).await;
    }
}

pub(crate) async fn used(redis: &mut MultiplexedConnection) -> anyhow::Result<u64> {
    let info: String = redis::cmd("INFO").arg("memory").query_async(redis).await?;
    let line = info
        .lines()
        .find_map(|line| line.strip_prefix("used_memory:"));
    Ok(line.unwrap_or_default().trim().parse()?)
}

/// Bytes of the keys that expire within an hour, and how many keys are beside them.
pub(crate) async fn lingering(redis: &mut MultiplexedConnection) -> anyhow::Result<(u64, usize)> {
    const SCRIPT: &str = "local bytes, kept, cursor = 0, 0, '0' repeat \
        local found = redis.call('SCAN', cursor, 'COUNT', 1000) cursor = found[1] \
        for _, key in ipairs(found[2]) do local ttl = redis.call('PTTL', key) \
        if ttl > 0 and ttl < 3600000 then bytes = bytes + redis.call('MEMORY', 'USAGE', key) \
        else kept = kept + 1 end end until cursor == '0' return { bytes, kept }";
    Ok(redis::cmd("EVAL")
        .arg(SCRIPT)
        .arg(0)
        .query_async(redis)
        .await?)
}
