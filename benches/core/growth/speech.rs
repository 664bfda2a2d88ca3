//! What live answers cost, process by process.

use std::time::Duration;

use tokio::time::sleep;

use crate::{
    Effort,
    lab::{Lab, scripts},
    load::{Load, Outcome, words},
    numbers::real,
    usage::Meter,
};

/// What the processes use while nobody speaks, in seconds a second.
pub(super) struct Idle(Vec<(&'static str, f64)>);

impl Idle {
    /// Of all that run now, once they have settled after their start.
    pub(super) async fn of(lab: &Lab, effort: &Effort) -> anyhow::Result<Self> {
        sleep(effort.pick(Duration::ZERO, Duration::from_secs(3))).await;
        let meter = Meter::start(&lab.processes())?;
        sleep(effort.pick(Duration::from_millis(200), Duration::from_secs(4))).await;
        let time = meter.elapsed().as_secs_f64();
        let used = meter.read()?.into_iter();
        Ok(Self(used.map(|(name, sum)| (name, sum / time)).collect()))
    }

    /// What they used beyond that, by name.
    pub(super) fn beyond(&self, meter: &Meter) -> anyhow::Result<Vec<(&'static str, f64)>> {
        let time = meter.elapsed().as_secs_f64();
        let idle = |name| self.0.iter().find(|(known, _)| *known == name);
        let used = meter.read()?.into_iter().map(|(name, sum)| {
            let anyway = idle(name).map_or(0.0, |(_, share)| share * time);
            (name, (sum - anyway).max(0.0))
        });
        Ok(used.collect())
    }
}

/// What was said, and what it took.
pub(super) struct Speech {
    pub(super) outcome: Outcome,
    pub(super) tokens: f64,
    used: Vec<(&'static str, f64)>,
    /// How often Redis ran a script, and for how many microseconds.
    pub(super) scripts: (f64, f64),
    /// Messages that RabbitMQ took, and that it put into queues.
    pub(super) messages: (f64, f64),
}

impl Speech {
    /// Plays a load of answers to its end.
    pub(super) async fn hear(
        lab: &Lab,
        urls: &str,
        line: &str,
        idle: &Idle,
    ) -> anyhow::Result<Self> {
        let mut redis = lab.redis().await?;
        let (taken, put) = lab.broker_messages()?;
        let before = scripts(&mut redis).await?;
        let mut load = Load::start(urls, &words(line), lab.scratch.path())?;
        load.begun().await?;
        let meter = Meter::start(&lab.processes())?;
        let outcome = load.finish().await?;
        let used = idle.beyond(&meter)?;
        let ran = scripts(&mut redis).await?;
        let (taken_since, put_since) = lab.broker_messages()?;
        Ok(Self {
            tokens: outcome.number("/delivered/tokens")?,
            outcome,
            used,
            scripts: (real(ran.0 - before.0), real(ran.1 - before.1)),
            messages: (real(taken_since - taken), real(put_since - put)),
        })
    }

    /// Microseconds that all processes of this name used for a token.
    pub(super) fn micros(&self, name: &str) -> f64 {
        self.seconds(name) * 1e6 / self.tokens
    }

    /// Of all processes together.
    pub(super) fn all_micros(&self) -> f64 {
        let all: f64 = self.used.iter().map(|(_, seconds)| seconds).sum();
        all * 1e6 / self.tokens
    }

    pub(super) fn seconds(&self, name: &str) -> f64 {
        let found = self.used.iter().find(|(known, _)| *known == name);
        found.map_or(0.0, |(_, seconds)| *seconds)
    }
}
