//! Against live answers: what a token costs.

use super::{
    speech::{Idle, Speech},
    table::Table,
};
use crate::{
    Effort,
    lab::{Lab, Shape},
};

pub(super) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Vec<Table>> {
    let (mut costs, mut traffic) = (Vec::new(), Vec::new());
    for &answers in effort.pick::<&[usize]>(&[2, 5], &[10, 50, 100, 200, 400]) {
        let urls = lab.cluster(&Shape::answering(512)).await?.urls();
        let idle = Idle::of(lab, effort).await?;
        let line = format!(
            "--conversations={answers} --together --tokens={} --token-rate=50 --warm-up=0s --duration=1s",
            effort.pick(25, 500)
        );
        let speech = Speech::hear(lab, &urls, &line, &idle).await?;
        let at = f64::from(u32::try_from(answers)?);
        let tokens = speech.tokens;
        costs.push((
            at,
            vec![
                speech.all_micros(),
                speech.micros("RabbitMQ"),
                speech.micros("Redis"),
                speech.micros("gateway"),
                speech.micros("worker"),
                speech.micros("context service"),
            ],
        ));
        let (calls, micros) = speech.scripts;
        traffic.push((
            at,
            vec![
                calls / tokens,
                micros / calls,
                speech.messages.0 / tokens,
                speech.messages.1 / tokens,
                speech.outcome.number("/delivered/frames")? / tokens,
                speech.outcome.number("/delivered/bytes")? / tokens,
                speech.outcome.number("/latency_ms/delay/p99")?,
            ],
        ));
    }
    lab.close_cluster();
    Ok(vec![
        Table {
            name: "answers",
            title: "CPU a token, in µs",
            against: "live answers",
            columns: &[
                "all",
                "RabbitMQ",
                "Redis",
                "gateway",
                "workers",
                "context service",
            ],
            rows: costs,
            note: "Answers of 500 tokens, 50 a second, each read by one person; one gateway, one context service, and one \
                 worker. What the processes use when nobody speaks is taken off."
                .to_owned(),
        },
        Table {
            name: "traffic",
            title: "Traffic a token",
            against: "live answers",
            columns: &[
                "Redis scripts",
                "µs a script",
                "messages to RabbitMQ",
                "put into queues",
                "frames to its reader",
                "bytes to its reader",
                "delay at p99, ms",
            ],
            rows: traffic,
            note: "The same run. A script's time is Redis's own (`INFO commandstats`). The delay counts from when the \
                   agent was to write the token, so that the window in which a worker gathers text is in it."
                .into(),
        },
    ])
}
