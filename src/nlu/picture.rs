//! The picture: which intents are taken for which, as SVG.

use std::{collections::BTreeMap, fmt::Write as _};

use convene_nlu::{Intent, evaluation::Report};

use crate::svg::escape;

/// More intents than this cannot be read; the most confused ones are drawn.
const SHOWN: usize = 30;
const CELL: usize = 22;
const MARGIN: usize = 210;
const TOP: usize = 64;

/// Draws a row for what an intent is and a column for what it was taken for.
pub(super) fn draw(report: &Report) -> String {
    let shown = most_confused(report);
    let place: BTreeMap<&Intent, usize> = shown
        .iter()
        .enumerate()
        .map(|(at, intent)| (*intent, at))
        .collect();
    let right = report
        .intents
        .iter()
        .map(|intent| (&intent.intent, &intent.intent, intent.counts.right));
    let wrong = report
        .confusions
        .iter()
        .map(|confusion| (&confusion.is, &confusion.taken_for, confusion.times));
    let there: BTreeMap<&Intent, usize> = report
        .intents
        .iter()
        .map(|intent| (&intent.intent, intent.counts.there))
        .collect();
    let side = shown.len() * CELL;
    let (width, height) = (MARGIN + side + 24, TOP + MARGIN + side + 24);
    let mut svg = Svg(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="system-ui, sans-serif" font-size="11">
<style>
.paper {{ fill: #ffffff }} text {{ fill: #3f4653 }} .title {{ font-size: 15px; font-weight: 600; fill: #1b1f27 }}
.none {{ fill: #f6f7f9 }} .right {{ fill: #2456c7 }} .wrong {{ fill: #d9622b }}
</style>
<rect class="paper" width="{width}" height="{height}" rx="8"/>
"##
    ));
    svg.add(r#"<text class="title" x="16" y="26">What is taken for what</text>"#);
    svg.add(&format!(
        r#"<text x="16" y="46">rows are what it is, columns what it was taken for; {} of {} intents, {:.1} % right</text>"#,
        shown.len(),
        report.intents.len(),
        100.0 * report.accuracy
    ));
    let (left, top) = (MARGIN, TOP + MARGIN);
    for (at, intent) in shown.iter().enumerate() {
        let name = escape(intent.as_str());
        let middle = at * CELL + CELL / 2 + 4;
        svg.add(&format!(
            r#"<text x="{}" y="{}" text-anchor="end">{name}</text>"#,
            left - 8,
            top + middle
        ));
        svg.add(&format!(
            r#"<text transform="translate({},{}) rotate(-60)">{name}</text>"#,
            left + middle,
            top - 8
        ));
    }
    svg.add(&format!(
        r#"<rect class="none" x="{left}" y="{top}" width="{side}" height="{side}"/>"#
    ));
    for (is, taken_for, times) in right.chain(wrong) {
        let (Some(row), Some(column)) = (place.get(is), place.get(taken_for)) else {
            continue;
        };
        if times == 0 {
            continue;
        }
        let whole = there.get(is).copied().unwrap_or_default().max(times);
        let class = if row == column { "right" } else { "wrong" };
        // Seldom is seen, too.
        let percent = 15 + 85 * times / whole;
        svg.add(&format!(
            r#"<rect class="{class}" fill-opacity="{}" x="{}" y="{}" width="{}" height="{}"><title>{} taken for {}: {times} of {whole}</title></rect>"#,
            f64::from(u8::try_from(percent).unwrap_or(100)) / 100.0,
            left + column * CELL + 1,
            top + row * CELL + 1,
            CELL - 2,
            CELL - 2,
            escape(is.as_str()),
            escape(taken_for.as_str())
        ));
    }
    svg.add("</svg>");
    svg.0
}

/// In order of their names.
fn most_confused(report: &Report) -> Vec<&Intent> {
    let mut confused = BTreeMap::<&Intent, usize>::new();
    for confusion in &report.confusions {
        *confused.entry(&confusion.is).or_default() += confusion.times;
        *confused.entry(&confusion.taken_for).or_default() += confusion.times;
    }
    let mut intents: Vec<_> = report.intents.iter().map(|intent| &intent.intent).collect();
    intents.sort_by_key(|intent| std::cmp::Reverse(confused.get(intent).copied()));
    intents.truncate(SHOWN);
    intents.sort();
    intents
}

struct Svg(String);

impl Svg {
    fn add(&mut self, line: &str) {
        if writeln!(self.0, "{line}").is_err() {
            // A String takes everything.
        }
    }
}
