//! The report for people.

use super::report::{Percentiles, Report};

/// Lines of text, without the last line's end.
pub(super) fn draw(report: &Report) -> String {
    let mut table = Table(String::new());
    table.line(&report.title);
    if report.was_cut_short() {
        table.line(&format!("cut short after {:.1} s", report.seconds));
    }
    table.line("");
    table.line(&format!(
        "{:<24}{:>9}{:>10}{:>10}{:>10}{:>10}{:>10}",
        "milliseconds", "count", "p50", "p90", "p99", "p99.9", "max"
    ));
    let latency = &report.latency_ms;
    table.times("accepted", &latency.accepted);
    table.times("first token", &latency.first_token);
    table.times("whole answer", &latency.answer);
    table.times("between two deltas", &latency.gap);
    table.times("a token's delay", &latency.delay);
    table.times("back after a cut", &latency.resumed);
    table.line("");
    let messages = &report.messages;
    table.line(&format!(
        "messages     {} said, {} answered, {} failed, {} refused, {} never answered, {} never accepted",
        messages.said,
        messages.answered,
        messages.failed,
        messages.refused,
        messages.unanswered,
        messages.unaccepted
    ));
    let delivered = &report.delivered;
    table.line(&format!(
        "delivered    {} frames ({:.0} a second): {} events, {} deltas; {:.0} tokens a second",
        delivered.frames,
        delivered.frames_per_second,
        delivered.events,
        delivered.deltas,
        delivered.tokens_per_second
    ));
    let broken = &report.broken;
    table.line(&format!(
        "promises     {} lost, {} twice, {} out of order",
        broken.lost, broken.twice, broken.disordered
    ));
    let connections = &report.connections;
    table.line(&format!(
        "connections  {} came back ({:.0} a second), {} lost, {} given a snapshot, {} tries failed",
        connections.resumed,
        connections.resumed_per_second,
        connections.dropped,
        connections.replaced,
        connections.failed_connects
    ));
    let generator = &report.generator;
    table.line(&format!(
        "generator    {:.2} CPU seconds in {:.1} s; late by {:.1} ms at p99; {} not said at all",
        generator.cpu_seconds, report.seconds, generator.late_ms.p99, generator.unsaid
    ));
    for example in &report.examples {
        table.line(&format!("  {example}"));
    }
    table.0
}

struct Table(String);

impl Table {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn times(&mut self, name: &str, times: &Percentiles) {
        if times.count == 0 {
            return;
        }
        self.line(&format!(
            "{name:<24}{:>9}{:>10.2}{:>10.2}{:>10.2}{:>10.2}{:>10.2}",
            times.count, times.p50, times.p90, times.p99, times.p999, times.max
        ));
    }
}
