//! One answer at a time: from `send` to the first token, against the sum of the hops on the way.

use crate::{
    Effort,
    hops::Hops,
    lab::{Lab, Shape},
    load,
    numbers::{median, quantile},
    report::{Finding, Picture, Verdict},
};

const AIM: f64 = 1.5;

pub(crate) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Finding> {
    let urls = lab.cluster(&Shape::SMALLEST).await?.urls();
    let mut hops = Hops::open(lab).await?;
    let folder = lab.scratch.path().to_owned();
    let (mut ours, mut accepted, mut raw, mut parts) = (vec![], vec![], vec![], vec![]);
    let seconds = effort.seconds(5);
    let line = format!(
        "--conversations=1 --together --tokens=8 --token-rate=0 --warm-up={}s --duration={}s",
        effort.pick(0, 1),
        seconds.as_secs()
    );
    let mut picture = String::new();
    for _ in 0..effort.rounds {
        let measured = hops.measure(seconds).await?;
        raw.push(median(measured.iter().map(|hop| hop.first_token())));
        parts.extend(measured);
        let (outcome, drawn) = load::draw(&urls, &line, &folder).await?;
        picture = drawn;
        ours.push(outcome.number("/latency_ms/first_token/p50")?);
        accepted.push(outcome.number("/latency_ms/accepted/p50")?);
    }
    let (ours, raw) = (median(ours), median(raw));
    let part = |of: fn(&crate::hops::Hop) -> f64| median(parts.iter().map(of));
    let p99 = quantile(parts.iter().map(|hop| hop.first_token()), 0.99);
    Ok(Finding {
        what: "first token, one answer at a time, p50",
        aim: "within 1.5 times",
        ours: format!("{ours:.2} ms ({:.2} times)", ours / raw),
        yardstick: format!("{raw:.2} ms of raw hops"),
        verdict: Verdict::of(ours <= AIM * raw),
        notes: vec![
            format!(
                "The hops: a WebSocket there and back {:.3} ms, three times a gRPC stream {:.3} and a Redis \
                 script {:.3}, one way through a quorum queue {:.3} and through a transient one {:.3}; their \
                 sum at p99 {p99:.2} ms.",
                part(|hop| hop.web_socket),
                part(|hop| hop.grpc),
                part(|hop| hop.script),
                part(|hop| hop.quorum),
                part(|hop| hop.transient)
            ),
            format!(
                "`accepted` comes {:.2} ms after `send`, at p50; the quorum's confirm alone takes {:.2} ms.",
                median(accepted),
                part(|hop| hop.confirm)
            ),
        ],
        picture: Some(Picture {
            title: "Answers one at a time: the first token, over time",
            svg: picture,
        }),
    })
}
