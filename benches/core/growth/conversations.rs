//! Against conversations in which nothing happens any more: Redis's memory.

use super::table::Table;
use crate::{
    Effort,
    lab::{Lab, Shape},
    load,
    numbers::real,
    rows::idle_conversation::{TEXT, lingering, rest, used},
};

/// Conversations that begin at once; each has a connection until all of these are over.
const AT_ONCE: u64 = 5000;
const A_SECOND: u64 = 250;

pub(super) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Vec<Table>> {
    lab.close_cluster();
    let mut redis = lab.redis().await?;
    let _: String = redis::cmd("FLUSHALL").query_async(&mut redis).await?;
    lab.cluster(&Shape::SMALLEST).await?;
    let empty = used(&mut redis).await?;
    let (mut begun, mut rows) = (0, Vec::new());
    for &size in effort.pick::<&[u64]>(&[20, 40], &[1000, 2000, 5000, 10_000, 20_000]) {
        while begun < size {
            let more = (size - begun).min(AT_ONCE);
            begin(lab, effort, more).await?;
            begun += more;
        }
        rest(&mut redis).await?;
        lab.close_cluster();
        let (passing, keys) = lingering(&mut redis).await?;
        let grown = used(&mut redis).await?.saturating_sub(empty + passing);
        let text = real(2 * TEXT.len() as u64 + "/echo ".len() as u64);
        let each = real(grown) / real(size);
        rows.push((
            real(size),
            vec![each, each - text, real(keys as u64) / real(size)],
        ));
    }
    Ok(vec![Table {
        name: "conversations",
        title: "An idle conversation in Redis",
        against: "conversations",
        columns: &["bytes", "bytes without its text", "keys"],
        rows,
        note: "Growth of Redis's `used_memory`; each has one question and one answer of 79 letters each. What goes by \
               itself within the hour is left out."
            .into(),
    }])
}

/// Has so many people ask something in a conversation of their own.
async fn begin(lab: &mut Lab, effort: &Effort, size: u64) -> anyhow::Result<()> {
    let urls = lab.cluster(&Shape::SMALLEST).await?.urls();
    let rate = effort.pick(size, size.min(A_SECOND));
    let mut arguments = load::words(&format!(
        "--conversations={size} --rate={rate} --warm-up=0s --duration={}s",
        size.div_ceil(rate)
    ));
    arguments.push(format!("--say=/echo {TEXT}"));
    let mut playing = load::Load::start(&urls, &arguments, lab.scratch.path())?;
    playing.begun().await?;
    playing.finish().await?;
    Ok(())
}
