//! What the product adds to a token's way under load, beyond the window in which text is gathered.
//!
//! Some answers slower than any window go beside the load: each of their tokens is sent at once,
//! so their delay is the way alone.

use crate::{
    Effort,
    hops::Hops,
    lab::{Lab, Shape},
    load::{self, Load, words},
    numbers::{median, quantile},
    report::{Finding, Verdict},
};

const P50: f64 = 1.5;
const P99: f64 = 2.5;

pub(crate) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Finding> {
    let urls = lab.cluster(&Shape::answering(600)).await?.urls();
    let mut hops = Hops::open(lab).await?;
    let folder = lab.scratch.path().to_owned();
    let seconds = effort.pick(2, 10);
    let line = format!(
        "--conversations={} --together --tokens={} --token-rate=20 --warm-up=0s --duration=1s",
        effort.pick(10, 500),
        20 * (seconds + effort.pick(2, 6))
    );
    let probe = format!(
        "--conversations={} --together --tokens={} --token-rate=5 --warm-up=0s --duration=1s",
        effort.pick(2, 20),
        5 * seconds
    );
    let (mut ours, mut raw, mut with_window) = (vec![], vec![], vec![]);
    for _ in 0..effort.rounds {
        let mut load = Load::start(&urls, &words(&line), &folder)?;
        load.begun().await?;
        let mut probes = Load::start(&urls, &words(&probe), &folder)?;
        probes.begun().await?;
        let beside = std::time::Duration::from_secs(seconds);
        let (measured, probed) = tokio::try_join!(hops.measure(beside), probes.finish())?;
        let delays: Vec<_> = measured.iter().map(|hop| hop.delta()).collect();
        raw.push((quantile(delays.clone(), 0.5), quantile(delays, 0.99)));
        ours.push((
            probed.number("/latency_ms/delay/p50")?,
            probed.number("/latency_ms/delay/p99")?,
        ));
        let outcome: load::Outcome = load.finish().await?;
        with_window.push((
            outcome.number("/latency_ms/delay/p50")?,
            outcome.number("/latency_ms/delay/p99")?,
        ));
    }
    let middle = |pairs: &[(f64, f64)]| {
        (
            median(pairs.iter().map(|pair| pair.0)),
            median(pairs.iter().map(|pair| pair.1)),
        )
    };
    let (ours, raw, with_window) = (middle(&ours), middle(&raw), middle(&with_window));
    Ok(Finding {
        what: "added delay a delta, 500 answers at 20 tokens a second, p50 and p99",
        aim: "within 1.5 and 2.5 times",
        ours: format!(
            "{:.2} and {:.1} ms ({:.2} and {:.2} times)",
            ours.0,
            ours.1,
            ours.0 / raw.0,
            ours.1 / raw.1
        ),
        yardstick: format!("{:.2} and {:.1} ms of raw hops under the same load", raw.0, raw.1),
        verdict: Verdict::of(ours.0 <= P50 * raw.0 && ours.1 <= P99 * raw.1),
        notes: vec![
            "One worker, with `agent_worker.concurrency` of 600 instead of 64. Measured on 20 further answers at 5 tokens a second beside the load: slower than any window, so that \
             each token goes at once. The hops: a gRPC stream, a Redis script, one way through a transient queue, \
             half a WebSocket's way there and back."
                .into(),
            format!(
                "The load's own tokens, with the window in which they are gathered: {:.0} and {:.0} ms.",
                with_window.0, with_window.1
            ),
        ],
        picture: None,
    })
}
