//! The picture: latency over time, as SVG.

use super::{
    report::Report,
    tally::{Latency, Point},
};
use crate::svg::escape;

const WIDTH: f64 = 880.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 48.0;

/// Seconds between two marks of the time.
const TICKS: [f64; 12] = [
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0,
];

/// Steps of time at most; a step has enough points for its percentiles to mean something.
const STEPS: usize = 120;
const POINTS_A_STEP: usize = 8;
/// Single messages are drawn as dots while there are no more than this.
const DOTS: usize = 4000;

/// The percentiles of one step of time.
struct Step {
    at: f64,
    p50: f64,
    p99: f64,
}

/// Draws a report's messages.
pub(super) fn draw(report: &Report) -> String {
    let first = points(report, Latency::FirstToken);
    let accepted = points(report, Latency::Accepted);
    let end = report.points.last().map_or(1.0, |last| last.at).max(1e-3);
    let lowest = report
        .points
        .iter()
        .map(|point| point.took)
        .fold(f64::MAX, f64::min);
    let highest = report
        .points
        .iter()
        .map(|point| point.took)
        .fold(0.0, f64::max);
    let scale = Scale::new(end, lowest, highest);
    let mut svg = Svg::new();
    svg.frame(&scale, &report.title);
    if first.len() <= DOTS {
        for point in &first {
            svg.dot(scale.x(point.at), scale.y(point.took));
        }
    }
    let steps = steps(&first, end);
    svg.band(&scale, &steps);
    svg.curve(&scale, &steps, |step| step.p99, "p99");
    svg.curve(
        &scale,
        &self::steps(&accepted, end),
        |step| step.p50,
        "accepted",
    );
    svg.curve(&scale, &steps, |step| step.p50, "p50");
    svg.legend(&[
        ("p50", "first token, median"),
        ("p99", "first token, p99"),
        ("accepted", "accepted, median"),
    ]);
    svg.end()
}

fn points(report: &Report, latency: Latency) -> Vec<Point> {
    let chosen = report
        .points
        .iter()
        .filter(|point| point.latency == latency);
    chosen.copied().collect()
}

fn steps(points: &[Point], end: f64) -> Vec<Step> {
    let count = (points.len() / POINTS_A_STEP).clamp(1, STEPS);
    let width = end / to_f64(count);
    let mut steps = Vec::with_capacity(count);
    let mut rest = points;
    for number in 1..=count {
        let until = width * to_f64(number);
        let length = rest.partition_point(|point| point.at < until || number == count);
        let (now, later) = rest.split_at(length);
        rest = later;
        let mut times: Vec<_> = now.iter().map(|point| point.took).collect();
        times.sort_by(f64::total_cmp);
        let at = |numerator: usize| times.get((times.len() * numerator / 100).min(times.len() - 1));
        if times.is_empty() {
            continue;
        }
        if let (Some(&p50), Some(&p99)) = (at(50), at(99)) {
            steps.push(Step {
                at: until - width / 2.0,
                p50,
                p99,
            });
        }
    }
    steps
}

#[expect(clippy::cast_precision_loss, reason = "a small count")]
fn to_f64(count: usize) -> f64 {
    count as f64
}

/// Where a time and a latency lie; latencies by their logarithm.
struct Scale {
    end: f64,
    low: f64,
    high: f64,
}

impl Scale {
    fn new(end: f64, lowest: f64, highest: f64) -> Self {
        let low = lowest.min(highest).max(1e-5).log10().floor();
        let high = highest.max(1e-5).log10().ceil().max(low + 1.0);
        Self { end, low, high }
    }

    fn x(&self, at: f64) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * (at / self.end).clamp(0.0, 1.0)
    }

    fn y(&self, took: f64) -> f64 {
        let share = (took.max(1e-9).log10() - self.low) / (self.high - self.low);
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share.clamp(0.0, 1.0)
    }
}

struct Svg(String);

