//! The faults of a plan, striking in their time.

use std::time::Duration;

use convene_invariants::Loss;
use convene_runtime::clock::now_ms;
use tokio::time::{sleep, timeout};
use xtask::process::Signal;

use crate::{
    cluster::Cluster,
    plan::{Fault, Plan, Strike, Target, Tier, Way},
    proxy::{Flow, Wire},
    trace::Trace,
};

/// A drain ends sooner than this, or is cut short.
const DRAINS_WITHIN: Duration = Duration::from_secs(10);

/// How old what Redis loses with its machine may be: ARCHITECTURE.md.
const KEPT_BACK_MS: u64 = 2_000;

/// Whoever is to call the desk does so within this, or not at all; and is away for so long.
const COMES_WITHIN: Duration = Duration::from_secs(10);
const AWAY: Duration = Duration::from_secs(1);

const REDIS: Target = Target {
    tier: Tier::Redis,
    index: 0,
};

/// Strikes, one edge after the other: a server that is started again holds up those behind it. Says
/// what the log may have lost.
pub(crate) async fn strike(
    cluster: &mut Cluster,
    people: &[Wire],
    plan: &Plan,
    trace: &Trace,
) -> Loss {
    let mut loss = Loss::Nothing;
    let mut edges = Vec::new();
    for strike in &plan.strikes {
        edges.push((strike.at, true, strike));
        edges.push((strike.at + strike.lasts, false, strike));
    }
    edges.sort_by_key(|(at, begins, _)| (*at, *begins));
    for (at, begins, strike) in edges {
        until(cluster, trace, at).await;
        let edge = if begins { "begins" } else { "ends" };
        trace.note(format!(
            "* {} {edge}: {:?}",
            strike.fault.name(),
            strike.fault
        ));
        if begins {
            let lost = begin(cluster, people, plan.seed, strike, trace);
            if lost != Loss::Nothing {
                loss = lost;
            }
        } else {
            end(cluster, people, strike, trace).await;
        }
    }
    spring(cluster, trace).await;
    trace.note("* all faults have struck");
    loss
}

/// Waits for this moment, and kills whoever walks into an ambush meanwhile.
async fn until(cluster: &mut Cluster, trace: &Trace, at: u64) {
    let desk = cluster.desk.clone();
    loop {
        tokio::select! {
            () = trace.reaches(at) => return,
            caller = desk.ambush().prey() => kill_caller(cluster, trace, caller),
        }
    }
}

/// A desk that was slow is called when everything else has struck.
async fn spring(cluster: &mut Cluster, trace: &Trace) {
    let desk = cluster.desk.clone();
    while desk.ambush().is_laid() {
        let Ok(caller) = timeout(COMES_WITHIN, desk.ambush().prey()).await else {
            break;
        };
        kill_caller(cluster, trace, caller);
        sleep(AWAY).await;
        cluster.start_again(worker(caller)).await;
    }
    desk.ambush().lift();
}

fn kill_caller(cluster: &mut Cluster, trace: &Trace, caller: usize) {
    trace.note(format!("* worker-{caller} calls the desk, and is killed"));
    cluster.kill(worker(caller));
}

const fn worker(index: usize) -> Target {
    Target {
        tier: Tier::Worker,
        index,
    }
}

fn lose_tail(cluster: &mut Cluster, share: u64, trace: &Trace) -> Loss {
    let from = now_ms().saturating_sub(KEPT_BACK_MS);
    cluster.kill(REDIS);
    let lost = cluster.tail.lose(share);
    trace.note(format!("* Redis lost its last {lost} bytes"));
    match lost {
        0 => Loss::Nothing,
        _ => Loss::Tail { from, to: now_ms() },
    }
}

fn begin(
    cluster: &mut Cluster,
    people: &[Wire],
    seed: u64,
    strike: &Strike,
    trace: &Trace,
) -> Loss {
    match &strike.fault {
        Fault::Kill(target) => cluster.kill(*target),
        Fault::KillCaller(endpoint) => cluster.desk.ambush().lay(*endpoint),
        Fault::Freeze(target) => cluster.signal(*target, Signal::Stop),
        Fault::Restart(target) => cluster.signal(*target, Signal::Term),
        Fault::Cut(from, to) => each(cluster, people, (from, to), |wire| {
            wire.set(|weather| weather.refuses = true);
            wire.cut();
        }),
        Fault::Delay(from, to, late) => {
            let late = Flow::Late(Duration::from_millis(*late));
            each(cluster, people, (from, to), |wire| {
                wire.set(|weather| (weather.up, weather.down) = (late, late));
            });
        }
        Fault::Half(from, to, way) => each(cluster, people, (from, to), |wire| {
            wire.set(|weather| match way {
                Way::Up => weather.up = Flow::Still,
                Way::Down => weather.down = Flow::Still,
            });
        }),
        Fault::Hole(from, to) => each(cluster, people, (from, to), |wire| {
            wire.set(|weather| (weather.up, weather.down) = (Flow::Still, Flow::Still));
        }),
        Fault::LoseLetters(of_a_thousand) => cluster.letters.lose(*of_a_thousand, seed),
        Fault::Alarm => cluster.alarm(true),
        Fault::LoseTail(share) => return lose_tail(cluster, *share, trace),
    }
    Loss::Nothing
}

async fn end(cluster: &mut Cluster, people: &[Wire], strike: &Strike, trace: &Trace) {
    match &strike.fault {
        Fault::Kill(target) => cluster.start_again(*target).await,
        Fault::KillCaller(_) => {
            for caller in cluster.desk.ambush().caught() {
                cluster.start_again(worker(caller)).await;
            }
        }
        Fault::Freeze(target) => cluster.signal(*target, Signal::Cont),
        Fault::Restart(target) => {
            if !cluster.ended(*target, DRAINS_WITHIN).await {
                trace.note(format!("* {target:?} does not drain, and is killed"));
                cluster.kill(*target);
            }
            cluster.start_again(*target).await;
        }
        Fault::Cut(from, to)
        | Fault::Delay(from, to, _)
        | Fault::Half(from, to, _)
        | Fault::Hole(from, to) => each(cluster, people, (from, to), Wire::heal),
        Fault::LoseLetters(_) => {
            trace.note(format!(
                "* {} letters lost so far",
                cluster.letters.dropped()
            ));
            cluster.letters.lose(0, 0);
        }
        Fault::Alarm => cluster.alarm(false),
        Fault::LoseTail(_) => cluster.start_again(REDIS).await,
    }
}

fn each(cluster: &Cluster, people: &[Wire], (from, to): (&str, &str), change: impl Fn(&Wire)) {
    let wires = cluster.wires().iter().chain(people);
    wires
        .filter(|wire| wire.is_between(from, to))
        .for_each(change);
}
