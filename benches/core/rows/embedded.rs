//! The single process: how soon it is ready, and what it takes when idle.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use xtask::{ports, process::Scratch};

use crate::{
    Effort,
    lab::{Lab, on_thread, settings},
    node::Node,
    numbers::{median, real},
    report::{Finding, Verdict},
    usage,
};

const MILLIS: f64 = 300.0;
const MEGABYTES: f64 = 40.0;
const POLL: Duration = Duration::from_millis(2);
const READY_WITHIN: Duration = Duration::from_secs(60);

pub(crate) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Finding> {
    lab.close_cluster();
    let (mut millis, mut megabytes) = (vec![], vec![]);
    for _ in 0..effort.pick(1, 5) {
        let folder = on_thread(|| Scratch::new("convene-bench-embedded"))?;
        let begun = Instant::now();
        let mut node = Node::start("serve", "embedded", &settings(), folder.path())?;
        let port = node.port;
        while !tokio::task::block_in_place(|| ports::is_ready(port)) {
            on_thread(|| node.process.expect_running())?;
            anyhow::ensure!(begun.elapsed() < READY_WITHIN, "it does not become ready");
            sleep(POLL).await;
        }
        millis.push(begun.elapsed().as_secs_f64() * 1e3);
        sleep(effort.seconds(5)).await;
        megabytes.push(real(usage::resident(node.process.id())?) / 1e6);
    }
    let (millis, megabytes) = (median(millis), median(megabytes));
    Ok(Finding {
        what: "the single process: start to ready; resident when idle",
        aim: "under 300 ms; under 40 MB",
        ours: format!("{millis:.0} ms; {megabytes:.1} MB"),
        yardstick: "-".into(),
        verdict: Verdict::of(millis < MILLIS && megabytes < MEGABYTES),
        notes: vec!["A new data folder each time; ready is when `/health/ready` says so.".into()],
        picture: None,
    })
}