impl Svg {
    fn new() -> Self {
        Self(format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" font-family="system-ui, sans-serif" font-size="12">
<style>
.paper {{ fill: #ffffff }} text {{ fill: #3f4653 }} .title {{ font-size: 15px; font-weight: 600; fill: #1b1f27 }}
.grid {{ stroke: #e4e7ec }} .fine {{ stroke: #f2f4f7 }} .dot {{ fill: #3b6fe0; fill-opacity: .16 }}
.band {{ fill: #3b6fe0; fill-opacity: .13 }} .p50, .p99, .accepted {{ fill: none; stroke-width: 2; stroke-linejoin: round }}
.p50 {{ stroke: #2456c7 }} .p99 {{ stroke: #8fb0f2; stroke-width: 1.5 }} .accepted {{ stroke: #d9822b }}
</style>
<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="8"/>
"##
        ))
    }

    fn push(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn frame(&mut self, scale: &Scale, title: &str) {
        self.push(&format!(
            r#"<text class="title" x="{LEFT}" y="26">Latency over time</text>"#
        ));
        self.push(&format!(
            r#"<text x="{LEFT}" y="46">{}</text>"#,
            escape(title)
        ));
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        let mut decade = scale.low;
        while decade <= scale.high {
            let y = scale.y(10_f64.powf(decade));
            self.push(&format!(
                r#"<line class="grid" x1="{LEFT}" x2="{right}" y1="{y:.1}" y2="{y:.1}"/><text x="{:.1}" y="{:.1}" text-anchor="end">{}</text>"#,
                LEFT - 8.0,
                y + 4.0,
                readable(10_f64.powf(decade))
            ));
            if decade < scale.high {
                for step in [2.0, 5.0] {
                    let y = scale.y(step * 10_f64.powf(decade));
                    self.push(&format!(
                        r#"<line class="fine" x1="{LEFT}" x2="{right}" y1="{y:.1}" y2="{y:.1}"/>"#
                    ));
                }
            }
            decade += 1.0;
        }
        let step = TICKS.into_iter().find(|step| scale.end / step <= 10.0);
        let step = step.unwrap_or(scale.end);
        for number in 0..=10_u8 {
            let at = step * f64::from(number);
            if at > scale.end {
                break;
            }
            let x = scale.x(at);
            self.push(&format!(
                r#"<line class="grid" x1="{x:.1}" x2="{x:.1}" y1="{bottom}" y2="{:.1}"/><text x="{x:.1}" y="{:.1}" text-anchor="middle">{at} s</text>"#,
                bottom + 5.0,
                bottom + 20.0
            ));
        }
    }

    fn dot(&mut self, x: f64, y: f64) {
        self.push(&format!(
            r#"<circle class="dot" cx="{x:.1}" cy="{y:.1}" r="2"/>"#
        ));
    }

    fn band(&mut self, scale: &Scale, steps: &[Step]) {
        let mut outline = String::new();
        let there = steps.iter().map(|step| (step.at, step.p99));
        let back = steps.iter().rev().map(|step| (step.at, step.p50));
        for (at, took) in there.chain(back) {
            outline.push_str(&format!("{:.1},{:.1} ", scale.x(at), scale.y(took)));
        }
        self.push(&format!(r#"<polygon class="band" points="{outline}"/>"#));
    }

    fn curve(&mut self, scale: &Scale, steps: &[Step], took: impl Fn(&Step) -> f64, class: &str) {
        let mut line = String::new();
        for step in steps {
            let place = format!("{:.1},{:.1} ", scale.x(step.at), scale.y(took(step)));
            line.push_str(&place);
        }
        self.push(&format!(r#"<polyline class="{class}" points="{line}"/>"#));
    }

    fn legend(&mut self, entries: &[(&str, &str)]) {
        let mut x = WIDTH - RIGHT - 150.0 * to_f64(entries.len());
        for (class, words) in entries {
            self.push(&format!(
                r#"<line class="{class}" x1="{x:.1}" x2="{:.1}" y1="22" y2="22"/><text x="{:.1}" y="26">{words}</text>"#,
                x + 18.0,
                x + 24.0
            ));
            x += 150.0;
        }
    }

    fn end(mut self) -> String {
        self.push("</svg>");
        self.0
    }
}

fn readable(seconds: f64) -> String {
    match seconds {
        _ if seconds >= 0.999 => format!("{seconds:.0} s"),
        _ if seconds >= 0.000_999 => format!("{:.0} ms", seconds * 1e3),
        _ => format!("{:.0} µs", seconds * 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_hold_every_point_and_percentiles_are_those_of_the_step() {
        let points: Vec<_> = (0..100_u8)
            .map(|number| Point {
                latency: Latency::FirstToken,
                at: f64::from(number) / 100.0,
                took: if number < 50 { 1.0 } else { 2.0 },
            })
            .collect();
        let steps = steps(&points, 1.0);
        assert_eq!(steps.len(), 12);
        assert!(steps[..5].iter().all(|step| step.p50 < 1.5));
        assert!(
            steps[7..]
                .iter()
                .all(|step| step.p50 > 1.5 && step.p99 > 1.5)
        );
    }

    #[test]
    fn latencies_lie_between_the_edges_and_grow_upwards() {
        let scale = Scale::new(10.0, 0.002, 0.9);
        assert!((scale.y(0.001) - (HEIGHT - BOTTOM)).abs() < 0.1);
        assert!((scale.y(1.0) - TOP).abs() < 0.1);
        assert!(scale.y(0.1) > scale.y(0.2));
    }
}
