//! A picture of a table: a line for each column, against the logarithm of what grows.

use super::table::{Table, grouped, readable};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 64.0;
/// The names of the lines stand there.
const RIGHT: f64 = 230.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 46.0;
const COLOURS: [&str; 6] = [
    "#1b1f27", "#d9822b", "#c23b5e", "#2456c7", "#2d8a57", "#7a4fc0",
];
const LINES: u8 = 4;

/// As SVG.
pub(super) fn draw(table: &Table) -> String {
    let scale = Scale::of(table);
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#3f4653">
<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#ffffff"/>
<text x="{LEFT}" y="26" font-size="15" font-weight="600" fill="#1b1f27">{}</text>
"##,
        escaped(table.title)
    );
    let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    for line in 0..=LINES {
        let value = scale.top * f64::from(line) / f64::from(LINES);
        let y = scale.y(value);
        svg.push_str(&format!(
            "<line x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#e4e7ec\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\n",
            LEFT - 8.0,
            y + 4.0,
            readable(value)
        ));
    }
    for (at, _) in &table.rows {
        svg.push_str(&format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n",
            scale.x(*at),
            bottom + 18.0,
            grouped(*at)
        ));
    }
    svg.push_str(&format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n",
        LEFT.midpoint(right),
        bottom + 36.0,
        escaped(table.against)
    ));
    for (index, column) in table.columns.iter().enumerate() {
        let points: Vec<_> = table
            .rows
            .iter()
            .filter_map(|(at, values)| Some((*at, *values.get(index)?)))
            .filter(|(_, value)| value.is_finite())
            .map(|(at, value)| (scale.x(at), scale.y(value)))
            .collect();
        let colour = COLOURS[index % COLOURS.len()];
        let line: Vec<_> = points
            .iter()
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect();
        svg.push_str(&format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n",
            line.join(" ")
        ));
        for (x, y) in points {
            svg.push_str(&format!(
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>\n"
            ));
        }
        let y = (0..index).fold(TOP + 6.0, |y, _| y + 20.0);
        svg.push_str(&format!(
            "<line x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"{colour}\" stroke-width=\"2\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
            right + 16.0,
            right + 34.0,
            right + 40.0,
            y + 4.0,
            escaped(column)
        ));
    }
    svg.push_str("</svg>\n");
    svg
}

/// Where figures lie: from nothing up to a round number, and by the logarithm of what grows.
struct Scale {
    from: f64,
    to: f64,
    top: f64,
}

impl Scale {
    fn of(table: &Table) -> Self {
        let edge = |pick: fn(f64, f64) -> f64, start: f64| {
            table.rows.iter().map(|row| row.0).fold(start, pick)
        };
        let values = table.rows.iter().flat_map(|(_, values)| values);
        let highest = values
            .copied()
            .filter(|n| n.is_finite())
            .fold(0.0, f64::max);
        let step = 10_f64.powf(highest.max(1e-3).log10().floor());
        let tops = [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0];
        let top = tops.into_iter().find(|top| top * step >= highest);
        Self {
            from: edge(f64::min, f64::MAX).max(1.0).ln(),
            to: edge(f64::max, 1.0).ln(),
            top: top.unwrap_or(10.0) * step,
        }
    }

    fn x(&self, at: f64) -> f64 {
        let inset = 24.0;
        let width = WIDTH - LEFT - RIGHT - 2.0 * inset;
        LEFT + inset + width * (at.max(1.0).ln() - self.from) / (self.to - self.from).max(1e-9)
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.top
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
