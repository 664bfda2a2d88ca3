//! A table of figures against something that grows.

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// Its picture is called so.
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// What grows.
    pub(super) against: &'static str,
    pub(super) columns: &'static [&'static str],
    pub(super) rows: Vec<(f64, Vec<f64>)>,
    /// How the figures came about.
    pub(super) note: String,
}

impl Table {
    pub(super) fn markdown(&self) -> String {
        let mut lines = vec![
            format!("| {} | {} |", self.against, self.columns.join(" | ")),
            format!("| ---: |{}", " ---: |".repeat(self.columns.len())),
        ];
        for (at, values) in &self.rows {
            let cells: Vec<_> = values.iter().map(|value| readable(*value)).collect();
            lines.push(format!("| {} | {} |", grouped(*at), cells.join(" | ")));
        }
        if let (Some((from, first)), Some((to, last))) = (self.rows.first(), self.rows.last()) {
            let times: Vec<_> = first
                .iter()
                .zip(last)
                .map(|(first, last)| format!("× {}", readable(last / first)))
                .collect();
            lines.push(format!(
                "| × {} | {} |",
                readable(to / from),
                times.join(" | ")
            ));
        }
        lines.join("\n")
    }

    /// A figure of this column, in the row nearest to `at`; nothing where there is none.
    pub(super) fn figure(&self, column: &str, at: f64) -> Option<f64> {
        let column = self.columns.iter().position(|name| *name == column)?;
        let distance = |row: &&(f64, Vec<f64>)| (row.0 - at).abs();
        let nearest = self
            .rows
            .iter()
            .min_by(|one, other| distance(one).total_cmp(&distance(other)))?;
        nearest.1.get(column).copied().filter(|n| n.is_finite())
    }
}

/// Three digits, and no more places than they need.
pub(super) fn readable(number: f64) -> String {
    match number.abs() {
        _ if !number.is_finite() => "-".into(),
        size if size >= 99.95 => grouped(number.round()),
        size if size >= 9.995 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// A whole number with its thousands apart.
pub(super) fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) && out != "-" {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
