//! Against connections that are authenticated, subscribed, and quiet.

use std::time::Duration;

use tokio::time::sleep;

use super::{speech::Idle, table::Table};
use crate::{
    Effort,
    lab::{Lab, Shape},
    load::{Load, words},
    numbers::real,
    usage::{self, Meter},
};

pub(super) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Vec<Table>> {
    // Each connection is pinged and its conversation audited once in this time.
    let watch = effort.seconds(20);
    lab.close_cluster();
    // A Redis that is full of other conversations is busy by itself.
    let _: String = redis::cmd("FLUSHALL")
        .query_async(&mut lab.redis().await?)
        .await?;
    let cluster = lab.cluster(&Shape::SMALLEST).await?;
    let (gateway, urls) = (cluster.gateways[0].process.id(), cluster.urls());
    let idle = Idle::of(lab, effort).await?;
    let empty = usage::resident(gateway)?;
    let (mut loads, mut rows, mut there) = (Vec::new(), Vec::new(), 0);
    for &size in effort.pick::<&[u64]>(&[20, 40], &[100, 1000, 2500, 5000, 10_000]) {
        let line = format!(
            "--conversations=0 --idle={} --warm-up=0s --duration=600s",
            size - there
        );
        let mut load = Load::start(&urls, &words(&line), lab.scratch.path())?;
        load.begun().await?;
        loads.push(load);
        there = size;
        sleep(effort.pick(Duration::ZERO, Duration::from_secs(2))).await;
        let meter = Meter::start(&lab.processes())?;
        sleep(watch).await;
        let used = idle.beyond(&meter)?;
        let micros = |wanted: &[&str]| {
            let chosen = used.iter().filter(|(name, _)| wanted.contains(name));
            let seconds: f64 = chosen.map(|(_, seconds)| seconds).sum();
            seconds * 1e6 / meter.elapsed().as_secs_f64() / real(size)
        };
        let grown = usage::resident(gateway)?.saturating_sub(empty);
        rows.push((
            real(size),
            vec![
                real(grown) / 1000.0 / real(size),
                micros(&["gateway"]),
                micros(&["context service"]),
                micros(&["Redis"]),
            ],
        ));
    }
    lab.close_cluster();
    Ok(vec![Table {
        name: "connections",
        title: "An idle connection: KB in the gateway, and µs of CPU a second",
        against: "connections",
        columns: &[
            "KB resident",
            "gateway, µs a second",
            "context service, µs a second",
            "Redis, µs a second",
        ],
        rows,
        note: "One gateway. Each connection is another person's, subscribed to a conversation of its own. Memory is \
               the gateway's growth; processor time is that beyond what the processes use with no connection."
            .into(),
    }])
}
