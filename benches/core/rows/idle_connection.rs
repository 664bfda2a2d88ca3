//! What a connection costs that is authenticated, subscribed, and quiet.

use std::time::Duration;

use tokio::time::sleep;

use crate::{
    Effort,
    bare::Bare,
    crowd::Crowd,
    lab::{Lab, Shape},
    load::{Load, words},
    numbers::real,
    peers::{self, Peer},
    report::{Finding, Verdict},
    usage,
};

const KILOBYTES: f64 = 8.0;
const MICROS: f64 = 2.0;

/// What one connection costs a process.
struct Cost {
    kilobytes: f64,
    micros: f64,
}

pub(crate) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Finding> {
    let size = effort.pick(100, 10_000);
    let watch = Duration::from_secs(effort.pick(1, 30));
    let folder = lab.scratch.path().to_owned();
    lab.close_cluster();

    let bare = Bare::start(&folder)?;
    let yardstick = crowded(bare.pid(), (bare.port, "/idle"), size, watch).await?;
    drop(bare);

    let cluster = lab.cluster(&Shape::SMALLEST).await?;
    let (gateway, urls) = (cluster.gateways[0].process.id(), cluster.urls());
    let before = usage::resident(gateway)?;
    let line = format!(
        "--conversations=0 --idle={size} --warm-up=0s --duration={}s",
        watch.as_secs() + 10
    );
    let mut load = Load::start(&urls, &words(&line), &folder)?;
    load.begun().await?;
    let ours = watched(gateway, before, size, watch).await?;
    load.finish().await?;
    lab.close_cluster();

    let mut others = Vec::new();
    for (kind, name) in [
        (peers::Kind::Ws, "ws"),
        (peers::Kind::SocketIo, "Socket.IO"),
    ] {
        if let Some(peer) = Peer::start(kind, false, &folder)? {
            let cost = crowded(peer.pid(), (peer.port, kind.path()), size, watch).await?;
            others.push(format!(
                "{name} {:.1} KB, {:.2} µs",
                cost.kilobytes, cost.micros
            ));
        }
    }
    Ok(Finding {
        what: "an idle connection, 10,000 of them: resident; CPU a second",
        aim: "under 8 KB; under 2 µs",
        ours: format!("{:.1} KB; {:.2} µs", ours.kilobytes, ours.micros),
        yardstick: format!(
            "bare axum {:.1} KB, {:.2} µs; {}",
            yardstick.kilobytes,
            yardstick.micros,
            others.join("; ")
        ),
        verdict: Verdict::of(ours.kilobytes < KILOBYTES && ours.micros < MICROS),
        notes: vec![
            "The gateway's growth of resident memory, and its processor time afterwards; each connection is another \
             person's, subscribed to a conversation of its own."
                .into(),
            "Bare axum has the same buffers, and neither people nor conversations; nor have the others.".into(),
        ],
        picture: None,
    })
}

async fn crowded(
    pid: u32,
    (port, path): (u16, &str),
    size: usize,
    watch: Duration,
) -> anyhow::Result<Cost> {
    // The first few make the process what it is anyway.
    Crowd::gather(port, path, 20).await?.leave().await;
    let before = usage::resident(pid)?;
    let crowd = Crowd::gather(port, path, size).await?;
    let cost = watched(pid, before, size, watch).await;
    crowd.leave().await;
    cost
}

async fn watched(pid: u32, before: u64, size: usize, watch: Duration) -> anyhow::Result<Cost> {
    let grown = usage::resident(pid)?.saturating_sub(before);
    let begun = usage::cpu(pid)?;
    sleep(watch).await;
    let used = usage::cpu(pid)?.saturating_sub(begun);
    let size = real(size as u64);
    Ok(Cost {
        kilobytes: real(grown) / 1000.0 / size,
        micros: used.as_secs_f64() * 1e6 / watch.as_secs_f64() / size,
    })
}
