//! One stream to a thousand sockets: frames that a second of processor time sends.

use std::time::Duration;

use tokio::time::sleep;

use crate::{
    Effort,
    bare::Bare,
    crowd::Crowd,
    lab::{Lab, Shape},
    load::{Load, words},
    numbers::{median, real},
    peers::{self, Peer},
    report::{Finding, Verdict},
    usage,
};

const OF_BARE: f64 = 0.8;
const OF_SOCKET_IO: f64 = 3.0;

pub(crate) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Finding> {
    let people = effort.pick(5, 250);
    let time = effort.seconds(6);
    let folder = lab.scratch.path().to_owned();
    let (mut ours, mut bare, mut ws, mut socket_io) = (vec![], vec![], vec![], vec![]);
    for _ in 0..effort.rounds {
        let server = Bare::start(&folder)?;
        bare.push(fanned(server.pid(), (server.port, "/fan"), 4 * people, time).await?);
        drop(server);
        ours.push(own(lab, people, time).await?);
        for (kind, found) in [
            (peers::Kind::Ws, &mut ws),
            (peers::Kind::SocketIo, &mut socket_io),
        ] {
            if let Some(peer) = Peer::start(kind, true, &folder)? {
                found.push(fanned(peer.pid(), (peer.port, kind.path()), 4 * people, time).await?);
            }
        }
    }
    let (ours, bare, ws, socket_io) = (median(ours), median(bare), median(ws), median(socket_io));
    let of_socket_io = if socket_io.is_nan() {
        f64::INFINITY
    } else {
        ours / socket_io
    };
    Ok(Finding {
        what: "fan-out of one stream to 1,000 sockets, frames a CPU second",
        aim: "0.8 of bare axum; 3 times Socket.IO",
        ours: format!("{ours:.0} ({:.2} of bare, {of_socket_io:.1} times Socket.IO)", ours / bare),
        yardstick: format!("bare axum {bare:.0}; ws {ws:.0}; Socket.IO {socket_io:.0}"),
        verdict: Verdict::of(ours >= OF_BARE * bare && of_socket_io >= OF_SOCKET_IO),
        notes: vec![
            "Frames that came to the clients over the processor time of the process that sent them. The gateway's \
             are deltas of an answer of 100 tokens a second, 250 people with 4 connections each; the others send a \
             ready frame of the same size 50 times a second."
                .into(),
        ],
        picture: None,
    })
}

async fn own(lab: &mut Lab, people: usize, time: Duration) -> anyhow::Result<f64> {
    let cluster = lab.cluster(&Shape::SMALLEST).await?;
    let (gateway, urls) = (cluster.gateways[0].process.id(), cluster.urls());
    let line = format!(
        "--conversations=1 --people={people} --devices=4 --together --tokens={} --token-rate=100 \
         --warm-up=0s --duration=1s",
        100 * time.as_secs()
    );
    let mut load = Load::start(&urls, &words(&line), lab.scratch.path())?;
    load.begun().await?;
    let before = usage::cpu(gateway)?;
    let outcome = load.finish().await?;
    let used = usage::cpu(gateway)?.saturating_sub(before);
    Ok(outcome.number("/delivered/frames")? / used.as_secs_f64())
}

async fn fanned(
    pid: u32,
    (port, path): (u16, &str),
    size: usize,
    time: Duration,
) -> anyhow::Result<f64> {
    let crowd = Crowd::gather(port, path, size).await?;
    let (frames, cpu) = (crowd.frames(), usage::cpu(pid)?);
    sleep(time).await;
    let frames = crowd.frames() - frames;
    let cpu = usage::cpu(pid)?.saturating_sub(cpu);
    crowd.leave().await;
    Ok(real(frames) / cpu.as_secs_f64().max(0.01))
}
