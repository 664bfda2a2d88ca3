//! How many messages RabbitMQ takes for a token.

use crate::{
    Effort,
    lab::{Lab, Shape},
    load,
    numbers::{median, real},
    report::{Finding, Verdict},
};

const AIM: f64 = 0.35;

pub(crate) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Finding> {
    let urls = lab.cluster(&Shape::SMALLEST).await?.urls();
    let folder = lab.scratch.path().to_owned();
    let mut ratios = Vec::new();
    let mut busy = Vec::new();
    for _ in 0..effort.rounds {
        for (answers, found) in [(1, &mut ratios), (effort.pick(5, 50), &mut busy)] {
            let line = format!(
                "--conversations={answers} --together --tokens={} --token-rate=100 --warm-up=0s --duration=1s",
                effort.pick(100, 500)
            );
            let before = lab.broker_messages()?.0;
            let outcome = load::play(&urls, &line, &folder).await?;
            let messages = lab.broker_messages()?.0 - before;
            found.push(real(messages) / outcome.number("/delivered/tokens")?);
        }
    }
    let (ratio, busy) = (median(ratios), median(busy));
    Ok(Finding {
        what: "broker messages a token, at 100 tokens a second",
        aim: "0.35 or fewer",
        ours: format!("{ratio:.2}"),
        yardstick: "-".into(),
        verdict: Verdict::of(ratio <= AIM),
        notes: vec![format!(
            "All that RabbitMQ received by its own count (`messages_received_total`), doorbells included, over one \
             answer's tokens; with 50 such answers at once {busy:.2}."
        )],
        picture: None,
    })
}
