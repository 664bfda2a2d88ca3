//! On paper: what very many people and answers need, reckoned from the curves.

use super::table::{Table, grouped, readable};

const CONNECTIONS: f64 = 1e6;
const ANSWERS: f64 = 1e5;
/// Tokens a second of each, and connections that read each: of so many gateways that hardly ever two
/// of them are on the same one.
const RATE: f64 = 50.0;
const READERS: f64 = 2.0;
/// Tokens of an answer: how often a run begins.
const LENGTH: f64 = 500.0;
/// How busy a core is to be.
const BUSY: f64 = 0.5;
/// Cores of a machine.
const CORES: f64 = 8.0;
/// `gateway.max_connections` as shipped.
const A_GATEWAY: f64 = 20_000.0;
/// The row of the answers' curve that is reckoned with: the machine is busy there, and not overrun.
const AT: f64 = 100.0;

/// A table of what each part needs; nothing where a curve that it takes is missing.
pub(super) fn reckon(tables: &[Table]) -> Option<String> {
    let figure = |table: &str, column: &str, at: f64| {
        let found = tables.iter().find(|known| known.name == table)?;
        found.figure(column, at)
    };
    let tokens = ANSWERS * RATE;
    let mut lines = vec![
        format!(
            "{} connections; {} live answers at {RATE} tokens a second are {} tokens a second, each read on {READERS} \
             connections; at {LENGTH} tokens an answer {} runs begin each second. Cores are reckoned to be {:.0}% \
             busy, a machine to have {CORES} of them.\n",
            grouped(CONNECTIONS),
            grouped(ANSWERS),
            grouped(tokens),
            grouped(tokens / LENGTH),
            100.0 * BUSY
        ),
        "| part | arithmetic | cores, busy | needs |".to_owned(),
        "| --- | --- | ---: | --- |".to_owned(),
    ];
    let mut add = |part: &str, arithmetic: String, cores: f64, needs: String| {
        let cores = grouped(cores.ceil());
        lines.push(format!("| {part} | {arithmetic} | {cores} | {needs} |"));
    };
    let machines = |cores: f64| grouped((cores / BUSY / CORES).ceil());

    let idle = figure("connections", "gateway, µs a second", 1e4)?;
    let kilobytes = figure("connections", "KB resident", 1e4)?;
    let taking = figure("answers", "gateway", AT)?;
    let cores = (CONNECTIONS * idle + READERS * tokens * taking) / 1e6;
    let gateways = (CONNECTIONS / A_GATEWAY).max(cores / BUSY / CORES).ceil();
    add(
        "gateways",
        format!(
            "{} × {} µs idle + {} × {READERS} readers × {} µs for a token",
            grouped(CONNECTIONS),
            readable(idle),
            grouped(tokens),
            readable(taking)
        ),
        cores,
        format!(
            "{} of {CORES} cores; {} connections and {} MB of them each",
            grouped(gateways),
            grouped(CONNECTIONS / gateways),
            grouped(CONNECTIONS / gateways * kilobytes / 1e3)
        ),
    );
    for (part, column, needs) in [
        ("workers", "workers", "answers each at"),
        (
            "context services",
            "context service",
            "answers' writes each at",
        ),
    ] {
        let each = figure("answers", column, AT)?;
        let cores = tokens * each / 1e6;
        let count = (cores / BUSY / CORES).ceil();
        add(
            part,
            format!("{} × {} µs", grouped(tokens), readable(each)),
            cores,
            format!(
                "{} of {CORES} cores; {} {needs} once",
                grouped(count),
                grouped(ANSWERS / count)
            ),
        );
    }
    let each = figure("answers", "Redis", AT)?;
    let idle = figure("connections", "Redis, µs a second", 1e4)?;
    let cores = (tokens * each + CONNECTIONS * idle) / 1e6;
    let masters = (cores / BUSY).ceil();
    let calls = figure("traffic", "Redis scripts", AT)?;
    let script = figure("traffic", "µs a script", AT)?;
    add(
        "Redis masters",
        format!(
            "{} × {} µs + {} × {} µs for audits; {} scripts a second of {} µs",
            grouped(tokens),
            readable(each),
            grouped(CONNECTIONS),
            readable(idle),
            grouped(tokens * calls),
            readable(script)
        ),
        cores,
        format!(
            "{} of one core; {} live answers each",
            grouped(masters),
            grouped(ANSWERS / masters)
        ),
    );
    let to_one = figure("answers", "RabbitMQ", AT)?;
    let spread = figure("gateways", "RabbitMQ", READERS)? / figure("gateways", "RabbitMQ", 1.0)?;
    let taken = figure("traffic", "messages to RabbitMQ", AT)?;
    let cores = tokens * to_one * spread / 1e6;
    add(
        "RabbitMQ nodes",
        format!(
            "{} × {} µs × {} for {READERS} gateways instead of one; {} messages a second in, {} out",
            grouped(tokens),
            readable(to_one),
            readable(spread),
            grouped(tokens * taken),
            grouped(tokens * taken * READERS)
        ),
        cores,
        format!("{} of {CORES} cores", machines(cores)),
    );
    let bytes = figure("traffic", "bytes to its reader", AT)?;
    lines.push(format!(
        "\nTo the clients go {} × {READERS} × {} bytes: {} GB a second, {} Gbit/s for each gateway. Conversations that \
         rest take {} GB of Redis for every ten million, {} bytes each. On one core of its own each part would carry, in tokens a second: {}.",
        grouped(tokens),
        readable(bytes),
        readable(tokens * READERS * bytes / 1e9),
        readable(tokens * READERS * bytes * 8.0 / 1e9 / gateways),
        readable(figure("conversations", "bytes", 2e4)? * 1e7 / 1e9),
        grouped(figure("conversations", "bytes", 2e4)?),
        on_one_core(|column| figure("answers", column, AT))?
    ));
    Some(lines.join("\n"))
}

/// The tokens a second that a core of each part carries, the fewest first.
fn on_one_core(cost: impl Fn(&str) -> Option<f64>) -> Option<String> {
    let parts = ["RabbitMQ", "Redis", "gateway", "workers", "context service"];
    let costs = parts.map(|part| Some((part, cost(part)?)));
    let mut costs = costs.into_iter().collect::<Option<Vec<_>>>()?;
    costs.sort_by(|one, other| other.1.total_cmp(&one.1));
    let said = costs
        .into_iter()
        .map(|(part, cost)| format!("{part} {}", grouped((1e6 / cost).round())));
    Some(said.collect::<Vec<_>>().join(", "))
}
