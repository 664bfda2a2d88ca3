//! Against the gateways over which the readers of a conversation are spread.

use super::{
    speech::{Idle, Speech},
    table::Table,
};
use crate::{
    Effort,
    lab::{Lab, Shape},
    numbers::real,
};

pub(super) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Vec<Table>> {
    let shape = Shape {
        gateways: effort.pick(2, 8),
        ..Shape::SMALLEST
    };
    let urls = lab.cluster(&shape).await?.urls();
    let urls: Vec<_> = urls.split(',').collect();
    let idle = Idle::of(lab, effort).await?;
    let line = format!(
        "--conversations={} --people=16 --together --tokens={} --token-rate=50 --warm-up=0s --duration=1s",
        effort.pick(1, 20),
        effort.pick(25, 400)
    );
    let mut rows = Vec::new();
    for &gateways in effort.pick::<&[usize]>(&[1, 2], &[1, 2, 4, 8]) {
        let speech = Speech::hear(lab, &urls[..gateways].join(","), &line, &idle).await?;
        rows.push((
            real(gateways as u64),
            vec![
                speech.micros("RabbitMQ"),
                speech.micros("worker"),
                speech.micros("gateway"),
                speech.messages.0 / speech.tokens,
                speech.messages.1 / speech.tokens,
            ],
        ));
    }
    lab.close_cluster();
    Ok(vec![Table {
        name: "gateways",
        title: "Readers of one conversation over several gateways: CPU a token, in µs",
        against: "gateways",
        columns: &[
            "RabbitMQ",
            "worker",
            "gateways together",
            "messages to RabbitMQ",
            "put into queues",
        ],
        rows,
        note: "20 answers of 400 tokens, 50 a second, each read by 16 people, who are spread over so many of eight \
               gateways; one worker."
            .into(),
    }])
}
