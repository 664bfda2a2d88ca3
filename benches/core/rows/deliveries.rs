//! Eight gateways: letters come to those that need them and to no others, also while their readers
//! reconnect, and whoever comes, reconnects or goes changes nothing at the broker.

use crate::{
    Effort,
    lab::{Lab, Shape},
    load::{self, Load, words},
    report::{Finding, Verdict},
};

const AIM: f64 = 1.02;

pub(crate) async fn measure(lab: &mut Lab, effort: &Effort) -> anyhow::Result<Finding> {
    let shape = Shape {
        gateways: effort.pick(2, 8),
        ..Shape::SMALLEST
    };
    let urls = lab.cluster(&shape).await?.urls();
    let folder = lab.scratch.path().to_owned();
    let standing = bindings(lab)?;
    let letters = async |lab: &mut Lab, who: &str| -> anyhow::Result<f64> {
        let mut sum = 0.0;
        for gateway in &lab.cluster(&shape).await?.gateways {
            let line = format!("convene_gateway_letters_total{{for=\"{who}\"");
            sum += gateway.metric(&line).await?;
        }
        Ok(sum)
    };
    let before = (
        letters(lab, "somebody").await?,
        letters(lab, "nobody").await?,
    );
    let talk = format!(
        "--conversations={} --people=2 --rate={} --tokens=50 --token-rate=50 --reconnects={} --duration={}s",
        effort.pick(4, 64),
        effort.pick(4, 20),
        effort.pick(4, 50),
        effort.seconds(10).as_secs()
    );
    let talked = load::play(&urls, &talk, &folder).await?;
    let talking = talked.number("/connections/resumed")?;
    let wanted = letters(lab, "somebody").await? - before.0;
    let unwanted = letters(lab, "nobody").await? - before.1;
    let reconnect = format!(
        "--conversations=0 --idle={} --reconnects={} --warm-up=0s --duration={}s",
        effort.pick(20, 1000),
        effort.pick(40, 500),
        effort.pick(1, 21)
    );
    let mut load = Load::start(&urls, &words(&reconnect), &folder)?;
    load.begun().await?;
    // While all of them read.
    let meanwhile = bindings(lab)?;
    let outcome = load.finish().await?;
    let resumed = outcome.number("/connections/resumed")?;
    let is_untouched = meanwhile == standing && bindings(lab)? == standing;
    lab.close_cluster();
    let ratio = (wanted + unwanted) / wanted;
    let untouched = if is_untouched { "none" } else { "some" };
    Ok(Finding {
        what: "deliveries to inboxes over deliveries needed, 8 gateways; bindings made or removed in 10,000 reconnects",
        aim: "1.02 or fewer; none",
        ours: format!("{ratio:.3}; {untouched} in {resumed:.0}"),
        yardstick: "-".into(),
        verdict: Verdict::of(ratio <= AIM && is_untouched),
        notes: vec![format!(
            "{wanted:.0} letters came to a gateway where somebody read something in it, {unwanted:.0} to one where \
             nobody did, while {talking:.0} times a reader reconnected. Bindings and queues are RabbitMQ's own lists: \
             before anybody came, while all were subscribed and reconnecting, and after they had gone."
        )],
        picture: None,
    })
}

/// All bindings and queues; those of an inbox have a fresh name at each connection.
fn bindings(lab: &Lab) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let list = |arguments: &[&str]| -> anyhow::Result<Vec<String>> {
        let said = lab.control(arguments)?;
        let mut lines: Vec<_> = said.lines().map(str::to_owned).collect();
        lines.sort();
        Ok(lines)
    };
    Ok((
        list(&[
            "list_bindings",
            "source_name",
            "destination_name",
            "routing_key",
        ])?,
        list(&["list_queues", "name"])?,
    ))
}
