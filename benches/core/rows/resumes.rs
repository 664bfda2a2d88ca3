//! How fast clients come back and go on where they were.

use std::time::Duration;

use redis::AsyncCommands as _;

use crate::{
    Effort,
    bare::Bare,
    crowd,
    lab::{Lab, Shape, scripts},
    load,
    numbers::{median, real},
    report::{Finding, Verdict},
};

const OF_UPGRADES: f64 = 0.5;
const COMMANDS: f64 = 2.0;
/// Clients that come back at once.
const CLIENTS: usize = 32;

pub(crate) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Finding> {
    let time = effort.seconds(3);
    let folder = lab.scratch.path().to_owned();
    let (mut resumes, mut upgrades, mut commands) = (vec![], vec![], vec![]);
    for _ in 0..effort.rounds {
        let bare = Bare::start(&folder)?;
        upgrades.push(crowd::upgrades(bare.port, CLIENTS, time).await?);
        drop(bare);
        let urls = lab.cluster(&Shape::SMALLEST).await?.urls();
        let line = format!(
            "--conversations=0 --idle={CLIENTS} --reconnects={} --warm-up=0s --duration={}s",
            effort.pick(100, 20_000),
            time.as_secs()
        );
        let mut redis = lab.redis().await?;
        let mut playing = load::Load::start(&urls, &load::words(&line), &folder)?;
        playing.begun().await?;
        let before = called(&mut redis).await?;
        let outcome = playing.finish().await?;
        let calls = called(&mut redis).await? - before;
        commands.push(real(calls) / outcome.number("/connections/resumed")?);
        resumes.push(outcome.number("/connections/resumed_per_second")?);
    }
    let (resumes, upgrades, commands) = (median(resumes), median(upgrades), median(commands));
    Ok(Finding {
        what: "resumes a second; Redis commands for each",
        aim: "half of raw upgrades; 2 or fewer",
        ours: format!("{resumes:.0} ({:.2}); {commands:.1}", resumes / upgrades),
        yardstick: format!("{upgrades:.0} raw upgrades a second by bare axum"),
        verdict: Verdict::of(resumes >= OF_UPGRADES * upgrades && commands <= COMMANDS),
        notes: vec![format!(
            "{CLIENTS} clients, each of which cuts its connection as soon as it is back: TCP, upgrade, token, \
             subscription from where it was, `resumed`. Commands are the functions that Redis ran (`INFO \
             commandstats`), those for leaving included."
        )],
        picture: None,
    })
}

/// Scripts so far.
async fn called(redis: &mut redis::aio::MultiplexedConnection) -> anyhow::Result<u64> {
    // What is asked for shortly before is done by then.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let _: String = redis.ping().await?;
    Ok(scripts(redis).await?.0)
}
