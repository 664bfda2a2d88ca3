//! What a token costs: processor time of all that serve, over the tokens that people got.

use crate::{
    Effort,
    lab::{Lab, Shape},
    load::{Load, words},
    numbers::median,
    report::{Finding, Verdict},
    usage::Meter,
};

const MICROS: f64 = 30.0;

pub(crate) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Finding> {
    let urls = lab.cluster(&Shape::answering(256)).await?.urls();
    let folder = lab.scratch.path().to_owned();
    let answers = effort.pick(10, 200);
    let line = format!(
        "--conversations={answers} --together --tokens={} --token-rate=50 --warm-up=0s --duration=1s",
        effort.pick(50, 500)
    );
    let (mut all, mut delays, mut split) = (vec![], vec![], Vec::new());
    for _ in 0..effort.rounds {
        let mut load = Load::start(&urls, &words(&line), &folder)?;
        load.begun().await?;
        let meter = Meter::start(&lab.processes())?;
        let outcome = load.finish().await?;
        let tokens = outcome.number("/delivered/tokens")?;
        let used = meter.read()?;
        let micros = |seconds: f64| seconds * 1e6 / tokens;
        all.push(micros(used.iter().map(|(_, seconds)| seconds).sum()));
        delays.push(outcome.number("/latency_ms/delay/p99")?);
        let parts = used
            .iter()
            .map(|(name, seconds)| format!("{name} {:.1}", micros(*seconds)));
        split.push(parts.collect::<Vec<_>>().join(", "));
    }
    let cost = median(all);
    Ok(Finding {
        what: "CPU a token, all processes, 200 answers at 50 tokens a second",
        aim: "under 30 µs",
        ours: format!("{cost:.1} µs"),
        yardstick: "-".into(),
        verdict: Verdict::of(cost < MICROS),
        notes: vec![
            format!(
                "By process, in the last round, in µs: {}.",
                split.pop().unwrap_or_default()
            ),
            format!(
                "One worker, with `agent_worker.concurrency` of 256 instead of 64. From the first word to the last answer's end, with the runs' beginnings and ends in it; a token's \
                 delay at p99 was {:.0} ms, the window in which text is gathered included.",
                median(delays)
            ),
        ],
        picture: None,
    })
}
