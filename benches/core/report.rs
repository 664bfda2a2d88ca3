//! The table: on the screen, and as a document.

use std::{
    fs,
    io::{Write as _, stdout},
    path::Path,
};

use anyhow::Context as _;

use crate::{Effort, machine};

/// What a row has found.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) what: &'static str,
    pub(crate) aim: &'static str,
    pub(crate) ours: String,
    pub(crate) yardstick: String,
    pub(crate) verdict: Verdict,
    /// How the figures came about, and what they are made of.
    pub(crate) notes: Vec<String>,
    /// Of the last round, as SVG.
    pub(crate) picture: Option<Picture>,
}

/// A picture for the document.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub(crate) title: &'static str,
    pub(crate) svg: String,
}

/// Whether the aim was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Met,
    Missed,
}

impl Verdict {
    pub(crate) fn of(met: bool) -> Self {
        if met { Self::Met } else { Self::Missed }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
        }
    }
}

/// Letters of a row's failure that the table has room for.
const WHY_CHARS: usize = 300;

/// See the module.
pub(crate) struct Report {
    effort: Effort,
    rows: Vec<(&'static str, Result<Finding, String>)>,
}

impl Report {
    pub(crate) fn new(effort: &Effort) -> Self {
        Self {
            effort: effort.clone(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, row: &'static str, found: anyhow::Result<Finding>) {
        match &found {
            Ok(finding) => {
                say(&format!(
                    "    {}: {} (yardstick: {}; aim: {}) {}",
                    finding.what,
                    finding.ours,
                    finding.yardstick,
                    finding.aim,
                    finding.verdict.word()
                ));
                for note in &finding.notes {
                    say(&format!("      {note}"));
                }
            }
            Err(error) => say(&format!("    failed: {error:#}")),
        }
        let found = found.map_err(|error| in_a_cell(&format!("{error:#}")));
        self.rows.push((row, found));
    }

    /// The rows that could not be measured.
    pub(crate) fn failed(&self) -> Vec<&'static str> {
        let failed = self.rows.iter().filter(|(_, found)| found.is_err());
        failed.map(|(row, _)| *row).collect()
    }

    /// As Markdown.
    pub(crate) fn table(&self) -> String {
        let mut lines = vec![
            "| what | measured | yardstick, in the same run | aim | |".to_owned(),
            "| --- | --- | --- | --- | --- |".to_owned(),
        ];
        lines.extend(self.rows.iter().map(|(row, found)| match found {
            Ok(finding) => format!(
                "| {} | {} | {} | {} | {} |",
                finding.what,
                finding.ours,
                finding.yardstick,
                finding.aim,
                finding.verdict.word()
            ),
            Err(why) => format!("| {row} | failed: {why} | | | failed |"),
        }));
        lines.join("\n")
    }

    /// Writes the document, and its pictures into a folder of its name.
    pub(crate) fn write(&self, file: &Path) -> anyhow::Result<()> {
        let rounds = self.effort.rounds;
        let mut text = format!(
            "# Benchmarks\n\n\
             Written by `cargo xtask bench`; do not edit. Everything of a row runs on the one machine: \
             RabbitMQ, Redis, the services and whoever makes the load. Times and rates are medians of {rounds} \
             rounds, in which what is measured and its yardstick take turns; counts, memory and an idle connection's \
             processor time are measured once, over very many. Settings are those that are shipped, but for the limits that would keep one generator \
             from being many people, and what a row says. Trust the ratios more than the figures.\n\n{}\n\n{}\n\n## How each row came about\n",
            machine::describe(),
            self.table()
        );
        let folder = file.with_extension("");
        fs::create_dir_all(&folder)?;
        for (row, found) in &self.rows {
            let Ok(finding) = found else { continue };
            text.push_str(&format!("\n**{}**\n\n", finding.what));
            if let Some(Picture { title, svg }) = &finding.picture {
                fs::write(folder.join(format!("{row}.svg")), svg)?;
                let folder = folder.file_name().unwrap_or_default().to_string_lossy();
                text.push_str(&format!("![{title}]({folder}/{row}.svg)\n\n"));
            }
            for note in &finding.notes {
                text.push_str(&format!("* {note}\n"));
            }
        }
        fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
    }
}

/// On one line that breaks no table.
fn in_a_cell(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let line = words.join(" ").replace('|', "\\|");
    line.chars().take(WHY_CHARS).collect()
}

/// Prints a line. Whoever reads it may have gone.
pub(crate) fn say(line: &str) {
    drop(writeln!(stdout(), "{line}"));
}
