//! Against the readers of one stream.

use super::{
    speech::{Idle, Speech},
    table::Table,
};
use crate::{
    Effort,
    lab::{Lab, Shape},
};

/// More participants no conversation has; beyond that each has several connections.
const PEOPLE: u32 = 250;

pub(super) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Vec<Table>> {
    let urls = lab.cluster(&Shape::SMALLEST).await?.urls();
    let idle = Idle::of(lab, effort).await?;
    let mut rows = Vec::new();
    for &readers in effort.pick::<&[u32]>(&[1, 5], &[1, 10, 100, 1000]) {
        let people = readers.min(PEOPLE);
        let line = format!(
            "--conversations=1 --people={people} --devices={} --together --tokens={} --token-rate=100 \
             --warm-up=0s --duration=1s",
            readers / people,
            effort.pick(50, 1500)
        );
        let speech = Speech::hear(lab, &urls, &line, &idle).await?;
        let frames = speech.outcome.number("/delivered/frames")?;
        rows.push((
            f64::from(readers),
            vec![
                speech.seconds("gateway") * 1e6 / frames,
                speech.micros("RabbitMQ"),
                speech.micros("Redis"),
                speech.micros("worker"),
                speech.micros("context service"),
            ],
        ));
    }
    lab.close_cluster();
    Ok(vec![Table {
        name: "people",
        title: "One stream: CPU of the gateway a frame, of all others a token, in µs",
        against: "readers",
        columns: &[
            "gateway, a frame",
            "RabbitMQ, a token",
            "Redis, a token",
            "worker, a token",
            "context service, a token",
        ],
        rows,
        note: "One answer of 1,500 tokens, 100 a second; one gateway. A conversation has at most 256 participants: \
               the last row is 250 people with 4 connections each. A token costs more here than among many answers, \
               because nothing else is there to share a write with."
            .into(),
    }])
}
