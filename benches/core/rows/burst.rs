//! Fifty answers at once, with no pause between their tokens: no fast answer starves the others.

use crate::{
    Effort,
    lab::{Lab, Shape},
    load,
    numbers::median,
    report::{Finding, Picture, Verdict},
};

const FIRST_TOKEN_MS: f64 = 15.0;
const TOKENS_A_SECOND: f64 = 300_000.0;

pub(crate) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Finding> {
    let urls = lab.cluster(&Shape::SMALLEST).await?.urls();
    let folder = lab.scratch.path().to_owned();
    let (mut first, mut p99, mut tokens) = (vec![], vec![], vec![]);
    let line = format!(
        "--conversations={} --together --tokens=200 --token-rate=0 --warm-up={}s --duration={}s",
        effort.pick(5, 50),
        effort.pick(0, 2),
        effort.seconds(5).as_secs()
    );
    let mut picture = String::new();
    for _ in 0..effort.rounds {
        let (outcome, drawn) = load::draw(&urls, &line, &folder).await?;
        picture = drawn;
        first.push(outcome.number("/latency_ms/first_token/p50")?);
        p99.push(outcome.number("/latency_ms/first_token/p99")?);
        tokens.push(outcome.number("/delivered/tokens_per_second")?);
    }
    let (first, p99, tokens) = (median(first), median(p99), median(tokens));
    Ok(Finding {
        what: "first token, 50 answers of 200 tokens at once, p50; tokens a second",
        aim: "under 15 ms; over 300,000",
        ours: format!("{first:.1} ms; {tokens:.0}"),
        yardstick: "-".into(),
        verdict: Verdict::of(first < FIRST_TOKEN_MS && tokens > TOKENS_A_SECOND),
        notes: vec![format!(
            "Again and again, each time when all fifty were answered. First token at p99: {p99:.1} ms. Tokens a \
             second count from the moment at which all of them speak to the last answer's end."
        )],
        picture: Some(Picture {
            title: "Fifty answers at once, again and again: the first token, over time",
            svg: picture,
        }),
    })
}
